"""From the model's object to findings: message numbers to ids, what does not exist left out, every word masked."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from analytics.analysis.schemas import MessageReply, TopicReply, WaitingReply, WindowReply
from analytics.findings import MessageFindings, TopicFinding, Waiting, WindowFindings
from analytics.reading import Reading
from core.domain.text import words
from core.errors import ModelCallError
from core.privacy.types import MaskedText

Mask = Callable[[str], MaskedText]


class NotOfThisWindow(ModelCallError):
    """The reply speaks of messages that were never given: nothing of it can be trusted."""

    def __init__(self, call_id: UUID) -> None:
        super().__init__(f"The model's reply (call {call_id}) names only messages that are not in the window.")


def window_findings(reply: WindowReply, reading: Reading, mask: Mask, call_id: UUID) -> WindowFindings:
    """What can be stored of a reply to a window.

    A number that does not exist is left out, and a topic of only such numbers with it; so is one that "waits" and is
    staff's own.

    Raises:
        NotOfThisWindow: no number of the reply exists, though it names some.
    """
    named = [*(number for topic in reply.topics for number in topic.messages), *(one.message for one in reply.waiting)]
    if named and not any(reading.message(number) for number in named):
        raise NotOfThisWindow(call_id)
    return WindowFindings(
        analysed_by="model",
        summary=mask(reply.summary),
        sentiment=reply.sentiment,
        topics=list(_topics(reply.topics, reading, mask)),
        waiting=list(_waiting(reply.waiting, reading, mask)),
        call_id=call_id,
    )


def message_findings(reply: MessageReply, sources: Sequence[int], mask: Mask, call_id: UUID) -> MessageFindings:
    """What can be stored of a reply to an urgent message."""
    suggestion = mask(reply.suggestion) if reply.suggestion and sources else None
    return MessageFindings(
        analysed_by="model",
        category=reply.category,
        urgent=reply.urgent,
        sentiment=reply.sentiment,
        requires_response=reply.requires_response,
        summary=mask(reply.summary),
        suggestion=suggestion,
        sources=sources if suggestion else (),
        call_id=call_id,
    )


def _topics(replies: Sequence[TopicReply], reading: Reading, mask: Mask) -> Iterator[TopicFinding]:
    for topic in replies:
        found = {message.message_id for number in topic.messages if (message := reading.message(number))}
        name = MaskedText(" ".join(mask(topic.name).split()))
        if found and words(name):  # a name of nothing but a placeholder names nothing
            problem = mask(topic.problem) if topic.problem else None
            yield TopicFinding(name, sorted(found), problem, topic.sentiment, topic.resolved)


def _waiting(replies: Sequence[WaitingReply], reading: Reading, mask: Mask) -> Iterator[Waiting]:
    told: set[int] = set()
    for one in replies:
        message = reading.message(one.message)
        if message is not None and not message.is_staff and message.message_id not in told:
            told.add(message.message_id)
            suggestion = mask(one.suggestion) if one.suggestion else None
            yield Waiting(message.message_id, one.category, one.sentiment, mask(one.summary), suggestion)
