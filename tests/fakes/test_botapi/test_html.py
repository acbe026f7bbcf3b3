"""`parse_mode=HTML` and the sizes of texts: what Telegram refuses, and what it keeps."""

import html

import pytest
from aiogram.types import MessageEntity

from tests.fakes.botapi import Refused
from tests.fakes.botapi.entities import find, piece
from tests.fakes.botapi.html import parse
from tests.fakes.botapi.limits import Formatted, formatted


def kept(source: str) -> list[tuple[str, str]]:
    """Kinds of entities with the words they cover; nothing may be complained of."""
    complaints: list[str] = []
    text, entities = parse(source, complaints.append)
    assert complaints == []
    return [(entity.type, piece(text, entity)) for entity in entities]


def shown(source: str, parse_mode: str | None = "HTML", **more: object) -> Formatted:
    complaints: list[str] = []
    result = formatted(source, parse_mode, None, complaints.append, **more)  # type: ignore[arg-type]
    assert complaints == []
    return result


@pytest.mark.parametrize(
    ("source", "entities"),
    [
        ("<b>a</b> <strong>b</strong>", [("bold", "a"), ("bold", "b")]),
        ("<i>a</i><em>b</em>", [("italic", "a"), ("italic", "b")]),
        ("<u>a</u><ins>b</ins>", [("underline", "a"), ("underline", "b")]),
        ("<s>a</s><strike>b</strike><del>c</del>", [("strikethrough", letter) for letter in "abc"]),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', [("spoiler", "a"), ("spoiler", "b")]),
        ("<code>x &lt; y</code>", [("code", "x < y")]),
        ("<blockquote>old</blockquote>", [("blockquote", "old")]),
        ("<blockquote expandable>long</blockquote>", [("expandable_blockquote", "long")]),
        ('<tg-emoji emoji-id="5368">👍</tg-emoji>', [("custom_emoji", "👍")]),
        ('👍 <a href="https://t.me/c/1/2">source</a>', [("text_link", "source")]),
        ('<a href="tg://user?id=7">Anna</a>', [("text_mention", "Anna")]),
        ("<B>loud</B>", [("bold", "loud")]),
        ("<b></b>nothing", []),
        ("<b>both <i>in</i></b>", [("bold", "both in"), ("italic", "in")]),
        ('<pre><code class="language-python">x = 1</code></pre>', [("pre", "x = 1")]),
    ],
)
def test_what_is_supported(source: str, entities: list[tuple[str, str]]) -> None:
    assert kept(source) == entities


def test_offsets_are_counted_in_utf16() -> None:
    text, (entity,) = parse("👍👍<b>жи</b>", pytest.fail)
    assert (text, entity.offset, entity.length) == ("👍👍жи", 4, 2)


def test_details_of_links_and_code() -> None:
    _, (link,) = parse('<a href="https://t.me/c/1/2?a=1&amp;b=2">x</a>', pytest.fail)
    assert link.url == "https://t.me/c/1/2?a=1&b=2"
    _, (code,) = parse('<pre><code class="language-sql">x</code></pre>', pytest.fail)
    assert code.language == "sql"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("ой <think>", 'Unsupported start tag "think" at byte offset 5'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ('<a ="x">a</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>a</a>", "Unexpected end of name token at byte offset 8"),
        ('<span class="big">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_what_is_refused(source: str, error: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(source, pytest.fail)
    assert (refused.value.code, refused.value.description) == (400, f"Bad Request: can't parse entities: {error}")


@pytest.mark.parametrize("source", ["a & b", "&nbsp;", "&laquo;", '<a href="no link">a</a>', '<a href="/etc">a</a>'])
def test_what_telegram_spoils_in_silence_is_complained_of(source: str) -> None:
    complaints: list[str] = []
    parse(source, complaints.append)
    assert len(complaints) == 1


def test_escaped_text_comes_back_as_it_was() -> None:
    wild = "a<b>&amp;\"'</b> &lt; 5 > 3 <script>"
    assert shown(html.escape(wild)).text == wild


def test_the_limit_counts_what_is_left_after_parsing() -> None:
    assert len(shown("<b>" + "я" * 4096 + "</b>").text) == 4096
    assert len(shown("👍" * 2048).text) == 2048
    for source in ("я" * 4097, "👍" * 2048 + "a"):
        with pytest.raises(Refused, match="Bad Request: message is too long"):
            shown(source)
    with pytest.raises(Refused, match="Bad Request: message caption is too long"):
        shown("a" * 1025, limit=1024)


def test_texts_are_cleaned_and_trimmed_and_entities_move_along() -> None:
    found = shown("\n  a\r\n\x00\x07<b> b\u202e\u2028c </b>\n ")
    assert found.text == "a\n   bc"
    assert [(entity.type, piece(found.text, entity)) for entity in found.entities] == [("bold", " bc")]
    assert shown(" <b>\u200b</b> \n\u2800").text == ""


def test_a_hundred_entities() -> None:
    assert len(shown("<b>a</b> " * 100).entities) == 100
    complaints: list[str] = []
    assert len(formatted("<b>a</b> " * 101, "HTML", None, complaints.append).entities) == 100
    assert complaints == ["101 entities in a message: Telegram drops all after the first 100"]


def test_an_entity_outside_of_its_text_is_complained_of() -> None:
    complaints: list[str] = []
    formatted("abc", None, [MessageEntity(type="bold", offset=2, length=2)], complaints.append)
    assert len(complaints) == 1


def test_what_telegram_finds_by_itself() -> None:
    text = "/ask@otklik_bot 👍 @anna wrote to a@b.org, see https://t.me/c/1/2, example.com/x. #счёт 1/2 no/command"
    assert [(entity.type, piece(text, entity)) for entity in find(text)] == [
        ("bot_command", "/ask@otklik_bot"),
        ("mention", "@anna"),
        ("email", "a@b.org"),
        ("url", "https://t.me/c/1/2"),
        ("url", "example.com/x"),
        ("hashtag", "#счёт"),
    ]
