"""`otklik login`: phone, code, password, and one sentence for everything that can go wrong."""

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.errors import BadInput, OtklikError, SettingsError
from core.settings import Settings
from ingestion.telegram.login import has_session, log_in, make_client
from tests.fakes.mtproto import MTProtoServer

PHONE = "+79990000001"


class Person:
    """Types what the test wants, and remembers what was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, question: str, hidden: bool) -> str:
        self.asked.append((question, hidden))
        return self._answers.pop(0)


def fresh(server: MTProtoServer, home: Path) -> Settings:
    server.trust()
    settings = Settings(home=home, telegram_api_id=1, telegram_api_hash="0" * 32)
    settings.telegram_session_path.parent.mkdir(parents=True)
    server.session_file(settings.telegram_session_path, logged_in=False)
    return settings


async def test_a_code_is_enough_and_may_be_mistyped(server: MTProtoServer, tmp_path: Path) -> None:
    settings, person = fresh(server, tmp_path), Person(PHONE, "11111", "12345")
    await log_in(settings, person)
    assert [hidden for _, hidden in person.asked] == [False, False, False]
    path = settings.telegram_session_path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"79990000001" not in path.read_bytes(), "the file holds the key and nobody's number"
    await log_in(settings, Person())  # a session that works asks nothing
    assert has_session(settings)


async def test_the_password_is_asked_hidden(tmp_path: Path) -> None:
    with MTProtoServer(password="correct horse") as server:
        person = Person(PHONE, "12345", "battery", "correct horse")
        await log_in(fresh(server, tmp_path), person)
        assert person.asked[-1] == ("Two-factor password", True)


WRONG: Sequence[tuple[tuple[str, ...], str | None, str]] = [
    (("+10000000000",), None, "country code"),
    ((PHONE, "1", "2", "3"), None, "code was wrong three times"),
    ((PHONE, "12345"), "PHONE_CODE_EXPIRED", "code has expired"),
    ((PHONE, "12345"), "PHONE_NUMBER_UNOCCUPIED", "no Telegram account"),
]


@pytest.mark.parametrize(("typed", "refusal", "said"), WRONG)
async def test_what_is_wrong_is_said(
    server: MTProtoServer, tmp_path: Path, typed: tuple[str, ...], refusal: str | None, said: str
) -> None:
    if refusal:
        server.faults.error("auth.signIn", refusal)
    with pytest.raises(BadInput, match=said):
        await log_in(fresh(server, tmp_path), Person(*typed))


async def test_a_wait_is_told(server: MTProtoServer, tmp_path: Path) -> None:
    server.faults.flood("auth.sendCode", 3_600)
    with pytest.raises(OtklikError, match="3600 seconds"):
        await log_in(fresh(server, tmp_path), Person(PHONE))


def test_without_id_hash_or_session_the_person_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"my\.telegram\.org"):
        make_client(Settings(home=tmp_path))
    with pytest.raises(SettingsError, match="otklik login"):
        make_client(Settings(home=tmp_path, telegram_api_id=1, telegram_api_hash="x"))
