"""The bot role: the connection to Telegram, what takes updates, and those who work from the rows."""

import asyncio
from typing import Final
from uuid import UUID

import structlog
from aiogram import Dispatcher
from aiogram.exceptions import TelegramNotFound, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.types import User
from starlette.routing import Route
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from assistant.answering.answerer import Answerer
from assistant.bot import webhook
from assistant.bot.bell import Bell
from assistant.bot.casebook import Casebook
from assistant.bot.desk import Desk
from assistant.bot.errands import Errands
from assistant.bot.intake import Durable
from assistant.bot.members import Members
from assistant.bot.messenger import Messenger
from assistant.bot.outages import TELEGRAM_AWAY, waiting_out
from assistant.bot.pace import Pace
from assistant.bot.polling import poll
from assistant.bot.rounds import rounds
from assistant.bot.routers import answers, cards, commands, inline, membership, questions, replies
from assistant.bot.standings import standings
from assistant.bot.token import bot_from, refused
from assistant.bot.worker import Worker
from assistant.reports import Document, MakeReport, wanted
from core.db.session import Database
from core.metrics import BOT_OPEN, BOT_UNSHOWN
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms, Sealer
from core.rules import RulesFile
from core.settings import Settings
from core.streams.publisher import Publisher

log = structlog.get_logger(__name__)

ROUTERS: Final = (
    commands.router,
    replies.router,
    questions.router,
    answers.router,
    cards.router,
    membership.router,
    inline.router,
)
"""The first that knows what to do with an update has it."""


class BotRole:
    """Answers in Telegram while `run` runs."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        answerer: Answerer,
        masker: Masker,
        pseudonyms: Pseudonyms,
        sealer: Sealer,
        rules: RulesFile,
        publisher: Publisher,
        make_report: MakeReport,
    ) -> None:
        """Raises `SettingsError` where a setting is missing or wrong."""
        self._settings = settings
        self._database = database
        self._answerer = answerer
        self._masker = masker
        self._pseudonyms = pseudonyms
        self._sealer = sealer
        self._rules = rules
        self._publisher = publisher
        self._make_report = make_report
        self._bot, self._connection = bot_from(settings)
        self._errands, self._pace = Errands(), Pace()
        self._to_answer, self._to_show = Bell(), Bell()
        self._dispatcher = Dispatcher(disable_fsm=True)
        self._dispatcher.update.outer_middleware(Durable())
        for router in ROUTERS:
            self._dispatcher.include_router(router())

    def routes(self) -> list[Route]:
        """What the role's server serves beside health and metrics: `/telegram`, where a webhook is set."""
        if self._settings.bot_webhook_url is None:
            return []
        assert self._settings.bot_webhook_secret is not None
        return [webhook.route(self._bot, self._dispatcher, self._settings.bot_webhook_secret.get_secret_value())]

    async def run(self) -> None:
        """Answer until cancelled.

        Raises:
            TokenRefused: Telegram does not know the token.
        """
        try:
            self._dispatcher["desk"] = desk = self._desk(await self._introduce())
            await asyncio.to_thread(self._masker.warm_up)
            async with asyncio.TaskGroup() as group:
                group.create_task(waiting_out(lambda: commands.register(self._bot, self._rules.current().access)))
                group.create_task(self._messenger().run())
                group.create_task(self._worker().run(self._rules.current().bot.workers))
                group.create_task(rounds(desk))
                group.create_task(self._receive())
                group.create_task(self._watch())
                log.info("the bot answers", username=desk.me.username)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        finally:
            await self._errands.finish()
            await self._bot.session.close()

    def problems(self) -> list[str]:
        """What is wrong at this moment."""
        return self._connection.problems()

    async def measure(self) -> None:
        """Set the gauges."""
        async with self._database.reading() as session:
            counts = await standings(session)
        BOT_OPEN.set(counts["questions"])
        BOT_UNSHOWN.set(counts["unshown"])

    async def _introduce(self) -> User:
        """Who the bot is; the first request, which Telegram has to answer before anything else makes sense."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((TelegramRetryAfter, *TELEGRAM_AWAY)),
            wait=wait_exponential(min=1, max=30),
            before_sleep=lambda _: log.warning("telegram does not answer, trying again"),
        )
        try:
            return await attempts(self._bot.get_me)
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise refused() from error

    async def _receive(self) -> None:
        """Take updates in the way that the settings say."""
        settings = self._settings
        if settings.bot_webhook_url is None:
            await waiting_out(lambda: self._bot.delete_webhook())
            await poll(self._bot, self._dispatcher)
        else:
            assert settings.bot_webhook_secret is not None
            address, secret = settings.bot_webhook_url, settings.bot_webhook_secret.get_secret_value()
            kinds = self._dispatcher.resolve_used_update_types()
            await waiting_out(lambda: webhook.announce(self._bot, address, secret, kinds))

    async def _watch(self) -> None:
        """End the role when the token is refused: polling alone would go on for ever."""
        await self._connection.token_refused.wait()
        raise refused()

    def _desk(self, me: User) -> Desk:
        return Desk(
            bot=self._bot,
            me=me,
            database=self._database,
            answerer=self._answerer,
            masker=self._masker,
            pseudonyms=self._pseudonyms,
            sealer=self._sealer,
            rules=self._rules,
            members=Members(self._bot),
            errands=self._errands,
            publisher=self._publisher,
            to_answer=self._to_answer,
            to_show=self._to_show,
        )

    def _messenger(self) -> Messenger:
        return Messenger(self._bot, self._database, self._sealer, self._to_show, self._pace, self._report)

    async def _report(self, report_id: UUID) -> Document:
        async with self._database.reading() as session:
            asked = await wanted(session, self._rules.current(), report_id)
        return await self._make_report(asked)

    def _worker(self) -> Worker:
        return Worker(
            bot=self._bot,
            casebook=Casebook(self._database, self._rules),
            answerer=self._answerer,
            sealer=self._sealer,
            pace=self._pace,
            errands=self._errands,
            to_answer=self._to_answer,
            to_show=self._to_show,
        )
