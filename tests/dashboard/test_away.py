"""Every page while a store is away: which one, in one sentence, and nothing of how Python sees it."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from core.contracts.streams import STREAMS
from core.db.session import Reader
from core.domain.language import Language
from core.streams.broker import Depth, depth
from dashboard import data
from dashboard.desk import Desk, desk, set_up
from dashboard.texts import pipeline, shell
from tests.dashboard.office import PAGES, Office

pytestmark = pytest.mark.xdist_group("dashboard")

NOWHERE_POSTGRES = "postgresql://otklik@127.0.0.1:1/otklik"


@pytest.fixture
def here(office: Office) -> Iterator[Desk]:
    """The desk as it was, and is again afterwards."""
    before = desk()
    data.forget()
    yield before
    set_up(before)
    data.forget()


@pytest.mark.parametrize(("name", "language"), list(zip(PAGES, itertools.cycle(["ru", "en"]), strict=False)))
def test_a_page_says_once_that_postgresql_is_away(office: Office, here: Desk, name: str, language: Language) -> None:
    set_up(replace(here, reader=Reader(NOWHERE_POSTGRES)))
    page = office.page(name, language)
    assert not page.exception
    assert [one.value for one in page.error] == [shell.POSTGRES_AWAY[language]]


def test_the_page_comes_back_with_postgresql(office: Office, here: Desk) -> None:
    set_up(replace(here, reader=Reader(NOWHERE_POSTGRES)))
    page = office.page("chats")
    assert page.error
    set_up(here)
    page.run()
    assert not page.error
    assert page.metric


@pytest.mark.parametrize("language", ["ru", "en"])
def test_without_redis_the_pipeline_shows_the_rest(office: Office, here: Desk, language: Language) -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0")

    async def depths() -> Mapping[str, Depth]:
        return {stream.name: await depth(redis, stream) for stream in STREAMS}

    set_up(replace(here, depths=depths))
    page = office.page("pipeline", language)
    assert not page.exception
    assert [one.value for one in page.error] == [shell.REDIS_AWAY[language]]
    assert pipeline.COVERAGE[language] in [one.value for one in page.subheader]


def test_a_mistake_of_ours_is_told_without_its_traceback(office: Office, here: Desk) -> None:
    async def mistaken() -> Mapping[str, Depth]:
        raise ZeroDivisionError("secret")

    set_up(replace(here, depths=mistaken))
    page = office.page("pipeline")
    assert not page.exception
    assert [one.value for one in page.error] == [shell.BROKEN["en"]]
