"""The pseudonym key of an installation: that it is the right one, and putting a new one in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.eval_tables import renew_cases
from core.errors import SettingsError
from core.privacy.pseudonyms import Pseudonyms, Sealer, adopt_next, load_or_make_keys, next_path
from ingestion.bot_tables.renewing import PEOPLE, PRIVATE_CHATS, renew_people, renew_private_chat, seal_anew

_REMEMBER = text("INSERT INTO pseudonym_key (fingerprint) VALUES (:fingerprint) ON CONFLICT DO NOTHING")
_REMEMBERED = text("SELECT fingerprint FROM pseudonym_key")
_RENEW = text("UPDATE pseudonym_key SET fingerprint = :fingerprint")

_PEOPLE = text(f"SELECT sender FROM messages UNION SELECT unnest(mentions) FROM messages UNION {PEOPLE}")  # noqa: S608
_RENEW_PEOPLE = text("""
    WITH renewed AS (SELECT * FROM unnest(CAST(:former AS text[]), CAST(:later AS text[])) AS pairs(former, later))
    UPDATE messages SET
        sender = coalesce((SELECT later FROM renewed WHERE former = sender), sender),
        mentions = ARRAY(SELECT coalesce((SELECT later FROM renewed WHERE former = one), one) FROM unnest(mentions) AS one)
""")
_RENEW_ASKERS = text("""
    UPDATE threads SET asker = later FROM unnest(CAST(:former AS text[]), CAST(:later AS text[])) AS renewed(former, later)
    WHERE asker = former
""")
_PRIVATE_CHATS = text(f"SELECT chat_id FROM chats WHERE kind = 'private' UNION {PRIVATE_CHATS}")  # noqa: S608
# The units that were cut from a private chat are cut and embedded anew under its new id: their own ids begin with it.
_RENEW_CHAT = (
    text("INSERT INTO chats SELECT :later, kind, title, first_seen_at FROM chats WHERE chat_id = :former"),
    text("UPDATE messages SET chat_id = :later, threaded = false WHERE chat_id = :former"),
    text("UPDATE coverage SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE unmasked SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE deleted_messages SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE listened_chats SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE citations SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE analysis_windows SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE topics SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE appraisals SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE threads SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE chat_hours SET chat_id = :later WHERE chat_id = :former"),
    text("UPDATE model_calls SET chat_id = :later WHERE chat_id = :former"),
    text("DELETE FROM data_units WHERE chat_id = :former AND NOT vetted"),
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


async def renew(session: AsyncSession, *keys: bytes) -> Renewed:
    """Put the pseudonyms under the newest key for all that were made under the ones before. `keys`: oldest first, at least
    two."""
    later = Pseudonyms(*keys)
    former: Sequence[str] = (await session.scalars(_PEOPLE)).all()
    people = {"former": former, "later": [later.renewed_person(one) for one in former]}
    for renewal in (_RENEW_PEOPLE, _RENEW_ASKERS):
        await session.execute(renewal, people)
    await renew_people(session, **people)
    chats: Sequence[int] = (await session.scalars(_PRIVATE_CHATS)).all()
    for chat_id in chats:
        ids = {"former": chat_id, "later": later.renewed_private_chat(chat_id)}
        for statement in _RENEW_CHAT:
            await session.execute(statement, {name: ids[name] for name in statement.compile().params})
        await renew_private_chat(session, ids)
        await renew_cases(session, ids)
    await seal_anew(session, Sealer(keys[-2]), Sealer(keys[-1]))
    await session.execute(_RENEW, {"fingerprint": later.fingerprint})
    return Renewed(people=len(former), chats=len(chats))
