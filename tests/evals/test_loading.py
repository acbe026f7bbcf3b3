"""Cases from files: what is wrong is told with file and line, what is frozen stays so, and no two are called the same."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.domain.access import AccessScope
from core.errors import BadInput
from evals import loading
from evals.cases import Case, fingerprint
from evals.loading import DATASETS, SAMPLES, checked, from_file, frozen_sums, read_frozen
from tests.evals.scene import case

LINE: dict[str, Any] = {"id": "one", "question": "где чек", "language": "ru", "reference": "Перезапустите принтер."}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), encoding="utf-8")
    return path


def test_a_file_of_ones_own_is_read_by_its_path(tmp_path: Path) -> None:
    path = written(tmp_path, LINE, "", {**LINE, "id": "two", "chat_id": -5, "before": ["принтер мигает"]})
    one, two = from_file(str(path))
    assert one == Case(**LINE)
    assert two.scope == AccessScope.client(-5)
    assert one.scope.every_chat


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "Expecting property name"),
        ('"words"', "the case: Input should be"),
        ({**LINE, "language": "de"}, "language: Input should be 'ru' or 'en'"),
        ({**LINE, "relevnt": 1}, "relevnt: Extra inputs are not permitted"),
        ({**LINE, "question": ""}, "question: String should have at least 1 character"),
        ({**LINE, "question": "я" * 5_000}, "question: String should have at most 4096 characters"),
        ({**LINE, "facts": [[]]}, "facts.0: Tuple should have at least 1 item"),
        ({**LINE, "facts": [["x"]] * 21}, "facts: Tuple should have at most 20 items"),
        ({**LINE, "reference": ""}, "the case: nothing is known of the right answer; give relevant_messages, facts or a"),
        ({**LINE, "must_refuse": True, "facts": [["x"]]}, "the case: a case with `must_refuse` has no relevant messages"),
        ({**LINE, "must_refuse": True, "relevant_units": ["vetted:1"]}, "the case: a case with `must_refuse`"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_and_not_repeated(tmp_path: Path, line: object, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        from_file(str(written(tmp_path, LINE, line)))
    assert str(caught.value).startswith(f"mine.jsonl, line 2: {says}")
    assert "я" * 100 not in str(caught.value)


def test_bytes_that_are_no_text_are_a_wrong_line_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(BadInput, match=r"mine\.jsonl, line 1: "):
        from_file(str(path))


def test_a_dataset_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"absent' cannot be read: No such file.*There are own, sample, followups.*path"):
        from_file("absent")
    with pytest.raises(BadInput, match="Is a directory"):
        from_file(str(tmp_path))
    with pytest.raises(BadInput, match="'judgements' cannot be read"):  # it is shipped, and has no cases
        from_file("judgements")


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SIZE_LIMIT", 10)
    with pytest.raises(BadInput, match=r"mine\.jsonl is larger than 10 bytes"):
        from_file(str(written(tmp_path, LINE)))


def test_two_cases_have_two_names() -> None:
    with pytest.raises(BadInput, match="Two cases have the id 'pie'"):
        checked([case("pie", "раз"), case("rye", "два"), case("pie", "три")])


def test_what_is_shipped_is_frozen_and_all_of_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(frozen_sums()) == {path.name for path in DATASETS.glob("*.jsonl")}
    assert sum(len(from_file(name)) for name in SAMPLES) >= 150
    for path in DATASETS.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(loading, "DATASETS", tmp_path)
    monkeypatch.setattr(loading, "SUMS", tmp_path / "SHA256SUMS")
    (tmp_path / "attacks.jsonl").write_bytes((DATASETS / "attacks.jsonl").read_bytes() + b"\n")
    assert from_file("sample")
    with pytest.raises(BadInput, match=r"attacks\.jsonl is not what SHA256SUMS says"):
        from_file("attacks")
    subprocess.run("sha256sum *.jsonl > SHA256SUMS", shell=True, check=True, cwd=tmp_path)  # as the error says
    assert from_file("attacks")
    (tmp_path / "SHA256SUMS").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match=r"sample\.jsonl is not"):
        read_frozen(tmp_path / "sample.jsonl")


def test_a_set_of_cases_is_known_by_all_that_they_say_and_not_by_their_order() -> None:
    one, two = case("one", "где чек", facts=(("принтер",),)), case("two", "где касса")
    same = fingerprint([one, two])
    assert fingerprint([two, one]) == same
    assert (
        len({same, fingerprint([one]), fingerprint([one.model_copy(update={"must_not_say": ("ремонт",)}), two])}) == 3
    )


def test_a_case_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        case("one", "где чек").question = "другой"  # type: ignore[misc]
