"""What people read: the bot's phrases in two languages, and how answers look in Telegram. Pure."""
