"""SIGKILL while windows are cut, read and handed in: at the end every message is in exactly one window, and each window was
read once.

`OTKLIK_SOAK=full` kills 20 times in each way of asking; by itself it is twice, in one.
"""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.db.session import Database
from tests.analytics.scene import reads, said, stored
from tests.conftest import FULL_SOAK
from tests.e2e.processes import Otklik, kill, stop, until
from tests.fakes.anthropic_script import Says
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import CHAT, rows, value

KILLS = 20 if FULL_SOAK else 2
WINDOWS_A_KILL = 6
SIZE = 10
BURST = WINDOWS_A_KILL * SIZE
"""Messages that are stored before each kill, in three chats: their windows are cut under it too."""

IMPATIENT = """
from datetime import timedelta
import analytics.queue, analytics.role
analytics.queue.LEASE = timedelta(seconds=1)
analytics.role.BATCH_POLL_SECONDS = analytics.role.BULK_POLL_SECONDS = 0.05
from otklik.cli import run
run()
"""
"""`python -m otklik` that takes over what a killed process held after a second instead of after a minute."""

WRONG = """
    SELECT window_id FROM analysis_windows AS w WHERE state <> 'done' OR analysed_by <> 'model' OR call_id IS NULL
        OR (SELECT count(*) FROM messages AS m WHERE m.window_id = w.window_id) <> :size
        OR (SELECT count(*) FROM window_topics AS t WHERE t.window_id = w.window_id) <> 1
        OR (SELECT count(*) FROM appraisals AS a WHERE a.window_id = w.window_id) <> 1
"""


@pytest.mark.timeout(3_000 if FULL_SOAK else 600)
@pytest.mark.parametrize("api", ["messages", "batches"] if FULL_SOAK else ["messages"])
async def test_however_often_it_is_killed_every_message_is_in_one_window_that_was_read_once(
    database: Database, database_url: str, redis_url: str, home: Path, tmp_path: Path, api: str
) -> None:
    rng = random.Random(20_261_124)
    (tmp_path / "otklik.toml").write_text(
        f'[batch]\nmessages = {SIZE}\nminutes = 60\napi = "{api}"\n[budget]\nday = 1000\nmonth = 1000\n'
    )
    count = 0

    async def more() -> None:
        nonlocal count
        numbers = range(count + 1, count + BURST + 1)
        await stored(database, *[said(n, f"Не печатается чек {n}, что делать?", chat_id=CHAT - n % 3) for n in numbers])
        count += BURST

    async def done(wanted: int) -> bool:
        return int(await value(database, "SELECT count(*) FROM analysis_windows WHERE state = 'done'")) >= wanted

    async with AnthropicServer(otherwise=_slowly(rng)) as server:
        settings = {
            "OTKLIK_HOME": str(home / "a"), "OTKLIK_DATABASE_URL": database_url, "OTKLIK_REDIS_URL": redis_url,
            "OTKLIK_CONFIG": str(tmp_path / "otklik.toml"), "ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": server.url,
        }  # fmt: skip
        otklik = Otklik(tmp_path, settings)
        await more()
        role = await otklik.start("analyze", program=IMPATIENT)
        for number in range(KILLS):
            wanted = count // SIZE - WINDOWS_A_KILL + rng.randrange(5)
            await until(lambda wanted=wanted: done(wanted), role)  # type: ignore[misc]
            if number % 2:  # while the last ones are read, and the next ones cut
                await more()
            await asyncio.sleep(rng.random() / 5)
            await kill(role)
            await more()
            role = await otklik.start("analyze", program=IMPATIENT)
        await until(lambda: done(count // SIZE), role)
        assert await stop(role) == 0
    assert await value(database, "SELECT count(*) FROM messages WHERE window_id IS NOT NULL") == count
    assert await rows(database, WRONG, size=SIZE) == []
    assert await value(database, "SELECT count(DISTINCT call_id) FROM analysis_windows") == count // SIZE
    assert await value(database, "SELECT count(*) FROM topics") == 3, "one in each chat"
    assert await value(database, "SELECT sum(cardinality(message_ids)) FROM window_topics") == count
    if FULL_SOAK:
        assert await value(database, "SELECT count(*) FROM analysis_windows WHERE tries > 1") > 0, "some were held"
    known = await value(database, "SELECT sum(price) FROM model_calls")
    most = await value(database, "SELECT sum(coalesce(price, reserved)) FROM model_calls")
    assert known <= server.charged <= most, "what a killed process did not settle stays reserved"
    assert "Traceback" not in "".join(log.read_text() for log in otklik.logs)


def _slowly(rng: random.Random) -> Any:
    """A model that reads, in replies of many words: there are moments to die in."""

    def answer(body: Mapping[str, Any]) -> Says:
        whole = reads(body)
        return Says.text(whole.blocks[0][0] + " " * rng.randrange(1, 400))

    return answer
