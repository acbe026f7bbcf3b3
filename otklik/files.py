"""Files that commands write for a person."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.errors import BadInput, OtklikError

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a disk says. Other errors are of the database's connection."""


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that takes its name when the block ends. When the block raises, nothing is left of it, and what had the name
    before still has it. Only its owner can read it.

    Raises:
        BadInput: the name is taken and `force` is not given, or no file can be made there.
        OtklikError: it could not be written: the disk is full, for example.
    """
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{path} is not a file; name one that can be written.")
        if path.exists() and not force:
            raise BadInput(f"{path} exists; give --force to replace it, or another name.")
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".otklik-", suffix=".part")
    except OSError as error:  # of a look as well: into a folder of somebody else's, or at a name that is too long
        raise BadInput(
            f"{path} cannot be written ({error.strerror}); name a folder that exists and is yours."
        ) from None
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        raise OtklikError(f"{path} could not be written ({error.strerror}); nothing of it is left.") from error
    finally:
        part.unlink(missing_ok=True)
