"""People and rooms: dialogs, folders, topics, members, and who is behind a name."""

from datetime import datetime

from tests.fakes.mtproto.faults import RpcFail
from tests.fakes.mtproto.methods.base import Call, Method
from tests.fakes.mtproto.methods.history import in_topic
from tests.fakes.mtproto.model import Kind, Person, Room, Topic
from tests.fakes.mtproto.tl import TL, types


def get_users(call: Call) -> TL:
    """Users by id."""
    return [call.service.render.user(call.person(wanted)) for wanted in call.request.id]


def get_full_user(call: Call) -> TL:
    """One user at length."""
    person = call.person(call.request.id)
    full = types.UserFull(person.id, types.PeerSettings(), types.PeerNotifySettings(), 0)
    return types.users.UserFull(full, [], [call.service.render.user(person)])


def get_chats(call: Call) -> TL:
    """Basic groups by id."""
    rooms = [call.room(types.InputPeerChat(number)) for number in call.request.id]
    return types.messages.Chats([call.service.render.chat(room) for room in rooms])


def get_channels(call: Call) -> TL:
    """Supergroups and channels by id."""
    return types.messages.Chats([call.service.render.chat(call.channel(wanted)) for wanted in call.request.id])


def get_full_chat(call: Call) -> TL:
    """A basic group with its members."""
    room = call.room(types.InputPeerChat(call.request.chat_id))
    me = call.service.world.me
    members = []
    for person in room.members.values():
        kind = types.ChatParticipantAdmin if person.id in room.admins else types.ChatParticipant
        members.append(kind(person.id, me.id, room.created))
    full = types.ChatFull(room.id, "", types.ChatParticipants(room.id, members, 1), types.PeerNotifySettings())
    users = [call.service.render.user(person) for person in room.members.values()]
    return types.messages.ChatFull(full, [call.service.render.chat(room)], users)


def get_full_channel(call: Call) -> TL:
    """A supergroup or channel, with the basic group it grew out of."""
    room = call.channel(call.request.channel)
    origin = room.migrated_from
    full = types.ChannelFull(
        room.id,
        "",
        0,
        0,
        0,
        types.PhotoEmpty(0),
        types.PeerNotifySettings(),
        [],
        room.journal.pts,
        participants_count=len(room.members),
        migrated_from_chat_id=origin.id if origin else None,
        migrated_from_max_id=origin.order[-1] if origin and origin.order else None,
    )
    rooms = [room, origin] if origin else [room]
    return types.messages.ChatFull(full, [call.service.render.chat(each) for each in rooms], [])


def get_participants(call: Call) -> TL:
    """The members, or the administrators."""
    room, request = call.channel(call.request.channel), call.request
    people = list(room.members.values())
    if isinstance(request.filter, types.ChannelParticipantsAdmins):
        people = [person for person in people if person.id in room.admins]
    elif not isinstance(request.filter, (types.ChannelParticipantsRecent, types.ChannelParticipantsSearch)):
        raise NotImplementedError(f"channels.getParticipants with {type(request.filter).__name__}")
    page = people[request.offset : request.offset + request.limit]
    users = [call.service.render.user(person) for person in page]
    members = [_participant(call, room, person) for person in page]
    return types.channels.ChannelParticipants(len(people), members, [], users)


def get_participant(call: Call) -> TL:
    """One member."""
    room, person = call.channel(call.request.channel), call.person(call.request.participant)
    if person.id not in room.members:
        raise RpcFail(400, "USER_NOT_PARTICIPANT")
    return types.channels.ChannelParticipant(_participant(call, room, person), [], [call.service.render.user(person)])


def resolve_username(call: Call) -> TL:
    """Whoever has the name."""
    world, render = call.service.world, call.service.render
    wanted = call.request.username.lower()
    for person in world.people.values():
        if (person.username or "").lower() == wanted:
            return types.contacts.ResolvedPeer(render.peer(person), [], [render.user(person)])
    for room in world.rooms.values():
        if (room.username or "").lower() == wanted:
            return types.contacts.ResolvedPeer(render.peer(room), [render.chat(room)], [])
    raise RpcFail(400, "USERNAME_NOT_OCCUPIED")


def get_dialogs(call: Call) -> TL:
    """A page of the chats, newest first after the pinned ones."""
    request, render = call.request, call.service.render
    rooms = [room for room in call.service.world.rooms.values() if _is_listed(room)]
    if request.folder_id is not None:
        rooms = [room for room in rooms if room.archived == (request.folder_id == 1)]
    if request.exclude_pinned:
        rooms = [room for room in rooms if not room.pinned]
    rooms.sort(key=lambda room: (room.pinned, *_rank(room)), reverse=True)
    total = len(rooms)
    if not isinstance(request.offset_peer, types.InputPeerEmpty):
        last = (request.offset_date, request.offset_id, call.room(request.offset_peer).marked_id)
        rooms = [room for room in rooms if _rank(room) < last]
    rooms = rooms[: min(request.limit or 100, call.service.limits.dialogs)]
    posts = [room.top for room in rooms if room.top]
    users, chats = render.cast(posts, rooms)
    dialogs, messages = [render.dialog(room) for room in rooms], [render.message(post) for post in posts]
    if len(rooms) == total:
        return types.messages.Dialogs(dialogs, messages, chats, users)
    return types.messages.DialogsSlice(total, dialogs, messages, chats, users)


