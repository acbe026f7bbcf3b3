"""Telethon sessions that point at the fake: a session carries its server's address, so the client needs no patching."""

import ipaddress
from pathlib import Path

from tests.fakes.mtproto.tl import TL, SQLiteSession, StringSession


def session_string(dc_id: int, host: str, port: int, key: TL) -> str:
    """What `StringSession(...)` takes."""
    session = StringSession()
    session.set_dc(dc_id, str(ipaddress.ip_address(host)), port)
    session.auth_key = key
    return str(session.save())


def session_file(path: Path, dc_id: int, host: str, port: int, key: TL) -> Path:
    """An SQLite session at `path` (Telethon appends `.session` where it is missing). Without a key: not logged in."""
    session = SQLiteSession(str(path))
    session.set_dc(dc_id, str(ipaddress.ip_address(host)), port)
    if key is not None:
        session.auth_key = key
    session.save()
    session.close()
    made = Path(session.filename)
    made.chmod(0o600)
    return made
