"""A request as the Bot API would read it: names, types and nested fields are checked against aiogram's own models."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import aiogram.methods
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.model import File

Method = TelegramMethod[Any]

MODELS: dict[str, type[Method]] = {
    model.__api_method__.lower(): model
    for model in (getattr(aiogram.methods, name) for name in aiogram.methods.__all__)
    if isinstance(model, type) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}
"""By name, which Telegram reads in any case of letters."""


class Misuse(Refused):
    """A request that no correct bot makes: it is refused, and fails the test too."""


@dataclass(slots=True)
class Asked:
    """One request of the bot, and what it was told."""

    method: str
    params: dict[str, Any]
    ok: bool = False
    error: str | None = None
    """The description of the error, or what the fault did."""

    def __str__(self) -> str:
        return f"{self.method}({self.params}) → {'ok' if self.ok else self.error}"


def read(name: str, given: Mapping[str, Any], uploads: Mapping[str, File]) -> Method:
    """The request as aiogram's model of the method. Fields are strings of a form, or values of a JSON body."""
    model = MODELS.get(name.lower())
    if model is None:
        raise Misuse(404, f"Not Found: the Bot API has no method {name!r}")
    fields = model.model_fields
    unset = {key: None for key, field in fields.items() if isinstance(field.default, Default)}
    params = unset | {key: _decoded(model, key, value) for key, value in given.items()}
    params |= {key: f"attach://{key}" for key in uploads if key in fields}
    missing = [key for key, field in fields.items() if field.is_required() and key not in params]
    if missing == ["text"]:  # aiogram leaves an empty text out
        raise Refused(400, "Bad Request: message text is empty")
    if missing:
        raise Misuse(400, f"Bad Request: {model.__api_method__} lacks {', '.join(missing)}")
    try:
        method = model.model_validate(params)
    except ValidationError as error:
        raise Misuse(400, f"Bad Request: can't parse {model.__api_method__}: {error}") from error
    if strange := sorted(_strange(method)):
        raise Misuse(400, f"Bad Request: {model.__api_method__} knows no {', '.join(strange)}")
    return method


def checked(method: Method, result: Any) -> Any:
    """The result, which must be what aiogram expects of the method."""
    TypeAdapter(type(method).__returning__).validate_python(result)
    return result


def _decoded(model: type[Method], key: str, value: Any) -> Any:
    field = model.model_fields.get(key)
    if field is None or not isinstance(value, str):
        return value
    types = set(_flat(field.annotation))
    if str in types:
        return int(value) if int in types and re.fullmatch(r"-?\d+", value) else value
    try:
        return json.loads(value)
    except ValueError as error:
        raise Misuse(400, f"Bad Request: can't parse {key}: {value!r} is not JSON") from error


def _flat(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType, Annotated):
        for part in get_args(annotation):
            yield from _flat(part)
    else:
        yield annotation


def _strange(value: Any, path: str = "") -> Iterator[str]:
    """Names that no model knows. aiogram's models keep such fields, so they do not fail by themselves."""
    if isinstance(value, list):
        for item in value:
            yield from _strange(item, path)
    elif isinstance(value, BaseModel):
        yield from (f"{path}{key}" for key in value.model_extra or ())
        for key in value.model_fields_set & set(type(value).model_fields):
            yield from _strange(getattr(value, key), f"{path}{key}.")
