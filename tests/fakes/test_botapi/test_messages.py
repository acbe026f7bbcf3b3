"""What the bot may send, edit, delete and show, and Telegram's words where it may not."""

from functools import partial

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramEntityTooLarge
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    ReactionTypeEmoji,
    ReplyParameters,
)
from aiogram.types.reaction_type_union import ReactionTypeUnion

from tests.fakes.botapi import BotApiServer, BotBrokeRules, Chat, Person, Status
from tests.fakes.botapi.methods import editing, sending
from tests.fakes.botapi.testing import connected, keyboard, refused


@pytest.fixture
def support(server: BotApiServer, anna: Person) -> Chat:
    """A supergroup without topics, administered by Boris and the bot."""
    return server.world.add_supergroup("Support", [server.world.add_person("Boris"), anna])


async def test_texts(server: BotApiServer, bot: Bot, anna: Person) -> None:
    await refused(bot.send_message(anna.id, ""), "message text is empty")
    await refused(bot.send_message(anna.id, " \n "), "message text is empty")
    await refused(bot.send_message(anna.id, "a" * 4097), "message is too long")
    unclosed = "can't parse entities: Can't find end tag corresponding to start tag \"b\""
    await refused(bot.send_message(anna.id, "<b>a", parse_mode="HTML"), unclosed)
    sent = await bot.send_message(
        anna.id, "see <b>this</b>", parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    assert sent.text == "see this"
    assert server.sent[0].preview_off
    assert [asked.ok for asked in server.asked] == [False] * 4 + [True]
    assert len(server.refused) == 4


async def test_replies(server: BotApiServer, bot: Bot, anna: Person, support: Chat) -> None:
    question = anna.says(support, "Where is my invoice for May?")
    reply = ReplyParameters(message_id=question.id, quote="invoice")
    sent = await bot.send_message(support.id, "There", reply_parameters=reply)
    assert sent.quote is not None
    assert (sent.quote.text, sent.quote.position) == ("invoice", 12)
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.message_id == question.id
    assert server.sent[0].quote == "invoice"
    await refused(
        bot.send_message(support.id, "x", reply_parameters=ReplyParameters(message_id=question.id, quote="June")),
        "QUOTE_TEXT_INVALID",
    )
    anna.deletes(question)
    gone = ReplyParameters(message_id=question.id)
    await refused(bot.send_message(support.id, "x", reply_parameters=gone), "message to be replied not found")
    gone = ReplyParameters(message_id=question.id, allow_sending_without_reply=True)
    assert (await bot.send_message(support.id, "x", reply_parameters=gone)).reply_to_message is None


async def test_edits(server: BotApiServer, bot: Bot, anna: Person) -> None:
    theirs = anna.says(anna.private, "hi")
    sent = await bot.send_message(anna.id, "one", reply_markup=keyboard({"a": "a"}))
    edit = partial(bot.edit_message_text, chat_id=anna.id, message_id=sent.message_id)
    edit_keyboard = partial(bot.edit_message_reply_markup, chat_id=anna.id, message_id=sent.message_id)
    same = editing.NOT_MODIFIED.removeprefix("Bad Request: ")
    await refused(edit("one", reply_markup=keyboard({"a": "a"})), same)
    await edit("<i>one</i>", parse_mode="HTML", reply_markup=keyboard({"a": "a"}))
    await edit("two")
    message = server.sent[0]
    assert (message.text, message.earlier, message.keyboard, message.entities) == ("two", ["one", "one"], [], ())
    assert message.edited
    await edit_keyboard(reply_markup=keyboard({"b": "b"}))
    await refused(edit_keyboard(reply_markup=keyboard({"b": "b"})), same)
    await edit_keyboard()
    assert server.sent[0].keyboard == []
    await refused(bot.edit_message_text("x", chat_id=anna.id, message_id=theirs.id), "message can't be edited")
    await refused(bot.edit_message_text("x", chat_id=anna.id, message_id=9999), "message to edit not found")
    anna.deletes(server.sent[0])
    await refused(edit("x"), "message to edit not found")


async def test_deletions(server: BotApiServer, bot: Bot, anna: Person, support: Chat) -> None:
    theirs, sent = anna.says(support, "hi"), await bot.send_message(support.id, "hello")
    server.world.set_status(support, server.world.bot, Status.MEMBER, by=anna)
    await refused(bot.delete_message(support.id, theirs.id), "message can't be deleted for everyone")
    await bot.delete_message(support.id, sent.message_id)
    assert anna.sees(support) == [theirs]
    await refused(bot.delete_message(support.id, sent.message_id), "message to delete not found")
    server.world.set_status(support, server.world.bot, Status.ADMINISTRATOR, by=anna)
    await bot.delete_messages(support.id, [theirs.id, 9999])
    assert anna.sees(support) == []


async def test_keyboards(server: BotApiServer, bot: Bot, anna: Person) -> None:
    def one(**action: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="x", **action)]])  # type: ignore[arg-type]

    many = keyboard(*[{f"{row}{column}": "x" for column in "abcdefgh"} for row in range(13)])
    for markup, description in (
        (one(callback_data="ж" * 33), "BUTTON_DATA_INVALID"),
        (one(url="not a link"), "inline keyboard button URL 'not a link' is invalid: Wrong HTTP URL"),
        (one(), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (one(url="https://t.me/c/1/2", callback_data="x"),
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (many, "reply markup is too long"),
    ):  # fmt: skip
        await refused(bot.send_message(anna.id, "x", reply_markup=markup), description)
    await bot.send_message(anna.id, "x", reply_markup=one(callback_data="ж" * 32))
    await bot.send_message(anna.id, "x", reply_markup=one(url="https://t.me/c/1/2"))
    await bot.send_message(anna.id, "x", reply_markup=keyboard(dict.fromkeys("abcdefghi", "x")))
    assert server.forgive() == ["more than 8 buttons in a row"]


async def test_drafts(server: BotApiServer, bot: Bot, anna: Person, support: Chat) -> None:
    for text in ("Your", "Your <b>invoice</b>", ""):
        await bot.send_message_draft(chat_id=anna.id, draft_id=7, text=text, parse_mode="HTML", can_stop=True)
    draft = anna.sees_draft()
    assert draft is not None
    assert draft.texts == ["Your", "Your invoice", ""]
    assert server.violations == [f"No message followed the draft '' to {anna.first_name}"]
    await bot.send_message(anna.id, "Your invoice is there")
    assert anna.sees_draft() is None
    assert server.violations == []
    await refused(bot.send_message_draft(chat_id=anna.id, draft_id=0, text="x"), "draft identifier must be non-zero")
    await refused(bot.send_message_draft(chat_id=support.id, draft_id=1, text="x"), "TEXTDRAFT_PEER_INVALID")
    await refused(bot.send_message_draft(chat_id=anna.id, draft_id=1, text="x" * 4097), "message is too long")


async def test_a_draft_shows_for_thirty_seconds(server: BotApiServer, bot: Bot, anna: Person) -> None:
    await bot.send_message_draft(chat_id=anna.id, draft_id=7, text="Your")
    server.drafts[0].at -= 31
    assert anna.sees_draft() is None
    server.forgive()


async def test_a_draft_that_a_person_stops(server: BotApiServer, bot: Bot, anna: Person) -> None:
    await bot.get_updates(offset=-1)
    await bot.send_message_draft(chat_id=anna.id, draft_id=7, text="Your", can_stop=True)
    anna.stops(server.drafts[0])
    assert anna.sees_draft() is None
    stopped = (await bot.get_updates())[-1].stopped_message_generation
    assert stopped is not None
    assert (stopped.chat.id, stopped.draft_id) == (anna.id, 7)
    await bot.send_message(anna.id, "Your …")


async def test_a_draft_without_a_message_fails_the_test() -> None:
    server = BotApiServer().start()
    anna = server.world.add_person("Anna")
    anna.starts()
    async with connected(server) as bot:
        await bot.send_message_draft(chat_id=anna.id, draft_id=7, text="Your")
    with pytest.raises(BotBrokeRules, match="No message followed the draft 'Your'"):
        server.stop()


async def test_documents(
    server: BotApiServer, bot: Bot, anna: Person, support: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = BufferedInputFile("отчёт".encode(), "report.docx")
    sent = await bot.send_document(anna.id, report, caption="<b>Week</b>", parse_mode="HTML")
    assert sent.document is not None
    assert sent.document.file_name == "report.docx"
    kept = server.sent[0]
    assert kept.document is not None
    assert (kept.document.content, kept.text) == ("отчёт".encode(), "Week")
    again = await bot.send_document(support.id, sent.document.file_id)
    assert again.document == sent.document
    await refused(bot.send_document(anna.id, report, caption="a" * 1025), "message caption is too long")
    await refused(bot.send_document(anna.id, "BQAC"), "wrong file identifier/HTTP URL specified")
    await refused(bot.send_document(anna.id, BufferedInputFile(b"", "x")), "file must be non-empty")
    await refused(
        bot.edit_message_text("x", chat_id=anna.id, message_id=sent.message_id),
        "there is no text in the message to edit",
    )
    monkeypatch.setattr(sending, "UPLOAD", 3)
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(anna.id, report)


async def test_a_document_takes_the_place_of_a_text_and_of_another(
    server: BotApiServer, bot: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await bot.send_message(anna.id, "⏳")

    async def edit(content: bytes, caption: str = "Week") -> None:
        media = InputMediaDocument(media=BufferedInputFile(content, "report.docx"), caption=caption)
        await bot.edit_message_media(media, chat_id=anna.id, message_id=sent.message_id)

    await edit(b"one")
    (message,) = server.sent
    assert message.document is not None
    assert (message.document.name, message.document.content, message.text) == ("report.docx", b"one", "Week")
    await edit(b"two")
    assert message.document.content == b"two"
    assert message.earlier == ["⏳", "Week"]
    same = InputMediaDocument(media=message.document.id, caption="Week")
    unmodified = editing.NOT_MODIFIED.removeprefix("Bad Request: ")
    await refused(bot.edit_message_media(same, chat_id=anna.id, message_id=sent.message_id), unmodified)
    await refused(edit(b"", "x"), "file must be non-empty")
    await refused(edit(b"three", "a" * 1025), "message caption is too long")
    await refused(bot.edit_message_media(same, chat_id=anna.id, message_id=9999), "message to edit not found")
    monkeypatch.setattr(sending, "UPLOAD", 3)
    with pytest.raises(TelegramEntityTooLarge):
        await edit(b"three")
    assert message.document.content == b"two"


async def test_media_but_documents_are_not_modelled(server: BotApiServer, bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "⏳")
    photo = InputMediaPhoto(media=BufferedInputFile(b"x", "x.png"))
    await refused(
        bot.edit_message_media(photo, chat_id=anna.id, message_id=sent.message_id),
        "media of the type photo is not modelled",
    )
    assert server.forgive() == ["Bad Request: media of the type photo is not modelled"]


async def test_forwards_and_copies(server: BotApiServer, bot: Bot, anna: Person, support: Chat) -> None:
    question = anna.says(support, "Where is it, @boris?")
    forwarded = await bot.forward_message(anna.id, support.id, question.id)
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.type == "user"
    copied = await bot.copy_message(anna.id, support.id, question.id)
    assert [message.text for message in server.sent] == ["Where is it, @boris?"] * 2
    assert server.sent[1].id == copied.message_id
    assert server.sent[1].forward is None
    await refused(bot.forward_message(anna.id, support.id, 9999), "message to forward not found")
    await refused(bot.copy_message(anna.id, support.id, 9999), "message to copy not found")
    secret = await bot.send_message(support.id, "secret", protect_content=True)
    await refused(bot.forward_message(anna.id, support.id, secret.message_id), "message can't be forwarded")


async def test_reactions_of_the_bot(server: BotApiServer, bot: Bot, anna: Person) -> None:
    message = anna.says(anna.private, "hi")
    await bot.set_message_reaction(anna.id, message.id, [ReactionTypeEmoji(emoji="👀")])
    assert message.reactions == {bot.id: ("👀",)}
    await bot.set_message_reaction(anna.id, message.id)
    assert message.reactions == {}
    await refused(bot.set_message_reaction(anna.id, message.id, [ReactionTypeEmoji(emoji="🌵")]), "REACTION_INVALID")
    two: list[ReactionTypeUnion] = [ReactionTypeEmoji(emoji="👀"), ReactionTypeEmoji(emoji="👍")]
    await refused(bot.set_message_reaction(anna.id, message.id, two), "REACTIONS_TOO_MANY")
    await refused(bot.set_message_reaction(anna.id, 9999), "message to react not found")
    with pytest.raises(ValueError, match="no such reactions"):
        anna.reacts(message, "🌵")


async def test_chat_actions(bot: Bot, anna: Person) -> None:
    await bot.send_chat_action(anna.id, "typing")
    await refused(bot.send_chat_action(anna.id, "dancing"), "wrong parameter action in request")
    assert anna.private.actions == ["typing"]
