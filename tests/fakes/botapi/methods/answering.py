"""Answers to what people tapped and typed after the bot's name."""

from aiogram.methods import AnswerCallbackQuery, AnswerInlineQuery
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent

from tests.fakes.botapi.calls import Misuse
from tests.fakes.botapi.entities import utf16
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.limits import CALLBACK_ANSWER, INLINE_RESULTS, TEXT, check_keyboard
from tests.fakes.botapi.methods.base import Desk, handles

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@handles(AnswerCallbackQuery)
def answer_callback_query(desk: Desk, ask: AnswerCallbackQuery) -> bool:
    """Stop the spinner on a button, with words or without. Once."""
    press = desk.world.presses.get(ask.callback_query_id)
    if press is None or press.answered:
        raise Refused(400, TOO_OLD)
    if utf16(ask.text or "") > CALLBACK_ANSWER:
        raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
    press.answered, press.text, press.alert, press.url = True, ask.text, ask.show_alert is True, ask.url
    return True


@handles(AnswerInlineQuery)
def answer_inline_query(desk: Desk, ask: AnswerInlineQuery) -> bool:
    """The results under an inline query: articles with a text are modelled."""
    query = desk.world.asks.get(ask.inline_query_id)
    if query is None or query.answered:
        raise Refused(400, TOO_OLD)
    if len(ask.results) > INLINE_RESULTS:
        raise Refused(400, "Bad Request: RESULTS_TOO_MUCH")
    names = [result.id for result in ask.results]
    if len(set(names)) < len(names):
        raise Refused(400, "Bad Request: RESULT_ID_DUPLICATE")
    if any(not 1 <= len(name.encode()) <= 64 for name in names):
        raise Refused(400, "Bad Request: RESULT_ID_INVALID")
    query.results = [_article(desk, result) for result in ask.results]
    query.answered, query.personal = True, ask.is_personal is True
    query.cache_time = 300 if ask.cache_time is None else ask.cache_time
    query.next_offset = ask.next_offset or ""
    return True


def _article(desk: Desk, result: object) -> InlineQueryResultArticle:
    """The article with its text parsed, as it will be sent if it is picked."""
    if not isinstance(result, InlineQueryResultArticle):
        raise Misuse(400, f"Bad Request: inline results other than articles are not modelled: {type(result).__name__}")
    content = result.input_message_content
    if not isinstance(content, InputTextMessageContent):
        raise Misuse(400, f"Bad Request: content other than text is not modelled: {type(content).__name__}")
    if result.reply_markup is not None:
        check_keyboard(result.reply_markup, desk.complain)
    mode = content.parse_mode if isinstance(content.parse_mode, str) else None
    text = desk.formatted(content.message_text, mode, content.entities, TEXT)
    if not text.text:
        raise Refused(400, "Bad Request: message text is empty")
    written = {"message_text": text.text, "entities": list(text.entities), "parse_mode": None}
    return result.model_copy(update={"input_message_content": content.model_copy(update=written)})
