"""The report as a document: the sections in their order."""

from collections.abc import Callable
from typing import Final

from analytics.reports import dates, sections
from analytics.reports import phrases as say
from analytics.reports.facts import Facts
from analytics.reports.word import Pages
from core.domain.language import Language

SECTIONS: Final[tuple[Callable[[Pages, Facts, Language], None], ...]] = (
    sections.first_page,
    sections.changes,
    sections.waiting,
    sections.response_times,
    sections.topics,
    sections.assistant,
    sections.costs,
    sections.notes,
)


def document_of(facts: Facts, language: Language) -> bytes:
    """The DOCX. Takes some two seconds of one core."""
    title = f"{say.TITLE[language]}, {dates.span(facts.period, language)}"
    pages = Pages(title, language, facts.made_at)
    for section in SECTIONS:
        section(pages, facts, language)
    pages.footer(title, say.PAGE[language])
    return pages.content()
