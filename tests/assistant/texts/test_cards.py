"""Cards say what holds now, in the language of their reader, and nothing that says nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from assistant.texts.cards import (
    Complaint,
    HandoverFacts,
    Reference,
    SuggestionFacts,
    handover_html,
    suggestion_buttons,
    suggestion_html,
)
from core.domain.access import Role
from core.privacy.types import MaskedText

ASKED = MaskedText("Как вернуть оплату?")
SAID = MaskedText("Чек → Возврат")
SOURCES = [Reference("https://t.me/c/1/2", datetime(2026, 3, 2, tzinfo=UTC), vetted=False)]
HANDOVER = HandoverFacts(
    handover_id=UUID(int=1), question=ASKED, role=Role.CLIENT, is_private=False, link=None, downvoted=True, answer=SAID,
    complaints=[], nearest=SOURCES, reply=None, public=None,
)  # fmt: skip
SUGGESTION = SuggestionFacts(
    suggestion_id=UUID(int=1), state="open", summary=ASKED, urgent=True, link=None, draft=SAID, sources=SOURCES
)


def test_a_vote_without_a_word_takes_no_line() -> None:
    silent = replace(HANDOVER, complaints=[Complaint(None, None), Complaint("outdated", None)])
    assert handover_html(silent, "ru").count("👎") == 2  # the title, and the one that says why
    corrected = replace(HANDOVER, complaints=[Complaint(None, MaskedText("Касса → Назад"))])
    assert "👎 Как правильно:</b>\nКасса → Назад" in handover_html(corrected, "ru")


def test_dates_are_written_as_the_reader_does() -> None:
    assert ", 02.03.2026" in handover_html(HANDOVER, "ru")
    assert ", 2026-03-02" in suggestion_html(SUGGESTION, "en")


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("open", "🔥 Срочно: клиент ждёт ответа"),
        ("snoozed", "🔥 Срочно: клиент ждёт ответа"),
        ("sent", "💬 Клиент ждал ответа"),
        ("dismissed", "💬 Клиент ждал ответа"),
        ("withdrawn", "💬 Клиент ждал ответа"),
    ],
)
def test_nobody_waits_in_the_title_of_what_is_decided(state: str, title: str) -> None:
    assert suggestion_html(replace(SUGGESTION, state=state), "ru").startswith(f"<b>{title}</b>")


def test_what_has_no_draft_cannot_be_sent_or_edited() -> None:
    bare = replace(SUGGESTION, draft=None, sources=[])
    assert [[text for text, _ in row] for row in suggestion_buttons(bare, "ru")] == [["Не нужно", "Через час"]]
    assert suggestion_html(bare, "ru").endswith("ваш ответ получит клиент.</b>")
