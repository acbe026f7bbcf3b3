"""Passwords, keys and codes in the forms people paste them; talk about passwords and codes stays."""

import pytest

from core.privacy.masker import Masker
from core.privacy.types import RawText

MASKER = Masker()


def mask(text: str) -> str:
    return MASKER.mask(RawText(text)).text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"password": "hunter2", "user": 1}', '{"password": "[SECRET]", "user": 1}'),
        ("'api_key': 'k3y9f8a7b6c5'", "'api_key': '[SECRET]'"),
        ("<password>hunter2</password>", "<password>[SECRET]</password>"),
        ("curl -u admin:Pa55word https://api.example.com", "curl -u admin:[SECRET] https://api.example.com"),
        ("session=a1b2c3d4e5f6g7h8; path=/", "session=[SECRET]; path=/"),
        ("пароль от кассы kofe2024", "пароль от кассы [SECRET]"),
        ("кодовое слово ромашка", "кодовое слово [SECRET]"),
        ("пин-код от карты 4821", "пин-код от карты [SECRET]"),
        ("cvv код 771", "cvv код [SECRET]"),
        ("код домофона 38к4821", "код домофона [SECRET]"),
        ("код 4821 никому", "код [SECRET] никому"),
        ("код 48-21-77 пришёл", "код [SECRET] пришёл"),
        ("код из смс - 5 5 1 2", "код из смс - [SECRET]"),
        ("пришла смс 4410", "пришла смс [SECRET]"),
        ("G-482913 is your Google verification code", "[SECRET] is your Google verification code"),
        (
            "seed phrase: witch collapse practice feed shame open despair creek road again ice least",
            "seed phrase: [SECRET]",
        ),
        ("https://api.telegram.org/bot6123456789:AAHk3vQx9LmTqWeRtYuIoPaSdFgHjKlZxCv/getMe", "[URL]"),
        ("https://hooks.slack.com/services/T01ABCDEF/B02GHIJKL/aBcDeFgHiJkLmNoP", "[URL]"),
    ],
)
def test_secrets_are_found_however_they_are_pasted(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Пароль: минимум 8 символов",
        '{"password": "string", "token": null}',
        "session expired in a loop",
        "кодовое слово не нужно",
        "код авторизации 482913 в слипе, RRN 123456789012",
        "пакет СМС 500 шт. стоит 1750",
        "PIN для сопряжения 0000, default PIN 1234",
        "docker run -u 1000:1000 nginx",
        "ECONNREFUSED 127.0.0.1:5432, mask 255.255.255.0",
    ],
)
def test_talk_about_them_stays(text: str) -> None:
    assert mask(text) == text
