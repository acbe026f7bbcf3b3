"""docs/transcript.md: what people and the bot say to each other, played by the bot as its own process and Claude's double.

`OTKLIK_WRITE_DOCS=1` writes the page anew.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import pytest

from core.embedded.servers import Servers
from tests.conftest import WRITE_DOCS
from tests.e2e.bot.samples import EMMA, EN, KIRILL, OLGA, RU, STAFF
from tests.e2e.bot.town import Town, town
from tests.e2e.bot.transcript import Transcript
from tests.e2e.processes import ROOT
from tests.fakes.anthropic_script import Says, location
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.botapi import Chat, Message, Person

PAGE: Final = ROOT / "docs" / "transcript.md"
INTRODUCTION: Final = """\
# What it looks like

Written by a test (`tests/e2e/test_bot_transcript.py`): the bot runs as its own process, with the sample chats as its history;
Telegram and Claude are played by servers on the loopback. So the sources, their order and their age, the refusals, the buttons
and the cards are the product's own, and the wording of the answers is the test's. Dates are left out. An answer is first sent
as a “⏳” for a tenth of a second; that is left out too."""

PRINTER: Final = "Bluetooth-принтер печатает через раз, как будто засыпает"
FOOD: Final = "Как связать Полку с Яндекс Едой?"
FOOD_ANSWER: Final = "Готовой связки пока нет. Заводите такие заказы в Полке сами, оплата «Внешний сервис»."
WIFI: Final = "Сколько часов касса может работать, если пропал интернет?"
WIFI_ANSWER: Final = "С версии 4.5 касса работает без интернета 120 часов, а не 72."


def writes(*pieces: tuple[str, str]) -> Callable[[Mapping[str, Any]], Says]:
    """Claude writes these pieces, each from the source in which the words beside it stand."""

    def answer(body: Mapping[str, Any]) -> Says:
        found = [block for block in body["messages"][-1]["content"] if block["type"] == "search_result"]

        def cite(words: str) -> dict[str, Any]:
            index, block, text = next(
                (index, number, part["text"])
                for index, one in enumerate(found)
                for number, part in enumerate(one["content"])
                if words in part["text"]
            )
            return location(index, block, text=text, source=found[index]["source"])

        return Says([(text, cite(words)) for text, words in pieces])

    return answer


@pytest.fixture
async def claude() -> AsyncIterator[AnthropicServer]:
    """Whose replies are those of the scenes, in their order."""
    script = (
        writes(
            ("Похоже, принтер засыпает между чеками. ", "Не давать засыпать"),
            ("Включите опрос: Настройки → Печать → Устройства → Атол → «Не давать засыпать». ", "Не давать засыпать"),
            ("И поставьте на самом принтере таймер сна **0**.", "Не давать засыпать"),
        ),
        Says.text("Что делать, если касса не находит Bluetooth-принтер и опрос с таймером сна 0 не помогли?"),
        writes(
            ("Проверьте разрешение: Приложения → Полка → Разрешения → «Устройства поблизости». ", "поблизости"),
            ("Потом в Полке нажмите «Забыть устройство» и найдите принтер заново.", "поблизости"),
        ),
        writes((FOOD_ANSWER, "Внешний сервис")),
        writes(
            ("Без интернета касса торгует **72 часа**, потом ей хотя бы на минуту нужна связь. ", "72 часа"),
            ("Чеки копятся и уйдут сами; не работают СБП, проверка баллов и маркировка онлайн.", "72 часа"),
        ),
        writes(("120 часов: так с версии 4.5, раньше было 72.", "120 часов")),
        writes(
            ("Open *Payments → Payouts → Bank account → Change*. ", "Bank account"),
            ("Note the 3-day hold after a change.", "3-day hold"),
        ),
    )  # fmt: skip
    async with AnthropicServer(*script) as server:
        yield server


@pytest.fixture
async def place(samples: Servers, claude: AnthropicServer) -> AsyncIterator[Town]:
    """The bot, with a key for Claude."""
    async with town(samples, {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": claude.url}) as made:
        made.rules("burst_seconds = 0.0\nper_minute = 1000")
        await made.start()
        yield made


class Play:
    """The people, and what is written down of them."""

    def __init__(self, place: Town) -> None:
        self.place, self.server = place, place.server
        world = place.world
        self.olga = world.add_person("Ольга", user_id=OLGA, language="ru")
        self.kirill = world.add_person("Кирилл", user_id=KIRILL, language="ru")
        self.ksenia = world.add_person("Ксения", language="ru")
        self.emma = world.add_person("Emma", user_id=EMMA, language="en")
        self.staff_chat = world.add_supergroup("Поддержка", [self.olga], chat_id=STAFF)
        self.group = world.add_supergroup("Полка", [self.olga, self.kirill, self.ksenia], chat_id=RU)
        self.english = world.add_supergroup("Polka", [self.emma], chat_id=EN)
        self.script = Transcript(INTRODUCTION)

    async def asks(self, who: Person, words: str, chat: Chat) -> Message:
        """Ask, and write down both."""
        asked = who.says(chat, words)
        answer = await self.place.answered(who, asked)
        await self._settled()
        self.script.said(asked, answer)
        return answer

    async def presses(self, who: Person, message: Message, label: str) -> None:
        """Press, and write down what became of the message, if anything did."""
        before = message.text, message.keyboard
        press = who.presses(message, label)
        await self.server.until(lambda: press.answered)
        await self._settled()
        self.script.pressed(who, label, press)
        if (message.text, message.keyboard) != before:
            self.script.changed(message)

    async def card(self) -> Message:
        """The last card in the staff chat."""
        card = await self.server.until(lambda: self.place.said(self.staff_chat)[-1])
        await self._settled()
        return card

    async def _settled(self) -> None:
        """Until everything that was said is shown: an answer may grow in its place."""
        await self.place.shown()

    # -- the scenes

    async def streamed(self) -> None:
        """A question whose answer is seen while it is written, and what it leads to."""
        self.script.scene(
            "A question, and what it leads to",
            "Ольга is of the support team: she may search every chat. In a private chat the answer is streamed as a draft.",
        )
        self.script.place("Ольга's private chat with the bot")
        asked = self.olga.says(self.olga.private, PRINTER)
        answer = await self.place.answered(self.olga, asked)
        await self._settled()
        self.script.said(asked)
        self.script.grew(self.olga.private.drafts[-1])
        self.script.said(answer)
        await self.presses(self.olga, answer, "Источники")
        await self.presses(self.olga, answer, "← Назад")
        self.script.scene("A follow-up", "It is understood from what was said before.")
        self.script.place("The same chat")
        await self.asks(self.olga, "а если не помогло?", self.olga.private)

    async def handed_over(self) -> None:
        """A refusal, and the way to a human and back."""
        self.script.scene(
            "“I don't know”, and a human",
            "Кирилл is a client. What the history does not answer, nobody makes up; a human can be asked instead.",
        )
        self.script.place("The clients' group")
        refusal = await self.asks(self.kirill, f"/ask {FOOD}", self.group)
        await self.presses(self.kirill, refusal, "Спросить человека")
        self.script.place("The staff chat")
        card = await self.card()
        self.script.said(card)
        reply = self.olga.says(self.staff_chat, FOOD_ANSWER, reply_to=card)
        self.script.said(reply)
        delivered = await self.server.until(lambda: next(m for m in self.place.said(self.group) if "Внешний" in m.text))
        await self._settled()
        self.script.changed(card)
        self.script.place("The clients' group")
        self.script.said(delivered)
        self.script.place("The staff chat")
        await self.presses(self.olga, card, "Показывать во всех чатах")
        self.script.scene("The next who asks", "What staff said once is known from now on, and preferred.")
        self.script.place("The clients' group")
        await self.asks(self.ksenia, "/ask А Яндекс Еду с Полкой связать можно?", self.group)

    async def corrected(self) -> None:
        """A "no" with a correction, and the answer after it."""
        self.script.scene("👎, and a correction", "Ольга knows better than the history. Her correction counts at once.")
        self.script.place("The clients' group")
        answer = await self.asks(self.kirill, f"/ask {WIFI}", self.group)
        await self.presses(self.olga, answer, "👎")
        correction = self.olga.says(self.group, WIFI_ANSWER, reply_to=answer)
        thanks = await self.place.answered(self.olga, correction)
        self.script.said(correction, thanks)
        await self._settled()
        self.script.changed(answer)
        await self.asks(self.ksenia, f"/ask {WIFI}", self.group)

    async def english_too(self) -> None:
        """The same in the other language."""
        self.script.scene("In English", "The bot answers in the language of the question.")
        self.script.place("The English-speaking clients' group")
        await self.asks(self.emma, "/ask We want the payouts to go to another bank account", self.english)
        refusal = await self.asks(self.emma, "/ask Is there a Windows version of the register app?", self.english)
        await self.presses(self.emma, refusal, "Ask a human")
        self.script.place("The staff chat")
        self.script.said(await self.card())


@pytest.mark.xdist_group("bot")
async def test_the_transcript_in_the_docs_is_what_happens(place: Town) -> None:
    play = Play(place)
    await play.streamed()
    await play.handed_over()
    await play.corrected()
    await play.english_too()
    written = play.script.markdown()
    if WRITE_DOCS:
        PAGE.write_text(written, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written
