"""Outages on purpose, and limits of speed."""

import asyncio

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import Message as BotMessage

from tests.fakes.botapi import BotApiServer, Break, Chat, Kind, Person, Refused
from tests.fakes.botapi.rates import Rates
from tests.fakes.botapi.testing import polling


async def test_errors_on_purpose(server: BotApiServer, bot: Bot, anna: Person) -> None:
    faults = server.faults
    faults.flood("sendMessage", 7, times=2)
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as flood:
            await bot.send_message(anna.id, "x")
        assert flood.value.retry_after == 7
    faults.error("sendMessage", 500, "Internal Server Error")
    with pytest.raises(TelegramServerError):
        await bot.send_message(anna.id, "x")
    faults.bad_gateway("*")
    with pytest.raises(ClientDecodeError):
        await bot.send_message(anna.id, "x")
    assert server.sent == []
    await bot.send_message(anna.id, "x")
    assert [asked.ok for asked in server.asked] == [False] * 4 + [True]


async def test_connections_cut_before_and_after(server: BotApiServer, bot: Bot, anna: Person) -> None:
    server.faults.drop("sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(anna.id, "lost")
    server.faults.drop("sendMessage", cut=Break.AFTER)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(anna.id, "sent, and nobody knows")
    assert [message.text for message in server.sent] == ["sent, and nobody knows"]
    assert server.asked[-1].error == "connection cut after the request was handled"


async def test_a_slow_answer(server: BotApiServer, bot: Bot, anna: Person) -> None:
    server.faults.slow("sendMessage", 3600)
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot.send_message(anna.id, "x", request_timeout=1)
    assert server.sent == []


async def test_an_outage_of_polling_loses_nothing(server: BotApiServer) -> None:
    dispatcher, texts = Dispatcher(), list[str | None]()

    @dispatcher.message()
    async def hear(message: BotMessage) -> None:
        texts.append(message.text)

    anna = server.world.add_person("Anna")
    async with polling(server, dispatcher):
        outage = server.faults.bad_gateway("getUpdates", times=None)
        with server.faults.during(outage):
            anna.says(anna.private, "first")
            before = server.calls()["getUpdates"]
            await server.until(lambda: server.calls()["getUpdates"] > before + 1)
            anna.says(anna.private, "second")
        await server.until(lambda: "second" in texts)
        await server.all_taken()
    assert texts == ["first", "second"]


def test_rates() -> None:
    now = 0.0
    rates = Rates(lambda: now)
    rates.enabled = True
    person, group = Chat(1, Kind.PRIVATE, "Anna"), Chat(-1, Kind.GROUP, "Team")
    for _ in range(5):
        rates.take(person)
    with pytest.raises(Refused) as refused:
        rates.take(person)
    assert (refused.value.code, refused.value.parameters) == (429, {"retry_after": 1})
    now += 1
    rates.take(person)
    for _ in range(20):
        rates.take(group)
    with pytest.raises(Refused, match="Too Many Requests: retry after 3"):
        rates.take(group)
    now += 60
    for number in range(30):
        rates.take(Chat(100 + number, Kind.PRIVATE, "Somebody"))
    with pytest.raises(Refused, match="retry after 1"):
        rates.take(Chat(99, Kind.PRIVATE, "Somebody"))


async def test_rates_are_off_until_they_are_switched_on(server: BotApiServer, bot: Bot, anna: Person) -> None:
    for number in range(10):
        await bot.send_message(anna.id, f"{number}")
    server.rates.enabled = True
    many = [bot.send_message(anna.id, f"{number}") for number in range(100)]
    outcomes = await asyncio.gather(*many, return_exceptions=True)
    assert any(isinstance(outcome, TelegramRetryAfter) for outcome in outcomes)


async def test_many_people_at_once(server: BotApiServer) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: BotMessage) -> None:
        await message.answer(f"{message.text}!")

    people = [server.world.add_person(f"Person {number}") for number in range(100)]
    async with polling(server, dispatcher):
        await asyncio.gather(*(asyncio.to_thread(person.says, person.private, person.first_name) for person in people))
        await server.until(lambda: len(server.sent) == 100)
        await server.all_taken()
    assert sorted(message.text for message in server.sent) == sorted(f"{person.first_name}!" for person in people)
