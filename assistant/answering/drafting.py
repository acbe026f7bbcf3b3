"""Writing an answer from what was found: by the model, or by quoting the best past answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from assistant.answering.finding import Findings
from assistant.answering.means import Means
from assistant.answering.results import Words
from assistant.answering.streaming import show
from assistant.texts.phrases import QUOTE_WITHOUT_KEY, QUOTE_WITHOUT_MODEL, REFUSAL, quote_lead
from core.domain.language import Language
from core.errors import ModelCallError
from core.index.records import Hit
from core.llm.calls import Call, Purpose, Reply, SearchResult
from core.llm.gateway import Door
from core.llm.refusal import explanation, is_refusal
from core.privacy.masker import Masker
from core.privacy.types import MaskedText

log = structlog.get_logger(__name__)

_ADDRESS = re.compile(r"^(?:\[(?:PERSON|USERNAME)\][\s,:!.]*)+", re.MULTILINE)
"""A masked name at the beginning of a line: the person who asked back then."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written, before it is masked and recorded."""

    text: str
    used: Sequence[Hit]
    lead: str = ""
    """Of a quotation: where it is from, and why it is one. Our own words."""
    refused: bool = False
    reply: Reply | None = None


class Writer:
    """Writes with the model where there is one, and quotes otherwise."""

    def __init__(self, gateway: Door | None, masker: Masker) -> None:
        self._gateway = gateway
        self._masker = masker

    async def draft(
        self, found: Findings, language: Language, means: Means, purpose: Purpose, words: Words | None
    ) -> Draft:
        """An answer in the language, or a refusal where the evidence does not suffice."""
        verdict = found.verdict
        if not verdict.answer or verdict.source is None:
            return Draft(REFUSAL[language], [], refused=True)
        if self._gateway is None:
            return _quoted(QUOTE_WITHOUT_KEY, language, verdict.source)
        try:
            reply = await self._written(self._gateway, _call(found, means, purpose), words)
        except ModelCallError as error:
            log.warning("the model did not answer, quoting instead", error=str(error))
            return _quoted(QUOTE_WITHOUT_MODEL, language, verdict.source)
        return _checked(reply, language, found.hits)

    async def _written(self, gateway: Door, call: Call, words: Words | None) -> Reply:
        if words is None:
            return await gateway.complete(call)
        async with gateway.stream(call) as stream:
            await show(stream, self._masker, words)
        return stream.reply


def _call(found: Findings, means: Means, purpose: Purpose) -> Call:
    return Call(
        purpose=purpose,
        prompt=means.prompt,
        model=means.model,
        chat_id=found.scope.only_chat,
        question=found.understood.text,
        results=[_search_result(hit) for hit in found.hits],
    )


def _quoted(phrases: Mapping[Language, str], language: Language, source: Hit) -> Draft:
    """The best past answer, word for word, without whom it was said to."""
    said = _ADDRESS.sub("", source.answer or source.text)
    return Draft(said, [source], lead=f"{quote_lead(phrases, language, source.asked_at)}\n\n")


def _checked(reply: Reply, language: Language, hits: Sequence[Hit]) -> Draft:
    """What the model wrote, if it rests on sources that it was really given."""
    if is_refusal(reply.text):
        return Draft(explanation(reply.text) or REFUSAL[language], [], refused=True, reply=reply)
    cited = list(dict.fromkeys(citation.index for citation in reply.citations))
    if not cited:
        log.warning("the reply cites nothing and is not shown", call_id=str(reply.call_id))
        return Draft(REFUSAL[language], [], refused=True, reply=reply)
    return Draft(reply.text, [hits[index] for index in cited], reply=reply)


def _search_result(hit: Hit) -> SearchResult:
    pieces = [piece for piece in (hit.question, hit.answer) if piece and piece.strip()] or [hit.text]
    where = "Vetted by the support team" if hit.vetted else "Support chat"
    title = MaskedText(f"{where}, {hit.asked_at:%Y-%m-%d}")
    return SearchResult(source=hit.unit_id, title=title, texts=pieces, made_of=hit.made_of)
