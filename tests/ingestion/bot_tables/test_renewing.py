"""A new key reaches the bot's tables: people, private chats, and what is sealed."""

from core.db.session import Database
from core.privacy.pseudonyms import Pseudonyms, Sealer
from ingestion.rotation import renew
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import KEY, PSEUDONYMS, rows, value

KEYS = (KEY, bytes(reversed(KEY)))
PRIVATE = PSEUDONYMS.private_chat(7)
LATER = Pseudonyms(*KEYS)
PEOPLE = """
    SELECT asker AS one FROM questions UNION ALL SELECT voter FROM feedback UNION ALL SELECT answered_by FROM handovers
    UNION ALL SELECT decided_by FROM suggestions UNION ALL SELECT asker FROM vetted_answers
    UNION ALL SELECT vetted_by FROM vetted_answers"""


async def test_people_private_chats_and_seals_are_renewed_and_vetted_answers_keep_their_vector(
    database: Database,
) -> None:
    sealed = Sealer(KEYS[0]).seal(7)
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, scope={"channel": "bot", "chats": [PRIVATE]})
        await seeding.vote(session, answer_id)
        question_id = await seeding.question(session, 3, chat_id=PRIVATE, sealed_chat=sealed, answer_id=answer_id)
        await seeding.shown(session, "answer", question_id, chat_id=PRIVATE, sealed_chat=sealed, message_id=4)
        handover_id = await seeding.handover(
            session, question_id, state="answered", reply="Звоните", answered_by=seeding.STAFF
        )
        await seeding.vetted(session, handover_id, chat_id=PRIVATE)
        await seeding.suggestion(session, 5, state="dismissed", decided_by=seeding.STAFF)
        await renew(session, *KEYS)

    asker, staff = LATER.person("user7"), LATER.person("staff1")
    assert [row["one"] for row in await rows(database, PEOPLE)] == [asker, asker, staff, staff, asker, staff]
    private = LATER.private_chat(7)
    for table in ("questions", "question_messages", "vetted_answers", "data_units"):
        assert await value(database, f"SELECT chat_id FROM {table}") == private
    (unit,) = await rows(database, "SELECT metadata_, vetted FROM data_units")
    assert (unit["metadata_"]["_node_content"], unit["vetted"]) == (f"{{{private}}}", True)
    assert await value(database, "SELECT scope FROM answers") == {"channel": "bot", "chats": [private]}
    later = Sealer(KEYS[1])
    (answer,) = await rows(database, "SELECT chat_id, sealed_chat FROM bot_messages WHERE kind = 'answer'")
    assert (answer["chat_id"], later.open(answer["sealed_chat"])) == (private, 7)
    assert later.open(await value(database, "SELECT sealed_chat FROM questions")) == 7
    cards = await rows(database, "SELECT DISTINCT chat_id FROM bot_messages WHERE kind <> 'answer'")
    assert cards == [{"chat_id": seeding.STAFF_CHAT}]
