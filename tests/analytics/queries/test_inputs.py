"""Periods, scopes, and what every query has in common."""

import pytest

from core.db.session import Database
from core.domain.access import AccessScope
from tests.analytics.queries.asking import EVERY, PERIOD, QUERIES


@pytest.mark.parametrize("name", QUERIES)
async def test_an_empty_installation_has_something_to_show_for_every_query(database: Database, name: str) -> None:
    async with database.reading() as session:
        for scope in (EVERY, AccessScope.chats([-1])):
            await QUERIES[name](session, scope, PERIOD)
