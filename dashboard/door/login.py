"""The login page."""

import math
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from core.domain.language import Language
from dashboard.door import oidc
from dashboard.door.door import Door, Refused
from dashboard.texts import door as texts
from dashboard.texts.phrase import Phrase, preferred

_PAGES: Final = Environment(
    loader=PackageLoader("dashboard.door", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def login_page(door: Door, accept_language: str, refused: Refused | None) -> str:
    """The page, in the language that the rules or else the browser ask for. Where it is posted to stays its own address: so
    where somebody wanted to go is kept."""
    language = preferred(door.rules.language, accept_language)

    def say(phrase: Phrase, **values: object) -> str:
        return phrase[language].format(**values)

    return _PAGES.get_template("login.html.j2").render(
        language=language,
        say=say,
        texts=texts,
        with_passwords=door.with_passwords,
        provider=oidc.login_url() if door.oidc else None,
        trouble=_trouble(refused, language),
    )


def _trouble(refused: Refused | None, language: Language) -> str | None:
    if refused is None:
        return None
    if refused.wait is None:
        return texts.REFUSED[language]
    return texts.WAIT[language].format(minutes=math.ceil(refused.wait.total_seconds() / 60))
