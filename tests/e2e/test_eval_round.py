"""The whole round: what people say of answers becomes cases, these keep a worse prompt out, and a better one has to please the
people who ask before everybody is answered with it. The bot runs all the while, and the commands beside it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from assistant.bot import pace
from core.db.session import Database
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from core.streams.broker import make_broker
from evals.experiments import Watch
from tests.assistant.bot.running import Otklik
from tests.core.llm.kinds import ample
from tests.evals.scene import talked
from tests.fakes.anthropic_reader import Reader
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.botapi import BotApiServer, Message, Person
from tests.ingestion.road import CHAT
from tests.otklik.evals.shell import Beside, Shell, served, terminal

STAFF: Final = -1_002_000_000_001
TALK: Final = (
    ("Не печатается чек, принтер мигает красным", "Откройте Настройки → Оборудование и перезапустите принтер."),
    ("Как вернуть деньги покупателю по вчерашнему чеку?", "Чеки → нужный чек → Возврат, деньги придут за 3 дня."),
    ("Каталог из Excel не загружается", "Сохраните файл как xlsx, до 5000 строк."),
    ("Касса не видит сканер штрихкодов", "Отключите сканер, подождите 10 секунд и подключите в другой порт USB."),
    ("Забыли пароль от личного кабинета", "На странице входа нажмите «Забыли пароль», письмо придёт за минуту."),
    ("Как добавить нового кассира?", "Сотрудники → Добавить, роль «Кассир»."),
    ("Весы не передают вес в кассу", "Настройки → Весы, выберите порт COM3."),
    ("Как закрыть смену вечером?", "Меню → Смена → Закрыть, напечатается Z-отчёт."),
    ("Терминал не принимает карты", "Держите кнопку терминала 10 секунд, он перезагрузится."),
)
OUTDATED: Final = TALK[-1][0]
CORRECTION: Final = "Новый терминал перезагружается из меню: Сервис → Перезапуск."
UNKNOWN: Final = "Можно ли принимать оплату криптовалютой?"
REPLY: Final = "Криптовалюту касса не принимает, только карты, наличные и СБП."
KIND: Final = "Понимаю вас."
FRONT: Final = "---\npurpose: answer\nstatus: draft\nmax_tokens: 500\nvariables: [refusal_marker]\n---\n"
MOST: Final = 80
"""People who vote, at most; half of them would do."""


class Crowd:
    """The people in a group of clients, and the agent who looks after them."""

    def __init__(self, otklik: Otklik) -> None:
        self.otklik, self.server, world = otklik, otklik.server, otklik.world
        self.agent = world.add_person("Анна", user_id=7001, language="ru")
        self.staff_chat = world.add_supergroup("Поддержка", [self.agent], chat_id=STAFF)
        self.group = world.add_supergroup("Касса", [self.agent], chat_id=CHAT)

    def somebody(self) -> Person:
        """Who has not asked yet."""
        person = self.otklik.world.add_person("Борис", language="ru")
        person.joins(self.group)
        return person

    async def asks(self, person: Person, words: str) -> Message:
        """The answer, once it has its buttons."""
        asked = person.says(self.group, f"/ask {words}")
        answer = await self.server.until(lambda: self.otklik.after(person, asked))
        await self.server.until(lambda: answer.keyboard)
        return answer

    async def presses(self, person: Person, message: Message, button: str) -> None:
        press = person.presses(message, button)
        await self.server.until(lambda: press.answered)

    async def are_answered(self) -> None:
        """They ask what the history knows, and like it; one answer is outdated, and one nobody knows yet."""
        for question, answer in TALK[:-1]:
            client = self.somebody()
            said = await self.asks(client, question)
            assert answer in said.text
            await self.presses(client, said, "👍")
        outdated = await self.asks(self.somebody(), OUTDATED)
        await self.presses(self.agent, outdated, "👎")
        self.agent.says(self.group, CORRECTION, reply_to=outdated)
        await self.server.until(lambda: any("исправление записано" in one.text for one in self.agent.sees(self.group)))
        client = self.somebody()
        await self.presses(client, await self.asks(client, UNKNOWN), "Спросить человека")
        card = await self.server.until(
            lambda: next(one for one in self.agent.sees(self.staff_chat) if UNKNOWN in one.text)
        )
        self.agent.says(self.staff_chat, REPLY, reply_to=card)
        await self.server.until(lambda: any(REPLY in one.text for one in client.sees(self.group)))

    async def votes(self, number: int) -> bool:
        """Somebody asks, and likes what is said kindly; whether it was."""
        client = self.somebody()
        answer = await self.asks(client, TALK[number % 8][0])
        is_kind = answer.text.startswith(KIND)
        await self.presses(client, answer, "👍" if is_kind else "👎")
        return is_kind


@asynccontextmanager
async def living(
    server: BotApiServer, model: AnthropicServer, database_url: str, redis_url: str, folder: Path
) -> AsyncIterator[Crowd]:
    """A bot with a model among people, who talked to the team before."""
    database, broker = Database(database_url), make_broker(redis_url)
    settings = GatewaySettings(api_key=SecretStr("key"), base_url=model.url)
    gateway = Gateway(settings, database, load_prices(), ample)
    otklik = Otklik(server, database, broker, folder, gateway)
    otklik.rules(f'per_minute = 1000\n[staff]\nids = [7001]\n[access]\nstaff_chat = {STAFF}\n[chats."{CHAT}"]\n')
    await talked(database, TALK)
    crowd = Crowd(otklik)
    watching = asyncio.create_task(Watch(database, every=0.02).run())
    try:
        async with otklik.answering():
            yield crowd
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await gateway.close()
        await broker.stop()
        await database.close()


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hurry to spare Telegram, which takes twenty messages a minute in a group."""
    monkeypatch.setattr(pace, "GROUP", pace.Rate(seconds=0.0, burst=1_000))


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    database_url: str,
    redis_url: str,
) -> Iterator[Shell]:
    with terminal(monkeypatch, capsys, tmp_path, database_url, redis_url) as made:
        yield made


