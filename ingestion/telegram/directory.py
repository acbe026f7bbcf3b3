"""Which chats there are, which of them are listened to, and who is in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from telethon import errors, functions, types, utils

from core.domain.chats import ChatKind
from core.privacy.types import RawText
from core.rules import ListenRules
from ingestion.intake import Intake
from ingestion.telegram.asking import Asker
from ingestion.telegram.origins import Origin
from ingestion.telegram.parcels import Chat
from ingestion.telegram.selection import ChatFacts, select
from ingestion.telegram.translate import display_name, kind_of, marked_id, usernames_of

log = structlog.get_logger(__name__)

PAGE = 100
MEMBERS = 200


@dataclass(frozen=True, slots=True)
class Dialog:
    """A chat's line in the account's list."""

    chat: Chat
    top_id: int
    pts: int | None


@dataclass(slots=True)
class Directory:
    """What is known of chats and people. Only in memory."""

    asker: Asker
    intake: Intake
    me: int
    people: dict[int, RawText] = field(default_factory=dict)
    """Display names of users and chats, by marked id."""
    entities: dict[int, Any] = field(default_factory=dict)
    """Chats, and people one has a private chat with, by marked id; never `min` ones, which cannot be asked about."""
    folders: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def learn(self, entities: Iterable[Any]) -> None:
        """Remember what came along with an answer or a push."""
        for entity in entities:
            number = utils.get_peer_id(entity)
            name = display_name(entity)
            if name:
                self.people[number] = RawText(name)
            if not getattr(entity, "min", False):
                self.entities[number] = entity

    def name_of(self, sender_id: str) -> RawText:
        """A sender's display name, or an empty one."""
        kind, digits = sender_id.rstrip("0123456789"), sender_id.lstrip("abcdefghijklmnopqrstuvwxyz")
        number = int(digits)
        marked = {"user": number, "chat": -number}.get(kind, -1_000_000_000_000 - number)
        return self.people.get(marked, RawText(""))

    def chat(self, chat_id: int, rules: ListenRules) -> Chat | None:
        """A chat that is listened to, made from what is known of it; None for others, and for those one is not in."""
        entity = self.entities.get(chat_id)
        if entity is None or _is_closed(entity):
            return None
        kind = kind_of(entity)
        facts = ChatFacts(
            chat_id,
            kind,
            usernames_of(entity),
            is_self=chat_id == self.me,
            is_own_bot=self.intake.is_own_bot(f"user{chat_id}"),
        )
        selection = select(facts, rules, self.folders)
        if not selection.listen:
            return None
        return Chat(
            chat_id=chat_id,
            stored_id=self.intake.stored_chat_id(chat_id, kind),
            kind=kind,
            title=RawText(display_name(entity)),
            peer=utils.get_input_peer(entity),
        )

    async def dialogs(self, rules: ListenRules) -> list[Dialog]:
        """Every chat in the account's list that is listened to."""
        self.folders = await self._folders()
        found: dict[int, Dialog] = {}
        offset: dict[str, Any] = {"offset_date": None, "offset_id": 0, "offset_peer": types.InputPeerEmpty()}
        while True:
            page = await self.asker.ask(
                functions.messages.GetDialogsRequest(**offset, limit=PAGE, hash=0, exclude_pinned=bool(found))
            )
            self.learn((*page.users, *page.chats))
            fresh = [one for one in page.dialogs if isinstance(one, types.Dialog) and marked_id(one.peer) not in found]
            for one in fresh:
                chat = self.chat(marked_id(one.peer), rules)
                if chat is not None:
                    found[chat.chat_id] = Dialog(chat, one.top_message, one.pts)
            last = _last_message(page)
            if not fresh or isinstance(page, types.messages.Dialogs) or last is None:
                return list(found.values())
            entity = self.entities.get(marked_id(last.peer_id))
            if entity is None:
                return list(found.values())
            offset = {"offset_date": last.date, "offset_id": last.id, "offset_peer": utils.get_input_peer(entity)}

    async def members(self, chat: Chat) -> list[tuple[str, RawText]]:
        """Who is in a chat, as far as Telegram tells: people are mentioned by these names before they say a word."""
        try:
            match chat.kind:
                case ChatKind.GROUP:
                    found = await self.asker.ask(functions.messages.GetFullChatRequest(-chat.chat_id))
                case ChatKind.SUPERGROUP:
                    recent = types.ChannelParticipantsRecent()
                    request = functions.channels.GetParticipantsRequest(
                        utils.get_input_channel(chat.peer), recent, offset=0, limit=MEMBERS, hash=0
                    )
                    found = await self.asker.ask(request)
                case _:
                    return []
        except errors.RPCError as error:  # a group may hide its members
            log.info("the members of a chat are not told", chat_id=chat.stored_id, error=type(error).__name__)
            return []
        self.learn(found.users)
        return [(f"user{user.id}", RawText(display_name(user))) for user in found.users]

    async def origin(self, chat: Chat) -> Origin | None:
        """The basic group that a supergroup was before, where the account can read it."""
        if chat.kind is not ChatKind.SUPERGROUP:
            return None
        try:
            found = await self.asker.ask(functions.channels.GetFullChannelRequest(utils.get_input_channel(chat.peer)))
        except errors.RPCError as error:
            log.info("what a chat was before is not told", chat_id=chat.stored_id, error=type(error).__name__)
            return None
        self.learn(found.chats)
        group = self.entities.get(-(found.full_chat.migrated_from_chat_id or 0))
        if not isinstance(group, types.Chat) or group.left:
            return None
        return Origin(-group.id, utils.get_input_peer(group), found.full_chat.migrated_from_max_id or 0)

    async def _folders(self) -> Mapping[str, frozenset[int]]:
        answer = await self.asker.ask(functions.messages.GetDialogFiltersRequest())
        folders = {}
        for one in getattr(answer, "filters", answer):
            if isinstance(one, types.DialogFilterDefault):
                continue
            title = getattr(one.title, "text", one.title)
            peers = (*one.pinned_peers, *one.include_peers)
            folders[title] = frozenset(utils.get_peer_id(peer) for peer in peers)
        return folders


def _is_closed(entity: Any) -> bool:
    """Whether the account is not in it (any more), or it lives on under another id."""
    if isinstance(entity, (types.ChannelForbidden, types.ChatForbidden, types.ChatEmpty, types.UserEmpty)):
        return True
    return bool(getattr(entity, "left", False)) or getattr(entity, "migrated_to", None) is not None


def _last_message(page: Any) -> Any:
    """The page's last message by the order of the dialogs: where the next page begins."""
    by_chat = {(marked_id(message.peer_id), message.id): message for message in page.messages}
    for dialog in reversed(page.dialogs):
        message = by_chat.get((marked_id(dialog.peer), dialog.top_message))
        if message is not None:
            return message
    return None
