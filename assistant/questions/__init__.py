"""People's questions to the bot: taken in, joined, limited, queued, and remembered as a conversation."""
