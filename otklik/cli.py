"""The command line. Each command reads its options, wires a process, and prints; it decides nothing."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from core.errors import BadInput, OtklikError
from core.privacy.types import RawText
from core.settings import Settings, read_settings

if TYPE_CHECKING:  # each command imports what it needs: LlamaIndex alone takes 1.4 s
    from core.db.models import DeadLetter
    from core.domain.access import AccessScope
    from otklik.wiring import Runtime

T = TypeVar("T")
BACKFILL_DEPTH = 10_000
QUESTION_LIMIT = 4_096
"""Characters of one question: what Telegram allows in a message."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="otklik")
def main() -> None:
    """Otklik answers support questions from what the team has already said.

    \b
    Begin with:   otklik demo            see it work on sample chats
                  otklik import FILE     read your own chat export
                  otklik ask "..."       ask your history
    """


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
chat_option = click.option(
    "--chat", "chats", type=int, multiple=True, metavar="ID", help="Only this chat; may be repeated. Default: all."
)


@main.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["auto", "telegram", "csv"]), default="auto", show_default=True)
@click.option(
    "--wait/--no-wait", default=True, help="Return when all is stored and indexed (default), or once published."
)
@json_option
def import_(path: Path, form: Any, wait: bool, as_json: bool) -> None:
    """Import a chat export: Telegram Desktop's result.json, or the v1 CSV. Safe to repeat and to interrupt."""
    from ingestion.exports.source import open_export
    from otklik.progress import Bar
    from otklik.wiring import runtime

    export = open_export(path, form)

    async def command() -> dict[str, Any]:
        async with runtime(_settings()) as parts:
            await parts.check_key()
            with Bar() as bar:
                importer = parts.importer(bar)
                if wait:
                    await parts.start_storing()
                return asdict(await importer.run(export, wait=wait))

    report = _run(command())
    if as_json:
        _print_json(report)
        return
    skipped = ", ".join(f"{count} {reason}" for reason, count in report["skipped"].items()) or "none"
    click.echo(
        f"{path.name}: {report['messages']} messages of {report['chats']} chats in {report['seconds']} s: "
        f"{report['stored']} stored, {report['duplicates']} already there, skipped: {skipped}. {report['units']} units."
    )


@main.command()
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
                found = await parts.answerer.answer(question, scope, channel="cli")
                click.echo(_json(answer_document(found)) if as_json else answer_text(found))

    _run(command())


@main.command()
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
                    click.echo(_json([hit_document(hit) for hit in hits]))
                else:
                    click.echo("\n\n".join(hit_text(hit) for hit in hits) or "Nothing was found.")

    _run(command())


@main.command()
@click.option("--input", "form", type=click.Choice(["lines", "jsonl"]), default="lines", show_default=True)
@click.option("--explain", is_flag=True, help="Tell which recogniser found each span.")
@json_option
def mask(form: str, explain: bool, as_json: bool) -> None:
    """Mask messages from stdin: one a line, or one {"text": ...} a line."""
    from core.rules import load_rules
    from otklik.masking import masked_lines

    rules = load_rules(_settings().config)
    for line in masked_lines(sys.stdin.buffer, rules, form=form, explain=explain, as_json=as_json):
        click.echo(line)


@main.command()
@click.option("--chat", "chat_id", type=int, required=True, metavar="ID")
@json_option
def threads(chat_id: int, as_json: bool) -> None:
    """Show which message of a chat continues which, and why."""
    from otklik.printing import threads_text
    from otklik.reading import resolve_chats, threads_of
    from otklik.wiring import runtime

    async def command() -> list[dict[str, Any]]:
        async with runtime(_settings()) as parts, parts.database.reading() as session:
            (resolved,) = await resolve_chats(session, [chat_id])
            return await threads_of(session, resolved)

    found = _run(command())
    click.echo(_json(found) if as_json else threads_text(found))


@main.group()
def lanes() -> None:
    """The rules that decide what is urgent."""


@lanes.command("check")
@click.option("--rules", "rules_path", type=click.Path(path_type=Path), help="Default: OTKLIK_CONFIG or ./otklik.toml.")
@json_option
def lanes_check(rules_path: Path | None, as_json: bool) -> None:
    """Check the rules file; try messages from stdin when it is not a terminal: one a line, each with its lane and why."""
    from core.rules import load_rules
    from otklik.lanes import rules_summary, tried_lines

    path = rules_path or _settings().config
    if rules_path is not None and not rules_path.exists():
        raise BadInput(f"The rules file {str(rules_path)!r} does not exist; check the path.")
    rules = load_rules(path)
    tried = list(tried_lines(_piped_lines(), rules))
    if as_json:
        _print_json(
            {"file": str(path) if path.exists() else None, "rules": rules.model_dump(mode="json"), "tried": tried}
        )
        return
    click.echo(rules_summary(rules, path))
    for one in tried:
        click.echo(
            f"{one['lane']:6} {one['score']:3}  {one['text']}  ({'; '.join(one['reasons']) or 'nothing urgent'})"
        )


