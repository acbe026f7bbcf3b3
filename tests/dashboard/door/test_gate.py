"""The gate in front of the application: who gets through, with what, and what they carry."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core.rules import Rules
from dashboard.door.door import Door
from dashboard.door.gate import COOKIE, FORM_LIMIT, HEADER, Gate
from dashboard.door.limits import OF_ADDRESS, OF_NAME, WINDOW, Limits
from dashboard.door.sessions import Sessions
from dashboard.texts import door as texts
from tests.dashboard.office import HASH, PASSWORD

URL = "https://board.example"
RULES = Rules.model_validate(
    {"dashboard": {"people": {
        "anna": {"role": "admin", "password": HASH}, "eva@example.com": {"role": "agent"},
    }}}
)  # fmt: skip
ANNA = {"name": "Anna ", "password": PASSWORD}
BROWSER = {"accept": "text/html", "accept-language": "ru"}


class House:
    """A gate before an application that tells what came through, on a clock that can be turned."""

    def __init__(self, rules: Rules = RULES, url: str | None = URL) -> None:
        self.rules, self.now = rules, datetime(2026, 3, 2, 12, tzinfo=UTC)
        sessions, limits = Sessions(b"s" * 32, self.clock), Limits(self.clock)
        self.door = Door(lambda: self.rules, sessions, limits, locked=bool(rules.dashboard.people), oidc=True)

        async def inside(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"inside {request.headers.get(HEADER)}")

        self.gate = Gate(Starlette(routes=[Route("/{path:path}", inside)]), self.door, url, "c" * 32)

    def clock(self) -> datetime:
        return self.now

    def browser(self, address: str = "192.0.2.7", base: str = URL) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.gate, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=base, headers=BROWSER)

    async def websocket(self, **headers: str) -> int | None:
        """With which code a websocket is closed; None where it was let through."""
        sent: list[Any] = []

        async def through(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})

        gate = Gate(through, self.door, URL, "c" * 32)
        encoded = [(name.encode(), value.encode()) for name, value in {"host": "board.example", **headers}.items()]
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": encoded, "query_string": b""}

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await gate(scope, receive, send)
        code: int | None = sent[0].get("code")
        return code


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as opened:
        yield opened


async def log_in(browser: httpx.AsyncClient, to: str = "/login", **form: str) -> httpx.Response:
    return await browser.post(to, data={**ANNA, **form}, headers={"origin": URL})


# --- logging in


async def test_nobody_gets_to_the_pages_without_logging_in(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/chats?chat=-5", "/_stcore/health", "/static/js/index.js", "/media/x"):
        page = await browser.get(path)
        assert page.status_code == 303
        assert page.headers["location"].startswith("/login?next=")
    for request in (browser.post("/_stcore/upload"), browser.get("/_stcore/host-config", headers={"accept": "*/*"})):
        assert (await request).status_code == 401


async def test_the_right_password_opens_the_page_that_was_asked_for(browser: httpx.AsyncClient) -> None:
    asked = await browser.get("/chats?chat=-5&lang=ru")
    page = await browser.get(asked.headers["location"])
    assert page.status_code == 200
    assert texts.NAME["ru"] in page.text
    entered = await log_in(browser, asked.headers["location"])
    assert (entered.status_code, entered.headers["location"]) == (303, "/chats?chat=-5&lang=ru")
    assert (await browser.get("/")).text == f"inside {browser.cookies[COOKIE]}"


async def test_the_cookie_is_kept_from_scripts_from_other_pages_and_from_plain_http(browser: httpx.AsyncClient) -> None:
    cookie = (await log_in(browser)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" in cookie
    assert f"max-age={12 * 3600}" in cookie


@pytest.mark.parametrize(
    "form", [{"password": "wrong horse battery"}, {"name": "nobody"}, {"password": ""}, {"name": "eva@example.com"}]
)
async def test_a_wrong_one_is_told_no_more_than_that(browser: httpx.AsyncClient, form: dict[str, str]) -> None:
    page = await log_in(browser, **form)
    assert page.status_code == 401
    assert texts.REFUSED["ru"] in page.text
    assert COOKIE not in browser.cookies
    assert (await browser.get("/")).status_code == 303


async def test_logging_out_ends_the_session_for_every_copy_of_the_cookie(browser: httpx.AsyncClient) -> None:
    await log_in(browser)
    token = browser.cookies[COOKIE]
    left = await browser.post("/logout", headers={"origin": URL})
    assert left.headers["location"] == "/login"
    assert COOKIE not in browser.cookies
    stolen = await browser.get("/", headers={"cookie": f"{COOKIE}={token}"})
    assert stolen.status_code == 303


async def test_a_link_elsewhere_logs_nobody_out(browser: httpx.AsyncClient) -> None:
    await log_in(browser)
    await browser.get("/logout")
    refused = await browser.post("/logout", headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
    assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_a_form_of_another_page_logs_nobody_in(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    page = await browser.post("/login", data=ANNA, headers=headers)
    assert page.status_code == 403
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "/login", "x"])
async def test_after_the_login_one_stays_here(browser: httpx.AsyncClient, to: str) -> None:
    entered = await browser.post("/login", params={"next": to}, data=ANNA, headers={"origin": URL})
    assert entered.headers["location"] == "/"


async def test_a_form_that_is_too_large_is_not_read(browser: httpx.AsyncClient) -> None:
    page = await log_in(browser, password="x" * FORM_LIMIT)
    assert page.status_code == 413


# --- guessing


async def test_ten_wrong_passwords_make_an_address_wait_even_with_the_right_one(house: House) -> None:
    async with house.browser() as browser, house.browser("192.0.2.8") as neighbour:
        for _ in range(OF_ADDRESS):
            await log_in(browser, password="wrong horse battery")
        page = await log_in(browser)
        assert page.status_code == 429
        assert int(page.headers["retry-after"]) <= WINDOW.total_seconds() + 1
        assert "15" in page.text
        assert (await log_in(neighbour)).status_code == 303
        house.now += WINDOW
        assert (await log_in(browser)).status_code == 303


def test_one_name_is_tried_so_often_from_wherever(house: House) -> None:
    limits = Limits(house.clock)
    for number in range(OF_NAME):
        assert limits.wait(f"198.51.100.{number}", "anna") is None
        limits.failed(f"198.51.100.{number}", "anna")
    assert limits.wait("203.0.113.1", "anna") == WINDOW
    assert limits.wait("203.0.113.1", "boris") is None


def test_neighbours_of_an_ipv6_network_count_as_one(house: House) -> None:
    limits = Limits(house.clock)
    for number in range(OF_ADDRESS):
        limits.failed(f"2001:db8::{number}", f"name {number}")
    assert limits.wait("2001:db8::ffff", "anna") == WINDOW
    assert limits.wait("2001:db8:1::1", "anna") is None


# --- sessions


async def test_a_session_runs_out(house: House, browser: httpx.AsyncClient) -> None:
    await log_in(browser)
    token = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    house.now += timedelta(hours=11, minutes=59)
    assert (await browser.get("/", headers=token)).status_code == 200
    house.now += timedelta(minutes=1)
    assert (await browser.get("/", headers=token)).status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "x" + token,
        lambda token: token.rpartition(".")[0],
        lambda _: Sessions(b"t" * 32, lambda: datetime(2026, 3, 2, 12, tzinfo=UTC)).begin("anna", "oidc", 12),
        lambda _: "a" * 100_000,
        lambda _: "",
    ],
)
async def test_a_changed_cookie_is_nobodys(
    house: House, browser: httpx.AsyncClient, change: Callable[[str], str]
) -> None:
    await log_in(browser)
    token = change(browser.cookies[COOKIE])
    assert house.door.visitor(token) is None
    assert (await browser.get("/", headers={"cookie": f"{COOKIE}={token}"})).status_code == 303


@pytest.mark.parametrize(
    "people",
    [
        {"boris": {"role": "admin", "password": HASH}},
        {"anna": {"role": "admin", "password": re.sub(".{4}$", "AAAA", HASH)}},
        {},
    ],
    ids=["taken out", "another password", "nobody is named any more"],
)
async def test_who_is_taken_out_of_the_rules_is_out_at_once(
    house: House, browser: httpx.AsyncClient, people: dict[str, Any]
) -> None:
    await log_in(browser)
    house.rules = Rules.model_validate({"dashboard": {"people": people}})
    assert (await browser.get("/")).status_code == 303


async def test_the_header_of_the_pages_cannot_be_sent_by_a_visitor() -> None:
    house = House(Rules(), None)
    async with house.browser("127.0.0.1", "http://localhost:8501") as browser:
        page = await browser.get("/", headers={HEADER: "forged"})
        assert page.text == "inside None"


# --- a provider that vouches


def vouching(**changed: Any) -> dict[str, str]:
    """The cookie of Streamlit's login, once the provider has said who it is."""
    said = json.dumps({"origin": URL, "email": "Eva@example.com", "email_verified": True, **changed})
    return {USER_COOKIE_NAME: create_signed_value("c" * 32, USER_COOKIE_NAME, said).decode()}


