"""Sessions: made by `otklik login`, opened by `otklik listen`."""

import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from telethon import errors
from telethon.sessions import SQLiteSession, StringSession

from core.errors import BadInput, OtklikError, SettingsError, Unavailable
from core.settings import Settings
from ingestion.telegram.guard import ReadingClient

TRIES = 3
Prompt = Callable[[str, bool], Awaitable[str]]
"""Asks the person; the second argument is True where what is typed must not be seen."""

_REFUSALS: tuple[tuple[type[Exception], str], ...] = (
    (errors.ApiIdInvalidError, "Telegram does not know OTKLIK_TELEGRAM_API_ID with this OTKLIK_TELEGRAM_API_HASH; "
     "copy both from https://my.telegram.org."),
    (errors.PhoneNumberInvalidError, "Telegram does not know this phone number; "
     "write it with the country code, for example +79990000000."),
    (errors.PhoneNumberBannedError, "Telegram has banned this phone number; use another account."),
    (errors.PhoneNumberUnoccupiedError, "There is no Telegram account with this phone number; "
     "make one in a Telegram app first."),
    (errors.PhoneCodeExpiredError, "The code has expired; run `otklik login` again for a new one."),
    (errors.PhoneNumberFloodError, "This phone number asked for too many codes today; try again tomorrow."),
    (errors.PhonePasswordFloodError, "There were too many wrong passwords; try again tomorrow."),
)  # fmt: skip


def has_session(settings: Settings) -> bool:
    """Whether there is something to listen with."""
    keys = settings.telegram_api_id is not None and settings.telegram_api_hash is not None
    return keys and (settings.telegram_session is not None or settings.telegram_session_path.exists())


def make_client(settings: Settings, *, login: bool = False, **options: Any) -> ReadingClient:
    """A client on the configured session. It connects at `connect`.

    Raises:
        SettingsError: the id and the hash are missing, or there is no session.
    """
    if settings.telegram_api_id is None or settings.telegram_api_hash is None:
        raise SettingsError(
            "Set OTKLIK_TELEGRAM_API_ID and OTKLIK_TELEGRAM_API_HASH; https://my.telegram.org has both."
        )
    if not login and not has_session(settings):
        raise SettingsError("There is no Telegram session yet; run `otklik login` first.")
    return ReadingClient(
        _session(settings), settings.telegram_api_id, settings.telegram_api_hash.get_secret_value(), login=login,
        flood_sleep_threshold=0, raise_last_call_error=True, device_model="Otklik", app_version="1",
        **{"connection_retries": None, "retry_delay": 1, "timeout": 10} | options,
    )  # fmt: skip


async def log_in(settings: Settings, prompt: Prompt) -> None:
    """Ask for phone, code and password until there is a session.

    Raises:
        OtklikError: what went wrong, in one sentence.
    """
    if settings.telegram_session is not None:
        raise BadInput(
            "OTKLIK_TELEGRAM_SESSION is set, so there is nothing to log in to; unset it to make a session file."
        )
    client = make_client(settings, login=True, connection_retries=3)
    try:
        await client.connect()
        if not await client.is_user_authorized():
            await _sign_in(client, settings, prompt)
    except (ConnectionError, OSError) as error:
        raise Unavailable("Telegram does not answer; check the connection to the internet and try again.") from error
    except errors.FloodWaitError as error:
        raise OtklikError(f"Telegram asks to wait {error.seconds} seconds before the next try.") from None
    except errors.RPCError as error:
        raise _refusal(error) from None
    finally:
        await client.disconnect()


async def _sign_in(client: ReadingClient, settings: Settings, prompt: Prompt) -> None:
    phone = settings.telegram_phone or await prompt("Phone with country code", False)
    sent = await client.send_code_request(phone.strip())
    for left in reversed(range(TRIES)):
        code = await prompt("Code that Telegram has sent", False)
        try:
            await client.sign_in(phone.strip(), code.strip(), phone_code_hash=sent.phone_code_hash)
        except errors.SessionPasswordNeededError:
            await _password(client, prompt)
            return
        except (errors.PhoneCodeInvalidError, errors.PhoneCodeEmptyError):
            if not left:
                raise BadInput("The code was wrong three times; run `otklik login` again for a new one.") from None
        else:
            return


async def _password(client: ReadingClient, prompt: Prompt) -> None:
    for left in reversed(range(TRIES)):
        password = await prompt("Two-factor password", True)
        try:
            await client.sign_in(password=password)
        except errors.PasswordHashInvalidError:
            if not left:
                raise BadInput(
                    "The two-factor password was wrong three times; check it and run `otklik login` again."
                ) from None
        else:
            return


def _refusal(error: errors.RPCError) -> OtklikError:
    for kind, sentence in _REFUSALS:
        if isinstance(error, kind):
            return BadInput(sentence)
    return OtklikError(f"Telegram refused the login ({type(error).__name__}); try again later.")


def _session(settings: Settings) -> Any:
    if settings.telegram_session is not None:
        try:
            return StringSession(settings.telegram_session.get_secret_value())
        except Exception as error:
            raise SettingsError("OTKLIK_TELEGRAM_SESSION is not a StringSession of Telethon.") from error
    path = settings.telegram_session_path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
    try:
        return _PrivateSession(str(path))
    except sqlite3.DatabaseError:
        raise SettingsError(
            f"The session file {path} cannot be read; delete it and run `otklik login` again."
        ) from None


class _PrivateSession(SQLiteSession):  # type: ignore[misc]
    """The key alone. Telethon would also keep everybody's names and phone numbers in the file."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.save_entities = False


def private_path(settings: Settings) -> Path:
    """Where the session file is."""
    return settings.telegram_session_path
