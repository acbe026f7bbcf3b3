"""What the chats are about: the stream is read in pieces, by Claude or without it, and what is found is kept as rows."""
