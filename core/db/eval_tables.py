"""What an edit, a deletion, an erasure and a new key do to the tables of evals: cases, results and remembered replies follow
what they rest on, messages named as `chat:message` and vetted answers as `vetted:id`.

It stands here because messages change in `ingestion`, and vetted answers in `assistant`. Marks say nothing of anybody: they
stay, so that runs can still be compared.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_WITHDRAWN = """
    state = 'withdrawn', question = '', before = '[]', reference = '', facts = '[]', must_not_say = '[]', remark = '',
    embedding = '{}', rests_on = '{}', edited_at = NULL, decided_at = NULL, decided_by = NULL
"""
_WITHDRAW = text(f"""
    UPDATE eval_cases SET {_WITHDRAWN}
    WHERE rests_on && CAST(:names AS text[]) OR question_id = ANY(CAST(:questions AS uuid[]))
    RETURNING CAST(case_id AS text)
""")  # noqa: S608 - only the constant above is put in
_REOPEN = text("""
    UPDATE eval_cases SET state = 'candidate', decided_at = NULL, decided_by = NULL
    WHERE state = 'accepted' AND rests_on && CAST(:names AS text[])
""")
_OF_QUESTIONS = text("SELECT CAST(case_id AS text) FROM eval_cases WHERE question_id = ANY(CAST(:questions AS uuid[]))")
_EMPTY_ANSWERS = text("UPDATE eval_results SET answer = '', verdict = NULL WHERE rests_on && CAST(:names AS text[])")
_EMPTY_RESULTS = text("""
    UPDATE eval_results SET question = '', answer = '', verdict = NULL WHERE case_id = ANY(CAST(:cases AS text[]))
""")
_FORGET_REPLIES = text("""
    DELETE FROM eval_replies WHERE rests_on && CAST(:names AS text[]) OR case_id = ANY(CAST(:cases AS text[]))
""")

_TABLES = ("eval_cases", "eval_results", "eval_replies")
_RENAME = tuple(
    text(f"""
        UPDATE {table} SET rests_on = ARRAY(
            SELECT regexp_replace(one, '^' || CAST(:former AS bigint) || ':', CAST(:later AS bigint) || ':')
            FROM unnest(rests_on) AS one
        ) WHERE EXISTS (SELECT FROM unnest(rests_on) AS one WHERE starts_with(one, CAST(:former AS bigint) || ':'))
    """)  # noqa: S608
    for table in _TABLES
)
_MOVE = text("UPDATE eval_cases SET chat_id = :later WHERE chat_id = :former")


def named(chat_id: int, message_ids: Sequence[int]) -> Sequence[str]:
    """Messages as the tables name them."""
    return [f"{chat_id}:{one}" for one in message_ids]


async def withdraw_cases(session: AsyncSession, names: Sequence[str], questions: Sequence[UUID] = ()) -> None:
    """Take away what rested on these messages and vetted answers, or was asked in these questions of the bot."""
    cases = (await session.scalars(_WITHDRAW, {"names": names, "questions": questions})).all()
    await _take_words(session, names, cases)


async def forget_cases(session: AsyncSession, questions: Sequence[UUID]) -> None:
    """What was made of the cases of questions that are about to be erased, the cases themselves with them."""
    cases = (await session.scalars(_OF_QUESTIONS, {"questions": questions})).all()
    await _take_words(session, [], cases)


async def reopen_cases(session: AsyncSession, names: Sequence[str]) -> None:
    """Have a person look again at cases that rest on what was edited; what quotes the former words goes."""
    await session.execute(_REOPEN, {"names": names})
    await _take_words(session, names, [])


async def renew_cases(session: AsyncSession, ids: Mapping[str, int]) -> None:
    """A private chat has another pseudonym: `ids` has the `former` and the `later` one."""
    for statement in (_MOVE, *_RENAME):
        await session.execute(statement, ids)


async def _take_words(session: AsyncSession, names: Sequence[str], cases: Sequence[str]) -> None:
    await session.execute(_EMPTY_ANSWERS, {"names": names})
    await session.execute(_EMPTY_RESULTS, {"cases": cases})
    await session.execute(_FORGET_REPLIES, {"names": names, "cases": cases})
