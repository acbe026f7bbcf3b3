"""The gate on a prompt compared with itself, whose model answers otherwise each time; `benchmarks.evals` in small."""

from benchmarks.evals.repeating import Compared, Repeated, bound, repeat
from core.db.session import Database
from evals.versions import Version
from tests.evals.scene import MODEL, TALK, answering, case, connected, silent, talked
from tests.fakes.anthropic_reader import Reader
from tests.ingestion.road import CHAT

ALPHA = 0.3
"""At which so few cases can shut the gate at all: each of six would have to be lost."""
CASES = tuple(
    case(f"{number}-{words}", f"{question} {words}", relevant_messages=((CHAT, 10 * number + 10),))
    for number, (question, _) in enumerate(TALK)
    for words in ("", "?")
)
SAME, WORSE = answering("Answer.", "base"), answering("GUESS 100%", "worse")


async def repeated(database: Database, candidate: Version, times: int) -> Repeated:
    what = Compared(base=SAME, candidate=candidate, model=MODEL, cases=CASES, alpha=ALPHA)
    async with connected(database, otherwise=Reader(noise=0.15)) as (runner, _):
        return await repeat(runner, database, what, times, silent)


async def test_moods_do_not_shut_the_gate_and_a_worse_prompt_does(database: Database) -> None:
    await talked(database)
    same, worse = await repeated(database, SAME, 12), await repeated(database, WORSE, 2)
    assert sum(one.differing for gate in same.gates for one in gate.comparisons) > 12
    assert same.shut <= bound(12, ALPHA)
    assert worse.shut == 2
