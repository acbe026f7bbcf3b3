"""What a visitor does, in a real browser, over the role's own server: log in, share a filter, accept, retry, vouch."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import make_url

from core.embedded.servers import Servers
from dashboard.texts import assistant, evals, pipeline
from tests.conftest import emptied_valkey, fresh_database
from tests.dashboard.chromium import CHROMIUM, browser, settled
from tests.dashboard.office import PASSWORD, PEOPLE, Office, background_loop, entered, free_port, opened_office, served
from tests.dashboard.seed import BETA
from tests.ingestion.road import value

pytestmark = [
    pytest.mark.xdist_group("dashboard"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt install chromium"),
]

PATIENCE_MS = 100_000
"""A bound on failure: the machine may be slow and shared."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, seeded_url: str, running_servers: Servers) -> Iterator[Office]:
    """A desk over a month of its own, on a port of its own."""
    template, place = make_url(seeded_url).database, tmp_path_factory.mktemp("browser")
    assert template is not None
    with (
        background_loop() as loop,
        entered(loop, lambda: fresh_database(running_servers, template)) as url,
        opened_office(place, url, emptied_valkey(running_servers), PEOPLE, pages_port=free_port()) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def address(office: Office) -> Iterator[str]:
    with served(office) as at:
        yield at


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with browser() as started:
        yield started


@pytest.fixture
def stranger(chromium: Browser, address: str) -> Iterator[Page]:
    """A browser that was never here. It must ask nobody but us."""
    context = chromium.new_context(base_url=address, locale="en-GB", viewport={"width": 1280, "height": 2400})
    context.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context.new_page()
    context.close()
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} <= {
        urlsplit(address).netloc
    }


@pytest.fixture
def anna(stranger: Page) -> Page:
    """Somebody who has logged in."""
    log_in(stranger, "/", PASSWORD)
    return settled(stranger)


def log_in(page: Page, to: str, password: str) -> None:
    page.goto(to)
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def counted(office: Office, query: str) -> int:
    return int(office.run(value(office.parts.database, query)))


def test_a_wrong_password_is_refused_the_right_one_opens_and_logging_out_closes(stranger: Page) -> None:
    log_in(stranger, "/topics", "wrong horse battery")
    expect(stranger.get_by_role("alert")).to_contain_text("password")
    stranger.get_by_label("Name").fill("anna")
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Log in").click()
    expect(stranger.get_by_role("heading", name="Topics", exact=True)).to_be_visible()
    stranger.get_by_role("button", name="Log out").click()
    expect(stranger.get_by_label("Password")).to_be_visible()
    stranger.goto("/topics")
    expect(stranger.get_by_label("Password")).to_be_visible()


def test_a_filter_is_in_the_address_survives_a_reload_and_can_be_shared(anna: Page) -> None:
    anna.goto("/chats")
    settled(anna)
    anna.get_by_label("Period").click()
    anna.get_by_role("option", name="90 days").click()
    anna.wait_for_url("**period=90d**")
    anna.get_by_label("Chat", exact=True).click()
    anna.get_by_role("option", name="Полка: бета и интеграции").click()
    anna.wait_for_url(f"**chat={BETA}**")
    assert parse_qs(urlsplit(anna.url).query)["chat"] == [str(BETA)]
    for page in (anna, anna.context.new_page()):
        page.goto(anna.url)
        settled(page)
        expect(page.get_by_label("Period")).to_have_value("90 days")
        expect(page.get_by_label("Chat", exact=True)).to_have_value("Полка: бета и интеграции")


def test_a_case_is_accepted(anna: Page, office: Office) -> None:
    query = "SELECT count(*) FROM eval_cases WHERE state = 'accepted'"
    before = counted(office, query)
    anna.goto("/evals")
    settled(anna)
    anna.locator('[class*="st-key-accept_"] button:enabled').first.click()
    expect(anna.get_by_text(evals.DONE["accept"]["en"])).to_be_visible()
    assert counted(office, query) == before + 1


def test_a_dead_letter_is_tried_again(anna: Page, office: Office) -> None:
    before = counted(office, "SELECT count(*) FROM dead_letters")
    anna.goto("/pipeline")
    settled(anna)
    anna.get_by_role("button", name="Try again").first.click()
    expect(anna.get_by_text(pipeline.RETRIED["en"])).to_be_visible()
    assert counted(office, "SELECT count(*) FROM dead_letters") == before - 1


def test_a_gap_becomes_vetted_knowledge(anna: Page, office: Office) -> None:
    anna.goto("/assistant")
    settled(anna)
    anna.get_by_role("button", name="Answer and vouch").first.click()
    anna.wait_for_url("**gap=**")
    anna.get_by_label("The answer that the team vouches for").fill("Да: меню «Смена», пункт «Открыть с телефона».")
    anna.get_by_role("button", name="Make it vetted knowledge").click()
    expect(anna.get_by_text(assistant.VOUCHED["en"])).to_be_visible()
    assert counted(office, "SELECT count(*) FROM data_units WHERE text LIKE '%Открыть с телефона%'") == 1
