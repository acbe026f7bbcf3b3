"""The system user that PostgreSQL runs as where we are root: it refuses to run as root itself."""

import fcntl
import pwd
import subprocess
from pathlib import Path

from core.errors import OtklikError

ACCOUNTS = Path("/etc/passwd")


def ensure_user(name: str) -> pwd.struct_passwd:
    """The system user of this name, made where it is missing.

    Raises:
        OtklikError: it could not be made.
    """
    # Two `useradd` of one name at once both succeed, and the later gives the user another id (11 of 12 tries, shadow 4.13):
    # the server of the former would belong to nobody. This lock is ours; `useradd` has its own on another file.
    with ACCOUNTS.open() as accounts:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        try:
            return pwd.getpwnam(name)
        except KeyError:
            return _make(name)


def _make(name: str) -> pwd.struct_passwd:
    try:
        subprocess.run(  # noqa: S603
            ["useradd", "--system", "--no-create-home", name],  # noqa: S607
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise _refusal(name, "useradd is not installed or not in PATH") from None
    except subprocess.CalledProcessError as failed:
        raise _refusal(name, failed.stderr.strip()) from None
    return pwd.getpwnam(name)


def _refusal(name: str, why: str) -> OtklikError:
    return OtklikError(
        f"PostgreSQL does not run as root, and the user {name!r} for it could not be made: {why}. "
        "Make that user, or run otklik as an ordinary one."
    )
