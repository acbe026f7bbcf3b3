"""Hashes of passwords."""

import pytest

from core.errors import BadInput
from core.rules import DashboardRules
from dashboard.door.passwords import LONGEST, SHORTEST, fits, hashed


def test_a_hash_fits_its_password_alone_and_may_stand_in_the_rules() -> None:
    made = hashed("пароль для йода")
    DashboardRules.model_validate({"people": {"anna": {"role": "admin", "password": made}}})
    assert fits("пароль для йода", made)
    assert not fits("пароль для ёда", made)
    assert hashed("пароль для йода") != made


def test_the_same_letters_are_the_same_password_however_a_keyboard_sends_them() -> None:
    assert fits("й" * 10, hashed("и\N{COMBINING BREVE}" * 10))


def test_who_is_not_known_has_no_password() -> None:
    assert not fits("anything at all", None)


@pytest.mark.parametrize("broken", ["$argon2id$v=19$m=1,t=0,p=1$AAAA$AAAA", "", "plain"])
def test_a_hash_that_is_none_fits_nothing(broken: str) -> None:
    assert not fits("anything at all", broken)


@pytest.mark.parametrize("password", ["x" * (SHORTEST - 1), "x" * (LONGEST + 1)])
def test_a_password_that_is_too_short_or_too_long_gets_no_hash(password: str) -> None:
    with pytest.raises(BadInput, match="10 to 256 characters"):
        hashed(password)