def bring(browser: httpx.AsyncClient, cookies: Mapping[str, str]) -> None:
    for name, value in cookies.items():
        browser.cookies.set(name, value, domain="board.example")


async def test_whom_the_provider_vouches_for_gets_a_session_of_ours(browser: httpx.AsyncClient) -> None:
    bring(browser, vouching())
    entered = await browser.get("/")
    assert entered.status_code == 303
    assert USER_COOKIE_NAME not in browser.cookies
    assert (await browser.get("/")).text == f"inside {browser.cookies[COOKIE]}"


@pytest.mark.parametrize(
    "cookie",
    [
        vouching(email_verified=False),
        vouching(origin="https://elsewhere.example"),
        vouching(email="stranger@example.com"),
        vouching(email="anna"),
        vouching(email=None),
        {USER_COOKIE_NAME: create_signed_value("another" * 5, USER_COOKIE_NAME, "{}").decode()},
        {USER_COOKIE_NAME: "forged"},
    ],
    ids=["unverified", "another address", "a stranger", "one with a password", "nobody", "another key", "forged"],
)
async def test_a_cookie_that_says_something_else_lets_nobody_in(
    browser: httpx.AsyncClient, cookie: dict[str, str]
) -> None:
    bring(browser, cookie)
    await browser.get("/")
    assert COOKIE not in browser.cookies
    assert (await browser.get("/chats")).status_code == 303


