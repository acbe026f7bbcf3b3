"""What the erasure of a person, a deletion in Telegram and a new key do to the bot's tables.

The bot itself lives in `assistant`; here its rows follow the messages and people that they came from.
"""
