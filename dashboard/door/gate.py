"""The gate: an ASGI middleware that lets nobody through to Streamlit, its websocket or its files who has not come in.

It serves `/login` and `/logout` itself, as pages without a script. What it lets through carries the session's token in a
header of ours, from where Streamlit puts it into `st.user`: a page asks the door again at every run.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.metrics import DASHBOARD_VISITORS
from dashboard.door import oidc
from dashboard.door.door import Door, Entered, Refused
from dashboard.door.login import login_page

COOKIE: Final = "otklik_session"
NEXT_COOKIE: Final = "otklik_next"
"""Where somebody wanted to go who is at the provider meanwhile."""
HEADER: Final = "x-otklik-session"
LOGIN: Final = "/login"
LOGOUT: Final = "/logout"
FORM_LIMIT: Final = 8_192
"""Bytes of a login form."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PROXIED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What proxies add."""

POLICY: Final = "; ".join((
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Streamlit's own start, and Vega, which compiles its expressions
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "base-uri 'self'",
    "object-src 'none'",
))  # fmt: skip
"""A browser asks nobody but us, whatever somebody wrote into a chat."""
GUARDS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with "no-referrer" a browser calls the origin of our own forms "null"
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Gate:
    """One for the whole application."""

    def __init__(self, app: ASGIApp, door: Door, url: str | None, cookie_secret: str) -> None:
        """`url`: the address under which people open the pages, where it is known. `cookie_secret`: of Streamlit's login."""
        self._app = app
        self._door = door
        self._url = url
        self._cookie_secret = cookie_secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decide about one request or websocket."""
        if scope["type"] == "http":
            await self._http(Request(scope, receive), receive, _guarded(send))
        elif scope["type"] == "websocket":
            await self._websocket(HTTPConnection(scope), receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, request: Request, receive: Receive, send: Send) -> None:
        if not self._is_our_host(request):
            answer: Response | None = PlainTextResponse("This is not the address of the dashboard.", status_code=421)
        elif request.url.path in (LOGIN, LOGOUT):
            answer = await self._at_the_door(request)
        else:
            answer = self._stopped(request)
        if answer is not None:
            await answer(request.scope, receive, send)
        else:
            await self._app(_with_token(request.scope, request.cookies.get(COOKIE)), receive, send)

    async def _websocket(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        token = connection.cookies.get(COOKIE)
        is_ours = self._is_our_host(connection) and self._is_our_page(connection.headers)
        if not is_ours or self._door.visitor(token) is None:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the browser sees a 403
            return
        with DASHBOARD_VISITORS.track_inprogress():
            await self._app(_with_token(connection.scope, token), receive, send)

    def _stopped(self, request: Request) -> Response | None:
        """What to answer instead of letting somebody through; None where they may."""
        if self._door.visitor(request.cookies.get(COOKIE)) is not None:
            return None
        if self._door.oidc and request.url.path in oidc.PATHS:
            return None
        wanted = _path_and_query(request)
        if self._door.oidc and self._url is not None:
            email = oidc.vouched_for(request.cookies, self._cookie_secret, self._url)
            if email is not None:
                return self._vouched(request, email)
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"{LOGIN}?next={quote(wanted, safe='')}", status_code=303)
        return PlainTextResponse("Log in first.", status_code=401)

    async def _at_the_door(self, request: Request) -> Response:
        if request.method == "POST" and not self._is_our_page(request.headers):
            return PlainTextResponse("This form is not ours.", status_code=403)
        if request.url.path == LOGOUT:
            return self._leaving(request)
        wanted = _inside(request.query_params.get("next", ""))
        if self._door.visitor(request.cookies.get(COOKIE)) is not None:
            return RedirectResponse(wanted, status_code=303)
        if request.method == "POST":
            return await self._entering(request, wanted)
        answer = self._page(request, Refused() if "unknown" in request.query_params else None)
        if self._door.oidc:
            self._set(answer, request, NEXT_COOKIE, quote(wanted), 600)
        return answer

    async def _entering(self, request: Request, wanted: str) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > FORM_LIMIT:
            return PlainTextResponse("The form is too large.", status_code=413)
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        address = request.client.host if request.client else ""
        name, password = form.get("name", ""), form.get("password", "")
        match await self._door.by_password(name, password, address):
            case Entered(token):
                return self._let_in(request, token, wanted)
            case Refused() as refused:
                return self._page(request, refused)

    def _vouched(self, request: Request, email: str) -> Response:
        match self._door.by_oidc(email):
            case Entered(token):
                answer = self._let_in(request, token, _inside(unquote(request.cookies.get(NEXT_COOKIE, ""))))
            case Refused():
                answer = RedirectResponse(f"{LOGIN}?unknown=1", status_code=303)
        for name in (*oidc.cookie_names(request.cookies), NEXT_COOKIE):
            answer.delete_cookie(name)
        return answer

    def _leaving(self, request: Request) -> Response:
        """Only by a form of ours: a link somewhere else would log people out."""
        if request.method != "POST":
            return RedirectResponse("/", status_code=303)
        self._door.leave(request.cookies.get(COOKIE))
        answer = RedirectResponse(LOGIN, status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    def _let_in(self, request: Request, token: str, wanted: str) -> Response:
        answer = RedirectResponse(wanted, status_code=303)
        self._set(answer, request, COOKIE, token, self._door.rules.session_hours * 3600)
        return answer

    def _page(self, request: Request, refused: Refused | None) -> HTMLResponse:
        is_limited = refused is not None and refused.wait is not None
        return HTMLResponse(
            login_page(self._door, request.headers.get("accept-language", ""), refused),
            status_code=429 if is_limited else 401 if refused else 200,
            headers={"cache-control": "no-store"}
            | ({"retry-after": str(int(refused.wait.total_seconds()) + 1)} if refused and refused.wait else {}),
        )

    def _set(self, answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
        """Lax and not strict: a link to a filtered page, followed in Telegram, shall find its reader logged in."""
        is_https = request.url.scheme == "https" or (self._url or "").startswith("https:")
        answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=is_https)

    def _is_our_host(self, connection: HTTPConnection) -> bool:
        """Where nobody logs in, a page elsewhere could make its own name mean this machine, and read us from a browser here
        (DNS rebinding), or a proxy could show us to the world: so there the name has to be this machine's, and nobody
        between. Where the address is known, it has to be that."""
        host = _host_of(connection.headers)
        if not self._door.is_locked:
            return host in LOOPBACK and not any(name in connection.headers for name in PROXIED)
        return self._url is None or host in {*LOOPBACK, urlsplit(self._url).hostname}

    def _is_our_page(self, headers: Headers) -> bool:
        """Whether the page that sends this is ours. Browsers always tell; who tells nothing is no browser, and has no cookies
        of anybody's."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        sender = _sender(origin)
        return bool(sender) and sender in (headers.get("host"), urlsplit(self._url or "").netloc)


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in GUARDS.items():
                headers[name] = value
        await send(message)

    return guarded


def _with_token(scope: Scope, token: str | None) -> Scope:
    """The scope with the token in our header, and with nothing in it that a visitor put there."""
    name = HEADER.encode()
    headers: Sequence[tuple[bytes, bytes]] = [one for one in scope["headers"] if one[0].lower() != name]
    return {**scope, "headers": [*headers, *([(name, token.encode("latin-1"))] if token else [])]}


def _host_of(headers: Headers) -> str:
    """Without its port.

    >>> [_host_of(Headers({"host": host})) for host in ("localhost:8501", "[::1]:8501", "example.com", "a@b:x")]
    ['localhost', '::1', 'example.com', 'b']
    """
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _sender(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _path_and_query(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _inside(wanted: str) -> str:
    r"""Where to go after the login, if that is a page of ours.

    >>> [_inside(to) for to in ("/chats?period=7d", "//evil.example", "https://evil.example", "/\\evil.example", "")]
    ['/chats?period=7d', '/', '/', '/', '/']
    """
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours and not wanted.startswith((LOGIN, LOGOUT)) else "/"
