"""`otklik ask` and `otklik search`: questions to the history."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from core.errors import BadInput
from core.privacy.types import RawText
from otklik.terminal import json_option, json_text, process_settings, run_async, stdin_lines

if TYPE_CHECKING:
    from core.domain.access import AccessScope
    from otklik.wiring import Runtime

QUESTION_LIMIT = 4_096
"""Characters of one question: what Telegram allows in a message."""

chat_option = click.option(
    "--chat", "chats", type=int, multiple=True, metavar="ID", help="Only this chat; may be repeated. Default: all."
)


@click.command()
@click.argument("text")
@chat_option
@json_option
def ask(text: str, chats: tuple[int, ...], as_json: bool) -> None:
    """Answer a question from the history. TEXT may be '-': one question a line from stdin."""
    from otklik.printing import answer_document, answer_text

    _checked(text)

    async def command() -> None:
        async with _asking(chats) as (parts, scope):
            for question in _questions(text):
                found = await parts.answerer.ask(question, scope, channel="cli")
                click.echo(json_text(answer_document(found)) if as_json else answer_text(found))

    run_async(command())


@click.command()
@click.argument("text")
@chat_option
@click.option("-k", "limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many units.")
@json_option
def search(text: str, chats: tuple[int, ...], limit: int, as_json: bool) -> None:
    """Find units of the history. TEXT may be '-': one question a line from stdin."""
    from otklik.printing import hit_document, hit_text

    _checked(text)

    async def command() -> None:
        async with _asking(chats) as (parts, scope):
            for question in _questions(text):
                hits = await parts.answerer.search(question, scope, limit)
                if as_json:
                    click.echo(json_text([hit_document(hit) for hit in hits]))
                else:
                    click.echo("\n\n".join(hit_text(hit) for hit in hits) or "Nothing was found.")

    run_async(command())


@asynccontextmanager
async def _asking(chats: Sequence[int]) -> "AsyncIterator[tuple[Runtime, AccessScope]]":
    """The parts for questions, and the scope that the options ask for: the person at the terminal is the operator."""
    from core.domain.access import AccessScope
    from otklik.reading import resolve_chats
    from otklik.wiring import runtime

    async with runtime(process_settings()) as parts:
        await parts.check_index()
        if not chats:
            yield parts, AccessScope.operator()
            return
        async with parts.database.reading() as session:
            scope = AccessScope.chats(await resolve_chats(session, chats))
        yield parts, scope


def _checked(text: str) -> None:
    """Refuse a question that cannot be asked before any server is started for it."""
    if text != "-":
        _question(text)


def _questions(text: str) -> Iterator[RawText]:
    """The question, or with '-' one a line from stdin."""
    if text != "-":
        yield _question(text)
        return
    for line in stdin_lines():
        yield _question(line)


def _question(text: str) -> RawText:
    if not text.strip():
        raise BadInput("The question is empty; write what you want to know.")
    if len(text) > QUESTION_LIMIT:
        raise BadInput(f"The question has {len(text)} characters; ask in at most {QUESTION_LIMIT}.")
    return RawText(text)
