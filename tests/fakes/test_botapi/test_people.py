"""What people do, and what of it the bot hears."""

import pytest
from aiogram import Bot
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent, ReplyParameters

from tests.fakes.botapi import BotApiServer, Chat, Person, Status, World
from tests.fakes.botapi.testing import heard, keyboard, refused

EVERYTHING = ["message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "message_reaction",
              "my_chat_member", "chat_member"]  # fmt: skip


@pytest.fixture
def world(server: BotApiServer) -> World:
    server.world.updates.allow(EVERYTHING)
    return server.world


@pytest.fixture
def anna(world: World) -> Person:
    return world.add_person("Anna", username="anna", language="ru")


@pytest.fixture
def support(world: World, anna: Person) -> Chat:
    return world.add_supergroup("Support", [world.add_person("Boris"), anna])


async def texts(bot: Bot) -> list[str | None]:
    return [update.message.text for update in await heard(bot) if update.message]


async def test_without_privacy_mode_or_as_administrator_the_bot_hears_all_but_bots(
    world: World, bot: Bot, anna: Person, support: Chat
) -> None:
    other = world.add_person("Helper", username="helper_bot", is_bot=True)
    anna.adds(other, support)
    anna.says(support, "hello")
    other.says(support, "I am a bot too")
    assert await texts(bot) == [None, "hello"]
    world.privacy = True
    anna.says(support, "still heard")
    assert await texts(bot) == ["still heard"]


async def test_privacy_mode(world: World, bot: Bot, anna: Person) -> None:
    world.privacy = True
    group = world.add_group("Team", [anna], bot=Status.MEMBER)
    sent = await bot.send_message(group.id, "I am here")
    own = world.sent[0]
    anna.says(group, "hello")
    anna.says(group, "@otklik_bot hello")
    anna.says(group, "/ask")
    anna.says(group, "/ask@otklik_bot")
    anna.says(group, "/ask@other_bot")
    anna.says(group, "to you", reply_to=own)
    anna.leaves(group)
    assert await texts(bot) == ["/ask", "/ask@otklik_bot", "to you", None]
    assert sent.chat.type == "group"
    assert (await bot.get_me()).can_read_all_group_messages is False


async def test_replies_forwards_and_edits_as_the_bot_sees_them(
    bot: Bot, anna: Person, support: Chat, world: World
) -> None:
    first = anna.says(support, "first")
    second = anna.says(support, "second", reply_to=first)
    anna.says(support, "third", reply_to=second, quote="sec")
    anna.says(support, "/stop", forwarded_from=world.add_person("Cyril"))
    anna.says(support, "hidden", forwarded_from="Somebody")
    anna.edits(first, "first, really")
    one, two, three, known, hidden, edited = await heard(bot)
    assert one.message and two.message and three.message and known.message and hidden.message and edited.edited_message  # noqa: PT018
    assert two.message.reply_to_message
    assert two.message.reply_to_message.text == "first"
    assert two.message.message_thread_id == three.message.message_thread_id == first.id
    assert not two.message.is_topic_message
    assert three.message.quote
    assert three.message.quote.text == "sec"
    assert known.message.forward_origin
    assert known.message.forward_origin.type == "user"
    assert known.message.entities
    assert hidden.message.forward_origin
    assert hidden.message.forward_origin.type == "hidden_user"
    assert edited.edited_message.text == "first, really"
    assert edited.edited_message.edit_date
    with pytest.raises(ValueError, match="can not edit"):
        world.add_person("Dora").edits(first, "mine")


async def test_topics(world: World, bot: Bot, anna: Person) -> None:
    forum = world.add_supergroup("Forum", [anna], forum=True, bot="member")
    billing, other = world.add_topic(forum, "Billing"), world.add_topic(forum, "Other")
    await heard(bot)
    general, question = anna.says(forum, "hi all"), anna.says(forum, "where?", topic=billing)
    in_general, in_topic = [update.message for update in await heard(bot)]
    assert in_general and in_topic  # noqa: PT018
    assert (in_general.message_thread_id, in_general.is_topic_message) == (None, None)
    assert (in_topic.message_thread_id, in_topic.is_topic_message) == (billing.id, True)
    assert in_topic.reply_to_message
    assert in_topic.reply_to_message.forum_topic_created
    await bot.send_message(forum.id, "there", message_thread_id=billing.id)
    await bot.send_message(forum.id, "here", reply_parameters=ReplyParameters(message_id=question.id))
    await bot.send_message(forum.id, "hello all", reply_parameters=ReplyParameters(message_id=general.id))
    assert [message.topic for message in world.sent] == [billing, billing, None]
    for wrong in (1, 999):
        await refused(bot.send_message(forum.id, "x", message_thread_id=wrong), "message thread not found")
    await bot.send_chat_action(forum.id, "typing", message_thread_id=1)
    other.closed = True
    await refused(bot.send_message(forum.id, "x", message_thread_id=other.id), "TOPIC_CLOSED")
    other.deleted = True
    await refused(bot.send_message(forum.id, "x", message_thread_id=other.id), "message thread not found")


