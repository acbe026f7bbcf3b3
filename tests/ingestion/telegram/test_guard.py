"""The listening client can send nothing but a short list of reads. Every request that Telethon knows is tried."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from telethon.sessions import StringSession
from telethon.tl import functions, types
from telethon.tl.tlobject import TLRequest

from ingestion.telegram.guard import LOGIN, READS, ReadingClient, WriteRefused, refuse_writes
from tests.fakes.mtproto import MTProtoServer


def requests() -> Iterator[type[TLRequest]]:
    modules = [
        functions,
        *(import_module(f"{functions.__name__}.{found.name}") for found in iter_modules(functions.__path__)),
    ]
    for module in modules:
        for one in vars(module).values():
            if inspect.isclass(one) and issubclass(one, TLRequest) and one is not TLRequest:
                yield one


ALL = sorted(set(requests()), key=lambda one: (one.__module__, one.__name__))
WRAPPERS = [one for one in ALL if "query" in inspect.signature(one.__init__).parameters]


def bare(kind: type[TLRequest], **fields: Any) -> Any:
    made: Any = object.__new__(kind)
    made.__dict__.update(fields)
    return made


def test_of_all_requests_only_the_list_passes() -> None:
    assert len(ALL) > 700
    passed = set()
    for kind in ALL:
        if kind in WRAPPERS:
            continue
        try:
            refuse_writes(bare(kind))
        except WriteRefused:
            continue
        passed.add(kind)
    assert passed == READS


def test_a_wrapper_hides_nothing() -> None:
    assert len(WRAPPERS) >= 6
    write, read = bare(functions.messages.SendMessageRequest), bare(functions.updates.GetStateRequest)
    for kind in WRAPPERS:
        refuse_writes(bare(kind, query=read))
        for wrapped in (
            bare(kind, query=write),
            bare(kind, query=bare(kind, query=write)),
            [read, bare(kind, query=write)],
        ):
            with pytest.raises(WriteRefused, match="SendMessageRequest"):
                refuse_writes(wrapped)


def test_the_list_holds_only_what_is_named_a_read() -> None:
    for kind in READS:
        assert kind.__name__.startswith(("Get", "Ping")), kind
    assert not READS & LOGIN


async def test_nothing_is_sent(server: MTProtoServer) -> None:
    client = ReadingClient(StringSession(server.session_string()), 1, "0" * 32)
    await client.connect()
    try:
        before = server.calls()
        for attempt in (
            lambda: client(functions.messages.SendMessageRequest(types.InputPeerSelf(), "hello")),
            lambda: client(functions.account.UpdateStatusRequest(offline=False)),
            lambda: client([functions.messages.SetTypingRequest(None, None)]),
            lambda: client._sender.send(functions.auth.LogOutRequest()),
        ):
            with pytest.raises(WriteRefused):
                await attempt()  # type: ignore[no-untyped-call]
        sent = server.calls() - before
        assert all(name.split(".")[1].startswith("get") for name in sent)
    finally:
        await client.disconnect()