# --- websockets


async def test_a_websocket_needs_a_session_and_a_page_of_ours(house: House, browser: httpx.AsyncClient) -> None:
    await log_in(browser)
    cookie = f"{COOKIE}={browser.cookies[COOKIE]}"
    assert await house.websocket(origin=URL) == 1008
    assert await house.websocket(origin=URL, cookie=f"{COOKIE}=forged") == 1008
    assert await house.websocket(origin="https://evil.example", cookie=cookie) == 1008
    assert await house.websocket(origin=URL, cookie=cookie, host="evil.example") == 1008
    assert await house.websocket(origin=URL, cookie=cookie) is None


# --- without a login


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        ("http://rebound.example:8501", {}),
        ("http://localhost:8501", {"x-forwarded-for": "203.0.113.1"}),
        ("http://127.0.0.1:8501", {"via": "1.1 proxy"}),
    ],
)
async def test_without_a_login_only_this_machine_is_served(base: str, headers: dict[str, str]) -> None:
    house = House(Rules(), None)
    async with house.browser("127.0.0.1", base) as browser:
        assert (await browser.get("/", headers=headers)).status_code == 421
    async with house.browser("127.0.0.1", "http://localhost:8501") as browser:
        assert (await browser.get("/")).status_code == 200


async def test_every_answer_tells_the_browser_to_ask_nobody_else(browser: httpx.AsyncClient) -> None:
    for page in (await browser.get("/login"), await browser.get("/"), await log_in(browser), await browser.get("/")):
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
