"""An agent sees the chats of `[access] agent_chats` and no page of admins; who is not let in (any more) sees nothing."""

import pytest

from dashboard.texts import pipeline, shell
from tests.dashboard.office import Office, said
from tests.dashboard.seed import BETA, SUPPORT
from tests.ingestion.road import rows

pytestmark = pytest.mark.xdist_group("dashboard")


def everything(office: Office, name: str, who: str, **address: str) -> str:
    page = office.page(name, who=who, **address)
    assert not page.exception
    assert not page.error
    tables = [str(one.value) for one in page.dataframe]
    choices = [option for one in page.selectbox for option in one.options]
    return "\n".join([*said(page), *tables, *choices])


@pytest.mark.parametrize("name", ["now", "chats", "topics", "assistant", "pipeline"])
def test_an_agent_finds_nothing_of_another_chat(office: Office, name: str) -> None:
    chats = office.run(rows(office.parts.database, "SELECT chat_id, title FROM chats"))
    others = [one for one in chats if one["chat_id"] != SUPPORT]
    assert others
    seen = everything(office, name, "boris", period="365d")
    for one in others:
        assert one["title"] not in seen
        assert str(one["chat_id"]).removeprefix("-100") not in seen


def test_an_admin_finds_them(office: Office) -> None:
    chats = office.run(rows(office.parts.database, "SELECT title FROM chats"))
    seen = everything(office, "pipeline", "anna")
    assert all(one["title"] in seen for one in chats)


def test_an_agent_does_not_get_another_chat_by_its_address(office: Office) -> None:
    page = office.page("chats", who="boris", chat=str(BETA))
    assert [one.value for one in page.warning] == [shell.WRONG["chat"]["en"].format(value=BETA)]
    (thread,) = office.run(
        rows(office.parts.database, "SELECT max(thread_id) AS id FROM messages WHERE chat_id = :chat", chat=BETA)
    )
    page = office.page("chats", who="boris", thread=f"{BETA}:{thread['id']}")
    assert not [one for one in said(page) if "<header>" in one]
    page = office.page("chats", who="anna", thread=f"{BETA}:{thread['id']}")
    assert [one for one in said(page) if "<header>" in one]


@pytest.mark.parametrize("name", ["cost", "evals", "settings"])
def test_an_agent_has_no_pages_of_admins(office: Office, name: str) -> None:
    page = office.page(name, who="boris")
    assert not page.exception
    assert shell.PAGES[name]["en"] not in [one.value for one in page.title]


def test_an_agent_cannot_read_or_retry_dead_letters(office: Office) -> None:
    page = office.page("pipeline", who="boris")
    assert pipeline.ONLY_WITH_ALL["en"] in said(page)
    assert not [one for one in page.button if (one.key or "").startswith("retry")]


@pytest.mark.parametrize("name", ["now", "cost"])
def test_whose_session_has_ended_sees_nothing(office: Office, name: str) -> None:
    page = office.page(name, who="somebody else")
    assert [one.value for one in page.warning] == [shell.SESSION_ENDED["en"]]
    assert not page.title
    assert not page.metric


def test_who_logs_out_sees_nothing_at_the_next_click(office: Office) -> None:
    page = office.page("topics")
    assert page.metric
    office.door.leave(page.user["session"])
    page.run()
    assert not page.metric
    assert [one.value for one in page.warning] == [shell.SESSION_ENDED["en"]]
