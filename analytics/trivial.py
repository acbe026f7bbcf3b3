"""Which windows are not worth a model call. Pure."""

from collections.abc import Iterable

from core.domain.text import is_substantive


def is_trivial(said: Iterable[tuple[bool, str]]) -> bool:
    """Whether no client says anything of substance, of messages as `(is_staff, text)`: only "ok", thanks, greetings,
    stickers, or staff among themselves. There is no problem in it, no mood, and nobody who waits.

    >>> is_trivial([(False, "ок, спасибо!"), (True, "Выложили версию 2.4"), (False, "👍")])
    True
    >>> is_trivial([(False, "спасибо"), (False, "а чек всё равно пустой")])
    False
    """
    return not any(is_substantive(text) for is_staff, text in said if not is_staff)
