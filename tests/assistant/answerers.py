"""Answerers on real parts, with a loopback model or none."""

from contextlib import AsyncExitStack

from pydantic import SecretStr

from assistant.answering.answerer import Answerer
from core.db.session import Database
from core.embeddings.bundled import BundledE5
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_script import Step
from tests.fakes.anthropic_server import AnthropicServer

EMBEDDER = BundledE5()
MASKER = Masker()


class Claude:
    """Makes answerers whose model says what it is told to."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self._database, self._stack = database, stack

    async def says(self, *script: Step) -> tuple[Answerer, AnthropicServer]:
        server = await self._stack.enter_async_context(AnthropicServer(*script))
        settings = GatewaySettings(
            api_key=SecretStr("key"), base_url=server.url, first_wait_seconds=0.001, longest_wait_seconds=0.002
        )
        gateway = Gateway(settings, self._database, load_prices(), ample)
        self._stack.push_async_callback(gateway.close)
        return answerer(self._database, gateway), server


def answerer(database: Database, gateway: Gateway | None = None) -> Answerer:
    return Answerer(
        database=database,
        embedder=EMBEDDER,
        masker=MASKER,
        gateway=gateway,
        prompts=PromptRegistry(),
        model="claude-sonnet-4-6",
    )
