"""The pages as an ASGI application behind the gate, under a server of ours."""

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st
import structlog
import uvicorn
from starlette.middleware import Middleware
from starlette.types import ASGIApp
from streamlit import config

from core.errors import OtklikError, SettingsError
from core.rules import Rules
from core.settings import Settings
from core.streams.broker import GRACE_SECONDS
from dashboard.door import oidc
from dashboard.door.door import Door
from dashboard.door.gate import HEADER, LOOPBACK, Gate
from dashboard.door.limits import Limits
from dashboard.door.sessions import Sessions

log = structlog.get_logger(__name__)

SCRIPT: Final = Path(__file__).with_name("app.py")

ADOPTED: Final = ("streamlit", "uvicorn", "websockets")
"""Loggers that Streamlit gives handlers of its own."""

OPTIONS: Final[Mapping[str, Any]] = {
    "browser.gatherUsageStats": False,
    "client.disableDataExport": True,  # ours escapes what a spreadsheet would take for a formula
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "logger.enableRich": False,
    "runner.magicEnabled": False,
    "secrets.files": [],
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,
    "server.runOnSave": False,
    "server.trustedUserHeaders": {HEADER: "session"},
    "theme.baseRadius": "0.5rem",
    "theme.primaryColor": "#0f766e",
    "theme.showWidgetBorder": True,
    "theme.metricValueFontSize": "1.6rem",
    "theme.headingFontSizes": ["1.75rem", "1.3rem", "1.1rem", "1rem", "1rem", "1rem"],
    "theme.chartCategoricalColors": ["#0f766e", "#f59e0b", "#6366f1", "#ef4444", "#84cc16", "#64748b", "#ec4899"],
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f4f6f8",
    "theme.light.textColor": "#1b2733",
    "theme.light.borderColor": "#dfe4e9",
    "theme.light.sidebar.backgroundColor": "#f4f6f8",
    "theme.dark.backgroundColor": "#10161c",
    "theme.dark.secondaryBackgroundColor": "#18212a",
    "theme.dark.textColor": "#e5ebf0",
    "theme.dark.borderColor": "#2c3843",
    "theme.dark.primaryColor": "#2dd4bf",
    "theme.dark.sidebar.backgroundColor": "#151d25",
}
"""Streamlit's own. They win over every file that it would look for."""


def check_place(settings: Settings, rules: Rules) -> None:
    """Make sure that the pages are not open to the world.

    Raises:
        SettingsError: they would be, or OIDC is half set; the text says what to do.
    """
    given = (settings.oidc_metadata_url, settings.oidc_client_id, settings.oidc_client_secret)
    if any(given) and not (all(given) and settings.pages_url):
        raise SettingsError(
            "For OIDC set all of OTKLIK_OIDC_METADATA_URL, OTKLIK_OIDC_CLIENT_ID, OTKLIK_OIDC_CLIENT_SECRET and "
            "OTKLIK_PAGES_URL."
        )
    if not rules.dashboard.people and not (_is_here(settings.pages_host) and _is_here_or_unset(settings.pages_url)):
        raise SettingsError(
            "Nobody is named in [dashboard.people] of otklik.toml, so the dashboard has no login and may be served on this "
            "machine alone: name somebody (`otklik hash-password`), or unset OTKLIK_PAGES_HOST and OTKLIK_PAGES_URL."
        )
    if not any(given) and any(person.password is None for person in rules.dashboard.people.values()):
        raise SettingsError(
            "[dashboard.people] names somebody without a password, and OIDC is not set, so they could not log in: give them "
            "the hash that `otklik hash-password` prints, or set OTKLIK_OIDC_METADATA_URL and its like."
        )


def make_door(settings: Settings, rules: Callable[[], Rules], clock: Callable[[], datetime]) -> Door:
    """The door of these settings. Where the pages are beyond loopback it stays locked, whatever the rules say later."""
    return Door(
        rules,
        Sessions(_key(settings, b"session").encode(), clock),
        Limits(clock),
        locked=bool(rules().dashboard.people),
        oidc=settings.oidc_client_id is not None,
    )


def make_app(settings: Settings, door: Door) -> ASGIApp:
    """The application. One for a process: Streamlit's configuration is the process's."""
    cookie_secret = _key(settings, b"oidc")
    for name, value in {**OPTIONS, "server.cookieSecret": cookie_secret}.items():
        config.set_option(name, value)
    app = st.App(
        SCRIPT,
        secrets=_secrets(settings, cookie_secret),
        middleware=[Middleware(Gate, door=door, url=settings.pages_url, cookie_secret=cookie_secret)],
    )
    _adopt_logs()
    return app


async def serve(settings: Settings, app: ASGIApp) -> None:
    """Serve the pages until cancelled.

    Raises:
        OtklikError: the port is taken.
    """
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.pages_host,
            port=settings.pages_port,
            log_config=None,
            access_log=False,
            forwarded_allow_ips=settings.pages_proxy,
            server_header=False,
            timeout_graceful_shutdown=int(GRACE_SECONDS),
            ws_max_size=2**20,  # what a browser sends is what somebody typed
        )
    )
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    except SystemExit:  # uvicorn's, where it cannot listen; it has said why in the log
        raise OtklikError(
            f"The dashboard cannot be served on {settings.pages_host}:{settings.pages_port}; set another OTKLIK_PAGES_PORT."
        ) from None


class _Server(uvicorn.Server):
    """Signals are the role's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, *args: Any, **kwargs: Any) -> None:
        await super().startup(*args, **kwargs)
        _adopt_logs()


def _adopt_logs() -> None:
    """Streamlit prints its log by itself, unmasked: let it go the way of every other."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.partition(".")[0] in ADOPTED and isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.WARNING)


def _secrets(settings: Settings, cookie_secret: str) -> dict[str, Any] | None:
    url, metadata_url, client_id, secret = (
        settings.pages_url, settings.oidc_metadata_url, settings.oidc_client_id, settings.oidc_client_secret,
    )  # fmt: skip
    if url is None or metadata_url is None or client_id is None or secret is None:
        return None
    return oidc.secrets_for(url, metadata_url, client_id, secret.get_secret_value(), cookie_secret)


def _key(settings: Settings, purpose: bytes) -> str:
    """One of the keys that are made from the secret; another at each start where none is set."""
    secret = settings.pages_secret
    given = secret.get_secret_value().encode() if secret else secrets.token_bytes(32)
    return hmac.new(given, b"otklik/pages/" + purpose, hashlib.sha256).hexdigest()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK


def _is_here_or_unset(url: str | None) -> bool:
    return url is None or _is_here(urlsplit(url).hostname or "")
