"""Which units are right for a case, of those that are held now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Self

from sqlalchemy import text

from core.db.session import Database
from core.errors import BadInput
from evals.cases import Case

NAMED = 3
"""Cases that an error names."""

_HOLDING = text("""
    SELECT m.chat_id, m.message_id, u.node_id
    FROM unnest(CAST(:chats AS bigint[]), CAST(:messages AS bigint[])) AS wanted(chat_id, message_id)
    JOIN messages m USING (chat_id, message_id)
    JOIN data_units u ON u.chat_id = m.chat_id AND u.thread_id = m.thread_id
        AND u.metadata_->'message_ids' @> to_jsonb(m.message_id)
""")
_PUBLIC = text("SELECT node_id FROM data_units WHERE public")
_HELD = text("SELECT node_id FROM data_units WHERE node_id = ANY(CAST(:units AS text[]))")


class Truth:
    """The right units of some cases, and which units everybody may see."""

    def __init__(
        self, units: Mapping[tuple[int, int], frozenset[str]], held: frozenset[str], public: frozenset[str]
    ) -> None:
        self._units = units
        self._held = held
        self.public = public

    @classmethod
    async def load(cls, database: Database, cases: Sequence[Case]) -> Self:
        """Look the cases' messages up.

        Raises:
            BadInput: of an answerable case nothing is held, so no answer to it could be right.
        """
        pairs = sorted({pair for case in cases for pair in case.relevant_messages})
        named = sorted({unit for case in cases for unit in case.relevant_units})
        values = {"chats": [chat for chat, _ in pairs], "messages": [message for _, message in pairs]}
        units = defaultdict[tuple[int, int], set[str]](set)
        async with database.reading() as session:
            for row in await session.execute(_HOLDING, values):
                units[row.chat_id, row.message_id].add(row.node_id)
            held = frozenset(await session.scalars(_HELD, {"units": named}))
            public = frozenset(await session.scalars(_PUBLIC))
        truth = cls({pair: frozenset(found) for pair, found in units.items()}, held, public)
        lost = [
            case.id for case in cases if (case.relevant_messages or case.relevant_units) and not truth.relevant(case)
        ]
        if lost:
            raise BadInput(
                f"{len(lost)} cases ask about messages that are not held here (as {', '.join(lost[:NAMED])}): import the "
                "chats they are about, for the samples with `otklik demo` and OTKLIK_HOME=.otklik-demo, name another --dataset, "
                "or reject cases of your own with `otklik evals reject`."
            )
        return truth

    def relevant(self, case: Case) -> frozenset[str]:
        """The ids of the right units; empty where only the wording of a right answer is known."""
        of_messages = (self._units.get(pair, frozenset()) for pair in case.relevant_messages)
        return frozenset().union(*of_messages, self._held.intersection(case.relevant_units))
