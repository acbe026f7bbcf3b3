"""The weekly report by the bot as its own process: SIGKILL between bringing it and noting that."""

from datetime import datetime
from io import BytesIO

import pytest
from docx import Document

from assistant.reports import WEEKDAYS
from core.embedded.servers import Servers
from tests.assistant.bot.test_reports import MOSCOW
from tests.e2e.bot.samples import STAFF
from tests.e2e.bot.town import PLACEHOLDER, town
from tests.fakes.botapi import Break


@pytest.mark.xdist_group("bot")
@pytest.mark.timeout(1_200)
async def test_killed_before_it_could_note_it_the_staff_chat_has_one_report(samples: Servers) -> None:
    async with town(samples) as place:
        place.rules(report=WEEKDAYS[datetime.now(MOSCOW).weekday()])
        staff_chat = place.world.add_supergroup("Поддержка", [place.world.add_person("Ольга")], chat_id=STAFF)
        with place.server.faults.during(place.server.faults.drop("editMessageMedia", None, cut=Break.AFTER)):
            await place.start()
            await place.server.until(lambda: [one for one in staff_chat.messages if one.document])
            await place.kill()
        await place.start()
        await place.shown()
        (report,) = [one for one in staff_chat.messages if one.document]
        placeholders = [one for one in place.server.sent if one.text == PLACEHOLDER]
    assert not placeholders
    assert report.document is not None
    opened = Document(BytesIO(report.document.content))
    first, second = report.text.splitlines()
    assert first == opened.core_properties.title
    assert second[0].isdigit()
