"""The pseudonym key of an installation: that it is the right one, and putting a new one in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import SettingsError
from core.privacy.pseudonyms import Pseudonyms, adopt_next, load_or_make_keys, next_path

_REMEMBER = text("INSERT INTO pseudonym_key (fingerprint) VALUES (:fingerprint) ON CONFLICT DO NOTHING")
_REMEMBERED = text("SELECT fingerprint FROM pseudonym_key")
_RENEW = text("UPDATE pseudonym_key SET fingerprint = :fingerprint")

_PEOPLE = text("SELECT DISTINCT sender FROM messages UNION SELECT DISTINCT unnest(mentions) FROM messages")
_RENEW_PEOPLE = text("""
    WITH renewed AS (SELECT * FROM unnest(CAST(:former AS text[]), CAST(:later AS text[])) AS pairs(former, later))
    UPDATE messages SET
        sender = coalesce((SELECT later FROM renewed WHERE former = sender), sender),
        mentions = ARRAY(SELECT coalesce((SELECT later FROM renewed WHERE former = one), one) FROM unnest(mentions) AS one)
""")
_PRIVATE_CHATS = text("SELECT chat_id FROM chats WHERE kind = 'private'")
# The units of a private chat are cut and embedded anew under its new id: their own ids begin with it.
_RENEW_CHAT = (
    text("INSERT INTO chats SELECT :later, kind, title, first_seen_at FROM chats WHERE chat_id = :former"),
    text("UPDATE messages SET chat_id = :later, threaded = false WHERE chat_id = :former"),
    text("UPDATE coverage SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE unmasked SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE deleted_messages SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE listened_chats SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE citations SET chat_id = :later WHERE chat_id = :former"),
    text("DELETE FROM data_units WHERE chat_id = :former"),
    text("DELETE FROM chats WHERE chat_id = :former"),
)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a rotation changed; the fields of `otklik rotate-key --json`."""

    people: int
    chats: int


async def check_key(session: AsyncSession, pseudonyms: Pseudonyms, path: Path | None) -> None:
    """Remember the key at its first use; afterwards make sure that it is still the same.

    `path`: the key's file, where a rotation that was killed between its commit and its end is completed.

    Raises:
        SettingsError: the stored pseudonyms were made with another key.
    """
    await session.execute(_REMEMBER, {"fingerprint": pseudonyms.fingerprint})
    stored = (await session.scalars(_REMEMBERED)).one()
    if stored == pseudonyms.fingerprint:
        return
    if path is not None and next_path(path).exists():
        drafted = Pseudonyms(*load_or_make_keys(next_path(path)))
        if drafted.fingerprint == stored:
            adopt_next(path)
            return
    raise SettingsError(
        "This is not the pseudonym key that the database was made with: the same people would become others. Restore "
        f"{path or 'OTKLIK_PSEUDONYM_KEY'} from a backup."
    )


async def renew(session: AsyncSession, later: Pseudonyms) -> Renewed:
    """Put the pseudonyms under the newest key for all that were made under the ones before."""
    people: Sequence[str] = (await session.scalars(_PEOPLE)).all()
    await session.execute(_RENEW_PEOPLE, {"former": people, "later": [later.renewed_person(one) for one in people]})
    chats: Sequence[int] = (await session.scalars(_PRIVATE_CHATS)).all()
    for chat_id in chats:
        for statement in _RENEW_CHAT:
            values = {"former": chat_id, "later": later.renewed_private_chat(chat_id)}
            await session.execute(statement, {name: values[name] for name in statement.compile().params})
    await session.execute(_RENEW, {"fingerprint": later.fingerprint})
    return Renewed(people=len(people), chats=len(chats))
