"""The objects that the model is asked for. The vendor enforces their shape, pydantic their bounds, here."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from analytics.findings import Category

MAX_TOPICS = 12
MAX_WAITING = 20

Sentiment = Annotated[float, Field(ge=-1, le=1)]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Draft = Annotated[str, Field(max_length=1_500)]
Number = Annotated[int, Field(ge=0, le=10_000)]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TopicReply(_Reply):
    """One topic of a window."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    messages: Annotated[list[Number], Field(min_length=1, max_length=200)]
    problem: Sentence | None
    sentiment: Sentiment
    resolved: bool | None


class WaitingReply(_Reply):
    """One message that waits for an answer."""

    message: Number
    category: Category
    sentiment: Sentiment
    summary: Sentence
    suggestion: Draft | None


class WindowReply(_Reply):
    """A whole window."""

    summary: Annotated[str, Field(min_length=1, max_length=1_000)]
    sentiment: Sentiment
    topics: Annotated[list[TopicReply], Field(max_length=MAX_TOPICS)]
    waiting: Annotated[list[WaitingReply], Field(max_length=MAX_WAITING)]


class MessageReply(_Reply):
    """An urgent message."""

    category: Category
    urgent: bool
    sentiment: Sentiment
    requires_response: bool
    summary: Sentence
    suggestion: Draft | None
