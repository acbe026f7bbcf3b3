"""The most that a call can cost, before it is made: what is reserved for it."""

import json
from collections.abc import Iterator
from decimal import Decimal

from core.llm.calls import Call, Usage
from core.llm.prices import Price

BLOCK_TOKENS = 64
"""What a block adds around its text (its kind, its source's id, its index)."""
REQUEST_TOKENS = 2_000
"""What the server adds of its own: a turn's frame, and its instructions for citing or for keeping to a schema."""


def most(call: Call, price: Price) -> Decimal:
    """US dollars. An upper bound: a token of a byte-level vocabulary has at least one byte, everything could be written to
    the cache at the dearer of its prices, and a reply may be as long as it is allowed to be. It is some four times too
    high for English and for Russian, which costs nothing: what is not used is given back a few seconds later."""
    blocks = list(_texts(call))
    tokens = sum(len(text.encode()) for text in blocks) + BLOCK_TOKENS * len(blocks) + REQUEST_TOKENS
    read = max(
        price.of(Usage(input_tokens=tokens)),
        price.of(Usage(cache_write_5m_tokens=tokens)),
    )
    return read + price.of(Usage(output_tokens=call.max_tokens or call.prompt.max_tokens))


def _texts(call: Call) -> Iterator[str]:
    yield call.prompt.system
    yield call.question
    if call.schema:
        yield json.dumps(call.schema)
    for result in call.results:
        yield result.title
        yield from result.texts
