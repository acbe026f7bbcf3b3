"""The shapes of messages, as an unmodified Telethon client sees them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from telethon import functions, types

from tests.fakes.mtproto import Forward, Media, MTProtoServer
from tests.fakes.mtproto.testing import Heard, connected, until


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer() as running:
        yield running


async def test_an_album_is_one_event_of_many_messages(server: MTProtoServer) -> None:
    alice = server.world.add_user("Alice")
    mega = server.world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        posts = server.world.post_album(mega, alice, ["", "The broken screen", ""])
        await until(lambda: len(heard.new) == 3)
        assert {event.message.grouped_id for event in heard.new} == {posts[0].grouped_id}
        assert heard.texts == ["", "The broken screen", ""]
        assert all(event.photo for event in heard.new)


async def test_media_entities_bots_and_signatures(server: MTProtoServer) -> None:
    world = server.world
    alice, bot = world.add_user("Alice"), world.add_user("Helper", bot=True, username="helper_bot")
    mega, news = world.add_supergroup("Support", [alice, bot]), world.add_channel("News")
    async with connected(server) as client:
        heard = Heard().listen(client)
        world.post(mega, bot, "Done", silent=True)
        world.post(
            mega,
            alice,
            "See @helper_bot and Alice",
            entities=[types.MessageEntityMention(4, 11), types.MessageEntityMentionName(20, 5, alice.id)],
        )
        world.post(mega, alice, "the contract", media=Media("document", "contract.pdf"))
        world.post(mega, alice, media=Media("voice"))
        world.post(mega, alice, media=Media("sticker"))
        world.post(mega, alice, "by a bot's hand", via_bot=bot)
        world.post(mega, mega, "an anonymous administrator")
        world.post(news, None, "News", signature="The editor")
        await until(lambda: len(heard.new) == 8)
        messages = [event.message for event in heard.new]
        assert (await messages[0].get_sender()).bot
        assert [text for _, text in messages[1].get_entities_text()] == ["@helper_bot", "Alice"]
        assert (messages[2].file.name, messages[2].raw_text) == ("contract.pdf", "the contract")
        assert messages[3].voice
        assert messages[4].sticker
        assert messages[5].via_bot_id == bot.id
        assert messages[6].sender_id == mega.marked_id
        assert (messages[7].post, messages[7].post_author, messages[7].sender_id) == (
            True,
            "The editor",
            news.marked_id,
        )


async def test_replies_quotes_and_threads(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega, other = world.add_supergroup("Support", [alice]), world.add_supergroup("Other", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        first = world.post(mega, alice, "Where is my invoice for May?")
        second = world.post(mega, alice, "and the one for June?", reply_to=first, quote="invoice for May")
        world.post(mega, alice, "or July", reply_to=second)
        world.post(mega, alice, "gone", reply_to=99)
        world.post(other, alice, "see there", reply_to=first, quote="invoice")
        await until(lambda: len(heard.new) == 5)
        replies = [event.message.reply_to for event in heard.new[1:]]
        assert [reply.reply_to_msg_id for reply in replies] == [1, 2, 99, 1]
        assert (replies[0].quote, replies[0].quote_text) == (True, "invoice for May")
        assert [reply.reply_to_top_id for reply in replies] == [None, 1, None, None]
        assert replies[3].reply_to_peer_id == types.PeerChannel(mega.id)
        assert (await heard.new[1].get_reply_message()).raw_text == "Where is my invoice for May?"


async def test_forwards(server: MTProtoServer) -> None:
    world = server.world
    alice, bob = world.add_user("Alice"), world.add_user("Bob")
    mega, news = world.add_supergroup("Support", [alice]), world.add_channel("News")
    day = datetime(2026, 3, 1, tzinfo=UTC)
    async with connected(server) as client:
        heard = Heard().listen(client)
        world.post(mega, alice, "his words", forward=world.post(bob, bob, "his words"))
        world.post(mega, alice, "news", forward=world.post(news, None, "news"))
        world.post(mega, alice, "hidden", forward=Forward(day, name="Somebody"))
        await until(lambda: len(heard.new) == 5)
        forwards = [event.message.fwd_from for event in heard.new if event.message.fwd_from]
        assert forwards[0].from_id == types.PeerUser(bob.id)
        assert (forwards[1].from_id, forwards[1].channel_post) == (types.PeerChannel(news.id), 1)
        assert (forwards[2].from_id, forwards[2].from_name, forwards[2].date) == (None, "Somebody", day)


async def test_forum_topics(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    forum = world.add_supergroup("Forum", [alice], forum=True)
    async with connected(server) as client:
        heard = Heard().listen(client)
        billing = world.add_topic(forum, "Billing", alice)
        general = world.post(forum, alice, "in General")
        first = world.post(forum, alice, "in Billing", topic=billing)
        answer = world.post(forum, alice, "an answer", topic=billing, reply_to=first)
        await until(lambda: len(heard.new) == 3)
        headers = [event.message.reply_to for event in heard.new]
        assert headers[0] is None
        assert (headers[1].forum_topic, headers[1].reply_to_msg_id, headers[1].reply_to_top_id) == (
            True,
            billing.id,
            None,
        )
        assert (headers[2].forum_topic, headers[2].reply_to_msg_id, headers[2].reply_to_top_id) == (
            True,
            first.id,
            billing.id,
        )
        assert (await client.get_entity(forum.marked_id)).forum
        topics = await client(functions.messages.GetForumTopicsRequest(forum.marked_id, None, 0, 0, 100))
        assert [(topic.id, topic.title, topic.top_message) for topic in topics.topics] == [
            (billing.id, "Billing", answer.id),
            (1, "General", general.id),
        ]
        world.rename_topic(billing, "Invoices")
        found = await client(functions.messages.GetForumTopicsByIDRequest(forum.marked_id, [billing.id]))
        assert found.topics[0].title == "Invoices"
        inside = [message.id async for message in client.iter_messages(forum.marked_id, reply_to=billing.id)]
        assert inside == [answer.id + 1, answer.id, first.id, billing.id]


async def test_hidden_edits_and_reactions(server: MTProtoServer) -> None:
    alice = server.world.add_user("Alice")
    mega = server.world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        post = server.world.post(mega, alice, "see example.org")
        server.world.touch(post)
        server.world.react(post)
        await until(lambda: any(isinstance(update, types.UpdateMessageReactions) for update in heard.raw))
        assert [(event.raw_text, event.message.edit_hide) for event in heard.edited] == [("see example.org", True)]
        message = await client.get_messages(mega.marked_id, ids=post.id)
        assert message.reactions.results[0].count == 1


async def test_captions_and_media_are_edited(server: MTProtoServer) -> None:
    alice = server.world.add_user("Alice")
    mega = server.world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        post = server.world.post(mega, alice, "old caption", media=Media())
        server.world.edit(post, "new caption", media=Media("document", "new.pdf"))
        await until(lambda: len(heard.edited) == 1)
        event = heard.edited[0]
        assert (event.raw_text, event.message.file.name, event.message.edit_hide) == ("new caption", "new.pdf", False)
