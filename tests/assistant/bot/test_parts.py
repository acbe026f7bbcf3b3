"""The parts that have a clock or a connection of their own."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramRetryAfter
from aiogram.types import Chat as TelegramChat
from aiogram.types import Message as TelegramMessage
from aiogram.types import MessageEntity, User

from assistant.bot.desk import Courtesy
from assistant.bot.members import KEPT_SECONDS, Members
from assistant.bot.pace import GROUP, PRIVATE, Pace
from assistant.bot.reading import said, sender_of
from assistant.bot.session import TRIES, Connection, make_bot
from tests.fakes.botapi import BotApiServer

ME = User(id=42, is_bot=True, first_name="Otklik", username="otklik_bot")


class Clock:
    """A clock that goes only when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def connected(server: BotApiServer) -> AsyncIterator[tuple[Bot, Connection]]:
    bot, connection = make_bot(server.token, server.url)
    yield bot, connection
    await bot.session.close()


@pytest.mark.parametrize(("chat_id", "rate"), [(-100, GROUP), (2**52, PRIVATE)])
def test_after_a_burst_a_chat_has_to_wait_and_others_not(chat_id: int, rate: object) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert isinstance(rate, type(GROUP))
    for _ in range(rate.burst):
        assert pace.wait(chat_id) == 0
        pace.count(chat_id)
    assert pace.wait(chat_id) == pytest.approx(rate.seconds)
    assert pace.wait(-5) == 0
    clock.now += rate.seconds
    assert pace.wait(chat_id) == pytest.approx(0)
    assert pace.wait(chat_id, spare=2) == pytest.approx(2 * rate.seconds)


def test_all_chats_together_are_paced_too() -> None:
    pace = Pace(Clock())
    for chat_id in range(-60, 0):
        pace.count(chat_id)
    assert pace.wait(-1_000) > 0


def test_one_polite_word_a_while_to_each_chat() -> None:
    clock = Clock()
    courtesy = Courtesy(clock)
    assert [courtesy.may(1), courtesy.may(1), courtesy.may(2)] == [True, False, True]
    clock.now += 60
    assert courtesy.may(1)


async def test_what_can_be_repeated_is(server: BotApiServer, connected: tuple[Bot, Connection]) -> None:
    server.faults.bad_gateway("getMe", 1)
    server.faults.flood("getMe", 1)
    assert (await connected[0].get_me()).username == "otklik_bot"
    assert server.calls()["getMe"] == 3


async def test_what_is_refused_for_long_is_the_callers_business(
    server: BotApiServer, connected: tuple[Bot, Connection]
) -> None:
    server.faults.flood("getMe", 31)
    with pytest.raises(TelegramRetryAfter):
        await connected[0].get_me()
    assert server.calls()["getMe"] == 1


async def test_repeating_ends(server: BotApiServer, connected: tuple[Bot, Connection]) -> None:
    with server.faults.during(server.faults.bad_gateway("getMe", None)), pytest.raises(ClientDecodeError):
        await connected[0].get_me()
    assert server.calls()["getMe"] == TRIES


async def test_a_message_is_never_sent_again_here(server: BotApiServer, connected: tuple[Bot, Connection]) -> None:
    anna = server.world.add_person("Anna")
    anna.starts()
    server.faults.bad_gateway("sendMessage")
    with pytest.raises(ClientDecodeError):
        await connected[0].send_message(anna.id, "hello")
    assert server.calls()["sendMessage"] == 1


async def test_members_are_remembered_for_a_while(server: BotApiServer, connected: tuple[Bot, Connection]) -> None:
    clock, world = Clock(), server.world
    anna, boris = world.add_person("Anna"), world.add_person("Boris")
    chat = world.add_supergroup("Staff", [anna])
    members = Members(connected[0], clock)
    assert [await members.has(chat.id, person.id) for person in (anna, boris, anna)] == [True, False, True]
    assert server.calls()["getChatMember"] == 2
    anna.leaves(chat)
    assert await members.has(chat.id, anna.id)
    clock.now += KEPT_SECONDS
    assert not await members.has(chat.id, anna.id)


async def test_a_staff_chat_that_the_bot_cannot_see_has_no_members(connected: tuple[Bot, Connection]) -> None:
    members = Members(connected[0])
    assert not await members.has(-1_001_111_111_111, 5)
    assert not await members.has(0, 5)


async def test_whom_telegram_does_not_tell_of_now_is_asked_for_again(
    server: BotApiServer, connected: tuple[Bot, Connection]
) -> None:
    anna = server.world.add_person("Anna")
    chat = server.world.add_supergroup("Staff", [anna])
    members = Members(connected[0])
    with server.faults.during(server.faults.bad_gateway("getChatMember", None)), pytest.raises(ClientDecodeError):
        await members.has(chat.id, anna.id)
    assert await members.has(chat.id, anna.id)


def message(text: str, *entities: MessageEntity, sender_chat: TelegramChat | None = None) -> TelegramMessage:
    chat = TelegramChat(id=-1001234567890, type="supergroup")
    someone = User(id=5, is_bot=False, first_name="Anna")
    return TelegramMessage.model_validate(
        {"message_id": 1, "date": 1_780_000_000, "chat": chat, "from": someone, "text": text, "entities": list(entities),
         "sender_chat": sender_chat}
    )  # fmt: skip


def test_blanks_take_the_place_of_the_bots_name_so_that_what_the_masker_is_told_stays_true() -> None:
    found = said(
        message(
            "🙂 @Otklik_Bot звоните +79161234567",
            MessageEntity(type="mention", offset=3, length=11),
            MessageEntity(type="phone_number", offset=23, length=12),
        ),
        ME,
    )
    assert found.text.reveal() == f"🙂 {' ' * 11} звоните +79161234567"
    (phone,) = found.entities
    assert found.text.reveal()[phone.start : phone.end] == "+79161234567"
    assert phone.kind == "phone"


def test_who_writes_in_the_name_of_a_chat_is_that_chat() -> None:
    group = TelegramChat(id=-1001234567890, type="supergroup")
    assert sender_of(message("hi", sender_chat=group)) == ("channel1234567890", None)
    assert sender_of(message("hi")) == ("user5", 5)


def test_errands_do_not_pile_up() -> None:
    from assistant.bot.errands import AT_ONCE, Errands

    done = []

    async def errand() -> None:
        await asyncio.sleep(0)
        done.append(1)

    async def main() -> None:
        errands = Errands()
        for _ in range(AT_ONCE + 10):
            errands.run(errand())
        await errands.finish()

    asyncio.run(main())
    assert len(done) == AT_ONCE
