"""Nothing is paid twice, nothing beyond what a command may cost, and what is remembered is masked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from core.db.session import Database
from core.llm.budget import Budgets
from core.llm.calls import Call, Purpose, SearchResult
from core.llm.errors import BrokenReply, BudgetExhausted, Overloaded, RateLimited
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.llm.refusal import REFUSAL_MARKER
from core.llm.vendor import _request
from core.privacy.types import MaskedText
from evals.remembering import Allowance, CaseFailed, NotAsked, Remembering, key_of
from tests.core.llm.kinds import ample
from tests.evals.scene import MASKER, MODEL
from tests.fakes.anthropic_script import Says, Silence, fails, quote
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import CHAT, rows, value

CALL = Call(
    purpose=Purpose.EVAL,
    prompt=PromptRegistry().load("answer").fill(refusal_marker=REFUSAL_MARKER),
    model=MODEL,
    question=MaskedText("Как сбросить пароль?"),
    results=(
        SearchResult("unit-1", MaskedText("Поддержка"), (MaskedText("Настройки → Сброс."),), made_of=(f"{CHAT}:1",)),
        SearchResult(
            "unit-2", MaskedText("Support"), (MaskedText("Ask. "), MaskedText("Wait.")), made_of=(f"{CHAT}:2",)
        ),
    ),
)
JUDGED = replace(
    CALL, purpose=Purpose.JUDGE, prompt=PromptRegistry().load("judge").fill(), results=(), schema={"type": "object"}
)


@asynccontextmanager
async def gateway_to(
    database: Database, server: AnthropicServer, purse: Callable[[], Purse] = ample
) -> AsyncIterator[Gateway]:
    settings = GatewaySettings(
        api_key=SecretStr("key"), base_url=server.url, first_wait_seconds=0.001, longest_wait_seconds=0.002, tries=1
    )
    gateway = Gateway(settings, database, load_prices(), purse)
    try:
        yield gateway
    finally:
        await gateway.close()


def door(gateway: Gateway, database: Database, **given: Any) -> Remembering:
    usual: dict[str, Any] = {"allowance": Allowance(None), "case_id": "case", "sample": 0, "fresh": False}
    return Remembering(gateway=gateway, database=database, masker=MASKER, **(usual | given))


# -- the key


def sent(call: Call) -> Any:
    """The body of the request, without the ids of sources."""
    body = _request(call)
    return json.loads(
        json.dumps(body, default=str), object_hook=lambda one: {**one, "source": None} if "source" in one else one
    )


OTHER = PromptRegistry().load("condense").fill()
VARIED: dict[str, list[Call]] = {
    "purpose": [replace(CALL, purpose=Purpose.SUGGESTION)],
    "chat_id": [replace(CALL, chat_id=-100)],
    "prompt": [replace(CALL, prompt=OTHER), replace(CALL, prompt=replace(CALL.prompt, max_tokens=7)),
               replace(CALL, prompt=replace(CALL.prompt, version="renamed"))],
    "model": [replace(CALL, model="claude-opus-5")],
    "question": [replace(CALL, question=MaskedText("Как сменить пароль?"))],
    "results": [
        replace(CALL, results=CALL.results[:1]),
        replace(CALL, results=CALL.results[::-1]),
        replace(CALL, results=(replace(CALL.results[0], title=MaskedText("Support")), CALL.results[1])),
        replace(CALL, results=(CALL.results[0], replace(CALL.results[1], texts=(MaskedText("Ask. Wait."),)))),
        replace(CALL, results=(replace(CALL.results[0], source="renamed", made_of=("1:1",)), CALL.results[1])),
    ],
    "schema": [replace(CALL, schema={"type": "object"})],
    "max_tokens": [replace(CALL, max_tokens=9), replace(CALL, max_tokens=CALL.prompt.max_tokens)],
}  # fmt: skip


def test_two_requests_have_the_same_key_where_the_same_is_sent_and_nowhere_else() -> None:
    assert set(VARIED) == {one.name for one in fields(Call)}
    calls = [CALL, *(one for several in VARIED.values() for one in several)]
    for one in calls:
        for other in calls:
            assert (key_of(one, 0) == key_of(other, 0)) == (sent(one) == sent(other))
    assert key_of(CALL, 0) != key_of(CALL, 1)


# -- what is remembered


async def test_a_reply_is_given_back_as_it_was_for_free(database: Database) -> None:
    async with AnthropicServer() as server, gateway_to(database, server) as gateway:
        first, second = door(gateway, database), door(gateway, database, case_id="another")
        one, two = await first.complete(CALL), await second.complete(CALL)
        assert len(server.received) == 1
        assert first.paid_usd == server.charged > 0
    assert second.paid_usd == 0
    assert (one.text, one.cost_usd, one.latency_ms, one.call_id) == (
        two.text,
        two.cost_usd,
        two.latency_ms,
        two.call_id,
    )
    assert [each.index for each in one.citations] == [each.index for each in two.citations] == [0]
    assert second.saved_ms == one.latency_ms
    assert first.saved_ms == 0
    (row,) = await rows(database, "SELECT case_id, rests_on, CAST(call_id AS text) AS call FROM eval_replies")
    assert row == {"case_id": "case", "rests_on": [f"{CHAT}:1", f"{CHAT}:2"], "call": str(one.call_id)}


async def test_another_draw_is_asked_for_and_a_fresh_one_takes_the_place_of_the_old(database: Database) -> None:
    script = [Says.text(f"{REFUSAL_MARKER}\n{words}") for words in ("one", "two", "three")]
    async with AnthropicServer(*script) as server, gateway_to(database, server) as gateway:
        texts = [(await door(gateway, database, **given).complete(CALL)).text.split()[-1]
                 for given in ({}, {"sample": 1}, {"fresh": True}, {})]  # fmt: skip
    assert texts == ["one", "two", "three", "three"]
    assert await value(database, "SELECT count(*) FROM eval_replies") == 2


async def test_what_the_model_writes_is_kept_masked(database: Database) -> None:
    async with AnthropicServer(Says.text("Пишите boss@example.com")) as server, gateway_to(database, server) as gateway:
        doors = [door(gateway, database), door(gateway, database)]
        assert [(await one.complete(CALL)).text for one in doors] == ["Пишите [EMAIL]"] * 2
    assert [one.taken_out for one in doors] == [1, 1]
    assert "boss" not in str(await rows(database, "SELECT reply FROM eval_replies"))


async def test_a_mark_rests_on_all_that_the_model_was_given_before_it(database: Database) -> None:
    async with AnthropicServer(quote, Says.text("{}")) as server, gateway_to(database, server) as gateway:
        both = door(gateway, database)
        await both.complete(CALL)
        await both.complete(JUDGED)
    kept = await rows(database, "SELECT rests_on FROM eval_replies")
    assert [row["rests_on"] for row in kept] == [[f"{CHAT}:1", f"{CHAT}:2"]] * 2


async def test_marks_that_cannot_be_used_are_forgotten_and_the_answer_is_not(database: Database) -> None:
    async with AnthropicServer(quote, *[Says.text("no marks")] * 3) as server, gateway_to(database, server) as gateway:
        first = door(gateway, database)
        await first.complete(CALL)
        await first.complete(JUDGED)
        await first.complete(replace(JUDGED, question=MaskedText("again")))
        await first.forget_marks()
        assert await value(database, "SELECT count(*) FROM eval_replies") == 1
        await door(gateway, database).complete(CALL)
        await door(gateway, database).complete(JUDGED)
        assert len(server.received) == 4


async def test_nobody_streams_an_eval(database: Database) -> None:
    async with AnthropicServer() as server, gateway_to(database, server) as gateway:
        with pytest.raises(NotImplementedError):
            door(gateway, database).stream(CALL)


# -- what went wrong


async def test_a_failure_fails_the_case_and_is_not_remembered(database: Database) -> None:
    async with AnthropicServer(fails(529, "overloaded_error")) as server, gateway_to(database, server) as gateway:
        with pytest.raises(CaseFailed, match="overloaded"):
            await door(gateway, database).complete(CALL)
        assert (await door(gateway, database).complete(CALL)).text


@pytest.mark.parametrize(
    ("call", "script", "says"),
    [
        (replace(CALL, model="unknown-model"), [], "No price is known for the model 'unknown-model'"),
        (CALL, [fails(401, "authentication_error")], "key"),
    ],
)
async def test_what_would_fail_every_case_ends_the_run(
    database: Database, call: Call, script: list[Any], says: str
) -> None:
    async with AnthropicServer(*script) as server, gateway_to(database, server) as gateway:
        with pytest.raises(NotAsked, match=says):
            await door(gateway, database).complete(call)


# -- what it may cost


SHORT = replace(CALL, max_tokens=10)
LONG = Says.text("слово " * 7)
"""Ten tokens: it costs nearly what it may."""


async def all_of(allowance: Allowance, gateway: Gateway, count: int = 20) -> list[Any]:
    return await asyncio.gather(*(allowance.pay(gateway, SHORT) for _ in range(count)), return_exceptions=True)


@pytest.mark.parametrize("affords", ["0.9", "1", "3.5", "100"])
async def test_twenty_calls_at_once_cost_no_more_than_they_may_together(database: Database, affords: str) -> None:
    async with AnthropicServer(otherwise=lambda _: LONG) as server, gateway_to(database, server) as gateway:
        most = gateway.most(SHORT)
        allowance = Allowance(most * Decimal(affords))
        found = await all_of(allowance, gateway)
        refused = [one for one in found if isinstance(one, NotAsked)]
        assert len(server.received) + len(refused) == len(found)
        assert server.charged <= most * Decimal(affords)
        assert allowance.spent == server.charged
        assert len(server.received) >= min(int(Decimal(affords)), 20)  # what it can afford is asked
    assert all("--budget" in str(one) for one in refused)


async def test_money_that_was_set_aside_and_not_needed_is_there_for_the_next(database: Database) -> None:
    async with AnthropicServer(otherwise=lambda _: Says.text("да")) as server, gateway_to(database, server) as gateway:
        cost = (await gateway.complete(CALL)).cost_usd
        allowance = Allowance(gateway.most(CALL) + 5 * cost)  # of 800 tokens, and one is written
        found = await asyncio.gather(*(allowance.pay(gateway, CALL) for _ in range(5)))
        assert allowance.spent == sum(one.cost_usd for one in found)


@pytest.mark.parametrize(
    ("step", "error", "counts"),
    [
        (fails(529, "overloaded_error"), Overloaded, False),
        (fails(429, "rate_limit_error"), RateLimited, False),
        (replace(LONG, then="reset", alter=lambda made: made[:4]), BrokenReply, True),
    ],
)
async def test_of_a_failed_call_the_most_is_counted_unless_it_surely_cost_nothing(
    database: Database, step: Any, error: type[Exception], counts: bool
) -> None:
    async with AnthropicServer(step) as server, gateway_to(database, server) as gateway:
        allowance = Allowance(Decimal(1))
        with pytest.raises(error):
            await allowance.pay(gateway, SHORT)
        assert allowance.spent == (gateway.most(SHORT) if counts else 0)


async def test_what_the_installation_may_not_spend_costs_the_command_nothing(database: Database) -> None:
    def poor() -> Purse:
        return Purse(Budgets(day=Decimal(0), month=Decimal(0)), ample().zone)

    async with AnthropicServer() as server, gateway_to(database, server, poor) as gateway:
        allowance = Allowance(Decimal(1))
        with pytest.raises(BudgetExhausted):
            await allowance.pay(gateway, CALL)
        assert not server.received
        assert allowance.spent == 0


async def test_a_call_that_is_cut_off_counts_with_all_that_it_may_have_cost(database: Database) -> None:
    async with AnthropicServer(Silence()) as server, gateway_to(database, server) as gateway:
        allowance = Allowance(gateway.most(CALL))
        cut = asyncio.create_task(allowance.pay(gateway, CALL))
        await server.hangs.wait()
        cut.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cut
        assert allowance.spent == gateway.most(CALL)
        with pytest.raises(NotAsked):
            await allowance.pay(gateway, CALL)
