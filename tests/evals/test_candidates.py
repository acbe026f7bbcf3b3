"""What a person decides about candidates."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from core.db.models import EvalCase
from core.db.session import Database
from core.errors import BadInput, MaskingError
from core.privacy.types import MaskedText, RawText
from evals.candidates import accept, edit, editable, edited, exported, find, reject, waiting
from evals.loading import from_file, own_cases
from tests.evals.scene import MASKER
from tests.ingestion.road import CHAT, rows

CASE: dict[str, Any] = {
    "origin": "liked", "question": "Касса молчит", "language": "ru", "chat_id": CHAT, "rests_on": [f"{CHAT}:10"],
    "reference": "Обновите кассу", "embedding": [1.0],
}  # fmt: skip


async def candidate(database: Database, case_id: UUID | None = None, **fields: Any) -> UUID:
    name = case_id or uuid4()
    async with database.transaction() as session:
        await session.execute(insert(EvalCase).values({"case_id": name, "source": uuid4(), **CASE, **fields}))
    return name


def masked(words: str) -> MaskedText:
    return MASKER.mask(RawText(words)).text


async def decide(database: Database, decision: Any, case_id: UUID, *arguments: Any) -> None:
    async with database.transaction() as session:
        await decision(session, case_id, *arguments)


async def row(database: Database) -> dict[str, Any]:
    (found,) = await rows(database, "SELECT * FROM eval_cases")
    return found


async def test_an_accepted_case_is_measured_by_from_then_on(database: Database) -> None:
    case_id = await candidate(database, rests_on=[f"{CHAT}:10", "vetted:a"], before=["до того"])
    async with database.reading() as session:
        assert await own_cases(session) == []
    await decide(database, accept, case_id, "me")
    found = await row(database)
    assert (found["state"], found["decided_by"], found["decided_at"] is not None) == ("accepted", "me", True)
    async with database.reading() as session:
        (case,) = await own_cases(session)
    assert (case.id, case.source) == (str(case_id), f"liked:{found['source']}")
    assert (case.relevant_messages, case.relevant_units) == (((CHAT, 10),), ("vetted:a",))
    assert (case.before, case.chat_id, case.tags) == (("до того",), CHAT, ("liked",))


async def test_a_rejected_one_is_not(database: Database) -> None:
    await decide(database, reject, await candidate(database), "me")
    assert (await row(database))["state"] == "rejected"
    async with database.reading() as session:
        assert await own_cases(session) == []


async def test_what_does_not_say_what_is_right_cannot_be_accepted(database: Database) -> None:
    case_id = await candidate(database, reference="", rests_on=[])
    with pytest.raises(
        BadInput, match=r"cannot be accepted: nothing is known of the right answer; .*\. Edit it first\."
    ):
        await decide(database, accept, case_id, "me")
    assert (await row(database))["state"] == "candidate"


async def test_who_edits_a_case_decides_about_it_anew(database: Database) -> None:
    case_id = await candidate(database)
    await decide(database, accept, case_id, "me")
    words = json.loads(editable((await listed(database, "accepted"))[0]))
    assert set(words) == {"question", "before", "reference", "facts", "must_refuse", "must_not_say"}
    words |= {"question": "The till is silent, call boss@example.com", "facts": [["обновите", "+7 912 345-67-89"]]}
    await decide(database, edit, case_id, edited(json.dumps(words)), masked)
    found = await row(database)
    assert (found["question"], found["facts"]) == ("The till is silent, call [EMAIL]", [["обновите", "[PHONE]"]])
    assert (found["state"], found["decided_by"], found["language"]) == ("candidate", None, "en")
    assert found["edited_at"] is not None


async def listed(database: Database, state: str = "candidate") -> Any:
    async with database.reading() as session:
        return await waiting(session, 10, state)


async def test_every_word_that_a_person_types_is_masked(database: Database) -> None:
    case_id, phone = await candidate(database), "+7 912 345-67-89"
    said = {"question": phone, "before": [phone], "reference": phone, "facts": [[phone]], "must_refuse": False,
            "must_not_say": [phone]}  # fmt: skip
    await decide(database, edit, case_id, edited(json.dumps(said)), masked)
    assert "345-67" not in str(await row(database))


async def test_what_cannot_be_masked_changes_nothing(database: Database) -> None:
    case_id = await candidate(database)
    before = await row(database)

    def fails(words: str) -> MaskedText:
        if words == "Иначе":
            raise MaskingError("no")
        return masked(words)

    said = {**json.loads(editable((await listed(database))[0])), "question": "Другое", "reference": "Иначе"}
    with pytest.raises(MaskingError):
        await decide(database, edit, case_id, edited(json.dumps(said)), fails)
    assert await row(database) == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"question": ""}, "question: String should have at least 1 character"),
        ({"facts": [["x"], []]}, "facts.1: Tuple should have at least 1 item"),
        ({"facts": [["x" * 501]]}, "facts.0.0: String should have at most 500 characters"),
        ({"reference": "x" * 5_000}, "reference: String should have at most 4096 characters"),
        ({"chat_id": 5}, "chat_id: Extra inputs are not permitted"),
    ],
)
async def test_words_that_are_no_case_are_told(database: Database, change: dict[str, Any], says: str) -> None:
    await candidate(database)
    words = json.loads(editable((await listed(database))[0]))
    with pytest.raises(BadInput, match=f"^The case stays as it was: {says}"):
        edited(json.dumps(words | change))


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(BadInput, match="The case stays as it was: the case: Invalid JSON"):
        edited("{")


async def test_a_case_is_named_by_the_beginning_of_its_id(database: Database) -> None:
    one, other = UUID("abcdef00-0000-4000-8000-000000000000"), UUID("abcd0000-0000-4000-8000-000000000000")
    for case_id in (one, other):
        await candidate(database, case_id)
    async with database.reading() as session:
        assert (await find(session, "abcdef")).case_id == one
        assert (await find(session, "ABCD0")).case_id == other
        assert (await find(session, str(other))).case_id == other
        for name, says in (("abcd", "More than one"), ("ffff", "No"), ("", "More than one"), ("%", "No")):
            with pytest.raises(BadInput, match=f"^{says} case has an id that begins with {name!r}"):
                await find(session, name)


async def test_a_withdrawn_case_has_nothing_to_decide(database: Database) -> None:
    case_id = await candidate(database, state="withdrawn", question="", reference="", rests_on=[])
    async with database.reading() as session:
        with pytest.raises(BadInput, match="was withdrawn: a message that it rested on was deleted"):
            await find(session, str(case_id))
    for decision in (accept, reject):
        with pytest.raises(BadInput, match="The case is gone"):
            await decide(database, decision, case_id, "me")
    with pytest.raises(BadInput, match="The case is gone"):
        await decide(database, accept, uuid4(), "me")


async def test_accepted_cases_become_a_dataset_that_can_be_read_back(database: Database, tmp_path: Path) -> None:
    for number in range(3):
        await decide(database, accept, await candidate(database, question=f"Вопрос {number}"), "me")
    path = tmp_path / "mine.jsonl"
    path.write_text(exported(await listed(database, "accepted")), encoding="utf-8")
    async with database.reading() as session:
        assert from_file(str(path)) == await own_cases(session)
    assert "Вопрос 1" in path.read_text(encoding="utf-8")


async def test_the_oldest_come_first(database: Database) -> None:
    made = [await candidate(database) for _ in range(3)]
    assert [one.case_id for one in await listed(database)] == made
    async with database.reading() as session:
        assert [one.case_id for one in await waiting(session, 2)] == made[:2]
