"""Whatever a model writes and a source says, Telegram takes it, shows all that fits, and links only to its messages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.texts.pieces import ENTITY_LIMIT, TEXT_LIMIT, Piece, fitted, to_html, units
from assistant.texts.render import LISTED, Source, answer_html, draft_html, plain_html, sources_html
from core.privacy.types import MaskedText
from tests.fakes.botapi.entities import piece as words_of
from tests.fakes.botapi.limits import Formatted, formatted

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MESSAGE = "https://t.me/c/1234567890/42"

SEEDS = ["**", "`", "```", "* ", "1. ", "# ", "\n", "\n\n", "_", "[a](http://evil.example/x)", "<b>", "</a>", "&lt;", "&", "@who",
         "/start", "#tag", "evil.example", "http://", "tg://user?id=1", "a@b.example", "x" * 500, "🙂", "👩‍👩‍👧", "\u202e", "\0",
         "\ud800", " ", "\u200b", "да", "<a href='https://evil.example'>"]  # fmt: skip
texts = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(SEEDS) | st.text(max_size=9), max_size=400).map("".join)
)
sources = st.lists(
    st.builds(
        Source,
        link=st.sampled_from([None, MESSAGE]),
        said_at=st.integers(-5_000, 5_000).map(lambda days: NOW - timedelta(days=days)),
        text=texts.map(MaskedText),
        vetted=st.booleans(),
    ),
    max_size=8,
)
languages = st.sampled_from(["ru", "en"])


def shown(html: str) -> Formatted:
    """What Telegram makes of it. Refuses, or complains of, whatever is not right."""
    complaints: list[str] = []
    seen = formatted(html, "HTML", None, complaints.append)
    assert not complaints
    return seen


def links(seen: Formatted) -> list[tuple[str, str]]:
    """Everything that can be tapped: the words, and where they lead."""
    tame = ("bold", "italic", "code", "pre")
    return [
        (words_of(seen.text, entity), entity.url or entity.type) for entity in seen.entities if entity.type not in tame
    ]


@settings(deadline=None, max_examples=300)
@given(texts, sources, languages, st.none() | st.just(NOW - timedelta(hours=3)))
def test_any_answer_is_taken_whole_with_links_to_messages_only(text, found, language, late_since) -> None:  # type: ignore[no-untyped-def]
    seen = shown(answer_html(MaskedText(text), found, language, NOW, late_since=late_since))
    assert units(seen.text) <= TEXT_LIMIT
    assert len(seen.entities) <= ENTITY_LIMIT
    assert [address for _, address in links(seen)] == [MESSAGE for source in found[:LISTED] if source.link]
    assert not set(seen.text) & set("\0\u202e\u202d\u2066\u200b\ud800")


@settings(deadline=None, max_examples=100)
@given(sources, languages)
def test_any_page_of_sources_is_taken(found, language) -> None:  # type: ignore[no-untyped-def]
    seen = shown(sources_html(found, language, NOW))
    assert {address for _, address in links(seen)} <= {MESSAGE}


@settings(deadline=None, max_examples=100)
@given(texts)
def test_any_unfinished_answer_is_taken(text) -> None:  # type: ignore[no-untyped-def]
    assert not links(shown(draft_html(MaskedText(text)) or "-"))


def only(html: str) -> str:
    return shown(html).text


def marked(html: str) -> list[tuple[str, str]]:
    seen = shown(html)
    return [(str(entity.type), words_of(seen.text, entity)) for entity in seen.entities]


def test_the_sources_follow_the_answer_with_their_age() -> None:
    found = [
        Source(MESSAGE, NOW - timedelta(days=3), MaskedText("?"), vetted=False),
        Source(None, NOW - timedelta(hours=1), MaskedText("?"), vetted=True),
    ]
    html = answer_html(MaskedText("Перезапустите **агент**."), found, "ru", NOW)
    assert only(html) == (
        "Перезапустите агент.\n\n1. переписка поддержки, 3 дня назад\n2. ответ, проверенный поддержкой, 1 час назад"
    )
    assert ("text_link", "переписка поддержки") in marked(html)


def test_a_late_answer_says_so() -> None:
    html = answer_html(MaskedText("Yes."), [], "en", NOW, late_since=NOW - timedelta(hours=2))
    assert only(html) == "Sorry for the delay: this was asked 2 hours ago.\n\nYes."


def test_a_long_answer_is_cut_and_keeps_its_sources() -> None:
    found = [Source(MESSAGE, NOW - timedelta(days=3), MaskedText("?"), vetted=False)]
    text = only(answer_html(MaskedText("слово 🙂 " * 2_000), found, "ru", NOW))
    assert TEXT_LIMIT - 100 < units(text) <= TEXT_LIMIT
    assert "слово…\n\n1. переписка поддержки, 3 дня назад" in text or "🙂…\n\n1. переписка поддержки" in text


def test_a_long_beginning_leaves_room_for_its_mark() -> None:
    text = only(draft_html(MaskedText("слово" * 2_000), " ✍️"))
    assert units(text) <= TEXT_LIMIT
    assert text.endswith("… ✍️")


def test_too_many_marked_places_end_the_answer_before_its_sources() -> None:
    found = [Source(MESSAGE, NOW, MaskedText("?"), vetted=False)]
    seen = shown(answer_html(MaskedText("`a` " * 500), found, "ru", NOW))
    assert len(seen.entities) == ENTITY_LIMIT
    assert seen.entities[-1].url == MESSAGE


def test_markdown_that_models_write() -> None:
    html = draft_html(MaskedText("## Шаги\n1. **Раз**\n3. `два`\n   - под\n\n```bash\nls <dir>\n```\nВсё."))
    assert only(html) == "Шаги\n\n1. Раз\n3. два\n  • под\n\nls <dir>\n\nВсё."
    assert marked(html) == [("bold", "Шаги"), ("bold", "Раз"), ("code", "два"), ("pre", "ls <dir>")]


@pytest.mark.parametrize(
    "text", ["__init__", "snake_case_name", "2 * 3 * 4", "C:\\new\\*", "a < b && c > d", "&lt;b&gt;", "<b>x</b>"]
)
def test_what_only_looks_like_markup_stays_as_it_was_typed(text: str) -> None:
    assert only(draft_html(MaskedText(text))) == text


@pytest.mark.parametrize(
    "text",
    ["https://evil.example/pay", "evil.example", "**evil**.example", "ev*il.exam*ple/x", "[bank](https://evil.example)", "@admin",
     "/delete_all", "tg://user?id=5", "a@evil.example", "#тег", "сайт.рф", "T.ME/joinchat"],
)  # fmt: skip
def test_nothing_that_an_answer_says_can_be_tapped(text: str) -> None:
    html = answer_html(MaskedText(f"Пишите {text}, пожалуйста"), [], "ru", NOW)
    assert "<a " not in html
    assert any(kind == "code" for kind, _ in marked(html))


def test_text_that_runs_backwards_or_hides_is_laid_open() -> None:
    assert only(plain_html("do\u202enot\u2066 trust\u0007\u200b\u00ad this\u2028line")) == "donot trust this\nline"


def test_only_messages_may_be_linked_to() -> None:
    with pytest.raises(ValueError, match="only messages"):
        Piece("click", link="https://evil.example")


@given(st.lists(st.text(alphabet="я🙂 \n👩‍👧", max_size=12).map(Piece), max_size=6), st.integers(1, 40))
def test_cutting_never_goes_over_the_room(pieces: list[Piece], room: int) -> None:
    kept = "".join(piece.text for piece in fitted(pieces, (room, 5)))
    whole = "".join(piece.text for piece in pieces)
    assert units(kept) <= room
    assert kept == whole if units(whole) <= room else kept.endswith("…") and whole.startswith(kept[:-1])


def test_html_is_escaped_in_links_too() -> None:
    assert (
        to_html([Piece("<&>", link='https://t.me/c/1/2?"&')])
        == '<a href="https://t.me/c/1/2?&quot;&amp;">&lt;&amp;&gt;</a>'
    )


def test_an_address_outside_of_code_would_have_been_found() -> None:
    assert [entity.type for entity in shown("evil.example/x").entities] == ["url"]


@pytest.mark.parametrize("text", ["a", "a.", "a-", "@", "a@", "a+", "http://", "*", "`", "[a](", "- ", "1.2.", "#"])
def test_text_made_to_take_long_does_not(text: str) -> None:
    """Of the longest there is. With a search that tries every beginning this takes minutes: the suite's limit ends it."""
    draft_html(MaskedText(text * (16_000 // len(text))))
