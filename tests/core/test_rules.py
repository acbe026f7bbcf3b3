"""`otklik.toml`: every mistake names its line, an edit is seen at once, and a wrong edit changes nothing."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.domain.lanes import LaneRules
from core.errors import SettingsError
from core.rules import Rules, RulesFile, load_rules

WHOLE = """
time_zone = "Asia/Yekaterinburg"

[staff]
ids = [11, 22]
names = ["Анна", "olga"]

[lanes]
high = 60
medium = 20
words = [
    "касса",   # comments and many lines are fine
    "не печатает",
]
vip = [77]

[lanes.weights]
night = 10

[lanes.night]
from = "23:30"
to = 06:00:00

[chats."-1001"]
time_zone = "Asia/Vladivostok"
"""

MISTAKES = [
    ("[staff]\nids = [1\n", 3, "not TOML"),
    ("[staff]\nids = 5", 2, "staff.ids"),
    ("[staff]\n\nids = ['x']", 3, "staff.ids.0"),
    ("# a comment\n[staf]\nids = [1]", 2, "staf"),
    ("[staff]\nids = [1]\nidz = [2]", 3, "staff.idz"),
    ("time_zone = 'Moskau'", 1, "'Moskau' is not a time zone"),
    ("time_zone = '../Moscow'", 1, "write it like 'Europe/Moscow'"),
    ("time_zone = ''", 1, "is not a time zone"),
    ("\n[lanes]\nhigh = 0", 3, "lanes.high"),
    ("lanes.high = 0", 1, "lanes.high"),
    ("[lanes]\nhigh = 10\nmedium = 20", 1, "medium (20) must not be above high (10)"),
    ("[lanes]\nhigh = 50\nwords = [\n  'баг',\n  '!!',\n]", 3, "'!!' has no letters"),
    ("[lanes]\nwords = 'баг'", 2, "lanes.words"),
    ("[lanes]\nweights = {urgent = 50, nigth = 1}", 2, "lanes.weights.nigth"),
    ("[lanes.weights]\nvip = 5000", 2, "lanes.weights.vip"),
    ("[lanes.weights]\nvip = -1", 2, "lanes.weights.vip"),
    ("[lanes.night]\nfrom = '22:00'\nto = 8", 3, "write it like '22:00'"),
    ("[lanes.night]\nfrom = '25:00'", 2, "write it like '22:00'"),
    ("[lanes.night]\nto = '08:00Z'", 2, "write it like '22:00'"),
    ("[chats.'-100']\ntime_zone = 'Europe/Moscow'\n\n[chats.'-200']\ntime_zone = 'x'", 5, "chats.-200.time_zone"),
    ("[chats.support]\ntime_zone = 'Europe/Moscow'", 1, "chats.support"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "otklik.toml"


def write(path: Path, content: str) -> Path:
    """Write as an editor does: a new file that takes the old one's place."""
    fresh = path.with_suffix(".new")
    fresh.write_text(content, encoding="utf-8")
    return fresh.replace(path)


def test_a_whole_file_is_read(path: Path) -> None:
    rules = load_rules(write(path, WHOLE))
    assert (set(rules.staff.ids), set(rules.staff.names)) == ({11, 22}, {"Анна", "olga"})
    assert (rules.lanes.high, rules.lanes.medium, rules.lanes.vip) == (60, 20, (77,))
    assert rules.lanes.words == ("касса", "не печатает")
    assert (rules.lanes.weights.night, rules.lanes.weights.urgent) == (10, 50)
    assert (str(rules.lanes.night.start), str(rules.lanes.night.end)) == ("23:30:00", "06:00:00")
    assert rules.zone(-1001).key == "Asia/Vladivostok"
    assert rules.zone(-1002).key == "Asia/Yekaterinburg"


def test_no_file_means_the_defaults(path: Path) -> None:
    assert load_rules(path) == Rules()
    assert load_rules(path).lanes == LaneRules()


def test_the_samples_and_the_example_are_valid() -> None:
    root = Path(__file__).parents[2]
    assert len(load_rules(root / "samples" / "otklik.toml").staff.ids) == 5
    load_rules(root / "otklik.example.toml")


@pytest.mark.parametrize(("content", "line", "says"), MISTAKES, ids=[says for _, _, says in MISTAKES])
def test_a_mistake_names_the_file_its_line_and_what_is_wrong(path: Path, content: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_rules(write(path, content))
    told = str(refused.value)
    assert told.startswith(str(path))
    assert f"line {line}" in told
    assert says in told
    assert "\n" not in told


def test_a_file_that_is_not_text_or_cannot_be_read_is_said_in_one_sentence(path: Path) -> None:
    path.write_bytes(b"[staff]\nnames = ['\xc0\xed\xed\xe0']")
    with pytest.raises(SettingsError, match=r"line 2: is not UTF-8"):
        load_rules(path)
    path.write_bytes(b"#" * 1_000_002)
    with pytest.raises(SettingsError, match="larger than"):
        load_rules(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_rules(path.parent)
    with pytest.raises(SettingsError, match="cannot be read"):
        RulesFile(path / "inside-a-file.toml")


def test_a_byte_order_mark_is_no_mistake(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + b"[staff]\nids = [5]")
    assert load_rules(path).staff.ids == {5}


def test_an_edit_is_seen_at_once(path: Path) -> None:
    rules = RulesFile(write(path, "[staff]\nids = [1]"))
    assert rules.current() is rules.current()
    write(path, "[staff]\nids = [2]")
    assert rules.current().staff.ids == {2}


def test_a_file_that_appears_later_is_read(path: Path) -> None:
    rules = RulesFile(path)
    assert rules.current() == Rules()
    write(path, "[staff]\nids = [2]")
    assert rules.current().staff.ids == {2}


def test_a_wrong_edit_keeps_the_old_rules_and_is_told_once(path: Path) -> None:
    rules = RulesFile(write(path, "[staff]\nids = [1]"))
    write(path, "[staff]\nids = 'nobody'")
    with capture_logs() as logs:
        assert [rules.current().staff.ids for _ in range(3)] == [{1}] * 3
    (told,) = logs
    assert "line 2" in told["error"]
    write(path, "[staff]\nids = [3]")
    assert rules.current().staff.ids == {3}


def test_a_file_that_is_gone_for_a_moment_keeps_the_old_rules(path: Path) -> None:
    rules = RulesFile(write(path, "[staff]\nids = [1]"))
    path.unlink()
    with capture_logs() as logs:
        assert [rules.current().staff.ids for _ in range(3)] == [{1}] * 3
    assert len(logs) == 1


@pytest.mark.parametrize(
    ("sender", "is_staff"),
    [
        ("user11", True),
        ("user111", False),
        ("user1", False),
        ("11", True),
        ("name:Анна", True),
        ("name:olga", True),
        ("name:11", False),
        ("name:Анна ", False),
        ("channel1234567890", True),
        ("channel567890", False),
        ("channel90", False),
        ("channel1", False),
        ("user1234567890", False),
        ("", False),
        ("channel", False),
        ("user" + "9" * 60, False),
        ("user²", False),
    ],
)
def test_staff_is_known_by_id_by_name_and_by_the_groups_own_id(sender: str, is_staff: bool) -> None:
    rules = Rules.model_validate({"staff": {"ids": [11, 22], "names": ["Анна", "olga"]}})
    assert rules.is_staff(sender, -1001234567890) is is_staff
