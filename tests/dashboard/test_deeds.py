"""What a visitor changes: through the page's own buttons, on the writing database, and only where they may."""

from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.contracts.streams import BATCH, UNITS
from core.domain.access import AccessScope, Role
from core.errors import BadInput
from dashboard.access import Visitor
from dashboard.deeds import Filling, NotAllowed
from dashboard.desk import desk
from dashboard.texts import assistant as assistant_texts
from dashboard.texts import evals as evals_texts
from dashboard.texts import pipeline as pipeline_texts
from dashboard.texts import shell
from evals.candidates import Edited
from tests.dashboard.office import Office, said
from tests.ingestion.road import rows

pytestmark = pytest.mark.xdist_group("dashboard")

AGENT = Visitor("boris", Role.AGENT)


def keys(page: AppTest, begins: str) -> list[str]:
    """Of the buttons that can be pressed."""
    return [one.key for one in page.button if one.key and one.key.startswith(begins) and not one.disabled]


def cases(office: Office) -> dict[str, str]:
    found = office.run(rows(office.parts.database, "SELECT case_id, state FROM eval_cases"))
    return {str(one["case_id"]): one["state"] for one in found}


def test_a_case_is_accepted_another_rejected_and_the_page_shows_it(own_office: Office) -> None:
    page = own_office.page("evals")
    accepted = keys(page, "accept_")[0]
    page.button(accepted).click().run()
    assert evals_texts.DONE["accept"]["en"] in said(page)
    assert accepted not in keys(page, "accept_")
    rejected = keys(page, "reject_")[0]
    page.button(rejected).click().run()
    assert evals_texts.DONE["reject"]["en"] in said(page)
    states = cases(own_office)
    assert states[accepted.removeprefix("accept_")] == "accepted"
    assert states[rejected.removeprefix("reject_")] == "rejected"


def test_a_case_is_edited_and_what_was_typed_is_masked(own_office: Office) -> None:
    page = own_office.page("evals")
    key = keys(page, "edit_")[0]
    page.button(key).click().run()
    page.text_area[0].input("Как вернуть деньги? Мой номер +7 916 123-45-67")
    next(one for one in page.button if one.label == shell.SAVE["en"]).click().run()
    assert evals_texts.DONE["edit"]["en"] in said(page)
    (row,) = own_office.run(
        rows(
            own_office.parts.database,
            "SELECT question FROM eval_cases WHERE case_id = CAST(:case AS uuid)",
            case=key.removeprefix("edit_"),
        )
    )  # fmt: skip
    assert row["question"].startswith("Как вернуть деньги? Мой номер [PHONE")
    assert "916" not in row["question"]


def test_a_dead_letter_goes_back_into_its_stream(own_office: Office) -> None:
    async def length() -> int:
        return int(await own_office.parts.redis.xlen(BATCH.name) + await own_office.parts.redis.xlen(UNITS.name))

    page, before = own_office.page("pipeline"), own_office.run(length())
    key = keys(page, "retry_")[0]
    page.button(key).click().run()
    assert pipeline_texts.RETRIED["en"] in said(page)
    assert key not in keys(page, "retry_")
    assert own_office.run(length()) == before + 1


def test_an_agent_fills_a_gap_of_their_own_chat_and_it_is_found(own_office: Office) -> None:
    page = own_office.page("assistant", who="boris")
    page.button(keys(page, "look_")[0]).click().run()
    (words,) = page.text_area
    words.input("Да, с телефона смену можно открыть в меню «Смена». Звоните: +7 916 123-45-67")
    next(one for one in page.button if one.label == assistant_texts.VOUCH["en"]).click().run()
    assert not page.error
    assert assistant_texts.VOUCHED["en"] in said(page)
    (unit,) = own_office.run(
        rows(own_office.parts.database, "SELECT text FROM data_units WHERE text LIKE '%в меню «Смена»%'")
    )
    assert "[PHONE" in unit["text"]
    assert "gap" not in page.query_params


def test_an_empty_answer_is_no_answer(own_office: Office) -> None:
    page = own_office.page("assistant")
    page.button(keys(page, "look_")[0]).click().run()
    page.text_area[0].input("  ")
    next(one for one in page.button if one.label == assistant_texts.VOUCH["en"]).click().run()
    assert [one.value for one in page.error] == [shell.NOT_DONE["en"].format(why="Write the answer first.")]


def test_the_deeds_ask_for_themselves_whether_a_visitor_may(own_office: Office) -> None:
    deeds, case = desk().deeds, uuid4()
    edited = Edited(question="?", before=[], reference="", facts=[], must_refuse=True, must_not_say=[])
    for deed in (
        deeds.accept_case(AGENT, case),
        deeds.reject_case(AGENT, case),
        deeds.edit_case(AGENT, case, edited),
        deeds.resend(AGENT, [1]),
    ):
        with pytest.raises(NotAllowed):
            own_office.run(deed)


def test_a_gap_of_another_chat_is_not_filled(own_office: Office) -> None:
    (answer,) = own_office.run(
        rows(
            own_office.parts.database,
            "SELECT answer_id FROM answers JOIN questions USING (answer_id) WHERE refused LIMIT 1",
        )
    )
    filling = Filling(answer["answer_id"], "Да", None)
    with pytest.raises(BadInput, match="Choose a chat that you may see"):
        own_office.run(desk().deeds.fill_gap(AGENT, AccessScope.chats([-1]), filling))
