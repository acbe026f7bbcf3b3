"""`@bot question` in any chat: staff look something up and send it. Nobody else finds anything."""

from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from aiogram import Router
from aiogram.enums import ParseMode
from aiogram.types import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultUnion,
    InputTextMessageContent,
    LinkPreviewOptions,
)

from assistant.access import NoAccess, scope_of
from assistant.bot.desk import Desk
from assistant.texts.ages import age
from assistant.texts.phrases import NOTHING_FOUND, STAFF_ONLY
from assistant.texts.pieces import line
from assistant.texts.render import Source, answer_html, plain_html
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.domain.language import Language, language_of
from core.index.records import Hit
from core.privacy.types import RawText

RESULTS: Final = 5
SHORTEST: Final = 3
"""Characters from which it is searched: people's fingers are still on their way before."""
CACHE_SECONDS: Final = 10
TITLE: Final = 60
DESCRIPTION: Final = 120
"""Characters of what is shown of a result to choose from."""


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="inline")
    router.inline_query.register(look_up)
    return router


async def look_up(query: InlineQuery, desk: Desk) -> None:
    """Who asks is looked up at once; the search runs beside the updates of others."""
    visitor = await desk.visitor_of(query.from_user, None)
    role = (await desk.write(lambda session: desk.standing(session, visitor))).role
    scope = scope_of(role, visitor.place, desk.rules.current())
    language = language_of(query.query)
    if role is None or not role.is_staff or isinstance(scope, NoAccess):
        desk.errands.run(_answer(query, [], STAFF_ONLY[language]))
    elif len(query.query.strip()) < SHORTEST:
        desk.errands.run(_answer(query, [], None))
    else:
        desk.errands.run(_search(query, scope, language, desk))


async def _search(query: InlineQuery, scope: AccessScope, language: Language, desk: Desk) -> None:
    hits = await desk.answerer.search(RawText(query.query), scope, RESULTS)
    now = datetime.now(UTC)
    await _answer(query, [_article(hit, language, now) for hit in hits], None if hits else NOTHING_FOUND[language])


async def _answer(query: InlineQuery, found: list[InlineQueryResultArticle], word: str | None) -> None:
    if word is not None:
        found = [_offered(word, word, plain_html(word))]
    await query.answer(list[InlineQueryResultUnion](found), cache_time=CACHE_SECONDS, is_personal=True)


def _article(hit: Hit, language: Language, now: datetime) -> InlineQueryResultArticle:
    said = hit.answer or hit.text
    link = message_link(hit.chat_id, hit.message_ids[0]) if hit.message_ids else None
    source = Source(link, hit.asked_at, hit.text, vetted=hit.vetted)
    description = f"{age(hit.asked_at, now, language)}: {said}"
    return _offered(hit.question or hit.text, description, answer_html(said, [source], language, now))


def _offered(title: str, description: str, html: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        id=uuid4().hex,
        title=line(title, TITLE),
        description=line(description, DESCRIPTION),
        input_message_content=InputTextMessageContent(
            message_text=html, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
    )
