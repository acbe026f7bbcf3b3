"""Words beside numbers."""

from core.domain.language import Language

Forms = tuple[str, ...]
"""How a word stands beside a number: in Russian for 1, 2 and 5 of them, in English for one and for more."""


def counted(count: int, forms: Forms, language: Language) -> str:
    """The form of the word that goes with so many.

    >>> [counted(count, ("день", "дня", "дней"), "ru") for count in (1, 2, 5, 11, 21, 101)]
    ['день', 'дня', 'дней', 'дней', 'день', 'день']
    >>> [counted(count, ("day", "days"), "en") for count in (0, 1, 2, 21)]
    ['days', 'day', 'days', 'days']
    """
    if language == "en":
        return forms[0 if count == 1 else 1]
    one, few, many = forms
    if 11 <= count % 100 <= 14:
        return many
    match count % 10:
        case 1:
            return one
        case 2 | 3 | 4:
            return few
    return many