def test_from_thumbs_to_a_better_prompt(shell: Shell, database_url: str, redis_url: str, tmp_path: Path) -> None:
    Path("bad.md").write_text(f"{FRONT}GUESS 100% {{{{ refusal_marker }}}}", encoding="utf-8")
    Path("kind.md").write_text(f'{FRONT}BEGIN WITH "{KIND}" {{{{ refusal_marker }}}}', encoding="utf-8")
    with served(otherwise=Reader()) as model, BotApiServer() as server, Beside() as beside:
        shell.export(ANTHROPIC_API_KEY="key", ANTHROPIC_BASE_URL=model.url)
        stack = AsyncExitStack()
        crowd = beside(stack.enter_async_context(living(server, model, database_url, redis_url, tmp_path)))
        try:
            beside(crowd.are_answered())
            cases_are_made(shell)
            the_gate_decides(shell)
            people_decide(shell, crowd, beside)
        finally:
            beside(stack.aclose())


def cases_are_made(shell: Shell) -> None:
    brought = shell.evals("harvest", "--json").document
    assert brought["by_origin"] == {"liked": 8, "corrected": 1, "staff_reply": 1}
    candidates = shell.evals("candidates", "--json").document
    said = {one["origin"]: one["reference"] for one in candidates}
    assert (said["corrected"], said["staff_reply"]) == (CORRECTION, REPLY)
    shell.evals("accept", *(one["case_id"] for one in candidates))


def the_gate_decides(shell: Shell) -> None:
    assert "The gate is shut: the candidate is worse." in shell.evals("gate", "live", "bad.md", status=1).error
    passed = shell.evals("gate", "live", "kind.md", "--json").document
    assert (passed["open"], passed["candidate"]["figures"]["right"]) == (True, 1)


def people_decide(shell: Shell, crowd: Crowd, beside: Beside) -> None:
    shell.evals("experiment", "start", "--prompt", "kind.md")
    arms: list[bool] = []
    while shown(shell)["state"] == "running":
        arms += [beside(crowd.votes(len(arms) + number)) for number in range(6)]
        assert len(arms) <= MOST
    assert 10 <= sum(arms) < len(arms) - 9  # so many in each arm it takes, when all agree
    decided = shown(shell)
    assert decided["state"] == "adopted"
    assert re.match(
        r"The candidate is liked more: 0% of \d+ \(control\) and 100% of \d+ \(candidate\)\.", decided["verdict"]
    )
    assert decided["arms"]["candidate"]["voters"] + decided["arms"]["control"]["voters"] <= len(arms)
    assert all(beside(crowd.votes(number)) for number in range(6))  # the loser is off
    shell.evals("experiment", "stop")
    assert not beside(crowd.votes(0))


def shown(shell: Shell) -> dict[str, Any]:
    (document,) = shell.evals("experiment", "show", "--json").document
    assert isinstance(document, dict)
    return document
