"""The command line: the tree of commands, and how an error becomes an exit status. The commands are in `otklik.commands`."""

import os
import sys
from typing import NoReturn

import click

from core.errors import OtklikError
from otklik.commands import (
    asking,
    dead_letters,
    evals,
    exporting,
    history,
    maintenance,
    reporting,
    roles,
    topics,
    trying,
)
from otklik.terminal import fail

THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
"""How the libraries of every process use the cores, unless the environment says otherwise; read when they are loaded.

One thread for BLAS: with two, natasha was ten times slower on two cores (measured). The embedder's OpenMP threads sleep
while they wait for each other, instead of spinning on the core that the other one needs. Measured on two cores beside two
busy processes, single messages: at most 0.3 s, with spinning 2.9 s, with one thread 0.5 s. Undisturbed, a bulk of passages
takes 2.7 s, with spinning 2.5 s, with one thread 4.0 s: so the threads stay as many as there are cores.
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="otklik")
def main() -> None:
    """Otklik answers support questions from what the team has already said.

    \b
    Begin with:   otklik demo            see it work on sample chats
                  otklik import FILE     read your own chat export
                  otklik ask "..."       ask your history
    """


for command in (
    asking.ask, asking.search,
    history.import_, history.backfill, history.threads,
    trying.mask, trying.lanes,
    roles.demo, roles.up, roles.store, roles.analyze, roles.listen, roles.bot, roles.dashboard, roles.login, roles.hash_password,
    maintenance.status, maintenance.doctor, maintenance.forget, maintenance.rotate_key, maintenance.reindex,
    dead_letters.dead_letters, topics.topics, evals.evals, exporting.export, reporting.report,
):  # fmt: skip
    main.add_command(command)


def run() -> NoReturn:
    """The program: errors are one sentence on stderr, 2 for bad input and 1 for a failure."""
    for name, value in THREADS.items():
        os.environ.setdefault(name, value)
    try:
        main.main(standalone_mode=False)
    except click.Abort:
        fail("stopped; run the same command again to go on", 130)
    except KeyboardInterrupt:
        fail("stopped; run the same command again to go on", 130)
    except click.ClickException as error:
        fail(error.format_message(), 2)
    except OtklikError as error:
        fail(str(error), error.exit_status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left, as `head` does
        sys.exit(1)
    except Exception as error:
        outage = _outage(error)
        if outage is None:
            raise  # a bug: its traceback is what helps
        fail(outage, 1)
    sys.exit(0)


def _outage(error: Exception) -> str | None:
    """What to say where a server went away in the middle of a command; None where that is not what happened."""
    from core.db.session import DATABASE_ERRORS, is_transient
    from core.streams.broker import AWAY

    if isinstance(error, AWAY):
        return "Redis went away in the middle; start it and run the command again."
    if isinstance(error, (*DATABASE_ERRORS, ConnectionError)) and is_transient(error):
        return "PostgreSQL went away in the middle; start it and run the command again."
    return None
