"""Reading one urgent message with Claude: at once, with its thread, and with what the history knows of it."""

import json
from collections.abc import Sequence

from analytics.analysis.correcting import Mask, message_findings
from analytics.analysis.schemas import MessageReply
from analytics.findings import MessageFindings
from analytics.reading import MESSAGE, Reading, shortened
from core.index.records import Hit
from core.llm.calls import Call, Purpose
from core.llm.gateway import Gateway
from core.llm.prompts import PromptRegistry
from core.llm.structured import parse
from core.privacy.types import MaskedText


class MessageAnalyst:
    """Asks the model about single messages."""

    def __init__(self, gateway: Gateway, prompts: PromptRegistry, model: str, mask: Mask) -> None:
        self._gateway = gateway
        self._prompts = prompts
        self._model = model
        self._mask = mask

    async def analyse(self, chat_id: int, thread: Reading, message_id: int, history: Sequence[Hit]) -> MessageFindings:
        """What the model finds in the message with this id, which is in the thread.

        Raises:
            ModelCallError: nothing that can be used came back.
            MaskingError: what came back could not be masked.
        """
        parsed = await parse(self._gateway, self._call(chat_id, thread, message_id, history), MessageReply)
        chat_sources = sorted({one for hit in history for one in hit.message_ids})
        return message_findings(parsed.value, chat_sources, self._mask, parsed.reply.call_id)

    def _call(self, chat_id: int, thread: Reading, message_id: int, history: Sequence[Hit]) -> Call:
        prompt = self._prompts.load("analysis.fast").fill()
        # Not search-result blocks: the API refuses citations together with a schema.
        document = {
            "thread": thread.document(),
            "urgent": next(n for n, said in enumerate(thread.messages, start=1) if said.message_id == message_id),
            "history": [
                {
                    "asked_on": f"{hit.asked_at:%Y-%m-%d}",
                    "question": shortened(hit.question, MESSAGE),
                    "answer": shortened(hit.answer, MESSAGE),
                }
                for hit in history
                if hit.answer
            ],
        }
        return Call(
            purpose=Purpose.ANALYSIS_FAST,
            prompt=prompt,
            model=prompt.model or self._model,
            chat_id=chat_id,
            question=MaskedText(json.dumps(document, ensure_ascii=False)),
        )
