"""Logging in at a provider: Streamlit's own login against one on loopback, behind our gate, as a browser goes through it."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from core.embedded.servers import Servers
from dashboard.door.gate import COOKIE
from tests.conftest import emptied_valkey, fresh_database
from tests.dashboard.office import background_loop, entered, free_port, opened_office, served

pytestmark = pytest.mark.xdist_group("dashboard")

CLIENT = "board"
PEOPLE = """
[dashboard.people."eva@example.com"]
role = "agent"
"""


class Provider:
    """Says that whoever comes is `email`."""

    def __init__(self, url: str) -> None:
        self.url, self.email = url, "Eva@example.com"
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self._nonce = ""
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _metadata(self, _: Request) -> JSONResponse:
        return JSONResponse({
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys", "id_token_signing_alg_values_supported": ["RS256"],
        })  # fmt: skip

    async def _authorize(self, request: Request) -> RedirectResponse:
        asked = request.query_params
        self._nonce = asked["nonce"]
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': 'c', 'state': asked['state']})}")

    async def _token(self, _: Request) -> JSONResponse:
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "nonce": self._nonce, "email": self.email,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _: Request) -> JSONResponse:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port = free_port()
    made = Provider(f"http://127.0.0.1:{port}")

    @asynccontextmanager
    async def serving() -> AsyncIterator[None]:
        server = uvicorn.Server(uvicorn.Config(made.app, port=port, log_config=None, lifespan="off"))
        config = server.config
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        yield
        await server.shutdown()

    with background_loop() as loop, entered(loop, serving):
        yield made


@pytest.fixture(scope="module")
def address(provider: Provider, tmp_path_factory: pytest.TempPathFactory, running_servers: Servers) -> Iterator[str]:
    """The pages, where people log in at the provider."""
    port, place = free_port(), tmp_path_factory.mktemp("oidc")
    settings = {
        "pages_port": port, "pages_url": f"http://127.0.0.1:{port}",
        "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr("secret"),
        "oidc_metadata_url": f"{provider.url}/.well-known/openid-configuration",
    }  # fmt: skip
    with (
        background_loop() as loop,
        entered(loop, lambda: fresh_database(running_servers)) as url,
        opened_office(place, url, emptied_valkey(running_servers), PEOPLE, **settings) as office,
        served(office) as at,
    ):
        yield at


def go(browser: httpx.Client, address: str) -> list[str]:
    """Open a page, and follow to the provider and back; the paths on the way."""
    page = browser.get(f"{address}/topics?period=7d")
    login = page.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    seen = browser.get(f"{address}{login}")
    return [urlsplit(str(one.url)).path for one in (*seen.history, seen)] + [str(seen.url)]


def test_whom_the_provider_names_comes_in_to_the_page_they_wanted(provider: Provider, address: str) -> None:
    with httpx.Client(follow_redirects=True, headers={"accept": "text/html"}) as browser:
        way = go(browser, address)
        assert "/authorize" in way
        assert "/oauth2callback" in way
        assert way[-1] == f"{address}/topics?period=7d"
        assert [one.name for one in browser.cookies.jar] == [COOKIE]


def test_a_stranger_to_the_rules_stays_outside(provider: Provider, address: str) -> None:
    provider.email = "stranger@example.com"
    with httpx.Client(follow_redirects=True, headers={"accept": "text/html"}) as browser:
        way = go(browser, address)
        assert way[-1] == f"{address}/login?unknown=1"
        assert COOKIE not in browser.cookies
