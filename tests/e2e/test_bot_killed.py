"""SIGKILL of the bot while people ask, with a Telegram that fails: each question has exactly one answer.

`OTKLIK_SOAK=full` makes it 200 questions and 25 kills, some minutes; by itself it is 12 and 2.
"""

import pytest

from core.embedded.servers import Servers
from tests.conftest import FULL_SOAK
from tests.e2e.bot.siege import Siege
from tests.e2e.bot.town import town

QUESTIONS, KILLS, PEOPLE = (200, 25, 20) if FULL_SOAK else (12, 2, 4)


@pytest.mark.xdist_group("bot")
@pytest.mark.timeout(3_600 if FULL_SOAK else 1_200)
async def test_however_often_the_bot_is_killed_each_question_has_one_answer(samples: Servers) -> None:
    async with town(samples) as place:
        place.rules("burst_seconds = 0.0\nconversation_minutes = 0\nper_minute = 1000\nper_day = 1000")
        figures = await Siege(place, people=PEOPLE, questions=QUESTIONS, kills=KILLS).run()
    print(figures)  # noqa: T201 - shown with -s, and when it fails
    assert not figures.wrong
    assert figures.kills == KILLS
    assert figures.placeholders <= figures.excused