@main.command()
@json_option
def status(as_json: bool) -> None:
    """What is held, what is still to be done, and what it cost."""
    from otklik.printing import status_text
    from otklik.reading import status_document
    from otklik.wiring import runtime

    async def command() -> dict[str, Any]:
        async with runtime(_settings()) as parts, parts.database.reading() as session:
            return await status_document(session, parts.redis)

    found = _run(command())
    click.echo(_json(found) if as_json else status_text(found))


@main.group("dead-letters")
def dead_letters() -> None:
    """Stream entries that could not be handled."""


@dead_letters.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def dead_letters_list(limit: int, as_json: bool) -> None:
    """List them, newest first."""
    from otklik.printing import dead_letter_document, dead_letter_text

    found = _run(_dead_letters(limit))
    if as_json:
        _print_json([dead_letter_document(letter) for letter in found])
    else:
        click.echo("\n".join(dead_letter_text(letter) for letter in found) or "There are no dead letters.")


@dead_letters.command("show")
@click.argument("letter_id", type=int)
def dead_letters_show(letter_id: int) -> None:
    """Print one, with its body, as JSON."""
    from otklik.printing import dead_letter_document

    for letter in _run(_dead_letters(10_000)):
        if letter.id == letter_id:
            _print_json(dead_letter_document(letter, whole=True))
            return
    raise BadInput(f"There is no dead letter {letter_id}; see `otklik dead-letters list`.")


@dead_letters.command("resend")
@click.argument("letter_ids", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
def dead_letters_resend(letter_ids: tuple[int, ...], every: bool) -> None:
    """Put dead letters back into their streams, to be tried again."""
    from core.streams.dead_letters import resend
    from otklik.wiring import runtime

    if every == bool(letter_ids):
        raise BadInput("Name the dead letters to send again, or give --all.")

    async def command() -> int:
        async with runtime(_settings()) as parts, parts.database.transaction() as session:
            return await resend(session, parts.redis, None if every else list(letter_ids))

    click.echo(f"{_run(command())} sent again.")


@main.command()
@click.option(
    "--user", "user_id", type=int, required=True, metavar="TELEGRAM_ID", help="As in an export: user123 is 123."
)
@json_option
def forget(user_id: int, as_json: bool) -> None:
    """Erase one person: their messages, and every unit, vector and answer made from them. Safe to repeat."""
    from otklik.maintenance import forget_person
    from otklik.wiring import runtime

    async def command() -> dict[str, int]:
        async with runtime(_settings()) as parts:
            return asdict(await forget_person(parts, user_id))

    erased = _run(command())
    if as_json:
        _print_json(erased)
        return
    what = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in erased.items() if count)
    click.echo(f"Erased: {what}." if what else "Nothing of this person is held.")


@main.command("rotate-key")
@json_option
def rotate_key(as_json: bool) -> None:
    """Make a new pseudonym key and put new pseudonyms for all old ones. Stop every other otklik process first."""
    from otklik.maintenance import renew_key
    from otklik.wiring import runtime

    async def command() -> dict[str, int]:
        async with runtime(_settings()) as parts:
            return asdict(await renew_key(parts))

    renewed = _run(command())
    if as_json:
        _print_json(renewed)
        return
    click.echo(
        f"The key was renewed: {renewed['people']} people and {renewed['chats']} private chats have new pseudonyms."
    )


@main.command()
def reindex() -> None:
    """Build all vectors anew, after another embedding model was set."""
    from otklik.maintenance import rebuild_index
    from otklik.progress import Bar
    from otklik.wiring import runtime

    async def command() -> int:
        async with runtime(_settings()) as parts:
            with Bar() as bar:
                return await rebuild_index(parts, bar)

    click.echo(f"{_run(command())} units indexed anew.")


@main.command()
def doctor() -> None:
    """Check the settings and reach every service; say what to do."""
    from otklik.doctor import examine

    problems = 0
    for check in _run(examine(_settings())):
        click.echo(f"{'ok ' if check.ok else 'NOT'} {check.name}: {check.says}")
        problems += not check.ok
    if problems:
        raise OtklikError(f"{problems} of the checks failed; the lines that begin with NOT say what to do.")


@main.command()
def demo() -> None:
    """See it work: import the sample chats, ask three questions, stop. Uses a home of its own."""
    from otklik.demo import run_demo

    _run(run_demo(_demo_settings()))


@main.command()
@click.option("--demo", "on_samples", is_flag=True, help="On the sample chats, in a home of their own.")
def up(on_samples: bool) -> None:
    """Run every role whose settings are present, supervised, in this terminal. Stop with Ctrl-C."""
    from otklik.demo import import_samples
    from otklik.up import supervise

    settings = _demo_settings() if on_samples else _settings()
    if on_samples:
        _run(import_samples(settings))
    _run(supervise(settings))


@main.command()
def store() -> None:
    """The store role: streams to rows, threads, units and vectors."""
    from otklik.roles import run_store

    _run(run_store(_settings()))


