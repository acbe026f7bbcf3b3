"""Who is who, and whose answers are read by whom: the scope follows the audience."""

from itertools import product

import pytest

from assistant.access import NoAccess, Person, Place, Reason, Standing, role_of, scope_of
from assistant.known import has_written, is_held
from core.db.session import Database
from core.domain.access import AccessScope, Role
from core.rules import AccessRules, ChatRules, Rules, StaffRules
from tests.ingestion.road import CHAT, PSEUDONYMS, observed, put

ADMIN, AGENT, MEMBER, CLIENT, STRANGER = 1, 2, 3, 4, 5
STAFF_CHAT, NAMED, NOWHERE, AGENTS_ONLY = -500, -600, -700, -800
PRIVATE = PSEUDONYMS.private_chat(CLIENT)
RULES = Rules(
    staff=StaffRules(ids=frozenset({AGENT})),
    access=AccessRules(admins=frozenset({ADMIN}), staff_chat=STAFF_CHAT, agent_chats=frozenset({AGENTS_ONLY})),
    chats={NAMED: ChatRules()},
)
IN_PRIVATE = Place(PRIVATE, is_private=True, is_held=False)
IN_GROUP = Place(CHAT, is_private=False, is_held=True)
IN_NAMED = Place(NAMED, is_private=False, is_held=False)
IN_STAFF_CHAT = Place(STAFF_CHAT, is_private=False, is_held=False)
IN_UNKNOWN = Place(NOWHERE, is_private=False, is_held=False)
AGENTS_SCOPE = AccessScope(every_chat=False, chat_ids=frozenset({AGENTS_ONLY}), public=True)


def person(user_id: int | None) -> Person:
    """One of the people above."""
    return Person(user_id, in_staff_chat=user_id == MEMBER, has_written=user_id == CLIENT)


@pytest.mark.parametrize(
    ("who", "place", "role", "reason"),
    [
        (ADMIN, IN_PRIVATE, Role.ADMIN, Reason.ADMIN_BY_RULES),
        (ADMIN, IN_UNKNOWN, Role.ADMIN, Reason.ADMIN_BY_RULES),
        (AGENT, IN_GROUP, Role.AGENT, Reason.STAFF_BY_RULES),
        (MEMBER, IN_PRIVATE, Role.AGENT, Reason.IN_STAFF_CHAT),
        (STRANGER, IN_STAFF_CHAT, Role.AGENT, Reason.IN_STAFF_CHAT),
        (None, IN_STAFF_CHAT, Role.AGENT, Reason.IN_STAFF_CHAT),
        (CLIENT, IN_PRIVATE, Role.CLIENT, Reason.HAS_WRITTEN),
        (STRANGER, IN_GROUP, Role.CLIENT, Reason.IN_KNOWN_GROUP),
        (STRANGER, IN_NAMED, Role.CLIENT, Reason.IN_KNOWN_GROUP),
        (None, IN_GROUP, Role.CLIENT, Reason.IN_KNOWN_GROUP),
        (STRANGER, IN_PRIVATE, None, Reason.STRANGER),
        (CLIENT, IN_UNKNOWN, None, Reason.UNKNOWN_GROUP),
    ],
)
def test_who_is_who(who: int | None, place: Place, role: Role | None, reason: Reason) -> None:
    assert role_of(person(who), place, RULES) == Standing(role, reason)


def test_strangers_may_ask_where_the_rules_let_them() -> None:
    welcoming = RULES.model_copy(update={"access": RULES.access.model_copy(update={"strangers": True})})
    assert role_of(person(STRANGER), IN_PRIVATE, welcoming) == Standing(Role.CLIENT, Reason.STRANGERS_WELCOME)
    assert role_of(person(STRANGER), IN_UNKNOWN, welcoming).role is None


def test_without_a_staff_chat_nobody_is_in_it() -> None:
    nowhere = Place(0, is_private=False, is_held=False)
    assert scope_of(Role.AGENT, nowhere, Rules()) == NoAccess(Reason.UNKNOWN_GROUP)
    assert role_of(person(STRANGER), nowhere, Rules()).role is None


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENT, Role.CLIENT])
def test_in_a_group_everybody_is_answered_from_that_group_alone(role: Role) -> None:
    assert scope_of(role, IN_GROUP, RULES) == AccessScope.client(CHAT)
    assert scope_of(role, IN_NAMED, RULES) == AccessScope.client(NAMED)
    assert scope_of(role, IN_UNKNOWN, RULES) == NoAccess(Reason.UNKNOWN_GROUP)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENT, Role.CLIENT])
def test_in_the_staff_chat_everybody_reads_what_agents_may(role: Role) -> None:
    assert scope_of(role, IN_STAFF_CHAT, RULES) == AGENTS_SCOPE
    everything = RULES.model_copy(update={"access": AccessRules(staff_chat=STAFF_CHAT)})
    assert scope_of(role, IN_STAFF_CHAT, everything) == AccessScope.operator()


def test_in_private_the_role_decides() -> None:
    assert scope_of(Role.ADMIN, IN_PRIVATE, RULES) == AccessScope.operator()
    assert scope_of(Role.AGENT, IN_PRIVATE, RULES) == AGENTS_SCOPE
    assert scope_of(Role.CLIENT, IN_PRIVATE, RULES) == AccessScope.client(PRIVATE)
    assert scope_of(None, IN_PRIVATE, RULES) == NoAccess(Reason.STRANGER)


def test_no_client_ever_reaches_another_chat() -> None:
    places = [IN_PRIVATE, IN_GROUP, IN_NAMED, IN_UNKNOWN]
    for who, place in product([CLIENT, STRANGER, None], places):
        scope = scope_of(role_of(person(who), place, RULES).role, place, RULES)
        assert isinstance(scope, NoAccess) or scope == AccessScope.client(place.chat_id)


async def test_known_is_who_has_written_and_where(database: Database) -> None:
    await put(database, [observed(1, who="user7")])
    async with database.reading() as session:
        assert await has_written(session, PSEUDONYMS.person("user7"))
        assert not await has_written(session, PSEUDONYMS.person("user8"))
        assert await is_held(session, CHAT)
        assert not await is_held(session, NAMED)
