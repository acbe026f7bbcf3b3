"""Where the pages may be served: never open beyond this machine."""

import pytest
from pydantic import SecretStr

from core.errors import SettingsError
from core.rules import Rules
from core.settings import Settings
from dashboard.serving import check_place
from tests.dashboard.office import HASH

NAMED = Rules.model_validate({"dashboard": {"people": {"anna": {"role": "admin", "password": HASH}}}})
BY_OIDC = Rules.model_validate({"dashboard": {"people": {"eva@example.com": {"role": "admin"}}}})
OIDC = {
    "oidc_metadata_url": "https://id.example/.well-known/openid-configuration",
    "oidc_client_id": "board",
    "oidc_client_secret": SecretStr("secret"),
}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "board.example"])
def test_without_people_another_host_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="otklik hash-password"):
        check_place(Settings(pages_host=host), Rules())
    check_place(Settings(pages_host=host), NAMED)


def test_without_people_another_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="otklik hash-password"):
        check_place(Settings(pages_url="https://board.example"), Rules())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_without_people_this_machine_is_served(host: str) -> None:
    check_place(Settings(pages_host=host), Rules())


@pytest.mark.parametrize("missing", [*OIDC, "pages_url"])
def test_half_an_oidc_is_refused(missing: str) -> None:
    whole = {**OIDC, "pages_url": "https://board.example"}
    check_place(Settings.model_validate(whole), BY_OIDC)
    with pytest.raises(SettingsError, match="For OIDC set all of"):
        check_place(Settings.model_validate({name: value for name, value in whole.items() if name != missing}), BY_OIDC)


def test_who_could_never_log_in_is_told_at_the_start() -> None:
    with pytest.raises(SettingsError, match="without a password"):
        check_place(Settings(), BY_OIDC)
