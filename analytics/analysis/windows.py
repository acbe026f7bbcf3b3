"""Reading a window with Claude."""

import json
from collections.abc import Sequence
from uuid import UUID

from pydantic import ValidationError

from analytics.analysis.correcting import Mask, window_findings
from analytics.analysis.schemas import WindowReply
from analytics.findings import WindowFindings
from analytics.reading import Reading
from core.llm.calls import Call, Purpose
from core.llm.errors import BrokenReply
from core.llm.gateway import Gateway
from core.llm.prompts import PromptRegistry
from core.llm.structured import parse, read
from core.privacy.types import MaskedText


class WindowAnalyst:
    """Asks the model about windows."""

    def __init__(self, gateway: Gateway, prompts: PromptRegistry, model: str, mask: Mask) -> None:
        self._gateway = gateway
        self._prompts = prompts
        self._model = model
        self._mask = mask

    async def analyse(self, chat_id: int, reading: Reading, offered: Sequence[MaskedText]) -> WindowFindings:
        """What the model finds in a window. `offered`: the names of topics that the chat has already.

        Raises:
            ModelCallError: nothing that can be used came back.
            MaskingError: what came back could not be masked.
        """
        parsed = await parse(self._gateway, self.call(chat_id, reading, offered), WindowReply)
        return window_findings(parsed.value, reading, self._mask, parsed.reply.call_id)

    def call(self, chat_id: int, reading: Reading, offered: Sequence[MaskedText]) -> Call:
        """What the model is asked."""
        prompt = self._prompts.load("analysis.batch").fill()
        document = {"topics": list(offered), "messages": reading.document()}
        return Call(
            purpose=Purpose.ANALYSIS_BATCH,
            prompt=prompt,
            model=prompt.model or self._model,
            chat_id=chat_id,
            question=MaskedText(json.dumps(document, ensure_ascii=False)),
            schema=WindowReply.model_json_schema(),
        )

    def read(self, text: str, reading: Reading, call_id: UUID) -> WindowFindings:
        """What a reply to `call` that came by another way says.

        Raises:
            ModelCallError: nothing of it can be used.
            MaskingError: it could not be masked.
        """
        try:
            reply = read(text, WindowReply)
        except ValidationError as error:  # its text has the model's words, which nobody has masked
            raise BrokenReply(f"The reply {call_id} breaks its schema in {error.error_count()} places.") from None
        return window_findings(reply, reading, self._mask, call_id)
