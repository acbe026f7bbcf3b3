"""`otklik evals harvest`, `candidates`, `accept`, `reject`, `edit` and `export`."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.db.session import Database
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import rows
from tests.otklik.evals.shell import Shell

QUOTED = "Отвечали так:\n\nПерезапустите принтер."


@pytest.fixture
async def voted(history: Database) -> Database:
    """A question with a "yes", and one with a "no"."""
    async with history.transaction() as session:
        for number, (words, vote) in enumerate((("принтер мигает красным", 1), ("как вернуть деньги", -1))):
            answer_id = await seeding.answer(session, 10, 11, question=words, answer=QUOTED)
            await seeding.question(session, 70 + number, words=words, answer_id=answer_id)
            await seeding.vote(session, answer_id, vote=vote, **({} if vote == 1 else {"reason": "outdated"}))
    return history


@pytest.fixture
def harvested(shell: Shell, voted: Database) -> Shell:
    shell.evals("harvest")
    return shell


def candidate(shell: Shell, origin: str = "liked") -> dict[str, Any]:
    (found,) = [one for one in shell.evals("candidates", "--json").document if one["origin"] == origin]
    assert isinstance(found, dict)
    return found


def test_a_harvest_tells_what_it_brought(shell: Shell, voted: Database) -> None:
    said = shell.evals("harvest").out
    assert said.startswith(
        "2 new candidates (1 disliked, 1 liked), 0 changed; 0 ask what another case asks already, 0 are"
    )
    assert shell.evals("harvest", "--json").document == {
        "new": 0, "changed": 0, "same": 0, "decided": 0, "by_origin": {},
    }  # fmt: skip
    assert shell.evals("harvest", "--since", "x", status=2).sentence.startswith("'x' is not a time; write it like 30d")


def test_candidates_are_shown_with_all_that_a_person_decides_by(harvested: Shell) -> None:
    text = harvested.evals("candidates").out
    for words in ("  liked\n", "disliked: outdated", "asked    принтер мигает красным", "answer   Перезапустите принтер.",
                  "answer   (say it with `edit`)", "rests on -1001234567890:10, -1001234567890:11"):  # fmt: skip
        assert words in text
    assert set(candidate(harvested)) == {
        "case_id", "state", "origin", "question", "before", "language", "chat_id", "rests_on", "reference", "facts",
        "must_refuse", "must_not_say", "remark", "made_at",
    }  # fmt: skip
    assert len(harvested.evals("candidates", "-n", "1", "--json").document) == 1
    assert harvested.evals("candidates", "--state", "rejected").out == "There is no rejected case.\n"


def test_an_accepted_case_is_what_a_run_asks_by_default(harvested: Shell) -> None:
    case_id = candidate(harvested)["case_id"]
    assert harvested.evals("accept", case_id[:8]).out.startswith("1 accepted: `otklik evals run`")
    document = harvested.evals("run", "--json").document
    assert (document["setup"]["datasets"], document["cases"], document["figures"]["right"]) == (["own"], 1, 1)
    assert [one["case_id"] for one in harvested.evals("candidates", "--state", "accepted", "--json").document] == [
        case_id
    ]
    assert harvested.evals("harvest", "--json").document["decided"] == 1


def test_several_are_accepted_together_or_none_is(harvested: Shell) -> None:
    liked, disliked = candidate(harvested)["case_id"], candidate(harvested, "disliked")["case_id"]
    assert "Edit it first." in harvested.evals("accept", liked, disliked, status=2).sentence
    assert len(harvested.evals("candidates", "--json").document) == 2
    assert harvested.evals("reject", liked, disliked).out == "2 rejected.\n"
    assert "Missing argument" in harvested.evals("accept", status=2).sentence


def test_a_rejected_one_does_not_come_back(harvested: Shell) -> None:
    harvested.evals("reject", candidate(harvested)["case_id"])
    assert harvested.evals("harvest", "--json").document["new"] == 0
    assert len(harvested.evals("candidates", "--json").document) == 1


def test_a_case_is_edited_from_a_file_or_stdin_and_masked(harvested: Shell) -> None:
    case_id = candidate(harvested, "disliked")["case_id"]
    assert "Edit it first." in harvested.evals("accept", case_id, status=2).sentence
    words = {"question": "как вернуть деньги", "before": [], "reference": "Напишите на boss@example.com",
             "facts": [["возврат"]], "must_refuse": False, "must_not_say": []}  # fmt: skip
    assert harvested.evals("edit", case_id[:8], "--file", "-", stdin=json.dumps(words)).out.startswith(
        "Changed; accept it"
    )
    assert candidate(harvested, "disliked")["reference"] == "Напишите на [EMAIL]"
    Path("case.json").write_text(json.dumps(words | {"reference": "Через чек"}), encoding="utf-8")
    harvested.evals("edit", case_id[:8], "--file", "case.json")
    assert candidate(harvested, "disliked")["reference"] == "Через чек"
    assert harvested.evals("edit", case_id[:8], "--file", "-", stdin="{", status=2).sentence.startswith(
        "The case stays as it was"
    )
    assert "fact     возврат" in harvested.evals("candidates").out
    harvested.evals("accept", case_id)


def editor(*commands: str) -> str:
    """An editor that does this to the file, one command each time it is called."""
    path = Path("editor.sh").resolve()
    script = "\n".join(f"{number}) {command} ;;" for number, command in enumerate(commands, 1))
    path.write_text(
        f'#!/bin/sh\ncount=$(($(cat "{path}.count" 2>/dev/null || echo 0) + 1))\necho $count > "{path}.count"\n'
        f"case $count in\n{script}\nesac\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return str(path)


def test_a_slip_of_the_pen_in_the_editor_loses_nothing(harvested: Shell) -> None:
    case_id = candidate(harvested)["case_id"]
    # The moment of a file counts: the editor's change has to be seen, however fast it was.
    later = 'touch -d "+1 hour" "$1"'
    harvested.export(
        EDITOR=editor(
            f'sed -i "s/Перезапустите/Выключите/; s/false/7/" "$1"; {later}',
            f'sed -i "s/: 7/: true/" "$1"; {later}',
        )
    )
    said = harvested.evals("edit", case_id, stdin="y\n")
    assert "The case stays as it was: must_refuse: Input should be a valid boolean" in said.error
    assert said.out == "Changed; accept it to measure by it.\n"
    assert (candidate(harvested)["reference"], candidate(harvested)["must_refuse"]) == ("Выключите принтер.", True)


def test_who_leaves_the_editor_without_a_change_changes_nothing(harvested: Shell) -> None:
    before = candidate(harvested)
    harvested.export(EDITOR=editor("true"))
    assert harvested.evals("edit", before["case_id"]).out == "Nothing was changed.\n"
    assert candidate(harvested) == before


def test_accepted_cases_are_written_as_a_dataset_that_a_run_takes(harvested: Shell) -> None:
    harvested.evals("accept", candidate(harvested)["case_id"])
    assert harvested.evals("export", "--out", "mine.jsonl").out.startswith("1 cases in mine.jsonl. They are masked")
    assert harvested.evals("run", "--dataset", "mine.jsonl", "--json").document["figures"]["right"] == 1
    assert "is there already" in harvested.evals("export", "--out", "mine.jsonl", status=2).sentence
    assert "cannot be written" in harvested.evals("export", "--out", "absent/mine.jsonl", status=2).sentence


@pytest.mark.parametrize("command", ["accept", "reject", "edit"])
def test_a_case_that_is_not_there_is_told(shell: Shell, command: str) -> None:
    assert shell.evals(command, "abcdef", status=2).sentence == "No case has an id that begins with 'abcdef'."


def test_whoever_decided_is_remembered_also_where_their_number_has_no_name(
    harvested: Shell, voted: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654)
    harvested.evals("accept", candidate(harvested)["case_id"])
    assert asyncio.run(decided_by(database_url)) == ["user 987654"]


async def decided_by(database_url: str) -> list[str]:
    database = Database(database_url)
    found = await rows(database, "SELECT decided_by FROM eval_cases WHERE decided_by IS NOT NULL")
    await database.close()
    return [row["decided_by"] for row in found]


def test_ids_are_whole(harvested: Shell) -> None:
    assert str(UUID(candidate(harvested)["case_id"])) == candidate(harvested)["case_id"]
