"""The client that cannot write: whatever is not on a short list of reads is refused before it is sent."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from telethon import TelegramClient, functions, utils
from telethon.tl.tlobject import TLRequest

log = structlog.get_logger(__name__)

READS: frozenset[type[TLRequest]] = frozenset(
    {
        functions.PingRequest,
        functions.PingDelayDisconnectRequest,
        functions.help.GetConfigRequest,
        functions.users.GetUsersRequest,
        functions.updates.GetStateRequest,
        functions.updates.GetDifferenceRequest,
        functions.updates.GetChannelDifferenceRequest,
        functions.messages.GetDialogsRequest,
        functions.messages.GetPeerDialogsRequest,
        functions.messages.GetDialogFiltersRequest,
        functions.messages.GetHistoryRequest,
        functions.messages.GetFullChatRequest,
        functions.channels.GetFullChannelRequest,
        functions.channels.GetParticipantsRequest,
    }
)
"""All that listening needs. None of them changes anything anywhere, not even a read mark."""

LOGIN: frozenset[type[TLRequest]] = frozenset(
    {
        functions.auth.SendCodeRequest,
        functions.auth.SignInRequest,
        functions.auth.CheckPasswordRequest,
        functions.account.GetPasswordRequest,
    }
)
"""What `otklik login` needs besides."""


class WriteRefused(RuntimeError):
    """A bug: the listening client was about to do what it must never do. Nothing was sent."""


def refuse_writes(request: object, allowed: frozenset[type[TLRequest]] = READS) -> None:
    """Look through wrappers and lists.

    Raises:
        WriteRefused: one of the requests is not allowed.
    """
    if utils.is_list_like(request):
        for one in request:  # type: ignore[attr-defined]
            refuse_writes(one, allowed)
        return
    inner = request
    while hasattr(inner, "query"):  # invokeWithLayer, initConnection, invokeWithoutUpdates and the like
        inner = inner.query
    if type(inner) not in allowed:
        raise WriteRefused(f"{type(inner).__name__} is not among the requests that the listener may send.")


Hear = Callable[[Any], Awaitable[None]]


class ReadingClient(TelegramClient):  # type: ignore[misc]
    """Telethon's client, read-only, with its handling of updates taken out.

    After a gap Telethon's own handling drops every edit and deletion (measured). Here each packet of updates goes
    to `hear` as it came, and `reconnected` is called after every new connection; what they mean is the listener's.
    """

    def __init__(self, session: Any, api_id: int, api_hash: str, *, login: bool = False, **options: Any) -> None:
        super().__init__(session, api_id, api_hash, **options)
        self._allowed = READS | LOGIN if login else READS
        self._logging_in = login
        self._send_unguarded = self._sender.send
        self._sender.send = self._send_guarded  # the last door: connection set-up and pings pass here too
        self.hear: Hear | None = None
        self.reconnected: Callable[[], None] | None = None

    @property
    def has_connection(self) -> bool:
        """Whether there is a connection at this moment; Telethon's `is_connected` stays true while it tries again."""
        return bool(self._sender._transport_connected())  # noqa: SLF001

    def _send_guarded(self, request: Any, ordered: bool = False) -> Any:
        refuse_writes(request, self._allowed)
        return self._send_unguarded(request, ordered)

    async def _call(self, sender: Any, request: Any, ordered: bool = False, flood_sleep_threshold: Any = None) -> Any:
        refuse_writes(request, self._allowed)
        return await super()._call(sender, request, ordered, flood_sleep_threshold)

    async def _update_loop(self) -> None:
        while self.is_connected():
            packet = await self._updates_queue.get()
            if self.hear is not None:
                await self.hear(packet)

    async def _handle_auto_reconnect(self) -> None:
        if self.reconnected is not None:
            self.reconnected()


def names_of(requests: Iterable[type[TLRequest]]) -> list[str]:
    """The requests' names, for a page or a person."""
    return sorted(request.__name__.removesuffix("Request") for request in requests)
