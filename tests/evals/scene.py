"""A small history over the real road, cases about it, and runners with a loopback model or none."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from core.db.session import Database
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry, read_prompt
from core.privacy.masker import Masker
from evals.cases import Case
from evals.judge import Judge
from evals.remembering import Allowance
from evals.running import Plan, Runner
from evals.versions import Version
from tests.assistant.bot.running import Remembering
from tests.core.index.units import embed
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_reader import Reader
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import CHAT, observed, place_all, put

EMBEDDER = Remembering()
MASKER = Masker()
MODEL = "claude-sonnet-4-6"

TALK = (
    ("Не печатается чек, принтер мигает красным", "Откройте Настройки → Оборудование и перезапустите принтер."),
    ("Как вернуть деньги покупателю по вчерашнему чеку?", "Чеки → нужный чек → Возврат, деньги придут за 3 дня."),
    ("Каталог из Excel не загружается", "Сохраните файл как xlsx, до 5000 строк."),
    ("Касса не видит сканер штрихкодов", "Отключите сканер, подождите 10 секунд и подключите в другой порт USB."),
)
"""Questions and answers: messages 10 and 11, 20 and 21, …"""


async def talked(database: Database, talk: Sequence[tuple[str, str]] = TALK) -> None:
    """Put a talk through storing, placing and embedding."""
    said = []
    for number, (question, answer) in enumerate(talk, 1):
        first = number * 10
        said.append(observed(first, question, who=f"user{number}", minutes=number * 600))
        said.append(observed(first + 1, answer, who="staff1", reply_to=first, minutes=number * 600 + 5))
    await put(database, said)
    await place_all(database)
    await embed(database, EMBEDDER)


def case(name: str, question: str, **fields: Any) -> Case:
    """A case; where nothing is said of the right answer, it has to be refused."""
    known = {"facts", "relevant_messages", "reference"} & fields.keys()
    return Case(id=name, question=question, **{"language": "ru", "must_refuse": not known, **fields})


CASES = (
    case("receipt", "чек не печатается", relevant_messages=((CHAT, 10), (CHAT, 11)), facts=(("перезапустите",),)),
    case("refund", "как сделать возврат денег покупателю за чек", relevant_messages=((CHAT, 20),),
         facts=(("возврат",), ("3 дня",))),
    case("excel", "не загружается каталог из эксель файла", relevant_messages=((CHAT, 30),), facts=(("xlsx", "икселес"),)),
    case("scanner", "касса не видит сканер", relevant_messages=((CHAT, 41),), must_not_say=("отнесите в ремонт",)),
    case("pie", "как испечь яблочный пирог?"),
    case("weather", "какая погода завтра в Туле"),
)  # fmt: skip


def plan(**fields: Any) -> Plan:
    """What is measured; every field may be given."""
    usual: dict[str, Any] = {
        "label": "live",
        "version": Version("live", PromptRegistry()),
        "model": MODEL,
        "cases": CASES,
        "datasets": ("test",),
    }
    return Plan(**(usual | fields))


def judge() -> Judge:
    """The live judge."""
    return Judge(PromptRegistry().load("judge").fill(), MODEL)


def answering(body: str, label: str) -> Version:
    """A version whose answer prompt says this."""
    front = "purpose: answer\nstatus: draft\nmax_tokens: 500\nvariables: [refusal_marker]"
    source = f"---\n{front}\n---\n{body} {{{{ refusal_marker }}}}"
    return Version(label, PromptRegistry(pinned={"answer": read_prompt("answer", source, Path(label).name)}))


@asynccontextmanager
async def connected(
    database: Database,
    *script: Any,
    purse: Callable[[], Purse] = ample,
    limit: Decimal | None = None,
    **options: Any,
) -> AsyncIterator[tuple[Runner, AnthropicServer]]:
    """A runner whose model is a loopback server; a reader, where nothing else is said. `limit`: what it may cost."""
    options.setdefault("otherwise", Reader())
    async with AnthropicServer(*script, **options) as server:
        settings = GatewaySettings(
            api_key=SecretStr("key"), base_url=server.url, first_wait_seconds=0.001, longest_wait_seconds=0.002
        )
        gateway = Gateway(settings, database, load_prices(), purse)
        try:
            yield Runner(database, EMBEDDER, MASKER, gateway, Allowance(limit)), server
        finally:
            await gateway.close()


def quoting(database: Database) -> Runner:
    """A runner without a key."""
    return Runner(database, EMBEDDER, MASKER, None, Allowance(None))


def silent(*_: int) -> None:
    """Progress that nobody looks at."""