async def test_a_thread_of_replies_is_no_topic(bot: Bot, anna: Person, support: Chat) -> None:
    first = anna.says(support, "first")
    await refused(bot.send_message(support.id, "x", message_thread_id=first.id), "message thread not found")


async def test_reactions_need_an_administrator(world: World, bot: Bot, anna: Person, support: Chat) -> None:
    message = anna.says(support, "hello")
    world.set_status(support, world.bot, Status.MEMBER, by=anna)
    await heard(bot)
    anna.reacts(message, "👍")
    assert await heard(bot) == []
    world.set_status(support, world.bot, Status.ADMINISTRATOR, by=anna)
    anna.reacts(message, "👎")
    update = (await heard(bot))[-1].message_reaction
    assert update
    assert message.reactions == {anna.id: ("👎",)}
    assert update.user
    assert update.user.id == anna.id


async def test_buttons(server: BotApiServer, bot: Bot, anna: Person) -> None:
    anna.starts()
    await bot.send_message(anna.id, "?", reply_markup=keyboard({"👍 yes": "vote:1", "👎 no": "vote:0"}))
    (message,) = server.sent
    press = anna.presses(message, "yes")
    query = (await heard(bot))[-1].callback_query
    assert query
    assert (query.data, query.from_user.id, query.id) == ("vote:1", anna.id, press.id)
    await refused(query.answer("a" * 201).as_(bot), "MESSAGE_TOO_LONG")
    await query.answer("a" * 200).as_(bot)
    assert press.text == "a" * 200
    too_old = "query is too old and response timeout expired or query ID is invalid"
    await refused(query.answer().as_(bot), too_old)
    await refused(bot.answer_callback_query("1"), too_old)
    late = anna.presses(message, "vote:0")
    server.world.expire_queries()
    await refused(bot.answer_callback_query(late.id), too_old)
    with pytest.raises(LookupError, match="names 0 buttons"):
        anna.presses(message, "maybe")


def article(name: str, text: str = "text") -> InlineQueryResultArticle:
    content = InputTextMessageContent(message_text=text, parse_mode="HTML")
    return InlineQueryResultArticle(id=name, title=f"Title {name}", input_message_content=content)


async def test_inline(server: BotApiServer, bot: Bot, anna: Person, support: Chat) -> None:
    ask = anna.asks_inline("invoice", support)
    query = (await heard(bot))[-1].inline_query
    assert query
    assert (query.query, query.chat_type) == ("invoice", "supergroup")
    await refused(bot.answer_inline_query(ask.id, [article(str(number)) for number in range(51)]), "RESULTS_TOO_MUCH")
    await refused(bot.answer_inline_query(ask.id, [article("1"), article("1")]), "RESULT_ID_DUPLICATE")
    await refused(bot.answer_inline_query(ask.id, [article("1" * 65)]), "RESULT_ID_INVALID")
    unsupported = 'can\'t parse entities: Unsupported start tag "br" at byte offset 0'
    await refused(bot.answer_inline_query(ask.id, [article("1", "<br>")]), unsupported)
    await bot.answer_inline_query(ask.id, [article("1"), article("2", "<b>bold</b>")], is_personal=True, cache_time=5)
    assert (ask.answered, ask.titles, ask.personal, ask.cache_time) == (True, ["Title 1", "Title 2"], True, 5)
    picked = anna.picks(ask, 1, support)
    assert (picked.text, picked.sender, picked.via_bot) == ("bold", anna, server.world.bot)
    message, chosen = await heard(bot)
    assert message.message
    assert message.message.via_bot
    assert chosen.chosen_inline_result
    assert chosen.chosen_inline_result.result_id == "2"
