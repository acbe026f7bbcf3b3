"""The dashboard's real parts on an event loop of their own, as the role has them; pages and browsers come from other threads."""

import asyncio
import socket
import threading
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from starlette.types import ASGIApp
from streamlit.testing.v1 import AppTest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from core.domain.text import STOP_WORDS, stem, words
from core.settings import Settings
from dashboard import data
from dashboard.desk import desk
from dashboard.door.door import Door
from dashboard.door.sessions import proof_of
from dashboard.links import HOME
from dashboard.serving import SCRIPT, serve
from otklik.dashboard import dashboard_app
from otklik.wiring import Runtime, runtime
from tests.dashboard.seed import RULES_FILE, SUPPORT
from tests.ingestion.road import KEY, QuickEmbedding

T = TypeVar("T")

PAGES: Final = ("now", "chats", "topics", "assistant", "cost", "evals", "pipeline", "settings")
PASSWORD: Final = "correct horse battery"
HASH: Final = "$argon2id$v=19$m=19456,t=2,p=1$ZZt3Uzal7gbdpR2fnAIFLw$m2ksxGnAkP71Iv4znbCekUJNpnyQ0CSMdbVTFH6DJ9w"
"""Of the password above."""
PEOPLE: Final = f"""
[access]
agent_chats = [{SUPPORT}]
[dashboard.people.anna]
role = "admin"
password = "{HASH}"
[dashboard.people.boris]
role = "agent"
password = "{HASH}"
"""


class WordsEmbedding(QuickEmbedding):
    """Near where words are shared, on the scale of e5's cosines. The sample takes e5 some 30 s of a core, this none; what it
    answers is a little worse."""

    model_name: str = "words"

    def vector(self, words_: str) -> list[float]:
        found = [0.0] * 383
        for word in words(words_):
            if word not in STOP_WORDS:
                found[hash_of(stem(word)) % 383] += 1.0
        length = sum(one * one for one in found) ** 0.5 or 1.0
        return [*(one / length * 0.17**0.5 for one in found), 0.83**0.5]


def hash_of(word: str) -> int:
    """The same in every process."""
    return int.from_bytes(word.encode()[:16], "big")


@dataclass(frozen=True)
class Office:
    """A desk that is set up."""

    parts: Runtime
    app: ASGIApp
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @property
    def door(self) -> Door:
        """Who comes in."""
        return desk().door

    def page(self, name: str, language: str = "en", *, who: str = "anna", **address: str) -> AppTest:
        """A page as it is shown to somebody of `PEOPLE`."""
        page = AppTest.from_file(str(SCRIPT), default_timeout=60)
        page.query_params.update({"lang": language, **address})
        page.user = {"session": self.door._sessions.begin(who, proof_of(HASH), 1)}
        if name != HOME:
            page.switch_page(f"screens/{name}.py")
        return page.run()


@contextmanager
def opened_office(place: Path, database_url: str, redis_url: str, rules: str = "", **more: Any) -> Iterator[Office]:
    """A desk over these stores. `rules`: added to those of the samples; `more`: settings."""
    config = place / "otklik.toml"
    config.write_text(RULES_FILE.read_text(encoding="utf-8") + rules, encoding="utf-8")
    settings = Settings(
        home=place / "home", config=config, database_url=database_url, redis_url=redis_url, pseudonym_key=KEY.hex(), **more
    )  # fmt: skip

    @asynccontextmanager
    async def parts() -> AsyncIterator[tuple[Runtime, ASGIApp]]:
        async with runtime(settings) as made, dashboard_app(made) as app:
            yield made, app

    with background_loop() as loop, entered(loop, parts) as (made, app):
        data.forget()
        yield Office(made, app, loop)
        data.forget()


@contextmanager
def background_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread."""
    loop = asyncio.new_event_loop()

    def turn() -> None:
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@contextmanager
def entered(loop: asyncio.AbstractEventLoop, context: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """What a context gives, on the loop; one task enters and leaves it."""
    leaving = asyncio.Event()
    given: asyncio.Future[T] = loop.create_future()

    async def held() -> None:
        try:
            async with context() as value:
                given.set_result(value)
                await leaving.wait()
        except BaseException as error:
            if given.done():
                raise
            given.set_exception(error)

    async def ready() -> T:
        return await given

    holding = asyncio.run_coroutine_threadsafe(held(), loop)
    try:
        yield asyncio.run_coroutine_threadsafe(ready(), loop).result()
    finally:
        loop.call_soon_threadsafe(leaving.set)
        holding.result()


def said(page: AppTest) -> Sequence[str]:
    """Every text of ours and of the data on a page: headings, captions, messages, cards, figures."""
    kinds = ("title", "subheader", "caption", "markdown", "html", "info", "success", "warning", "error")
    plain = [str(getattr(one, "value", None) or one.proto.body) for kind in kinds for one in page.get(kind)]
    return [*plain, *(f"{one.label} {one.value} {one.delta}" for one in page.metric)]


@contextmanager
def served(office: Office) -> Iterator[str]:
    """The pages under the role's own server; their address."""
    settings = office.parts.settings

    @asynccontextmanager
    async def serving() -> AsyncIterator[None]:
        work = asyncio.create_task(serve(settings, office.app))
        yield
        work.cancel()
        await asyncio.wait({work})

    address = f"http://{settings.pages_host}:{settings.pages_port}"
    attempts = Retrying(
        retry=retry_if_exception_type(OSError), stop=stop_after_delay(100), wait=wait_fixed(0.05), reraise=True
    )
    with entered(office.loop, serving):
        attempts(lambda: urllib.request.urlopen(f"{address}/login").close())
        yield address


def free_port() -> int:
    """On loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
