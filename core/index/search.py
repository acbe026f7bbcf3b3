"""The hybrid query: by meaning and by words in one statement, inside the asker's scope."""

from typing import NamedTuple

from sqlalchemy import text

from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.language import language_of
from core.index.records import Hit, hit_from
from core.index.vectors import Vector, vector_literal
from core.privacy.types import MaskedText

DEPTH = 50
"""Candidates that each branch brings. The order of the first ten changes no more above 40."""

EF_SEARCH = 100
"""How many neighbours HNSW keeps while it walks; pgvector's default of 40 is below DEPTH."""

LEXICAL_WEIGHT = 0.04
"""What the words add to the cosine: so much for having all of the question's words, weighted by rarity, and as much again
for having them in what was asked. Right unit first, of 1,239 English questions to long Q&A threads and of 62 Russian and
English ones to chats: cosine alone 0.901 and 49; with 0.04, in the product, 0.902 and 52; with 0.02, tried on its
candidates outside PostgreSQL, 0.910 and 51. Words anywhere, without the second half, help chats (0.1: 56) and harm long
threads (0.857). Reciprocal ranks stay below (0.84 to 0.905 on the first): e5's cosines are worth more than their order,
and a rank forgets how far apart two units are."""

OTHER_LANGUAGE = 0.02
"""What a unit in the other language than the question gets on top: e5 puts texts of one language 0.025 to 0.035 closer
together than translations. At 0.02 the five cross-language questions of the sample find their unit at ranks 1, 84, 1, 1
and 1 instead of 10, 145, 1, 1 and 1, and no other question loses; from 0.03 others do."""

VETTED = 0.01
"""What a vetted unit gets on top: enough to come before the unit that it puts right, not before what fits better. With a
vetted twin of every second right unit of the sample, the twin comes first for 18 of 31 questions without it, 25 at 0.005,
27 at 0.01, 28 from 0.015 on; of the other 31 questions 24, 23, 23 and 22 are answered from their unit, at 0.04 only 18."""

GOOD_SHARE = 0.5
"""A unit without a vector is placed between the farthest and the closest of the others by its share of the question's
words: at the closest where it has the most of all, and at least this share (the median of right units is 0.4)."""

COMMON = 200
"""A word that more units have than this brings no candidates of its own: an OR over common words ranks every match
(5,464 rows took 27-37 ms). It still counts where a unit was found by another word, by meaning, or because it is fresh.
Looking a word up costs 0.3-0.7 ms at 50,000 units, in proportion to this."""

MANY = 10_000
"""Units are counted up to here for a word's rarity; counting 50,000 for each question would take 5 ms."""

MAX_WORDS = 32
"""Distinct words of the question that are looked up, the first ones. No question of the labelled sets has more."""

MAX_CHARACTERS = 4_096
"""What is read of a question; a pasted log of megabytes is not parsed."""


class _Part(NamedTuple):
    """A part of the units that the asker may see. The parts of one scope have no unit in common."""

    where: str
    distance: str = "embedding <=> CAST(CAST(:vector AS text) AS halfvec)"


_EVERY_CHAT = _Part("")
_CHATS = _Part("AND chat_id = ANY(CAST(:chats AS bigint[]))")
# What is public is little, and HNSW would walk past it: it looks at the nearest of all units and drops what does not
# match. An expression that no index knows makes PostgreSQL compare every public unit, some microseconds each.
_PUBLIC = _Part("AND public AND chat_id <> ALL(CAST(:chats AS bigint[]))", f"0 + ({_CHATS.distance})")

# A lexeme becomes a query by being quoted, never by being parsed: whatever the person typed, there is no operator in it.
_LEXEME = r"(E'\'' || replace(replace(lexeme, E'\\', E'\\\\'), E'\'', E'\'\'') || E'\'')"


