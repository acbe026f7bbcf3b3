"""What the bot looks after once a minute: cards that come back, what is to be said anew, questions that nobody answers."""

from datetime import datetime

from assistant import suggestions, unasked
from assistant.retracted import say_anew
from core.contracts.streams import RESPONSES
from core.db.session import Database
from core.rules import RulesFile
from core.streams.publisher import Publisher


class Rounds:
    """Made once; `once` may be repeated at will, and by a process that was started anew."""

    def __init__(self, database: Database, publisher: Publisher, rules: RulesFile) -> None:
        self._database = database
        self._publisher = publisher
        self._rules = rules
        self._told: set[tuple[int, int]] = set()
        """What was published and has no suggestion yet: else a long queue would be told of it every minute."""

    async def once(self, now: datetime) -> None:
        """Make one round."""
        rules = self._rules.current()
        async with self._database.transaction() as session:
            await suggestions.wake(session, rules.access.staff_chat, now)
            await say_anew(session)
        async with self._database.transaction() as session:
            needed = await unasked.scan(session, rules, now)
        news = [one for one in needed if (one.chat_id, one.message_id) not in self._told]
        await self._publisher.publish(RESPONSES, news)
        self._told = {(one.chat_id, one.message_id) for one in needed}
