"""Reading messages: history, topics' replies, search, and messages by id."""

import bisect
from collections.abc import Callable

from tests.fakes.mtproto.faults import RpcFail
from tests.fakes.mtproto.methods.base import Call, Method
from tests.fakes.mtproto.model import Post, Room
from tests.fakes.mtproto.tl import TL, types


def get_history(call: Call) -> TL:
    """A page of a room's messages."""
    return _page(call, call.room(call.request.peer))


def get_replies(call: Call) -> TL:
    """A page of one topic's (or one thread's) messages."""
    top = call.request.msg_id
    return _page(call, call.channel(call.request.peer), lambda post: in_topic(post, top))


def search(call: Call) -> TL:
    """A page of a room's messages that hold a text, come from someone, or lie in a topic."""
    request = call.request
    if not isinstance(request.filter, types.InputMessagesFilterEmpty):
        raise NotImplementedError(f"messages.search with {type(request.filter).__name__}")
    sender = call.person(request.from_id) if request.from_id else None

    def fits(post: Post) -> bool:
        if sender is not None and post.sender is not sender:
            return False
        if request.top_msg_id and not in_topic(post, request.top_msg_id):
            return False
        return request.q.lower() in post.text.lower()

    return _page(call, call.room(request.peer), fits)


def get_channel_messages(call: Call) -> TL:
    """Messages of a channel by id. What is not there comes as MessageEmpty."""
    room = call.channel(call.request.channel)
    found = [_lookup(room.posts, wanted) for wanted in call.request.id]
    if not call.request.id:
        raise RpcFail(400, "MESSAGE_IDS_EMPTY")
    users, chats = call.service.render.cast([post for post in found if isinstance(post, Post)], [room])
    return types.messages.ChannelMessages(room.journal.pts, len(found), _rendered(call, found), [], chats, users)


def get_messages(call: Call) -> TL:
    """Messages of private chats and basic groups by id: these share one space of ids."""
    posts = {
        number: post
        for room in call.service.world.rooms.values()
        if not room.is_channel
        for number, post in room.posts.items()
    }
    found = [_lookup(posts, wanted) for wanted in call.request.id]
    users, chats = call.service.render.cast([post for post in found if isinstance(post, Post)])
    return types.messages.Messages(_rendered(call, found), [], chats, users)


def in_topic(post: Post, topic_id: int) -> bool:
    """Whether a message lies in a forum's topic, or under the message that starts a thread."""
    if post.id == topic_id:
        return True
    if topic_id == 1 and post.room.forum:
        return post.reply is None or not post.reply.topic
    return post.reply is not None and topic_id in (post.reply.top_id, post.reply.message_id)


def _page(call: Call, room: Room, fits: Callable[[Post], bool] | None = None) -> TL:
    """The page Telegram would give: newest first, `add_offset` moves the window, min and max ids cut it afterwards."""
    request = call.request
    order = room.order if fits is None else [number for number in room.order if fits(room.posts[number])]
    # `end` is the place in ascending order just after the newest message that may come first
    end = len(order)
    if request.offset_id:
        end = bisect.bisect_left(order, request.offset_id)
    else:
        date = getattr(request, "offset_date", None) or getattr(request, "max_date", None)
        if date is not None and date.timestamp() > 0:
            end = bisect.bisect_left(order, date, key=lambda number: room.posts[number].date)
    end -= request.add_offset
    start = end - min(request.limit, call.service.limits.history)
    chosen = [
        room.posts[number]
        for number in reversed(order[max(start, 0) : max(end, 0)])
        if number > request.min_id and (not request.max_id or number < request.max_id)
    ]
    users, chats = call.service.render.cast(chosen, [room])
    messages = [call.service.render.message(post) for post in chosen]
    if room.is_channel:
        return types.messages.ChannelMessages(room.journal.pts, len(order), messages, [], chats, users)
    if len(chosen) == len(order):
        return types.messages.Messages(messages, [], chats, users)
    return types.messages.MessagesSlice(len(order), messages, [], chats, users)


def _lookup(posts: dict[int, Post], wanted: TL) -> Post | int:
    post = posts.get(wanted.id)
    if isinstance(wanted, types.InputMessageReplyTo):  # "the message that message `id` answers"
        post = posts.get(post.reply.message_id) if post and post.reply else None
    return post or int(wanted.id)


def _rendered(call: Call, found: list[Post | int]) -> list[TL]:
    return [
        call.service.render.message(post) if isinstance(post, Post) else types.MessageEmpty(post, None)
        for post in found
    ]


METHODS: dict[str, Method] = {
    "messages.getHistory": get_history,
    "messages.getReplies": get_replies,
    "messages.search": search,
    "messages.getMessages": get_messages,
    "channels.getMessages": get_channel_messages,
}
