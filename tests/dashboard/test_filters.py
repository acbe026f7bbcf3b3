"""What the address asks for: a chat, a period, a clock, a thread. Wrong ones fall back and say so."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.access import AccessScope
from dashboard.access import operator
from dashboard.figures import Column, Table, written
from dashboard.filters import Filters
from dashboard.texts import chats as chat_texts
from dashboard.texts import shell
from dashboard.view import View
from tests.dashboard.office import Office, said
from tests.dashboard.seed import BETA, SUPPORT
from tests.ingestion.road import rows, value

pytestmark = pytest.mark.xdist_group("dashboard")


VIEW = View(
    visitor=operator(), language="en", filters=Filters(ZoneInfo("UTC")), usual_zone=ZoneInfo("UTC"), whole=AccessScope.operator(),
    scope=AccessScope.operator(), held={}, at=datetime(2026, 3, 2, tzinfo=UTC), stale_seconds=60, with_claude=False,
)  # fmt: skip


def messages(page: AppTest) -> int:
    return next(int(one.value) for one in page.metric if one.label == "Messages")


def test_a_chat_in_the_address_is_all_that_is_counted(office: Office) -> None:
    held = office.run(value(office.parts.database, "SELECT count(*) FROM messages WHERE chat_id = :chat", chat=BETA))
    assert messages(office.page("chats", period="365d", chat=str(BETA))) == held > 0


def test_what_is_chosen_goes_into_the_address_and_from_there_to_the_next_page(office: Office) -> None:
    page = office.page("chats")
    page.selectbox("choice_chat").select(BETA).run()
    page.selectbox("choice_span").select("90d").run()
    page.selectbox("choice_zone").select("Asia/Tokyo").run()
    chosen = {"chat": str(BETA), "period": "90d", "zone": "Asia/Tokyo"}
    assert chosen.items() <= page.query_params.items()
    other = office.page("topics", **{name: page.query_params[name] for name in chosen})
    assert [one.value for one in other.selectbox][:3] == [BETA, "90d", "Asia/Tokyo"]


def test_dates_can_be_chosen_and_shared(office: Office) -> None:
    page = office.page("chats", period="dates", **{"from": "2026-01-05", "to": "2026-01-11"})
    (dates,) = page.date_input
    assert dates.value == (date(2026, 1, 5), date(2026, 1, 11))


@pytest.mark.parametrize(
    ("name", "address", "value"),
    [
        ("chat", {"chat": "-5"}, "-5"),
        ("chat", {"chat": "<b>'; DROP"}, "&lt;b&gt;&#x27;; DROP"),
        ("period", {"period": "soon"}, "soon"),
        ("from", {"period": "dates", "from": "2026-02-01", "to": "2026-01-01"}, "2026-02-01 – 2026-01-01"),
        ("zone", {"zone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_a_wrong_filter_falls_back_and_says_so(office: Office, name: str, address: dict[str, str], value: str) -> None:
    page = office.page("pipeline", **address)
    assert not page.exception
    assert [one.value for one in page.warning] == [shell.WRONG[name]["en"].format(value=value, zone="Europe/Moscow")]
    assert page.metric


def test_an_empty_period_says_when_there_was_something(office: Office) -> None:
    page = office.page("chats", period="dates", **{"from": "2040-01-01", "to": "2040-02-01"})
    assert len(page.info) == 1
    page.button("elsewhen").click().run()
    assert page.query_params["period"] == "dates"
    assert messages(page) > 0


# --- a thread


def test_a_thread_is_read_from_its_address(office: Office) -> None:
    (one,) = office.run(
        rows(
            office.parts.database,
            "SELECT chat_id, thread_id, count(*) AS size, max(text) FILTER (WHERE is_staff) AS said FROM messages "
            "GROUP BY 1, 2 HAVING count(*) FILTER (WHERE is_staff) = 1 AND count(*) > 2 ORDER BY 1, 2 LIMIT 1",
        )
    )  # fmt: skip
    page = office.page("chats", thread=f"{one['chat_id']}:{one['thread_id']}")
    cards = next(text for text in said(page) if "<header>" in text or 'class="card' in text)
    assert cards.count('class="card ') == one["size"]
    page.button[1].click().run()
    assert "thread" not in page.query_params


@pytest.mark.parametrize("thread", ["1", "-5:7", f"{SUPPORT}:999999999999999999", f"{SUPPORT}:1'--"])
def test_a_thread_that_is_not_there_is_said_to_be_missing(office: Office, thread: str) -> None:
    page = office.page("chats", thread=thread)
    assert not page.exception
    assert [one.value for one in page.warning] == [chat_texts.NO_THREAD["en"]]


# --- tables


def test_a_csv_is_read_by_excel_and_computes_nothing() -> None:
    columns = (
        Column[tuple[str, float]](shell.CHAT, lambda row: row[0]),
        Column[tuple[str, float]](shell.PERIOD, lambda row: timedelta(hours=row[1]).total_seconds()),
    )
    found = written(VIEW, Table(columns, [("=HYPERLINK(1)", 0.5), ('a "b", c', 1)]))
    assert found.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(found.decode("utf-8-sig")))) == [
        ["Chat", "Period"], ["'=HYPERLINK(1)", "1800.0"], ['a "b", c', "3600.0"],
    ]  # fmt: skip
