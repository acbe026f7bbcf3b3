import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import OtklikError, SettingsError
from core.privacy.pseudonyms import Pseudonyms, Sealer, load_or_make_keys, parse_key

KEY = bytes(range(32))


def test_a_person_has_one_pseudonym_under_a_key_and_another_under_another() -> None:
    one = Pseudonyms(KEY).person("user123")
    assert one == Pseudonyms(KEY).person("user123")
    assert one.startswith("p_")
    assert len(one) == 22
    assert one not in (Pseudonyms(KEY[::-1]).person("user123"), Pseudonyms(KEY).person("user124"))


def test_a_private_chat_gets_an_id_that_is_nobodys() -> None:
    ids = {Pseudonyms(KEY).private_chat(user) for user in range(1000)}
    assert len(ids) == 1000
    assert all(2**52 <= chat < 2**53 and int(float(chat)) == chat for chat in ids)


def test_any_sender_has_a_pseudonym() -> None:
    assert Pseudonyms(KEY).person("\ud800 Маша \0")


def test_a_sealed_id_opens_only_with_its_key() -> None:
    sealed = Sealer(KEY).seal(-1001234567890)
    assert Sealer(KEY).open(sealed) == -1001234567890
    assert sealed != Sealer(KEY).seal(-1001234567890)
    for key, data in ((KEY[::-1], sealed), (KEY, sealed[:-1]), (KEY, b"")):
        with pytest.raises(OtklikError, match="cannot be opened"):
            Sealer(key).open(data)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "key"
    key = load_or_make_keys(path)
    assert load_or_make_keys(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.privacy.pseudonyms import load_or_make_keys;"
        "print(load_or_make_keys(Path(sys.argv[1]))[0].hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "key")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in running}) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    load_or_make_keys(path)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_or_make_keys(path)


@pytest.mark.parametrize("text", ["", "abc", "00" * 31, "zz" * 32, "ключ"])
def test_what_is_no_key_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="64 hexadecimal"):
        parse_key(text)
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError):
        load_or_make_keys(path)


def test_keys_do_not_show_themselves() -> None:
    assert KEY.hex() not in repr(Pseudonyms(KEY)) + repr(Sealer(KEY))
    assert parse_key(KEY.hex() + "\n") == KEY
