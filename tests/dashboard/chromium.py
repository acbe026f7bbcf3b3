"""A real browser: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET: Final = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app && app.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-testid="stSkeleton"]')
        && document.querySelector('[data-testid="stSidebar"], .stMainBlockContainer h1, .stAlert');
}"""
"""In the browser: whether Streamlit has run the script and drawn all of it."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield started
        started.close()


def settled(page: Page) -> Page:
    """The page once it has come to rest."""
    page.wait_for_function(QUIET)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => document.fonts.ready")
    return page


def watched(page: Page, asked: list[str]) -> Page:
    """Notes every address that the page asks for."""
    page.on("request", lambda request: asked.append(request.url))
    return page
