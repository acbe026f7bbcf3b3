"""A follow-up in the model's words: a question that stands alone."""

import json
from collections.abc import Sequence

import structlog

from assistant.followup import How, Understood
from assistant.turns import Turn
from core.domain.access import AccessScope
from core.domain.language import language_of
from core.errors import ModelCallError
from core.llm.calls import Call, Purpose
from core.llm.gateway import Gateway
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

    def __init__(self, gateway: Gateway, prompts: PromptRegistry, model: str, masker: Masker) -> None:
        self._gateway = gateway
        self._prompts = prompts
        self._model = model
        self._masker = masker

    async def condense(self, question: MaskedText, before: Sequence[Turn], scope: AccessScope) -> Understood | None:
        """The question with what it takes from the turns before it, masked; None where the model brought nothing usable.
        `scope`: in which it will be answered.

        Raises:
            MaskingError: what the model wrote could not be masked.
        """
        prompt = self._prompts.load("condense").fill()
        call = Call(
            purpose=Purpose.CONDENSE,
            prompt=prompt,
            model=prompt.model or self._model,
            chat_id=scope.only_chat,
            question=_document(question, before),
        )
        try:
            reply = await self._gateway.complete(call)
        except ModelCallError as error:
            log.warning("the model did not rewrite the question, joining it to the one before", error=str(error))
            return None
        text = " ".join(reply.text.split())
        if not text or len(text) > LONGEST or language_of(text) != language_of(question):
            log.warning("the rewritten question cannot be used", call_id=str(reply.call_id))
            return None
        return Understood(self._masker.mask(RawText(text)).text, How.CONDENSED, reply.cost_usd)


def _document(question: MaskedText, before: Sequence[Turn]) -> MaskedText:
    """The conversation as JSON: nothing that was said in it can look like the end of it."""
    turns = [
        {"question": turn.question[:SAID], "answer": None if turn.answer is None else turn.answer[:SAID]}
        for turn in before[-TURNS:]
    ]
    return MaskedText(json.dumps({"conversation": turns, "question": question}, ensure_ascii=False, indent=1))
