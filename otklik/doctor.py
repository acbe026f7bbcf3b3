"""`otklik doctor`: is everything there that this installation needs?"""

import platform
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from core.db.reader import READER
from core.db.session import Reader
from core.errors import OtklikError
from core.rules import load_rules
from core.settings import Settings
from otklik.wiring import Runtime, runtime


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    says: str


async def examine(settings: Settings) -> list[Check]:
    """Every check, each with what to do where it fails. One failure does not hide the others."""
    checks = [Check("python", True, platform.python_version()), _rules(settings)]
    try:
        # A wrong rules file has been told; it must not hide what else is wrong.
        async with runtime(settings.model_copy(update={"config": Path("/dev/null")})) as parts:
            checks += [
                await _postgres(parts),
                await _reader(parts),
                await _redis(parts),
                await _key(parts),
                await _index(parts),
                _claude(settings),
                await _bot(settings),
            ]
    except OtklikError as error:
        checks.append(Check("services", False, str(error)))
    return checks


def _rules(settings: Settings) -> Check:
    try:
        rules = load_rules(settings.config)
    except OtklikError as error:
        return Check("rules", False, str(error))
    if not settings.config.exists():
        return Check(
            "rules", True, f"no {settings.config.name} here, the defaults; copy otklik.example.toml to name your staff"
        )
    return Check(
        "rules", True, f"{settings.config}: {len(rules.staff.ids)} staff, {len(rules.lanes.words)} urgent words"
    )


async def _postgres(parts: Runtime) -> Check:
    async with parts.database.reading() as session:
        version = await session.scalar(text("SHOW server_version"))
        vector = await session.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'"))
    where = "embedded" if parts.settings.database_url is None else "OTKLIK_DATABASE_URL"
    return Check("postgresql", True, f"{where}: {version}, pgvector {vector}")


async def _reader(parts: Runtime) -> Check:
    reader = Reader(parts.servers.database_url)
    try:
        await reader.check()
    except OtklikError as error:
        return Check("dashboard role", False, str(error))
    finally:
        await reader.close()
    return Check("dashboard role", True, f"{READER} reads, and can do nothing else")


async def _redis(parts: Runtime) -> Check:
    info = await parts.redis.info()
    where = "embedded" if parts.settings.redis_url is None else "OTKLIK_REDIS_URL"
    policy = info.get("maxmemory_policy")
    if policy != "noeviction":
        return Check(
            "redis", False, f"{where}: maxmemory-policy is {policy}; set noeviction, or messages will be dropped"
        )
    if not info.get("aof_enabled"):
        return Check(
            "redis", False, f"{where}: appendonly is off; set `appendonly yes`, or a restart loses what is queued"
        )
    return Check("redis", True, f"{where}: {info.get('redis_version')}, append-only, noeviction")


async def _key(parts: Runtime) -> Check:
    try:
        await parts.check_key()
    except OtklikError as error:
        return Check("pseudonym key", False, str(error))
    where = "OTKLIK_PSEUDONYM_KEY" if parts.settings.pseudonym_key else str(parts.settings.pseudonym_key_path)
    return Check("pseudonym key", True, f"{where}; keep a copy: without it the same person gets another pseudonym")


async def _index(parts: Runtime) -> Check:
    try:
        await parts.check_index()
    except OtklikError as error:
        return Check("index", False, str(error))
    return Check("index", True, f"{parts.embedder.model_name}, {parts.embedder.dimension} dimensions")


async def _bot(settings: Settings) -> Check:
    if settings.bot_token is None:
        return Check("bot", True, "no OTKLIK_BOT_TOKEN: nobody is answered in Telegram")
    from assistant.bot.token import introduced  # aiogram takes three seconds to import

    try:
        username = await introduced(settings)
    except OtklikError as error:
        return Check("bot", False, str(error))
    way = "polling" if settings.bot_webhook_url is None else settings.bot_webhook_url
    return Check("bot", True, f"@{username}, {way}")


def _claude(settings: Settings) -> Check:
    if settings.anthropic_api_key is None:
        return Check("claude", True, "no ANTHROPIC_API_KEY: answers quote the best past answer")
    return Check("claude", True, f"answers by {settings.answer_model}; ask a question to see that the key works")
