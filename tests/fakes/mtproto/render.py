"""The world as TL objects: how a person, a room, a message look to the account."""

from collections.abc import Iterable

from tests.fakes.mtproto.model import Forward, Kind, Media, Person, Post, Reply, Room
from tests.fakes.mtproto.tl import TL, types
from tests.fakes.mtproto.world import World


class Renderer:
    """Makes TL objects of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    # -- people and rooms

    def peer(self, of: Person | Room) -> TL:
        """How others point at it."""
        if isinstance(of, Person) or of.kind is Kind.PRIVATE:
            return types.PeerUser(of.id)
        return types.PeerChannel(of.id) if of.is_channel else types.PeerChat(of.id)

    def input_peer(self, of: Room) -> TL:
        """How a folder names a chat."""
        if of.person is not None:
            return types.InputPeerUser(of.id, of.person.access_hash)
        return types.InputPeerChannel(of.id, of.access_hash) if of.is_channel else types.InputPeerChat(of.id)

    def user(self, person: Person, *, minimal: bool = False) -> TL:
        """A user. A minimal one has no access hash: nothing can be asked about it."""
        mine = person is self._world.me
        if minimal and not mine:
            return types.User(
                person.id, min=True, bot=person.bot, first_name=person.first_name, last_name=person.last_name
            )
        if person.deleted:
            return types.User(person.id, deleted=True, access_hash=person.access_hash)
        return types.User(
            person.id,
            is_self=mine,
            contact=person.contact,
            bot=person.bot,
            bot_info_version=1 if person.bot else None,
            access_hash=person.access_hash,
            first_name=person.first_name,
            last_name=person.last_name,
            username=person.username,
            phone=person.phone,
            lang_code=person.language,
            status=None if person.bot else types.UserStatusRecently(),
        )

    def chat(self, room: Room) -> TL:
        """A group or channel; a forbidden one when the account is not in it."""
        photo = types.ChatPhotoEmpty()
        if not room.is_channel:
            if not room.joined:
                return types.ChatForbidden(room.id, room.title)
            heir = room.migrated_to
            moved = types.InputChannel(heir.id, heir.access_hash) if heir else None
            return types.Chat(
                room.id,
                room.title,
                photo,
                len(room.members),
                room.created,
                1,
                deactivated=heir is not None,
                migrated_to=moved,
            )
        broadcast = room.kind is Kind.CHANNEL
        if not room.joined and room.username is None:
            return types.ChannelForbidden(
                room.id, room.access_hash, room.title, broadcast=broadcast or None, megagroup=not broadcast or None
            )
        return types.Channel(
            room.id,
            room.title,
            photo,
            room.created,
            left=not room.joined,
            broadcast=broadcast,
            megagroup=not broadcast,
            forum=room.forum,
            access_hash=room.access_hash,
            username=room.username,
            participants_count=len(room.members),
        )

    def cast(
        self, posts: Iterable[Post], rooms: Iterable[Room] = (), *, minimal: bool = False
    ) -> tuple[list[TL], list[TL]]:
        """The users and chats an answer must bring along: whoever its messages mention."""
        people: dict[int, Person] = {}
        places: dict[int, Room] = {}

        def add(who: Person | Room | None) -> None:
            if isinstance(who, Room) and who.person is None:
                places[who.marked_id] = who
            elif who is not None:
                person = who if isinstance(who, Person) else who.person
                assert person is not None
                people[person.id] = person

        for room in rooms:
            add(room)
        for post in posts:
            add(post.room)
            add(post.sender)
            add(post.via_bot)
            if post.forward is not None:
                add(post.forward.sender)
            if post.reply is not None:
                add(post.reply.room)
            for user_id in _mentioned(post):
                add(self._world.people.get(user_id))
        for room in list(places.values()):
            add(room.migrated_to)
        return [self.user(person, minimal=minimal) for person in people.values()], [
            self.chat(room) for room in places.values()
        ]

    # -- messages

    def message(self, post: Post) -> TL:
        """A message or service message, as the account sees it."""
        out = post.sender is self._world.me
        private_in = post.room.kind is Kind.PRIVATE and not out
        broadcast = post.room.kind is Kind.CHANNEL
        author = None if private_in or broadcast or post.sender is None else self.peer(post.sender)
        reply = self.reply(post.reply, post.room) if post.reply else None
        if post.action is not None:
            return types.MessageService(
                post.id,
                self.peer(post.room),
                post.date,
                out=out,
                post=broadcast,
                from_id=author,
                reply_to=reply,
                action=post.action,
            )
        return types.Message(
            post.id,
            self.peer(post.room),
            post.date,
            post.text,
            out=out,
            post=broadcast,
            silent=post.silent,
            from_id=author,
            fwd_from=self.forward(post.forward) if post.forward else None,
            via_bot_id=post.via_bot.id if post.via_bot else None,
            reply_to=reply,
            media=media(post.media, post) if post.media else None,
            entities=list(post.entities) or None,
            edit_date=post.edited,
            edit_hide=post.edit_hidden,
            grouped_id=post.grouped_id,
            post_author=post.signature,
            reactions=reactions(post) if post.reactions else None,
        )

    def reply(self, reply: Reply, room: Room) -> TL:
        """The header that says what a message answers."""
        other = reply.room if reply.room is not None and reply.room is not room else None
        return types.MessageReplyHeader(
            reply_to_msg_id=reply.message_id,
            reply_to_peer_id=self.peer(other) if other else None,
            reply_to_top_id=reply.top_id,
            forum_topic=reply.topic,
            quote=reply.quote is not None,
            quote_text=reply.quote,
            quote_offset=0 if reply.quote is not None else None,
        )

    def forward(self, forward: Forward) -> TL:
        """The header of a forwarded message."""
        return types.MessageFwdHeader(
            forward.date,
            from_id=self.peer(forward.sender) if forward.sender else None,
            from_name=forward.name,
            channel_post=forward.channel_post,
        )

    def dialog(self, room: Room) -> TL:
        """The room's line in the list of chats."""
        return types.Dialog(
            peer=self.peer(room),
            top_message=room.top.id if room.top else 0,
            read_inbox_max_id=0,
            read_outbox_max_id=0,
            unread_count=0,
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
            pinned=room.pinned,
            pts=room.journal.pts if room.is_channel else None,
            folder_id=1 if room.archived else None,
        )


