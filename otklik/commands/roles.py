"""`otklik up`, `store`, `analyze`, `listen`, `bot` and `dashboard`: what runs until it is stopped; `demo`, `login` and
`hash-password`, which come before."""

import asyncio

import click

from core.settings import Settings
from otklik.terminal import piped_lines, process_settings, run_async


@click.command()
@click.option("--demo", "on_samples", is_flag=True, help="On the sample chats, in a home of their own.")
def up(on_samples: bool) -> None:
    """Run every role whose settings are present, supervised, in this terminal. Stop with Ctrl-C."""
    from otklik.demo import prepare_demo
    from otklik.up import supervise

    settings = _demo_settings() if on_samples else process_settings()
    if on_samples:
        run_async(prepare_demo(settings))
    run_async(supervise(settings))


@click.command()
def store() -> None:
    """The store role: streams to rows, threads, units and vectors."""
    from otklik.roles import run_store

    run_async(run_store(process_settings()))


@click.command()
def listen() -> None:
    """The listen role: what is said in the account's chats to the streams. Reads only."""
    from otklik.roles import run_listen

    run_async(run_listen(process_settings()))


@click.command()
def analyze() -> None:
    """The analyze role: what the chats are about, and who waits for an answer. Without a key it works by rules."""
    from otklik.roles import run_analyze

    run_async(run_analyze(process_settings()))


@click.command()
def bot() -> None:
    """The bot role: answers in Telegram. Needs OTKLIK_BOT_TOKEN."""
    from otklik.roles import run_bot

    run_async(run_bot(process_settings()))


@click.command()
def dashboard() -> None:
    """The dashboard role: what goes on, as pages for people. Without a login it serves this machine alone."""
    from otklik.roles import run_dashboard

    run_async(run_dashboard(process_settings()))


@click.command("hash-password")
def hash_password() -> None:
    """Print the hash of a password, for [dashboard.people] in otklik.toml. It is read from stdin, or asked for."""
    from dashboard.door.passwords import hashed

    piped = next(piped_lines(), None)
    password: str = (
        click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True) if piped is None else piped
    )
    click.echo(hashed(password))


@click.command()
def demo() -> None:
    """See it work: import the sample chats, ask three questions, stop. Uses a home of its own."""
    from otklik.demo import run_demo

    run_async(run_demo(_demo_settings()))


@click.command()
def login() -> None:
    """Make the listener's Telegram session: phone, code, two-factor password."""
    from ingestion.telegram.login import log_in

    async def prompt(question: str, hidden: bool) -> str:
        answer: str = await asyncio.to_thread(click.prompt, question, hide_input=hidden, err=True)
        return answer

    settings = process_settings()
    run_async(log_in(settings, prompt))
    click.echo("Logged in. Start listening with `otklik listen` or `otklik up`.")


def _demo_settings() -> Settings:
    from otklik.demo import demo_settings

    return demo_settings(process_settings())
