"""A new key: the same people under new names, and no way back with the old key alone."""

from pathlib import Path

import pytest

from core.db.session import Database
from core.domain.chats import ChatKind
from core.errors import SettingsError
from core.privacy.pseudonyms import Pseudonyms, adopt_next, draft_next, load_or_make_keys
from ingestion.rotation import Renewed, check_key, renew
from tests.ingestion.road import CHAT, observed, place_all, put, value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A home's key file."""
    return tmp_path / "keys" / "pseudonym.key"


async def agree(database: Database, pseudonyms: Pseudonyms, path: Path | None = None) -> None:
    async with database.transaction() as session:
        await check_key(session, pseudonyms, path)


async def test_everybody_keeps_one_pseudonym_under_the_new_key(database: Database, path: Path) -> None:
    former = Pseudonyms(*load_or_make_keys(path))
    await agree(database, former, path)
    private = former.private_chat(7)
    chat = observed(1, chat_id=private).chat.model_copy(update={"kind": ChatKind.PRIVATE})
    await put(
        database,
        [
            observed(1).model_copy(update={"sender": former.person("user7"), "mentions": (former.person("user8"),)}),
            observed(2).model_copy(update={"sender": former.person("user8")}),
            observed(3, "Касса не печатает").model_copy(update={"sender": former.person("user7"), "chat": chat}),
        ],
    )
    for chat_id in (CHAT, private):
        await place_all(database, chat_id)
    keys = draft_next(path)
    later = Pseudonyms(*keys)
    async with database.transaction() as session:
        assert await renew(session, *keys) == Renewed(people=2, chats=1)
    adopt_next(path)
    await place_all(database, later.private_chat(7))

    known = Pseudonyms(*load_or_make_keys(path))
    assert known.fingerprint == later.fingerprint
    await agree(database, known, path)
    senders = await value(database, "SELECT array_agg(sender ORDER BY message_id) FROM messages WHERE message_id < 3")
    assert senders == [known.person("user7"), known.person("user8")]
    assert await value(database, "SELECT mentions FROM messages WHERE message_id = 1") == [known.person("user8")]
    assert await value(database, "SELECT chat_id FROM messages WHERE message_id = 3") == known.private_chat(7)
    assert await value(database, "SELECT node_id FROM data_units WHERE text LIKE '%печатает%' AND chat_id > 0") == (
        f"{known.private_chat(7)}:3"
    )
    assert await value(database, f"SELECT count(*) FROM chats WHERE chat_id = {private}") == 0


def test_the_old_key_alone_finds_nobody(path: Path) -> None:
    (first,) = load_or_make_keys(path)
    both = Pseudonyms(*draft_next(path))
    assert both.person("user7") not in (Pseudonyms(first).person("user7"), Pseudonyms(first).renewed_person("user7"))
    assert both.person("user7") == both.renewed_person(Pseudonyms(first).person("user7"))


async def test_another_key_is_refused(database: Database, path: Path) -> None:
    await agree(database, Pseudonyms(bytes(32)))
    with pytest.raises(SettingsError, match=r"Restore .*pseudonym\.key from a backup"):
        await agree(database, Pseudonyms(*load_or_make_keys(path)), path)


async def test_a_rotation_killed_after_its_commit_is_completed(database: Database, path: Path) -> None:
    former = Pseudonyms(*load_or_make_keys(path))
    await agree(database, former, path)
    keys = draft_next(path)
    async with database.transaction() as session:
        await renew(session, *keys)
    await agree(database, former, path)  # the process died before it adopted the draft
    assert Pseudonyms(*load_or_make_keys(path)).fingerprint == Pseudonyms(*keys).fingerprint


async def test_a_rotation_killed_before_its_commit_changed_nothing(database: Database, path: Path) -> None:
    former = Pseudonyms(*load_or_make_keys(path))
    await agree(database, former, path)
    draft_next(path)
    await agree(database, former, path)
    assert Pseudonyms(*load_or_make_keys(path)).fingerprint == former.fingerprint
