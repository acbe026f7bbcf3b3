"""What can be exported: the columns of each table, and where they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import TextClause, text

from analytics.queries.inputs import SEEN_ANSWER, seen


class Kind(Enum):
    """What stands in a column."""

    INT = "int"
    FLOAT = "float"
    MONEY = "money"
    """US dollars, exact."""
    BOOL = "bool"
    TEXT = "text"
    TIME = "time"
    INTS = "ints"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """One export. Its statement takes `since`, `until` and a scope, and brings the columns in their order."""

    name: str
    columns: Sequence[Column]
    statement: TextClause


def _columns(written: str) -> list[Column]:
    named = (one.split() for one in written.split(","))
    return [Column(name, Kind(kind)) for name, kind in named]


# No table begins with a number: where a spreadsheet takes a whole line for one cell, it shall not begin with a minus.
# In the order of the primary key, so that PostgreSQL need not sort what may be more than it has memory for.
_MESSAGES = Table(
    "messages",
    _columns("""
        chat text, chat_id int, message_id int, thread_id int, parent_id int, reply_to int, topic_id int,
        sent_at time, sender text, is_staff bool, lane text, lane_score int, lane_reasons texts, text text
    """),
    text(f"""
        SELECT c.title, m.chat_id, m.message_id, m.thread_id, m.parent_id, m.reply_to, m.topic_id, m.sent_at, m.sender,
            m.is_staff, m.lane, m.lane_score, ARRAY(SELECT jsonb_array_elements_text(m.lane_reasons)), m.text
        FROM messages m JOIN chats c USING (chat_id)
        WHERE m.sent_at >= :since AND m.sent_at < :until AND {seen("m.chat_id")}
        ORDER BY m.chat_id, m.message_id
    """),  # noqa: S608 - only the conditions of `analytics.queries.inputs` are put in
)

_ANALYSES = Table(
    "analyses",
    _columns("""
        kind text, chat_id int, window_id text, message_ids ints, first_at time, last_at time,
        analysed_at time, analysed_by text, topic text, summary text, sentiment float, resolved bool,
        category text, urgent bool, requires_response bool, suggestion text
    """),
    text(f"""
        SELECT * FROM (
            SELECT 'window' AS kind, w.chat_id, CAST(w.window_id AS text) AS window_id, CAST(NULL AS bigint[]) AS message_ids,
                w.first_at, w.last_at, w.analysed_at, w.analysed_by, CAST(NULL AS text) AS topic, w.summary, w.sentiment,
                CAST(NULL AS boolean) AS resolved, CAST(NULL AS text) AS category, CAST(NULL AS boolean) AS urgent,
                CAST(NULL AS boolean) AS requires_response, CAST(NULL AS text) AS suggestion
            FROM analysis_windows w WHERE w.analysed_at IS NOT NULL
            UNION ALL
            SELECT 'topic', w.chat_id, CAST(w.window_id AS text), f.message_ids, w.first_at, w.last_at, w.analysed_at,
                w.analysed_by, t.name, f.problem, f.sentiment, f.resolved, NULL, NULL, NULL, NULL
            FROM window_topics f JOIN analysis_windows w USING (window_id) JOIN topics t USING (topic_id)
            UNION ALL
            SELECT 'message', a.chat_id, CAST(a.window_id AS text), ARRAY[a.message_id], m.sent_at, m.sent_at, a.analysed_at,
                a.analysed_by, NULL, a.summary, a.sentiment, NULL, a.category, a.urgent, a.requires_response, a.suggestion
            FROM appraisals a JOIN messages m USING (chat_id, message_id) WHERE a.analysed_at IS NOT NULL
        ) AS found
        WHERE found.last_at >= :since AND found.last_at < :until AND {seen("found.chat_id")}
        ORDER BY chat_id, last_at, window_id, kind DESC, topic, message_ids
    """),  # noqa: S608
)

_ANSWERS = Table(
    "answers",
    _columns("""
        answer_id text, asked_at time, chat_id int, channel text, language text, question text, answer text,
        refused bool, reason text, prompt text, model text, cost_usd money, latency_ms int, up int, down int,
        handover text, unit_ids texts, source_deleted_at time
    """),
    text(f"""
        SELECT CAST(a.answer_id AS text), a.asked_at, coalesce(q.chat_id, s.chat_id), a.scope->>'channel', a.language,
            a.question, a.answer, a.refused, a.evidence->>'reason', a.prompt, a.model, c.price,
            CAST(a.latency_ms->>'total' AS bigint),
            (SELECT count(*) FROM feedback f WHERE f.answer_id = a.answer_id AND f.vote = 1),
            (SELECT count(*) FROM feedback f WHERE f.answer_id = a.answer_id AND f.vote = -1),
            h.state, ARRAY(SELECT unit_id FROM citations u WHERE u.answer_id = a.answer_id ORDER BY rank), a.source_deleted_at
        FROM answers a LEFT JOIN questions q USING (question_id) LEFT JOIN suggestions s ON s.answer_id = a.answer_id
            LEFT JOIN handovers h ON h.question_id = q.question_id LEFT JOIN model_calls c ON c.call_id = a.call_id
        WHERE a.asked_at >= :since AND a.asked_at < :until AND {SEEN_ANSWER}
        ORDER BY a.asked_at, a.answer_id
    """),  # noqa: S608
)

_COSTS = Table(
    "costs",
    _columns("""
        call_id text, retry_of text, opened_at time, settled_at time, purpose text, prompt text, model text,
        api text, chat_id int, outcome text, input_tokens int, output_tokens int, cache_read_tokens int,
        cache_write_5m_tokens int, cache_write_1h_tokens int, price_usd money, reserved_usd money,
        latency_ms int, error text
    """),
    text(f"""
        SELECT CAST(call_id AS text), CAST(retry_of AS text), opened_at, settled_at, purpose, prompt, model, api, chat_id,
            outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, price,
            reserved, latency_ms, error
        FROM model_calls c WHERE opened_at >= :since AND opened_at < :until AND {seen("c.chat_id")}
        ORDER BY opened_at, call_id
    """),  # noqa: S608
)

TABLES: Mapping[str, Table] = {table.name: table for table in (_MESSAGES, _ANALYSES, _ANSWERS, _COSTS)}