@main.command()
def listen() -> None:
    """The listen role: what is said in the account's chats to the streams. Reads only."""
    from otklik.roles import run_listen

    _run(run_listen(_settings()))


@main.command()
@click.option("--chat", "chat_id", type=int, required=True, metavar="ID")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="The newest N messages. Default: 10000.")
@click.option("--all", "every", is_flag=True, help="From the chat's first message on.")
@json_option
def backfill(chat_id: int, depth: int | None, every: bool, as_json: bool) -> None:
    """Ask the listen role to read more of a chat's history. Safe to repeat."""
    from ingestion.telegram.ledger import EVERYTHING
    from otklik.maintenance import ask_for_history
    from otklik.wiring import runtime

    if every and depth is not None:
        raise BadInput("Give --depth or --all, not both.")
    wanted = EVERYTHING if every else min(depth or BACKFILL_DEPTH, EVERYTHING)

    async def command() -> int:
        async with runtime(_settings()) as parts:
            return await ask_for_history(parts, chat_id, wanted)

    found = _run(command())
    if as_json:
        _print_json({"chat_id": found, "depth": None if every else wanted})
        return
    what = "All messages" if every else f"The newest {wanted} messages"
    click.echo(
        f"{what} of chat {found} are asked for. A running `otklik listen` begins within ten seconds, another when it is "
        "started; its log tells how far it is."
    )


@main.command()
def login() -> None:
    """Make the listener's Telegram session: phone, code, two-factor password."""
    from ingestion.telegram.login import log_in

    async def prompt(question: str, hidden: bool) -> str:
        answer: str = await asyncio.to_thread(click.prompt, question, hide_input=hidden, err=True)
        return answer

    settings = _settings()
    _run(log_in(settings, prompt))
    click.echo("Logged in. Start listening with `otklik listen` or `otklik up`.")


def run() -> NoReturn:
    """The program: errors are one sentence on stderr, 2 for bad input and 1 for a failure."""
    # One thread each for BLAS: with two, natasha was ten times slower on two cores (measured).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        main.main(standalone_mode=False)
    except click.Abort:
        _fail("stopped; run the same command again to go on", 130)
    except KeyboardInterrupt:
        _fail("stopped; run the same command again to go on", 130)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except OtklikError as error:
        _fail(str(error), error.exit_status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left, as `head` does
        sys.exit(1)
    except Exception as error:
        outage = _outage(error)
        if outage is None:
            raise  # a bug: its traceback is what helps
        _fail(outage, 1)
    sys.exit(0)


def _outage(error: Exception) -> str | None:
    """What to say where a server went away in the middle of a command; None where that is not what happened."""
    from sqlalchemy.exc import DBAPIError

    from core.db.session import is_transient
    from core.streams.broker import AWAY

    if isinstance(error, AWAY):
        return "Redis went away in the middle; start it and run the command again."
    if isinstance(error, (DBAPIError, ConnectionError)) and is_transient(error):
        return "PostgreSQL went away in the middle; start it and run the command again."
    return None


def _settings() -> Settings:
    from core.log import configure_logging

    settings = read_settings()
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    return settings


def _demo_settings() -> Settings:
    from otklik.demo import demo_settings

    return demo_settings(_settings())


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; SIGTERM ends it like Ctrl-C, so that everything is closed."""

    async def stoppable() -> T:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(stoppable())
    except asyncio.CancelledError:
        raise click.Abort from None


@asynccontextmanager
async def _asking(chats: Sequence[int]) -> "AsyncIterator[tuple[Runtime, AccessScope]]":
    """The parts for questions, and the scope that the options ask for: the person at the terminal is the operator."""
    from core.domain.access import AccessScope
    from otklik.reading import resolve_chats
    from otklik.wiring import runtime

    async with runtime(_settings()) as parts:
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
    for line in sys.stdin.buffer:
        yield _question(line.decode("utf-8", "replace").rstrip("\r\n"))


def _question(text: str) -> RawText:
    if not text.strip():
        raise BadInput("The question is empty; write what you want to know.")
    if len(text) > QUESTION_LIMIT:
        raise BadInput(f"The question has {len(text)} characters; ask in at most {QUESTION_LIMIT}.")
    return RawText(text)


def _piped_lines() -> Iterator[str]:
    """Lines that were piped in; none from a terminal, where nobody means to type them."""
    if not sys.stdin.isatty():
        for line in sys.stdin.buffer:
            yield line.decode("utf-8", "replace").rstrip("\r\n")


async def _dead_letters(limit: int) -> "Sequence[DeadLetter]":
    from core.streams.dead_letters import list_dead_letters
    from otklik.wiring import runtime

    async with runtime(_settings()) as parts, parts.database.reading() as session:
        return await list_dead_letters(session, limit)


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


def _print_json(document: Any) -> None:
    click.echo(_json(document))


def _fail(sentence: str, status: int) -> NoReturn:
    click.echo(f"otklik: {sentence}", err=True)
    sys.exit(status)
