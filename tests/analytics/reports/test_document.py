"""The document, opened again: what Word will find in it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml.ns import qn

from analytics.forecasting import Forecast
from analytics.gaps import Gap
from analytics.queries.assistant import GapRow
from analytics.queries.cost import EachCost
from analytics.queries.topics import Example
from analytics.reports.document import document_of
from analytics.reports.facts import Facts, Illustrated
from analytics.responding import ResponseTimes
from analytics.trends import Trend
from core.domain.language import Language
from core.llm.calls import Purpose
from core.privacy.types import MaskedText
from tests.analytics.reports.making import (
    MADE_AT,
    MONDAY,
    chat,
    facts,
    responses,
    spent,
    topic,
    volume,
    waiting,
    waits,
    words,
)
from tests.ingestion.road import CHAT

NAUGHTY = "a\x00b {messages} <w:p>&amp; \u202eобратно\ud800 🙏 " + "щ" * 400


def busy(count: int = 30) -> Facts:
    """More of everything than fits."""
    topics = [
        topic(f"тема {n}", 90 - n, n, Trend.RISING if n % 2 else Trend.NEW, sentiment=n / 10 - 0.5) for n in range(8)
    ]
    example = Example(CHAT, 5, 5, MONDAY, MaskedText(NAUGHTY), None, None)
    gap = Gap(MaskedText("Есть тёмная тема?"), [], [topics[0].topic_id] * 3, MONDAY, MONDAY)
    figures = {
        "messages": 900, "staff_messages": 300, "urgent": 9, "responses": responses(90, 80, (18, 170)), "resolved": 8,
        "unresolved": 2, "questions": 40, "refused": 4, "handed_over": 1, "up": 8, "down": 1, "dollars": Decimal(3),
        "calls": 90,
    }  # fmt: skip
    return facts(
        figures, {"messages": 800, "responses": responses(70, 70, (20, 60)), "handed_over": 1, "dollars": Decimal(2), "calls": 9},
        chats=[chat(f"Чат {n}", 90 - n, n, responses(9, 8, (2, 9))) for n in range(count)],
        titles=[f"Чат {n}" for n in range(count)], volume=volume((500, 100), (400, 200)),
        response_times=ResponseTimes(responses(90, 80, (18, 170)), {h: responses(9, 9, (h + 1, 2 * h + 3)) for h in range(24)},
                                     {}, {}),
        **waiting(*(waits(40 - n, NAUGHTY, urgent=n % 2 == 0) for n in range(10)), more=25),
        topics=topics, illustrated=[Illustrated(one, [example, replace(example, message_id=-5)]) for one in topics[:3]],
        gaps=[GapRow(gap, [CHAT], None, CHAT, None)], costs=[spent(0, "1"), spent(1, "2", Purpose.ANALYSIS_BATCH)],
        costs_before=[spent(0, "2")], each=EachCost(Decimal(2), 900, Decimal(1), 36),
        month=Forecast(Decimal(9), Decimal(1), Decimal(40), Decimal(50), None),
    )  # fmt: skip


@cache
def written(language: Language) -> bytes:
    """The busy week. Made once: it takes seconds."""
    return document_of(busy(), language)


def read(content: bytes) -> DocumentObject:
    return Document(BytesIO(content))


def headings(document: DocumentObject, style: str) -> list[str]:
    return [one.text for one in document.paragraphs if one.style is not None and one.style.name == style]


def texts(document: DocumentObject) -> Iterator[str]:
    """Everything that can be read in it."""
    for node in (document.element, document.sections[0].footer._element):
        yield from (one.text or "" for one in node.iter(qn("w:t")))
    yield from (one.get("descr") or "" for one in document.element.iter(qn("wp:docPr")))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ru", ["Главное", "Что изменилось", "Кто ждёт ответа", "Как быстро отвечаем", "О чём пишут", "Ассистент",
                "Сколько стоил ИИ"]),
        ("en", ["In short", "What has changed", "Who waits for an answer", "How soon we answer", "What people write about",
                "The assistant", "What the AI cost"]),
    ],
)  # fmt: skip
def test_a_busy_week_has_every_section_bounded(language: Language, expected: list[str]) -> None:
    document = read(written(language))
    assert headings(document, "Heading 1") == expected
    assert len(headings(document, "Title")) == 1
    assert [len(table.rows) - 1 for table in document.tables] == [12, 10, 11, 8, 1, 3]
    assert all(table.style is not None and table.style.name == "Report Table" for table in document.tables)
    pictures = list(document.element.iter(qn("wp:docPr")))
    assert len(pictures) == 4
    assert all(len(one.get("descr") or "") > 20 and one.get("title") for one in pictures)
    assert max(map(len, texts(document))) < 700


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_blank_is_left_and_nothing_that_xml_cannot_say(language: Language) -> None:
    found = list(texts(read(written(language))))
    blanks = {name for text in found for name in re.findall(r"\{[^}]*\}", text)}
    assert blanks == {"{messages}"}  # a client wrote it
    assert not [text for text in found if "None" in text or re.search("[\x00-\x08\u202e]", text)]


def test_a_table_beside_the_summary_tells_the_same() -> None:
    document = read(written("ru"))
    figures = [words([cell.text for cell in row.cells]) for row in document.tables[0].rows]
    assert figures[:2] == [
        ["Показатель", "Сейчас", "Раньше", "Изменение"],
        ["Сообщения", "900", "800", "на 12 % больше"],
    ]
    rows = {row[0].strip(): row[1:] for row in figures}
    assert rows["Срочные сообщения клиентов"] == ["9", "0", "на 9 больше"]
    assert rows["Половина ответов за"] == ["18 мин", "20 мин", "на 2 мин быстрее"]
    assert rows["Решено вопросов"] == ["80 %", "—", "—"]
    assert rows["Стоимость ИИ"] == ["3,00 $", "2,00 $", "на 1,00 $ больше"]
    english = {row.cells[0].text.strip(): row.cells[3].text for row in read(written("en")).tables[0].rows}
    assert english["of these, handed to a human"] == "the same"
    by_chat = [words([cell.text for cell in row.cells]) for row in document.tables[2].rows]
    assert by_chat[1] == ["Чат 0", "90", "0", "9", "1", "2 мин", "9 мин", "—"]
    assert by_chat[-1] == ["ещё 20 чатов", "1 410", "390", "180", "20", "—", "—", "—"]


def test_links_lead_to_messages_and_nowhere_else() -> None:
    package = ZipFile(BytesIO(written("ru")))
    outside = {
        address
        for name in package.namelist() if name.endswith(".rels")
        for address in re.findall(r'Target="([^"]+)" TargetMode="External"', package.read(name).decode())
    }  # fmt: skip
    assert outside == {"https://t.me/c/1234567890/7", "https://t.me/c/1234567890/5"}
    assert not [name for name in package.namelist() if "vba" in name.lower() or "thumbnail" in name]


@pytest.mark.parametrize(("language", "locale"), [("ru", "ru-RU"), ("en", "en-GB")])
def test_it_says_what_it_is_and_in_which_language(language: Language, locale: str) -> None:
    document = read(document_of(facts(), language))
    properties = document.core_properties
    assert (properties.author, properties.language, properties.comments) == ("Otklik", locale, "")
    assert properties.title.endswith({"ru": "23–29 ноября 2026", "en": "23–29 November 2026"}[language])
    assert properties.created == MADE_AT.astimezone(UTC)
    assert {one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))} == {locale}


def test_pages_are_counted() -> None:
    footer = read(document_of(facts(), "ru")).sections[0].footer._element
    assert [one.get(qn("w:instr")) for one in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]


def test_an_empty_week_is_a_title_and_a_sentence() -> None:
    document = read(document_of(facts(titles=[]), "ru"))
    assert [one.text for one in document.paragraphs] == [
        "Отчёт поддержки",
        "23–29 ноября 2026 · все чаты (0) · составлен 30 ноября в 09:00, время Europe/Moscow",
        "Главное",
        "Никто не писал.",
    ]
    assert (document.tables, len(document.inline_shapes)) == ([], 0)


@pytest.mark.parametrize(
    ("titles", "shown"),
    [(["Касса"], "Касса"), (["А", "Б"], "А, Б"), (list("АБВГД"), "А, Б, В, ещё 2 чата"), (["щ" * 90], "щ" * 47 + "…")],
)
def test_the_chats_that_it_is_about_are_named(titles: list[str], shown: str) -> None:
    (subtitle,) = headings(read(document_of(facts(titles=titles, every_chat=False), "ru")), "Subtitle")
    assert words([subtitle]) == [f"23–29 ноября 2026 · {shown} · составлен 30 ноября в 09:00, время Europe/Moscow"]


def test_no_page_tears_a_table_or_its_title_apart() -> None:
    document = read(written("ru"))
    for table in document.tables:
        assert all(cell.paragraphs[0].paragraph_format.keep_with_next for row in table.rows for cell in row.cells)
        assert len(list(table.rows[0]._tr.iter(qn("w:tblHeader")))) == 1
    (lead,) = [one for one in document.paragraphs if one.text.startswith("На 30 ноября")]
    assert lead.paragraph_format.keep_with_next


def test_one_chat_is_not_named_again_and_again() -> None:
    columns: list[Any] = [
        [cell.text for cell in table.rows[0].cells] for table in read(document_of(busy(1), "ru")).tables
    ]
    assert not [names for names in columns if "Чат" in names]
