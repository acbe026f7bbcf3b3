"""A follow-up in the model's words: a question that stands alone."""

import json

import structlog

from assistant.answering.inquiry import Inquiry
from assistant.followup import How, Understood
from core.domain.language import language_of
from core.errors import ModelCallError
from core.llm.calls import Call, Purpose
from core.llm.gateway import Door
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from core.privacy.types import MaskedText, RawText

log = structlog.get_logger(__name__)

TURNS = 3
"""Turns that are given to the model; what was said before them is seldom meant by "it"."""

SAID = 600
"""Characters of each question and answer that are given."""

LONGEST = 600
"""Characters of a rewritten question; one that is longer is no question."""


class Condenser:
    """Rewrites with the model."""

    def __init__(self, gateway: Door, prompts: PromptRegistry, model: str, masker: Masker) -> None:
        self._gateway = gateway
        self._prompts = prompts
        self._model = model
        self._masker = masker

    async def condense(self, inquiry: Inquiry) -> Understood | None:
        """The question with what it takes from the turns before it, masked; None where the model brought nothing usable.
        `scope`: in which it will be answered.

        Raises:
            MaskingError: what the model wrote could not be masked.
        """
        prompt = self._prompts.load("condense").fill()
        call = Call(
            purpose=Purpose.CONDENSE if inquiry.purpose is Purpose.ANSWER else inquiry.purpose,
            prompt=prompt,
            model=prompt.model or self._model,
            chat_id=inquiry.scope.only_chat,
            question=_document(inquiry),
        )
        try:
            reply = await self._gateway.complete(call)
        except ModelCallError as error:
            log.warning("the model did not rewrite the question, joining it to the one before", error=str(error))
            return None
        text = " ".join(reply.text.split())
        if not text or len(text) > LONGEST or language_of(text) != language_of(inquiry.question):
            log.warning("the rewritten question cannot be used", call_id=str(reply.call_id))
            return None
        return Understood(self._masker.mask(RawText(text)).text, How.CONDENSED, reply.cost_usd)


def _document(inquiry: Inquiry) -> MaskedText:
    """The conversation as JSON: nothing that was said in it can look like the end of it."""
    turns = [
        {"question": turn.question[:SAID], "answer": None if turn.answer is None else turn.answer[:SAID]}
        for turn in inquiry.before[-TURNS:]
    ]
    return MaskedText(json.dumps({"conversation": turns, "question": inquiry.question}, ensure_ascii=False, indent=1))