def get_peer_dialogs(call: Call) -> TL:
    """Some chats' lines in the list."""
    render = call.service.render
    rooms = [call.room(wanted.peer) for wanted in call.request.peers]
    posts = [room.top for room in rooms if room.top]
    users, chats = render.cast(posts, rooms)
    dialogs, messages = [render.dialog(room) for room in rooms], [render.message(post) for post in posts]
    return types.messages.PeerDialogs(dialogs, messages, chats, users, call.service.updates.state())


def get_dialog_filters(call: Call) -> TL:
    """The folders."""
    render = call.service.render
    found = [types.DialogFilterDefault()]
    for folder in call.service.world.folders:
        title = types.TextWithEntities(folder.title, [])
        pinned, include, exclude = (
            [render.input_peer(room) for room in part] for part in (folder.pinned, folder.include, folder.exclude)
        )
        if folder.shared:
            found.append(types.DialogFilterChatlist(folder.id, title, pinned, include))
            continue
        flags = {"groups": folder.groups, "broadcasts": folder.broadcasts, "contacts": folder.contacts}
        found.append(types.DialogFilter(folder.id, title, pinned, include, exclude, **flags))
    return types.messages.DialogFilters(found)


def get_forum_topics(call: Call) -> TL:
    """A page of a forum's topics, newest first."""
    request = call.request
    room = _forum(call)
    topics = sorted(room.topics.values(), key=lambda topic: topic.id, reverse=True)
    if request.offset_topic:
        topics = [topic for topic in topics if topic.id < request.offset_topic]
    return _topics(call, room, topics[: request.limit])


def get_forum_topics_by_id(call: Call) -> TL:
    """Some of a forum's topics."""
    room = _forum(call)
    return _topics(call, room, [room.topics[number] for number in call.request.topics if number in room.topics])


def _forum(call: Call) -> Room:
    room = call.channel(call.request.peer)
    if not room.forum:
        raise RpcFail(400, "CHANNEL_FORUM_MISSING")
    return room


def _topics(call: Call, room: Room, topics: list[Topic]) -> TL:
    render = call.service.render
    rendered, posts = [], []
    for topic in topics:
        newest = next(
            (room.posts[number] for number in reversed(room.order) if in_topic(room.posts[number], topic.id)), None
        )
        posts += [newest] if newest else []
        top = newest.id if newest else topic.id
        author, settings = types.PeerUser(topic.creator.id), types.PeerNotifySettings()
        rendered.append(
            types.ForumTopic(
                topic.id,
                topic.date,
                render.peer(room),
                topic.title,
                0x6FB9F0,
                top,
                0,
                0,
                0,
                0,
                0,
                0,
                author,
                settings,
                closed=topic.closed,
            )
        )
    users, chats = render.cast(posts, [room])
    messages = [render.message(post) for post in posts]
    return types.messages.ForumTopics(len(room.topics), rendered, messages, chats, users, room.journal.pts)


def _participant(call: Call, room: Room, person: Person) -> TL:
    me = call.service.world.me
    if person.id in room.admins:
        return types.ChannelParticipantAdmin(person.id, me.id, room.created, types.ChatAdminRights(other=True))
    if person is me:
        return types.ChannelParticipantSelf(person.id, me.id, room.created)
    return types.ChannelParticipant(person.id, room.created)


def _is_listed(room: Room) -> bool:
    if room.kind is Kind.PRIVATE:
        return bool(room.order)
    return room.joined or room.kind is Kind.GROUP  # a basic group one was removed from stays in the list


def _rank(room: Room) -> tuple[datetime, int, int]:
    top = room.top
    return (top.date, top.id, room.marked_id) if top else (room.created, 0, room.marked_id)


METHODS: dict[str, Method] = {
    "users.getUsers": get_users,
    "users.getFullUser": get_full_user,
    "messages.getChats": get_chats,
    "messages.getFullChat": get_full_chat,
    "channels.getChannels": get_channels,
    "channels.getFullChannel": get_full_channel,
    "channels.getParticipants": get_participants,
    "channels.getParticipant": get_participant,
    "contacts.resolveUsername": resolve_username,
    "messages.getDialogs": get_dialogs,
    "messages.getPeerDialogs": get_peer_dialogs,
    "messages.getDialogFilters": get_dialog_filters,
    "messages.getForumTopics": get_forum_topics,
    "messages.getForumTopicsByID": get_forum_topics_by_id,
}
