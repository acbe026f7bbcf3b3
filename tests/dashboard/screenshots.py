"""`python -m tests.dashboard.screenshots`: pictures of every page over the seed, into docs/screenshots.

Takes some two minutes. `--home PATH` keeps the database for the next time.
"""

import argparse
import io
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser

from core.db.schema import migrate
from core.db.session import Database
from core.embedded.servers import Servers, servers
from core.embeddings.bundled import BundledE5
from core.settings import Settings
from tests.dashboard.chromium import browser, settled
from tests.dashboard.office import (
    PAGES,
    PASSWORD,
    PEOPLE,
    Office,
    background_loop,
    entered,
    free_port,
    opened_office,
    served,
)
from tests.dashboard.seed import seed
from tests.ingestion.road import value

FOLDER: Final = Path(__file__).parents[2] / "docs" / "screenshots"
COLOURS: Final = 128


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    page: str
    language: str
    width: int
    dark: bool = False

    @property
    def name(self) -> str:
        """Of its file."""
        return "-".join([self.page, self.language, str(self.width), *(["dark"] if self.dark else [])]) + ".png"


HEIGHTS: Final = {1280: 1500, 390: 1700}
"""Pixels of a picture at most, by its width: what is further down looks like what is above."""
SHOTS: Final = (
    *(Shot(page, language, width) for page in ("login", *PAGES) for language in ("ru", "en") for width in HEIGHTS),
    Shot("now", "ru", 1280, dark=True),
    Shot("assistant", "en", 390, dark=True),
)


def take(opened: Browser, address: str, shot: Shot) -> None:
    """Take it, as an admin sees the page."""
    context = opened.new_context(
        viewport={"width": shot.width, "height": HEIGHTS[shot.width]}, color_scheme="dark" if shot.dark else "light",
        locale="ru-RU" if shot.language == "ru" else "en-GB", timezone_id="Europe/Moscow", has_touch=shot.width < 600,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{address}/login?next=/{'' if shot.page == 'now' else shot.page}%3Flang%3D{shot.language}")
    if shot.page != "login":
        page.fill("[name=name]", "anna")
        page.fill("[name=password]", PASSWORD)
        page.click("button")
        settled(page)
        needed = page.evaluate("() => document.querySelector('.stMainBlockContainer').getBoundingClientRect().height")
        page.set_viewport_size({"width": shot.width, "height": int(min(needed, HEIGHTS[shot.width]))})
        settled(page)
    else:
        page.set_viewport_size({"width": shot.width, "height": 640})
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    image.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(FOLDER / shot.name, optimize=True)
    context.close()


@contextmanager
def seeded_office(home: Path) -> Iterator[Office]:
    """A desk over the seed, in the embedded servers of a home, where the seed is made once."""

    @asynccontextmanager
    async def filled() -> AsyncIterator[Servers]:
        async with servers(Settings(home=home)) as found:
            database = Database(found.database_url)
            await migrate(database)
            if not await value(database, "SELECT count(*) FROM chats"):
                await seed(database, BundledE5(), datetime.now(UTC))
            await database.close()
            yield found

    with (
        background_loop() as loop,
        entered(loop, filled) as found,
        opened_office(home, found.database_url, found.redis_url, PEOPLE, pages_port=free_port()) as office,
    ):
        yield office


def main() -> None:
    """Take those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="?", default="", help="what their names begin with, as a regular expression")
    parser.add_argument("--home", type=Path, help="where the database is kept")
    asked = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="otklik-") as place,
        seeded_office(asked.home or Path(place)) as office,
        served(office) as address,
        browser() as opened,
    ):
        for shot in SHOTS:
            if re.match(asked.pictures, shot.name):
                take(opened, address, shot)


if __name__ == "__main__":
    main()
