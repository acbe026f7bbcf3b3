"""Reading without a model: the same fields, by rules, marked as such. Pure and deterministic.

For an installation without a key, for history that nobody wants to pay for, and for urgent messages when the model does
not answer. It sees who asked and who answered; what a sentence means it does not.
"""

from collections import defaultdict
from collections.abc import Sequence

from analytics.analysis.naming import ChatWords
from analytics.analysis.sentiment import sentiment
from analytics.analysis.vocabulary import WISHES
from analytics.analysis.waiting import waiting_in
from analytics.findings import Category, MessageFindings, TopicFinding, Waiting, WindowFindings
from analytics.reading import Reading, Said, shortened
from core.domain.asking import asks, closes, is_broken
from core.domain.text import is_substantive, words
from core.privacy.types import MaskedText

SUMMARY = 200
"""Characters of a message that stand for it."""
ANGRY = -0.5
"""A sentiment at or below this is a complaint, unless something is broken: then that comes first."""


def window_findings(reading: Reading, chat: ChatWords) -> WindowFindings:
    """What can be said about a window by rules. `chat`: the words of its chat."""
    clients = [message for message in reading.messages if not message.is_staff and is_substantive(message.text)]
    waiting = list(waiting_in(reading.messages))
    return WindowFindings(
        analysed_by="local",
        summary=_summary([message for message in clients if asks(message.text)] or clients, waiting),
        sentiment=_mood(clients) if clients else None,
        topics=_topics(reading.messages, chat),
        waiting=[_waiting(message) for message in waiting],
    )


def message_findings(thread: Reading, message_id: int) -> MessageFindings:
    """What can be said about an urgent message by rules: it is urgent until somebody has answered it, or its client says that
    the matter is over."""
    message = next(one for one in thread.messages if one.message_id == message_id)
    latest = [one for one in thread.messages if one.sender == message.sender and one.message_id >= message_id][-1]
    settled = message.answered or closes(latest.text)
    return MessageFindings(
        analysed_by="local",
        category=_category(message.text),
        urgent=not settled,
        sentiment=sentiment(message.text),
        requires_response=not settled,
        summary=shortened(message.text, SUMMARY),
    )


def _topics(messages: Sequence[Said], chat: ChatWords) -> Sequence[TopicFinding]:
    """One for each thread in which a client asks something."""
    threads: dict[int, list[Said]] = defaultdict(list)
    for message in messages:
        threads[message.message_id if message.thread_id is None else message.thread_id].append(message)
    return [topic for thread in threads.values() if (topic := _topic(thread, chat))]


def _topic(thread: Sequence[Said], chat: ChatWords) -> TopicFinding | None:
    clients = [message for message in thread if not message.is_staff]
    question = next((one for one in clients if is_substantive(one.text)), None)
    name = chat.name(question.text, [message.text for message in thread]) if question else None
    if question is None or name is None:
        return None
    return TopicFinding(
        name=MaskedText(name),
        message_ids=[message.message_id for message in thread],
        problem=next((shortened(one.text, SUMMARY) for one in clients if is_broken(one.text)), None),
        sentiment=_mood(clients),
        resolved=_resolved(thread, question),
    )


def _resolved(thread: Sequence[Said], question: Said) -> bool | None:
    last = [message for message in thread if message.sender == question.sender][-1]
    if closes(last.text):
        return True
    return None if question.answered else False


def _waiting(message: Said) -> Waiting:
    said = message.text
    category = _category(said)
    # Who waits and asks nothing reports something.
    return Waiting(
        message.message_id, "problem" if category == "other" else category, sentiment(said), shortened(said, SUMMARY)
    )


def _summary(asked: Sequence[Said], waiting: Sequence[Said]) -> MaskedText | None:
    """The beginning of what was asked first, of what still waits rather than of what does not."""
    first = next(iter((*waiting, *asked)), None)
    return shortened(first.text, SUMMARY) if first else None


def _category(text: MaskedText) -> Category:
    if is_broken(text):
        return "problem"
    if sentiment(text) <= ANGRY:
        return "complaint"
    if asks(text):
        return "question"
    if not WISHES.isdisjoint(words(text)):
        return "request"
    return "feedback" if closes(text) else "other"


def _mood(clients: Sequence[Said]) -> float:
    """The mean of those that show any: most messages are matter-of-fact, and among fifty of them two angry ones would not be
    seen."""
    shown = [mood for message in clients if (mood := sentiment(message.text))]
    return sum(shown) / max(len(shown), 1)
