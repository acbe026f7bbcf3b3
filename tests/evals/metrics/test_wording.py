"""Whether a text says something: in any form of its words, side by side, and nothing shorter."""

import pytest

from evals.metrics.wording import says, says_any


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("Откройте «Настройки» → Кодировка, поставьте CP866.", "настройки кодировку"),
        ("Деньги придут за 3 дня", "3 дня"),
        ("Press Settings, then printers", "setting then printer"),
        ("Версия 4.5.1 умеет", "версии 4.5.1"),
        ("ЗАБУДЬТЕ устройство", "забудьте устройства"),
    ],
)
def test_a_wording_is_found_in_other_forms(text: str, wording: str) -> None:
    assert says(text, wording)


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("The limit is 2000 goods", "200 goods"),
        ("Лимит 500, теперь 1000", "лимит 1000"),
        ("настройки печати", "печати настройки"),
        ("перезапустите", "перезапустите принтер"),
        ("", "принтер"),
        ("принтер", "→"),
        ("принтер", ""),
    ],
)
def test_what_is_not_said_side_by_side_is_not_said(text: str, wording: str) -> None:
    assert not says(text, wording)


def test_one_of_several_wordings_suffices() -> None:
    assert says_any("Сохраните как xlsx", ["икселес", "xlsx"])
    assert not says_any("Сохраните как csv", ["икселес", "xlsx"])
    assert not says_any("Сохраните", [])
