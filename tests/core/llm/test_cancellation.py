"""A task that is cancelled, or a consumer that fails, leaves a settled row behind."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.db.session import Database
from core.llm.calls import Call, Usage
from core.llm.gateway import Gateway
from core.llm.ledger import Ledger, Settlement
from tests.core.llm.kinds import Connect, Rows, ample
from tests.fakes.anthropic_script import Says, Silence
from tests.fakes.anthropic_server import AnthropicServer

HANGS = Says.text("One two three", alter=lambda events: events[:4], then="hang")


async def test_cancelled_before_a_word(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(Silence()) as server:
        task = asyncio.create_task((await connect(server)).complete(call))
        await server.hangs.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    [row] = await rows()
    assert (row.outcome, row.price) == ("cancelled", None)


async def test_cancelled_in_the_middle(connect: Connect, call: Call, rows: Rows) -> None:
    heard = asyncio.Event()

    async def consume(gateway: Gateway) -> None:
        async with gateway.stream(call) as stream:
            async for _ in stream:
                heard.set()

    async with AnthropicServer(HANGS) as server:
        task = asyncio.create_task(consume(await connect(server)))
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    [row] = await rows()
    assert (row.outcome, row.price) == ("cancelled", None), "the server wrote on until it noticed, nobody knows how far"
    assert row.reserved > server.charged > 0


async def test_cancelled_twice_while_it_settles(connect: Connect, call: Call, rows: Rows, database: Database) -> None:
    ledger = Ledger(database, ample)
    async with AnthropicServer() as server:
        reply = await (await connect(server)).complete(call)
    fresh = uuid4()
    await ledger.open(fresh, call, None, Decimal(0))
    task = asyncio.create_task(ledger.settle(fresh, Settlement("broken", Usage(1, 2), None, 3, None, "x\0" * 400)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    first, second = await rows()
    assert (first.call_id, first.outcome) == (reply.call_id, "ok")
    assert (second.outcome, second.input_tokens, second.error) == ("broken", 1, "x" * 400)


async def _fail_at_the_first_word(gateway: Gateway, call: Call) -> None:
    async with gateway.stream(call) as stream:
        async for _ in stream:
            raise ZeroDivisionError


async def test_a_consumer_that_fails(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(HANGS) as server:
        gateway = await connect(server)
        with pytest.raises(ZeroDivisionError):
            await _fail_at_the_first_word(gateway, call)
    [row] = await rows()
    assert (row.outcome, row.price) == ("cancelled", None)


async def test_a_row_is_settled_once(connect: Connect, call: Call, rows: Rows, database: Database) -> None:
    async with AnthropicServer() as server:
        reply = await (await connect(server)).complete(call)
    await Ledger(database, ample).settle(reply.call_id, Settlement("cancelled", Usage(), None, 0))
    [row] = await rows()
    assert (row.outcome, row.price) == ("ok", server.charged)


async def test_a_ledger_that_cannot_be_written_stops_the_call(connect: Connect, call: Call, database: Database) -> None:
    """No call without a row. The other way round, a settlement that fails leaves the row open and the reply whole."""
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE model_calls RENAME TO elsewhere"))
    async with AnthropicServer() as server:
        with pytest.raises(SQLAlchemyError):
            await (await connect(server)).complete(call)
    assert not server.received


async def test_a_settlement_that_is_lost_shows_as_an_open_row(
    connect: Connect, call: Call, rows: Rows, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    forbid = """
        CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' ; END $$;
        CREATE TRIGGER no BEFORE UPDATE ON model_calls FOR EACH ROW EXECUTE FUNCTION no()
    """
    async with database.transaction() as session:
        for statement in forbid.split("$$;"):
            await session.execute(text(statement + ("$$" if "FUNCTION no() RET" in statement else "")))
    async with AnthropicServer() as server:
        reply = await (await connect(server)).complete(call)
    assert reply.text
    [row] = await rows()
    assert (row.outcome, row.price) == ("open", None)
    assert str(reply.call_id) in caplog.text
