"""Addresses of pages with what they show, to be followed and to be shared."""

from urllib.parse import urlencode

from dashboard.filters import address_of
from dashboard.view import View

HOME = "now"
"""The page at `/`."""


def thread_url(view: View, chat_id: int, thread_id: int) -> str:
    """Where a thread can be read."""
    return page_url(view, "chats", thread=f"{chat_id}:{thread_id}")


def page_url(view: View, page: str, **more: str) -> str:
    """A page with the filters as they are."""
    address = {**address_of(view.filters, view.usual_zone), "lang": view.language, **more}
    return f"/{'' if page == HOME else page}?{urlencode(address)}"
