"""Reading without a model: the same fields, by rules, marked as such. Pure and deterministic.

For an installation without a key, for history that nobody wants to pay for, and for urgent messages when the model does
not answer. It sees who asked and who answered; what a sentence means it does not.
"""

from collections import defaultdict
from collections.abc import Sequence

from analytics.analysis.naming import QuestionWords
from analytics.analysis.sentiment import sentiment
from analytics.findings import Category, MessageFindings, TopicFinding, Waiting, WindowFindings
from analytics.reading import Reading, Said, shortened
from core.domain.text import has_problem, is_question, is_substantive, is_thanks
from core.privacy.types import MaskedText

SUMMARY = 200
"""Characters of a message that stand for it."""
ANGRY = -0.5
"""A sentiment at or below this is a complaint, unless something is broken: then that comes first."""


def window_findings(reading: Reading, chat: QuestionWords) -> WindowFindings:
    """What can be said about a window by rules. `chat`: the words of its chat's questions."""
    clients = [message for message in reading.messages if not message.is_staff and is_substantive(message.text)]
    asked = [message for message in clients if is_question(message.text)]
    waiting = [message for message in asked if not message.answered]
    return WindowFindings(
        analysed_by="local",
        summary=_summary(asked or clients, waiting),
        sentiment=_mean(clients) if clients else None,
        topics=_topics(reading.messages, chat),
        waiting=[_waiting(message) for message in waiting],
    )


def message_findings(thread: Reading, message_id: int) -> MessageFindings:
    """What can be said about an urgent message by rules: it is urgent while nobody has answered it."""
    message = next(one for one in thread.messages if one.message_id == message_id)
    settled = message.answered or (is_thanks(message.text) and not is_question(message.text))
    return MessageFindings(
        analysed_by="local",
        category=_category(message.text),
        urgent=not settled,
        sentiment=sentiment(message.text),
        requires_response=not settled,
        summary=shortened(message.text, SUMMARY),
    )


def _topics(messages: Sequence[Said], chat: QuestionWords) -> Sequence[TopicFinding]:
    """One for each thread in which a client asks something."""
    threads: dict[int, list[Said]] = defaultdict(list)
    for message in messages:
        threads[message.message_id if message.thread_id is None else message.thread_id].append(message)
    return [topic for thread in threads.values() if (topic := _topic(thread, chat))]


def _topic(thread: Sequence[Said], chat: QuestionWords) -> TopicFinding | None:
    clients = [message for message in thread if not message.is_staff]
    question = next((one for one in clients if is_question(one.text) and is_substantive(one.text)), None)
    name = chat.name(question.text) if question else None
    if question is None or name is None:
        return None
    return TopicFinding(
        name=MaskedText(name),
        message_ids=[message.message_id for message in thread],
        problem=shortened(question.text, SUMMARY) if has_problem(question.text) else None,
        sentiment=_mean(clients),
        resolved=_resolved(thread, question),
    )


def _resolved(thread: Sequence[Said], question: Said) -> bool | None:
    if not question.answered:
        return False
    answered = next((at for at, message in enumerate(thread) if message.is_staff), len(thread))
    thanked = any(not message.is_staff and is_thanks(message.text) for message in thread[answered:])
    return True if thanked else None


def _waiting(message: Said) -> Waiting:
    said = message.text
    return Waiting(message.message_id, _category(said), sentiment(said), shortened(said, SUMMARY))


def _summary(asked: Sequence[Said], waiting: Sequence[Said]) -> MaskedText | None:
    """The beginning of what was asked first, of what still waits rather than of what does not."""
    first = next(iter((*waiting, *asked)), None)
    return shortened(first.text, SUMMARY) if first else None


def _category(text: MaskedText) -> Category:
    if has_problem(text):
        return "problem"
    if sentiment(text) <= ANGRY:
        return "complaint"
    if is_question(text):
        return "question"
    return "feedback" if is_thanks(text) else "other"


def _mean(messages: Sequence[Said]) -> float:
    return sum(sentiment(message.text) for message in messages) / max(len(messages), 1)
