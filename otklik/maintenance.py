"""Work on all that is held: the index, one person, the key."""

import asyncio

from core.errors import BadInput, OtklikError
from core.index.model import reindex
from core.index.vectors import count_units
from core.privacy.pseudonyms import adopt_next, draft_next
from core.streams.broker import compact
from core.streams.dead_letters import count_dead_letters
from ingestion.erasure import Erased, forget
from ingestion.importing import POLL_SECONDS, Progress
from ingestion.rotation import Renewed, renew
from ingestion.telegram.ledger import ask_history
from otklik.reading import resolve_chats
from otklik.wiring import Runtime


async def rebuild_index(parts: Runtime, progress: Progress) -> int:
    """Drop every vector and make all of them anew with the configured model; returns how many units were embedded.

    Stopped half-way, it is continued by any store role: units without a vector are found by their words until then.

    Raises:
        OtklikError: some units could not be embedded.
    """
    async with parts.database.transaction() as session:
        await reindex(session, parts.embedder.model_name, parts.embedder.dimension)
    await parts.start_storing()
    async with parts.database.reading() as session:
        total = (await count_units(session)).units
    progress.begin("embedding", total)
    while True:
        idle = await parts.is_idle()
        async with parts.database.reading() as session:
            left = (await count_units(session)).unembedded
        progress.reach(total - left)
        if not left:
            return total
        if idle:
            raise OtklikError("Some units could not be embedded; see `otklik dead-letters list`.")
        await asyncio.sleep(POLL_SECONDS)


async def forget_person(parts: Runtime, user_id: int) -> Erased:
    """Erase a person from the tables, the streams, and what the append-only file still has of them.

    Raises:
        SettingsError: the key is another one, so the person's pseudonym cannot be computed.
    """
    await parts.check_key()
    person, private_chat = parts.pseudonyms.person(f"user{user_id}"), parts.pseudonyms.private_chat(user_id)
    erased = await forget(parts.database, parts.redis, person, private_chat)
    await compact(parts.redis)
    return erased


async def ask_for_history(parts: Runtime, given: int, depth: int) -> int:
    """Ask the listen role for a chat's newest messages; returns the chat's stored id.

    Raises:
        BadInput: no such chat is held, or it was only imported.
    """
    async with parts.database.reading() as session:
        (chat_id,) = await resolve_chats(session, [given])
    async with parts.database.transaction() as session:
        known = await ask_history(session, chat_id, depth)
    if not known:
        raise BadInput(
            f"Chat {chat_id} was never listened to; start `otklik listen` first, and see that its account is in the chat."
        )
    return chat_id


async def renew_key(parts: Runtime) -> Renewed:
    """Make a new pseudonym key, and new pseudonyms for all that are stored.

    The new keys are drafted beside the old ones, the tables change in one transaction, then the draft is adopted; killed
    in between, the next command that needs the key completes it.

    Raises:
        BadInput: the key is set by the environment, or something with old pseudonyms is still under way.
    """
    if parts.settings.pseudonym_key is not None:
        raise BadInput(
            "OTKLIK_PSEUDONYM_KEY is set; move its value into keys/pseudonym.key of the home and unset it first."
        )
    await parts.check_key()
    async with parts.database.reading() as session:
        dead = await count_dead_letters(session)
    if dead or not await parts.is_idle():
        raise BadInput(
            "Messages with old pseudonyms are still in the streams or among the dead letters; let `otklik store` finish, "
            "see `otklik status`, and stop it."
        )
    keys = draft_next(parts.settings.pseudonym_key_path)
    async with parts.database.transaction() as session:
        renewed = await renew(session, *keys)
    adopt_next(parts.settings.pseudonym_key_path)
    return renewed
