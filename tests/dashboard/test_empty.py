"""Every page in both languages over an empty database: it says what to do. Nobody has to log in here."""

from collections.abc import Iterator

import pytest

from core.domain.language import Language
from core.embedded.servers import Servers
from dashboard.texts import shell
from tests.conftest import emptied_valkey, fresh_database
from tests.dashboard.office import PAGES, Office, background_loop, entered, opened_office, said

pytestmark = pytest.mark.xdist_group("dashboard")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, running_servers: Servers) -> Iterator[Office]:
    """A desk over nothing."""
    with (
        background_loop() as loop,
        entered(loop, lambda: fresh_database(running_servers)) as url,
        opened_office(tmp_path_factory.mktemp("empty"), url, emptied_valkey(running_servers)) as opened,
    ):
        yield opened


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("evals", "settings")])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_without_chats_a_page_says_how_to_get_some(office: Office, name: str, language: Language) -> None:
    page = office.page(name, language)
    assert not page.exception
    assert not page.error
    assert [one.value for one in page.subheader] == [shell.EMPTY_TITLE[language]]
    assert shell.EMPTY[language] in said(page)
    assert [one.value for one in page.code] == [shell.EMPTY_DO]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("name", "found"),
    [("evals", {"ru": "otklik evals run", "en": "otklik evals run"}), ("settings", {"ru": "Полосы", "en": "Lanes"})],
)
def test_what_needs_no_chats_is_shown_all_the_same(
    office: Office, name: str, found: dict[Language, str], language: Language
) -> None:
    page = office.page(name, language)
    assert not page.exception
    assert not page.error
    assert any(found[language] in one for one in said(page))


def test_where_nobody_is_named_whoever_sits_here_is_told_so(office: Office) -> None:
    assert shell.AT_THIS_MACHINE["en"] in [one.value for one in office.page("now").sidebar.caption]
