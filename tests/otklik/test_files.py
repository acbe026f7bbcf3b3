"""Files are there when they are whole; nothing is lost or left by what goes wrong."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from core.errors import BadInput, OtklikError
from otklik.files import whole_file


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with whole_file(path, force=False) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError, ValueError, ConnectionRefusedError])
def test_what_is_stopped_leaves_nothing_and_the_former_file_stays(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"former")

    def writing() -> None:
        with whole_file(path, force=True) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        writing()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("out.csv", b"former")]


def test_a_name_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"x")
    for path, says in (
        (taken, "exists; give --force"),
        (tmp_path, "is not a file"),
        (Path(os.devnull), "is not a file"),
        (tmp_path / "absent" / "out", "cannot be written"),
        (taken / "out", "cannot be written"),
        (tmp_path / ("x" * 300), r"cannot be written \(File name too long\)"),
    ):
        with pytest.raises(BadInput, match=says), whole_file(path, force=False):
            pass
    assert taken.read_bytes() == b"x"


def test_the_longest_name_that_there_can_be_is_one(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    with whole_file(path, force=False) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    def writing() -> None:
        with whole_file(tmp_path / "out", force=False), Path("/dev/full").open("wb") as full:
            full.write(b"x")

    with pytest.raises(OtklikError, match=r"No space left on device.*nothing of it is left"):
        writing()
    assert list(tmp_path.iterdir()) == []
