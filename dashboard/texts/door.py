"""The login page."""

from typing import Final

from dashboard.texts.phrase import Phrase

TITLE: Final[Phrase] = {"ru": "Вход · Otklik", "en": "Log in · Otklik"}
WELCOME: Final[Phrase] = {"ru": "Панель поддержки", "en": "The support dashboard"}
NAME: Final[Phrase] = {"ru": "Имя", "en": "Name"}
PASSWORD: Final[Phrase] = {"ru": "Пароль", "en": "Password"}
ENTER: Final[Phrase] = {"ru": "Войти", "en": "Log in"}
OR: Final[Phrase] = {"ru": "или", "en": "or"}
WITH_PROVIDER: Final[Phrase] = {"ru": "Войти через учётную запись компании", "en": "Log in with your company account"}
REFUSED: Final[Phrase] = {
    "ru": "Имя или пароль не подходят, либо вас нет в списке тех, кому открыта панель.",
    "en": "The name or the password is wrong, or you are not on the list of those who may enter.",
}
WAIT: Final[Phrase] = {
    "ru": "Слишком много неудачных попыток. Попробуйте через {minutes} мин.",
    "en": "Too many failed attempts. Try again in {minutes} min.",
}
NOBODY: Final[Phrase] = {
    "ru": "Сейчас войти не может никто: в otklik.toml нет ни одного человека в [dashboard.people].",
    "en": "Nobody can enter now: otklik.toml names no one in [dashboard.people].",
}