def media(of: Media, post: Post) -> TL:
    """A file with the right attributes and no bytes."""
    number = abs(post.room.marked_id) * 1_000 + post.id
    if of.kind == "photo":
        sizes = [types.PhotoSize("x", 800, 600, 54_321)]
        return types.MessageMediaPhoto(photo=types.Photo(number, 1, b"ref", post.date, sizes, dc_id=2))
    mime, attribute = {
        "document": ("application/pdf", types.DocumentAttributeFilename(of.name)),
        "voice": ("audio/ogg", types.DocumentAttributeAudio(7, voice=True)),
        "sticker": ("image/webp", types.DocumentAttributeSticker("👍", types.InputStickerSetEmpty())),
    }[of.kind]
    document = types.Document(number, 1, b"ref", post.date, mime, 12_345, 2, [attribute])
    return types.MessageMediaDocument(document=document, voice=of.kind == "voice")


def reactions(post: Post) -> TL:
    """The counts under a message."""
    counts = [types.ReactionCount(types.ReactionEmoji(emoji), count) for emoji, count in post.reactions.items()]
    return types.MessageReactions(counts, can_see_list=True)


def _mentioned(post: Post) -> list[int]:
    ids = [entity.user_id for entity in post.entities if isinstance(entity, types.MessageEntityMentionName)]
    ids += getattr(post.action, "users", None) or []
    if getattr(post.action, "user_id", None):
        ids.append(post.action.user_id)  # type: ignore[union-attr]
    return ids
