"""The home directory: its modes, its locks, and who is using it."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from core.errors import OtklikError

PRIVATE = 0o700

SOCKET_DIRECTORY_LIMIT = 107 - len("/.s.PGSQL.5432")
"""Bytes. A unix socket's path has at most 107."""


class Home:
    """One directory with everything that an Otklik on this machine keeps. Two homes never meet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keys = path / "keys"
        self.postgres = path / "postgres"
        self.valkey = path / "valkey"
        self.run = path / "run"

    def prepare(self) -> None:
        """Make the directories, each for its owner only.

        Raises:
            OtklikError: the place cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for directory in (self.path, self.keys, self.valkey, self.run):
                directory.mkdir(exist_ok=True)
                directory.chmod(PRIVATE)
        except OSError as error:
            raise OtklikError(
                f"The home {str(self.path)!r} cannot be made ({error.strerror}); set OTKLIK_HOME to a place you can write."
            ) from error

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Exclusive: one process at a time starts or stops this home's servers."""
        with _opened(self.run / "start.lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @contextmanager
    def in_use(self) -> Iterator["Use"]:
        """A shared hold on the home. The kernel drops it with the process, so SIGKILL leaves none behind."""
        with _opened(self.run / "in-use.lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield Use(handle)


class Use:
    """This process's hold on the home."""

    def __init__(self, handle: IO[str]) -> None:
        self._handle = handle

    def is_last(self) -> bool:
        """True when no other process holds the home. Only meaningful inside `Home.starting()`."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _opened(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")


def socket_directory(preferred: Path, owner: int) -> Path:
    """Where a server's unix socket lies: beside its data, or, where that path is too long, in a directory of its own.

    `owner`: the user id the server runs as. Raises OtklikError when somebody else has made that directory before us.
    """
    if len(os.fsencode(preferred)) <= SOCKET_DIRECTORY_LIMIT:
        return preferred
    short = Path(tempfile.gettempdir()) / f"otklik-{sha256(os.fsencode(preferred)).hexdigest()[:16]}"
    short.mkdir(mode=PRIVATE, exist_ok=True)
    found = short.stat(follow_symlinks=False)
    if found.st_uid not in (os.geteuid(), owner) or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise OtklikError(
            f"{str(short)!r} belongs to somebody else; set OTKLIK_HOME to a shorter path, which does not need it."
        )
    os.chown(short, owner, -1)
    return short


def let_through(path: Path) -> None:
    """Let another user pass (not list) every directory above `path`, as root's PostgreSQL user must.

    PostgreSQL refuses to run as root, so the servers run as a user of their own there. Only the execute bit for
    others is added, and only where it is missing.
    """
    for parent in path.parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
