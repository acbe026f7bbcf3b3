"""What Streamlit's own login says: the cookie that it sets once the provider has vouched for somebody.

It is looked at once, right after the provider has sent the visitor back; from then on a session of ours counts, so that there
is one way to end, to outlive and to take away access.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

PROVIDER: Final = "default"
CALLBACK: Final = "/oauth2callback"
PATHS: Final = ("/auth/login", CALLBACK)
"""Of Streamlit's own, which a visitor needs to come in."""
FRESH_DAYS: Final = 5 / (24 * 60)
"""Five minutes: an old cookie, from a backup of a browser, is nobody's login."""


def secrets_for(url: str, metadata_url: str, client_id: str, client_secret: str, cookie_secret: str) -> dict[str, Any]:
    """What `st.App` is told."""
    return {
        "auth": {
            "redirect_uri": f"{url}{CALLBACK}",
            "cookie_secret": cookie_secret,
            "client_id": client_id,
            "client_secret": client_secret,
            "server_metadata_url": metadata_url,
        }
    }


def login_url() -> str:
    """Where a visitor goes to log in; holds for some minutes."""
    return generate_login_redirect_url(PROVIDER)


def vouched_for(cookies: Mapping[str, str], cookie_secret: str, url: str) -> str | None:
    """The e-mail address in Streamlit's cookie; None where there is none that counts. One that the provider calls unverified
    is anybody's claim."""
    said = get_cookie_with_chunks(lambda name: _signed(cookies.get(name), name, cookie_secret), USER_COOKIE_NAME)
    if said is None:
        return None
    try:
        user = json.loads(said)
    except ValueError:
        return None
    if not isinstance(user, dict) or user.get("origin") != _origin(url) or user.get("email_verified") is False:
        return None
    email = user.get("email")
    return email if isinstance(email, str) and email else None


def cookie_names(cookies: Mapping[str, str]) -> list[str]:
    """All that its login has set, to be taken away again: they hold the provider's tokens."""
    return [name for name in cookies if name.startswith(USER_COOKIE_NAME)]


def _signed(value: str | None, name: str, secret: str) -> bytes | None:
    return None if value is None else decode_signed_value(secret, name, value, max_age_days=FRESH_DAYS)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
