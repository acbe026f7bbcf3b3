"""After the samples were imported, none of the personal data in them is anywhere on the disk, nor what tells them."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from core.db.session import Database
from core.embedded.home import Home
from core.embedded.postgres import BINARIES, EmbeddedPostgres
from core.embedded.servers import servers
from core.settings import Settings
from tests.e2e.processes import Otklik, stop, until
from tests.ingestion.road import SAMPLE_CHATS, SAMPLES, value

PERSONAL = [datum for datum in json.loads((SAMPLES / "personal_data.json").read_text()) if not datum.get("common")]
SHOWN = {"polka", "полка", "лавка", "тверь", "bristol", "проспект", "победы", "дом", "корп", "пом", "квартира", "lane"}
"""Words of names and addresses that say nothing by themselves."""
VECTOR = re.compile(r"\[-?\d[\d.,e-]*\]")


def telling_parts(datum: Mapping[str, str]) -> Iterator[str]:
    """Patterns of a datum, in lower case, and of each piece that tells it by itself: one name of three, a street, the
    last digits of a phone however they are grouped, a password within a URL."""
    value, kind = datum["value"].casefold(), datum["type"]
    yield re.escape(value)
    if kind in ("PERSON", "ADDRESS"):
        words = [word for word in re.findall(r"[^\W_]{3,}", value) if word not in SHOWN]
        yield from (rf"(?<!\w){word}(?!\w)" for word in words)
    elif kind in ("PHONE", "CARD", "DOCUMENT"):
        yield r"\D{0,2}".join(re.sub(r"\D", "", value)[-7:])
    elif kind in ("URL", "SECRET"):
        yield from (piece for piece in re.findall(r"[a-z0-9]{8,}", value) if re.search(r"\d", piece))
    elif kind in ("EMAIL", "USERNAME"):
        yield re.escape(value.partition("@")[0] or value.removeprefix("@"))
    elif kind == "IBAN":
        yield value[-8:]


@pytest.fixture
async def own_home() -> AsyncIterator[Path]:
    """A home that nobody else writes into, its servers up for the whole test."""
    path = Path(tempfile.mkdtemp(prefix="otklik-"))
    async with servers(Settings(home=path)):
        yield path
    shutil.rmtree(path)


def dumped(home: Path) -> str:
    """The whole database as SQL."""
    server = EmbeddedPostgres(Home(home))
    done = subprocess.run(
        [str(BINARIES / "pg_dump"), "--dbname", server.url, "--no-owner"],
        capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return done.stdout


def texts(folder: Path, pattern: str) -> list[str]:
    return [path.read_bytes().decode("utf-8", "replace") for path in folder.glob(pattern)]


async def test_no_personal_datum_is_in_the_database_the_streams_or_the_logs(own_home: Path, tmp_path: Path) -> None:
    settings = {
        "OTKLIK_HOME": str(own_home),
        "OTKLIK_CONFIG": str(SAMPLES / "otklik.toml"),
        "OTKLIK_LOG_LEVEL": "DEBUG",
    }
    otklik = Otklik(tmp_path, settings)
    async with asyncio.timeout(500):
        account = tmp_path / "account.json"
        chats = [json.loads(path.read_text()) for path in SAMPLE_CHATS]
        account.write_text(json.dumps({"chats": {"list": chats}}), encoding="utf-8")
        store = await otklik.start("store", impatient=False)
        report = await otklik.run("import", str(account), "--no-wait", "--json", impatient=False)
        assert report["chats"] == len(SAMPLE_CHATS)
        database = Database(EmbeddedPostgres(Home(own_home)).url)

        async def placed() -> bool:  # vectors tell no names; the test does not wait for them
            counted = "SELECT count(*) FROM messages WHERE threaded"
            return bool(await value(database, counted) == report["messages"] > 400)

        await until(placed, store)
        await database.close()
        await stop(store)
    assert "Traceback" not in otklik.logs[0].read_text()

    dump = await asyncio.to_thread(dumped, own_home)
    appended = texts(own_home, "valkey/appendonlydir/*")
    logs = [*texts(tmp_path, "*.log"), *texts(own_home, "**/*.log")]
    assert "INSERT INTO" in dump or "COPY public.messages" in dump
    assert any("otklik:messages:batch" in content for content in appended), "the append-only file was not read"
    assert len(logs) >= 3
    places = {"the database": dump, "the streams": "\n".join(appended), "the logs": "\n".join(logs)}
    leaked = {
        (part, place)
        for place, content in places.items()
        for part in {part for datum in PERSONAL for part in telling_parts(datum)}
        if re.search(part, VECTOR.sub("", content.casefold()))
    }
    assert not leaked
