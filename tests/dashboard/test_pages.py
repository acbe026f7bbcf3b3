"""Every page in both languages, with a month in the database."""

import re
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.language import Language
from dashboard.texts import assistant, chats, cost, evals, now, pipeline, settings, shell, topics
from dashboard.texts.phrase import Phrase
from tests.dashboard.office import PAGES, Office, said
from tests.dashboard.seed import SUPPORT
from tests.ingestion.road import value

pytestmark = pytest.mark.xdist_group("dashboard")

LANGUAGES: tuple[Language, ...] = ("ru", "en")
every_page = pytest.mark.parametrize("name", PAGES)
both_languages = pytest.mark.parametrize("language", LANGUAGES)

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)

HEADINGS: dict[str, tuple[Phrase, ...]] = {
    "now": (now.WHO_WAITS, now.ALERTS, now.LAST_DAY),
    "chats": (chats.VOLUME, chats.BY_HOUR, chats.BY_WEEKDAY, chats.PATTERN, chats.BY_CHAT),
    "topics": (topics.COURSE, topics.ALL_TOPICS, topics.EXAMPLES, topics.MOOD_COURSE),
    "assistant": (assistant.QUESTIONS, assistant.GAPS, assistant.VOTES, assistant.PROMPTS, assistant.LATEST_ANSWERS),
    "cost": (cost.BY_DAY, cost.BY_PURPOSE, cost.BY_MODEL, cost.BY_CHAT),
    "evals": (evals.COMPARE, evals.MEASURES_TITLE, evals.RUNS, evals.CANDIDATES, evals.EXPERIMENTS),
    "pipeline": (pipeline.DEAD_LETTERS, pipeline.STREAMS, pipeline.COVERAGE, pipeline.ALARMS),
    "settings": (settings.WHO, settings.BOT, settings.LANES, settings.ANALYSIS, settings.BUDGETS),
}
"""What stands on a page that has something to show."""


def headings(page: AppTest) -> list[str]:
    return [one.value for one in page.subheader]


def tiles(page: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in page.metric}


@every_page
@both_languages
def test_a_page_shows_all_that_it_has_in_the_language_that_was_asked_for(
    office: Office, name: str, language: Language
) -> None:
    page = office.page(name, language)
    assert not page.exception
    assert shell.BROKEN[language] not in said(page)
    assert [one.value for one in page.title] == [shell.PAGES[name][language]]
    assert set(headings(page)) <= {*phrases(language)}
    assert {phrase[language] for phrase in HEADINGS[name]} <= set(headings(page))
    assert not [one for one in labels(page) if is_foreign(one, language)]


def phrases(language: Language) -> Iterator[str]:
    """Every phrase of the tables above."""
    for module in (assistant, chats, cost, evals, now, pipeline, settings, shell, topics):
        yield from (
            phrase[language] for phrase in vars(module).values() if isinstance(phrase, dict) and language in phrase
        )


def labels(page: AppTest) -> list[str]:
    """What the widgets and figures of a page are called."""
    kinds = ("metric", "button", "selectbox", "expander", "download_button", "text_area", "checkbox")
    return [label for kind in kinds for one in page.get(kind) if (label := str(getattr(one, "label", "")))]


def is_foreign(label: str, language: Language) -> bool:
    """Not the name of a model, a figure or the like: a label of the other language."""
    has_words = re.search(r"[a-z]{3}", label, re.IGNORECASE) is not None
    return bool(CYRILLIC.search(label)) if language == "en" else has_words and not CYRILLIC.search(label)


def test_who_waits_longest_stands_first_with_the_draft_and_the_way_there(office: Office) -> None:
    page = office.page("now", "ru", chat=str(SUPPORT), period="7d")
    waiting = next(one for one in said(page) if 'class="card' in one).split("<article")[1:]
    assert str(len(waiting)) == tiles(page)["Ждут ответа"]
    assert len(waiting) == len(page.dataframe[0].value)
    latest = waiting[-1]
    assert "Касса не пробивает чеки" in latest
    assert "Перезагрузите кассу" in latest
    assert f"thread={SUPPORT}" in latest
    assert "https://t.me/c/1987340625/" in latest


def test_who_is_urgent_is_shown_however_many_have_waited_longer(office: Office) -> None:
    page = office.page("now", "ru", period="365d")
    cards = next(one for one in said(page) if 'class="card' in one)
    assert int(tiles(page)["Ждут ответа"]) > 8
    assert cards.count("<article") == 9
    assert "Касса не пробивает чеки" in cards


def test_the_figures_are_those_of_the_database(office: Office) -> None:
    async def counted(table: str) -> int:
        return int(await value(office.parts.database, f"SELECT count(*) FROM {table}"))

    assert tiles(office.page("chats", period="365d"))["Messages"] == str(office.run(counted("messages")))
    assert tiles(office.page("pipeline"))["Dead letters"] == str(office.run(counted("dead_letters"))) == "2"
    assert tiles(office.page("assistant"))["Questions"] == str(office.run(counted("questions")))


def test_settings_show_no_secret(office: Office) -> None:
    page = office.page("settings")
    everything = " ".join([*said(page), *(str(one.value) for one in page.dataframe)])
    assert "anna" in everything
    assert "argon2" not in everything