def _statement(*parts: _Part) -> str:
    # Only the constants of this module are put in; every value is bound.
    # One part after the other where an index is walked: with both in one OR a client's search took 30 ms instead of 7,
    # and on a table that was never analysed it did not find its own chat.
    whole = f"AND ({' OR '.join(f'(true {part.where})' for part in parts)})"
    matching = " UNION ALL ".join(
        f"(SELECT id FROM data_units WHERE text_search_tsv @@ query {part.where} LIMIT {COMMON + 1})"  # noqa: S608
        for part in parts
    )
    counted = " UNION ALL ".join(f"(SELECT FROM data_units WHERE true {part.where} LIMIT {MANY})" for part in parts)
    nearest = " UNION ALL ".join(
        f"(SELECT id FROM data_units WHERE embedding IS NOT NULL {part.where} ORDER BY {part.distance} LIMIT {DEPTH})"  # noqa: S608
        for part in parts
    )
    return f"""
WITH asked AS MATERIALIZED (
    SELECT CAST(CAST(:vector AS text) AS halfvec) AS vector
), lexemes AS MATERIALIZED (
    SELECT {_LEXEME}::tsquery AS query, ({_LEXEME} || '\\:A')::tsquery AS asked
    FROM unnest(to_tsvector('russian', CAST(:words AS text))) AS found(lexeme, positions, weights)
    ORDER BY positions[1] LIMIT {MAX_WORDS}
), postings AS MATERIALIZED (
    SELECT query, unit.id
    FROM lexemes, LATERAL ({matching}) AS unit
), size AS (
    SELECT count(*) AS units FROM ({counted}) AS counted
), words AS MATERIALIZED (
    SELECT query, asked, count(id) AS frequency,
        ln(1 + (greatest((SELECT units FROM size) - count(id), 0) + 0.5) / (count(id) + 0.5)) AS rarity
    FROM lexemes LEFT JOIN postings USING (query) GROUP BY query, asked
), worded AS (
    SELECT id FROM postings JOIN words USING (query) WHERE frequency <= {COMMON}
    GROUP BY id ORDER BY sum(rarity) DESC, id DESC LIMIT {DEPTH}
), fresh AS (
    SELECT id FROM data_units
    WHERE embedding IS NULL {whole} AND text_search_tsv @@ (SELECT string_agg(query::text, ' | ')::tsquery FROM words)
    ORDER BY id DESC LIMIT {DEPTH}
), nearest AS MATERIALIZED (
    {nearest}
), scored AS (
    SELECT node_id, chat_id, thread_id, text, metadata_, last_at, vetted,
        1 - (embedding <=> (SELECT vector FROM asked)) AS dense,
        coalesce(found.rarity / (SELECT sum(rarity) FROM words), 0) AS lexical,
        coalesce(found.asked / (SELECT sum(rarity) FROM words), 0) AS asked
    FROM data_units, LATERAL (
        SELECT sum(rarity) AS rarity,
            sum(rarity) FILTER (WHERE text_search_tsv @@ asked) AS asked
        FROM words WHERE text_search_tsv @@ query
    ) AS found
    WHERE id IN (SELECT id FROM nearest UNION SELECT id FROM worded UNION SELECT id FROM fresh) {whole}
), bounds AS MATERIALIZED (
    SELECT coalesce(min(dense), 0) AS low, coalesce(max(dense), 0) AS high,
        greatest(max(lexical), {GOOD_SHARE}) AS most
    FROM scored
)
SELECT node_id, chat_id, thread_id, text, metadata_, vetted, dense, CAST(lexical AS float8) AS lexical,
    CAST(coalesce(dense, low + (high - low) * lexical / most) + {LEXICAL_WEIGHT} * (lexical + asked)
        + CASE WHEN (text ~ '[А-Яа-яЁё]') = CAST(:russian AS boolean) THEN 0 ELSE {OTHER_LANGUAGE} END
        + CASE WHEN vetted THEN {VETTED} ELSE 0 END AS float8) AS score
FROM scored, bounds
ORDER BY score DESC, last_at DESC, node_id
LIMIT :limit
"""  # noqa: S608


_IN_EVERY_CHAT = text(_statement(_EVERY_CHAT))
_IN_CHATS = text(_statement(_CHATS))
_IN_CHATS_OR_PUBLIC = text(_statement(_CHATS, _PUBLIC))
# Local to the transaction, so that the pool's next user does not inherit it. A plan made for any question and any scope
# is slower than one for this question and this scope by 3 of 15 ms, planning included.
_PLAN = text(
    f"SELECT set_config('hnsw.ef_search', '{EF_SEARCH}', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)


async def search(
    session: ReadSession, scope: AccessScope, query_text: MaskedText, query_vector: Vector, limit: int
) -> list[Hit]:
    """The units that fit the question best, best first, none from outside the scope."""
    parameters = {
        "words": _searchable(query_text),
        "vector": vector_literal(query_vector),
        "russian": language_of(query_text[:MAX_CHARACTERS]) == "ru",
        "limit": limit,
    }
    statement = _IN_EVERY_CHAT
    if not scope.every_chat:
        statement = _IN_CHATS_OR_PUBLIC if scope.public else _IN_CHATS
        parameters |= {"chats": sorted(scope.chat_ids)}
    await session.execute(_PLAN)
    return [hit_from(row) for row in (await session.execute(statement, parameters)).mappings()]


def _searchable(question: str) -> str:
    """The question as PostgreSQL can take it: no NUL, no lone surrogate, bounded."""
    return question[:MAX_CHARACTERS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
