"""A reply that keeps to a schema: asked for through the vendor's own support, validated here, repaired once.

The vendor enforces types and required fields, but neither lengths nor bounds, and another server behind
ANTHROPIC_BASE_URL may enforce nothing. So nothing is used that has not passed the model itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Generic, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.llm.calls import Call, Reply
from core.llm.errors import SchemaBroken
from core.llm.gateway import Door
from core.privacy.types import MaskedText

log = structlog.get_logger(__name__)

ERRORS = 5
"""Breaches that are told to the model; the later ones are mostly consequences of the first."""

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A reply as an object."""

    value: T
    reply: Reply
    """The one that kept to the schema."""
    cost_usd: Decimal
    """Of all replies that it took."""


async def parse(gateway: Door, call: Call, schema: type[T]) -> Parsed[T]:
    """Ask for an object of this schema. A reply that breaks it is told what is wrong, once.

    The texts inside are the model's own: they have to pass the masker before they are stored or sent.

    Raises:
        SchemaBroken: the second reply breaks it too; nothing of it may be used.
        ModelCallError: there was no reply.
    """
    asked = replace(call, schema=schema.model_json_schema())
    first = await gateway.complete(asked)
    try:
        return Parsed(read(first.text, schema), first, first.cost_usd)
    except ValidationError as error:
        breaches = _told(error)
        log.warning("the reply breaks its schema, asking again", call_id=str(first.call_id), breaches=breaches)
    second = await gateway.complete(replace(asked, question=_again(call.question, breaches)))
    try:
        return Parsed(read(second.text, schema), second, first.cost_usd + second.cost_usd)
    except ValidationError as error:
        raise SchemaBroken(str(second.call_id), _told(error)) from None


def read(text: str, schema: type[T]) -> T:
    """The object in a reply, also where a model that knows no schemas has put words or a fence around it.

    Raises:
        ValidationError: there is none.
    """
    return schema.model_validate_json(text[max(text.find("{"), 0) : text.rfind("}") + 1] or text)


def _told(error: ValidationError) -> str:
    """What is wrong, without the model's own words, which nobody has masked: the values, and names that no schema has."""
    found = error.errors(include_input=False, include_url=False, include_context=False)[:ERRORS]
    return "; ".join(f"{'.'.join(map(str, _place(one))) or 'the whole'}: {one['msg']}" for one in found)


def _place(error: ErrorDetails) -> Sequence[int | str]:
    return error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]


def _again(question: MaskedText, breaches: str) -> MaskedText:
    return MaskedText(
        f"{question}\n\nYour last reply to this could not be used: {breaches}. Reply with one JSON object of the schema."
    )
