import pytest

from core.domain.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Как вернуть товар?", "ru"),
        ("How do I refund an item?", "en"),
        ("API v2 возвращает invalid_credentials", "ru"),
        ("Почему docker compose up падает с Connection refused?", "ru"),
        ("вебхук не шлёт X-Polka-Signature: curl -H 'X-Key: abc' https://api.example/v2/items", "ru"),
        ("What does «Смена не закрыта» mean on the register screen?", "en"),
        ("```\nTraceback (most recent call last):\n  File x.py, line 1\n``` что это значит", "ru"),
        ("[PERSON], подскажите", "ru"),
        ("[PERSON] could you help?", "en"),
        ("refund", "en"),
        ("чек", "ru"),
        ("E-214", "en"),
        ("`selfcheck`", "en"),
        ("214", "ru"),
        ("", "ru"),
        ("👍", "ru"),
    ],
)
def test_the_language_of_a_question(text: str, language: str) -> None:
    assert language_of(text) == language
