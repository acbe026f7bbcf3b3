"""The listen role: one client, one listener, and what can be told of their health."""

import asyncio
import time

import structlog
from redis.asyncio import Redis

from core.db.session import Database
from core.metrics import CONNECTED, LAST_MESSAGE_AGE
from core.rules import RulesFile
from core.settings import Settings
from core.streams.publisher import Publisher
from ingestion.intake import Intake
from ingestion.telegram.asking import LONG_WAIT_SECONDS, LOST, PASSING, RETRY_SECONDS, Asker, session_lost
from ingestion.telegram.directory import Directory
from ingestion.telegram.guard import ReadingClient
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.listener import Listener
from ingestion.telegram.login import make_client
from ingestion.telegram.outbox import Outbox

log = structlog.get_logger(__name__)

DISCONNECT_SECONDS = 2.0


class ListenRole:
    """Listens while `run` runs."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        redis: Redis,
        intake: Intake,
        rules: RulesFile,
    ) -> None:
        """Raises `SettingsError` where there is nothing to listen with."""
        self._client = make_client(settings)
        self._asker = Asker(self._client)
        self._intake = intake
        self._rules = rules
        self._ledger = Ledger(database)
        self._outbox = Outbox(ledger=self._ledger, publisher=publisher, redis=redis, intake=intake, rules=rules)

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            SessionLost: Telegram does not know the session any more.
        """
        try:
            await self._connect(self._client)
            me = await self._asker.call(self._client.get_me)
            if me is None:
                raise session_lost()
            directory = Directory(self._asker, self._intake, int(me.id))
            listener = Listener(
                asker=self._asker, directory=directory, ledger=self._ledger, outbox=self._outbox, rules=self._rules
            )
            self._client.hear, self._client.reconnected = listener.hear, listener.reconnected
            await listener.run()
        except LOST as error:
            raise session_lost() from error
        finally:
            await asyncio.wait({asyncio.ensure_future(self._client.disconnect())}, timeout=DISCONNECT_SECONDS)

    async def _connect(self, client: ReadingClient) -> None:
        while True:
            try:
                await client.connect()
            except PASSING as error:
                log.warning("telegram does not answer, trying again", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    def problems(self) -> list[str]:
        """What is wrong at this moment."""
        found = []
        if not self._client.has_connection:
            found.append("telegram does not answer")
        left = self._asker.waiting_until - time.monotonic()
        if left > LONG_WAIT_SECONDS:
            found.append("telegram tells us to wait")
        if self._outbox.is_full:
            found.append("what was heard cannot be published")
        return found

    def measure(self) -> None:
        """Set the gauges."""
        CONNECTED.set(self._client.has_connection)
        if self._outbox.newest_at is not None:
            LAST_MESSAGE_AGE.set(max(0.0, time.time() - self._outbox.newest_at))
