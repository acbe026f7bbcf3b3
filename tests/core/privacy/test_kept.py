"""What an installation has said is public stays readable, and nothing else does."""

import pytest

from core.privacy.masker import Masker
from core.privacy.types import RawText, TextEntity

MASKER = Masker(
    keep=["Полка", "Posnet", "Green Market", "support@polka.example", "8 800 555-35-35", "@polka_help", "203.0.113.24"]
)


def mask(text: str, **options: object) -> str:
    return MASKER.mask(RawText(text), **options).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Posnet sleeps, POSNET too",
        "у Полки и с Полкой всё хорошо",
        "Green Market is right",
        "пишите на Support@Polka.example.",
        "звоните +7 (800) 555 35 35 или 88005553535",
        "ask @polka_help",
        "сейчас 203.0.113.24, скоро другой",
    ],
)
def test_what_is_public_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my.support@polka.example", "[EMAIL]"),
        ("support@polka.example.com", "[EMAIL]"),
        ("anna@polka.example", "[EMAIL]"),
        ("8 800 555-35-36", "[PHONE]"),
        ("@polka_help_anna", "[USERNAME]"),
        ("203.0.113.240", "[IP]"),
        ("Полкова Анна", "[PERSON]"),
        ("Mary Green", "[PERSON]"),
        ("пароль: Posnet", "пароль: [SECRET]"),
    ],
)
def test_what_only_resembles_it_does_not(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_telegrams_own_marks_are_no_exception() -> None:
    text = "owner: support@polka.example"
    assert mask(text, entities=[TextEntity(7, len(text), "email")]) == text


def test_masking_what_is_kept_twice_changes_nothing() -> None:
    once = mask("support@polka.example, Posnet, anna@polka.example")
    assert mask(once) == once == "support@polka.example, Posnet, [EMAIL]"
