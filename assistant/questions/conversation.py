"""What was said before a question, as far as it is needed to understand it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.questions.records import Claim
from assistant.turns import Turn
from core.privacy.types import MaskedText

TURNS = 3
"""Questions that are looked back on: "and if that does not help?" leans on one, seldom on two."""

# Which question follows which was decided when it came (`assistant.questions.joining`). What staff answered counts before
# what the bot had said.
_BEFORE = text("""
    WITH RECURSIVE chain AS (
        SELECT question_id, follows, state, answer_id, 1 AS back FROM questions WHERE question_id = :follows
        UNION ALL
        SELECT q.question_id, q.follows, q.state, q.answer_id, back + 1
        FROM questions AS q JOIN chain ON q.question_id = chain.follows WHERE back < :limit
    )
    SELECT said.text AS question, coalesce(h.reply, CASE WHEN chain.state = 'answered' THEN a.answer END) AS answer
    FROM chain
    JOIN LATERAL (
        SELECT string_agg(m.text, E'\\n' ORDER BY m.message_id) AS text
        FROM question_messages AS m WHERE m.question_id = chain.question_id
    ) AS said ON said.text IS NOT NULL
    LEFT JOIN answers AS a USING (answer_id)
    LEFT JOIN handovers AS h ON h.question_id = chain.question_id
    ORDER BY back DESC
""")


async def before(session: AsyncSession, question: Claim, limit: int = TURNS) -> Sequence[Turn]:
    """The last turns before a question in its conversation, oldest first; none where it stands alone."""
    rows = await session.execute(_BEFORE, {"follows": question.follows, "limit": limit})
    return [Turn(MaskedText(row.question), row.answer and MaskedText(row.answer)) for row in rows]
