"""The command line as a person meets it: what it prints, where, and with which exit status."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.otklik.evals.shell import Said, Shell, terminal

ROOT = Path(__file__).resolve().parents[2]


def otklik(
    *arguments: str, home: Path, stdin: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the product as its own process."""
    return subprocess.run(
        [sys.executable, "-m", "otklik", *arguments],
        input=stdin, capture_output=True, text=True, timeout=500, cwd=home, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "OTKLIK_HOME": str(home / "h"), **(environment or {})},
    )  # fmt: skip


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty working directory. Not pytest's own: it closes that to everybody but root, PostgreSQL's user included."""
    with tempfile.TemporaryDirectory(prefix="otklik-") as made:
        yield Path(made)


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    database_url: str,
    redis_url: str,
) -> Iterator[Shell]:
    """Commands in this process, on servers that run already: most of what a command does needs no process of its own."""
    with terminal(monkeypatch, capsys, tmp_path, database_url, redis_url) as opened:
        yield opened


def failed(said: Said, status: int) -> str:
    """What a failed command said: one sentence on stderr, nothing on stdout, no traceback."""
    assert (said.status, said.out) == (status, ""), said
    (line,) = said.error.splitlines()
    return line


def said(done: subprocess.CompletedProcess[str], status: int) -> str:
    """What a failed command said: one sentence on stderr, nothing on stdout, no traceback."""
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_mask_takes_lines_and_keeps_their_number(place: Path) -> None:
    done = otklik("mask", home=place, stdin="пишите на anna@example.com\n\nзаказ 12345\n")
    assert (done.returncode, done.stdout) == (0, "пишите на [EMAIL]\n\nзаказ 12345\n")


def test_mask_tells_code_points_and_who_found_it(shell: Shell) -> None:
    stdin = json.dumps({"text": "🙂 anna@example.com"}) + "\n"
    document = shell("mask", "--input", "jsonl", "--json", "--explain", stdin=stdin).document
    assert document["text"] == "🙂 [EMAIL]"
    (span,) = document["spans"]
    assert (span["start"], span["end"], span["type"]) == (2, 18, "EMAIL")
    assert span["recogniser"]


def test_mask_names_a_broken_line_and_does_not_repeat_it(shell: Shell) -> None:
    done = shell("mask", "--input", "jsonl", stdin='{"text": "ok"}\n{"secret anna@example.com\n')
    assert (done.status, done.out) == (2, "ok\n")
    assert done.error == 'otklik: Line 2 is not JSON; give one {"text": ...} a line.\n'


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "."], "is a directory: give the result.json in it."),
        (["import", "absent.json"], "'absent.json' does not exist: check the path."),
        (["import", "notes.txt"], "neither a chat export"),
        (["ask", "  "], "The question is empty; write what you want to know."),
        (["ask", "я" * 5_000], "The question has 5000 characters; ask in at most 4096."),
        (["threads", "--chat", "5"], "No chat 5 is held. Import one first."),
        (["backfill", "--chat", "5"], "No chat 5 is held. Import one first."),
        (["backfill", "--chat", "5", "--depth", "9", "--all"], "Give --depth or --all, not both."),
        (["search", "касса", "--chat", "5"], "No chat 5 is held. Import one first."),
        (["lanes", "check", "--rules", "absent.toml"], "The rules file 'absent.toml' does not exist; check the path."),
        (["lanes", "check", "--rules", "wrong.toml"], "wrong.toml, line 3: lanes.weights.urgent"),
        (["dead-letters", "resend"], "Name the dead letters to send again, or give --all."),
        (["dead-letters", "show", "7"], "There is no dead letter 7; see `otklik dead-letters list`."),
        (["search", "x", "-k", "0"], "0 is not in the range 1<=x<=100"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence_and_status_2(shell: Shell, arguments: list[str], sentence: str) -> None:
    Path("notes.txt").write_text("just notes")
    Path("wrong.toml").write_text('time_zone = "Europe/Moscow"\n[lanes.weights]\nurgent = "much"\n')
    assert sentence in failed(shell(*arguments), 2)


def test_so_it_is_in_a_process_of_its_own(place: Path) -> None:
    assert "No such command 'nonsense'" in said(otklik("nonsense", home=place), 2)


@pytest.mark.parametrize(
    ("variable", "value", "status", "sentence"),
    [
        ("OTKLIK_STORE_PORT", "many", 2, "OTKLIK_STORE_PORT cannot be used"),
        ("OTKLIK_DATABASE_URL", "mysql://x/y", 2, "must begin with postgresql://"),
        ("OTKLIK_DATABASE_URL", "postgresql://x@127.0.0.1:1/y", 1, "PostgreSQL does not answer"),
        ("OTKLIK_REDIS_URL", "redis://127.0.0.1:1", 1, "Redis does not answer"),
        ("OTKLIK_HOME", "/proc/otklik", 1, "set OTKLIK_HOME to a place you can write"),
    ],
)
def test_a_wrong_setting_is_named(shell: Shell, variable: str, value: str, status: int, sentence: str) -> None:
    shell.export(**{variable: value})
    assert sentence in failed(shell("status"), status)


def test_lanes_check_shows_rules_and_tries_messages(shell: Shell) -> None:
    Path("otklik.toml").write_text("[lanes.night]\nfrom = 00:00:00\nto = 00:00:00\n")
    document = shell("lanes", "check", "--json", stdin="касса выдаёт ошибку\nспасибо\n").document
    assert [(one["lane"], one["score"]) for one in document["tried"]] == [("HIGH", 50), ("LOW", 0)]
    assert document["tried"][0]["reasons"] == ["urgent word 'ошибка': +50"]


def test_json_is_one_document_and_the_servers_stop(place: Path) -> None:
    done = otklik("status", "--json", home=place)
    document = json.loads(done.stdout)
    told = {"chats", "streams", "dead_letters", "unmasked", "units", "unembedded", "windows", "spend"}
    assert set(document) == told
    limits = {"budget": 50.0, "budget_today": 5.0}
    nothing = {"today": 0.0, "month": 0.0, "reserved": 0.0, "purposes": {}, "unsettled": 0, "alarms": []}
    assert document["spend"] == limits | nothing
    assert not (place / "h" / "postgres" / "postmaster.pid").exists()
    assert not (place / "h" / "valkey" / "valkey.sock").exists()
    assert oct((place / "h").stat().st_mode)[-3:] == "700"


def test_doctor_says_what_to_do_when_something_is_wrong(place: Path) -> None:
    (place / "otklik.toml").write_text("[staf]\nids = [1]\n")
    done = otklik("doctor", home=place)
    assert done.returncode == 1
    assert "NOT rules" in done.stdout
    assert "staf" in done.stdout
    assert "ok  postgresql: embedded" in done.stdout
    assert "ok  dashboard role: otklik_reader" in done.stdout


def test_a_line_that_cannot_be_masked_keeps_its_place_and_nothing_else(shell: Shell) -> None:
    long = "Анна Петрова " * 2_000
    done = shell("mask", stdin=f"anna@example.com\n{long}\nok\n")
    assert (done.status, done.out) == (1, "[EMAIL]\n[NOT MASKED]\nok\n")
    assert done.error.startswith("otklik: 1 lines could not be masked")
    documents = shell("mask", "--json", stdin=f"{long}\nok\n").out.splitlines()
    assert [json.loads(line)["text"] for line in documents] == [None, "ok"]


def test_words_of_the_rules_file_stay_readable(shell: Shell) -> None:
    line = "передайте Марине, что Марина не грузит каталог"
    assert shell("mask", stdin=line).out == "передайте [PERSON], что [PERSON] не грузит каталог\n"
    Path("otklik.toml").write_text('[masking]\nkeep = ["марина"]\n')
    assert "Марина не грузит" in shell("mask", stdin=line).out


def test_forgetting_nobody_and_renewing_the_key(shell: Shell) -> None:
    shell.unset("OTKLIK_PSEUDONYM_KEY")
    assert shell("forget", "--user", "123456789").out == "Nothing of this person is held.\n"
    file = Path("h/keys/pseudonym.key")
    key = file.read_text()
    assert shell("rotate-key", "--json").document == {"people": 0, "chats": 0}
    renewed = file.read_text()
    assert renewed.startswith(key)
    assert len(renewed.split()) == 2
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert shell("forget", "--user", "123456789").status == 0
    file.write_text("0" * 64)
    assert "not the pseudonym key" in failed(shell("forget", "--user", "1"), 2)
