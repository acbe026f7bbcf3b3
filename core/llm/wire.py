"""The events of a streamed reply as the Messages API documents them, checked: the SDK builds its own without checking."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

Tokens = Annotated[int, Field(ge=0)]


class CacheCreation(BaseModel):
    """How long what was written to the cache is kept."""

    ephemeral_5m_input_tokens: Tokens = 0
    ephemeral_1h_input_tokens: Tokens = 0


class WireUsage(BaseModel):
    """Cumulative counters; one that is absent has not changed."""

    input_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None
    cache_creation_input_tokens: Tokens | None = None
    cache_creation: CacheCreation | None = None


class _Message(BaseModel):
    usage: WireUsage


class MessageStart(BaseModel):
    """The reply begins; what was read is counted."""

    type: Literal["message_start"]
    message: _Message


class SearchResultLocation(BaseModel):
    """A citation of one of the search results that were given."""

    type: Literal["search_result_location"]
    search_result_index: int
    start_block_index: int
    end_block_index: int


class _Block(BaseModel):
    type: str
    text: str = ""


class WholeMessage(BaseModel):
    """A reply that was not streamed: the result of a batch."""

    usage: WireUsage
    content: list[_Block]
    stop_reason: str | None = None

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(block.text for block in self.content if block.type == "text")


class BlockStart(BaseModel):
    """A piece of the reply begins."""

    type: Literal["content_block_start"]
    index: int
    content_block: _Block


class _Delta(BaseModel):
    type: str
    text: str | None = None
    citation: dict[str, Any] | None = None


class BlockDelta(BaseModel):
    """More of the piece that is open."""

    type: Literal["content_block_delta"]
    index: int
    delta: _Delta


class BlockStop(BaseModel):
    """The piece is complete."""

    type: Literal["content_block_stop"]
    index: int


class _Stop(BaseModel):
    stop_reason: str | None = None


class MessageDelta(BaseModel):
    """Why the reply ended, and what was written."""

    type: Literal["message_delta"]
    delta: _Stop
    usage: WireUsage


class MessageStop(BaseModel):
    """The reply is complete."""

    type: Literal["message_stop"]


Event = Annotated[
    MessageStart | BlockStart | BlockDelta | BlockStop | MessageDelta | MessageStop, Field(discriminator="type")
]

EVENTS: TypeAdapter[Event] = TypeAdapter(Event)

KNOWN = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    }
)
"""The API may add kinds of events at any time, and asks to skip those that are not known."""
