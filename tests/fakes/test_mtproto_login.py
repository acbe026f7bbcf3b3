"""Logging in to the fake Telegram with an unmodified Telethon client: key exchange, code, two-factor password."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from telethon import errors
from telethon.sessions import SQLiteSession

from tests.fakes.mtproto import MTProtoServer
from tests.fakes.mtproto.testing import connected

PHONE = "+79990000001"


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer(code="54321") as running:
        running.trust()
        yield running


async def test_code_and_all_that_can_be_wrong_with_it(server: MTProtoServer, tmp_path: Path) -> None:
    path = server.session_file(tmp_path / "fresh", logged_in=False)
    async with connected(server, SQLiteSession(str(path))) as client:
        assert not await client.is_user_authorized()
        with pytest.raises(errors.PhoneNumberInvalidError):
            await client.send_code_request("+10000000000")
        await client.send_code_request(PHONE)
        with pytest.raises(errors.PhoneCodeInvalidError):
            await client.sign_in(PHONE, "11111")
        server.login.code_expired = True
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client.sign_in(PHONE, "54321")
        server.login.code_expired = False
        await client.send_code_request(PHONE)
        assert server.login.codes_sent == 2
        assert (await client.sign_in(PHONE, "54321")).id == server.world.me.id
    async with connected(server, SQLiteSession(str(path))) as client:
        assert await client.is_user_authorized()
        assert await client.log_out()
    assert not path.exists()


async def test_the_two_factor_password(tmp_path: Path) -> None:
    with MTProtoServer(password="correct horse") as server:
        server.trust()
        path = server.session_file(tmp_path / "fresh", logged_in=False)
        async with connected(server, SQLiteSession(str(path))) as client:
            await client.send_code_request(PHONE)
            with pytest.raises(errors.SessionPasswordNeededError):
                await client.sign_in(PHONE, "12345")
            assert not await client.is_user_authorized()
            with pytest.raises(errors.PasswordHashInvalidError):
                await client.sign_in(password="battery staple")
            assert (await client.sign_in(password="correct horse")).id == server.world.me.id


async def test_too_many_tries(server: MTProtoServer, tmp_path: Path) -> None:
    path = server.session_file(tmp_path / "fresh", logged_in=False)
    server.faults.flood("auth.sendCode", 3600)
    async with connected(server, SQLiteSession(str(path))) as client:
        with pytest.raises(errors.FloodWaitError):
            await client.send_code_request(PHONE)


async def test_without_trust_there_is_no_login(
    server: MTProtoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telethon.crypto.rsa._server_keys", {})
    path = server.session_file(tmp_path / "fresh", logged_in=False)
    with pytest.raises(ConnectionError, match="auth_key generation failed"):
        async with connected(server, SQLiteSession(str(path)), connection_retries=1):
            pass


def test_session_files_are_private(server: MTProtoServer, tmp_path: Path) -> None:
    path = server.session_file(tmp_path / "listener")
    assert path.name == "listener.session"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
