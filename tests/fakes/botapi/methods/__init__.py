"""The methods of the Bot API that are modelled, by theme. Importing them enters them into the table of handlers."""

from tests.fakes.botapi.methods import answering, chats, editing, fetching, profile, sending

__all__ = ["answering", "chats", "editing", "fetching", "profile", "sending"]
