"""The SDK's errors, and those that a server writes into its replies, as ours: what they mean to the person, and whether
to try again."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import httpx2
from anthropic import APIConnectionError, APIStatusError

from core.llm.errors import (
    BrokenReply,
    CallFailed,
    ModelUnavailable,
    NotAuthorised,
    Overloaded,
    RateLimited,
    Rejected,
    TimedOut,
    Unknown,
)

_BY_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""An error in the middle of a stream has a type but comes under status 200."""

_RETRYABLE = frozenset({408, 409, 429})
"""Beside every 5xx: the same request may succeed soon, and was not worked on."""

LONGEST_PAUSE = 86_400.0
"""Seconds. Whoever asks for more than a day is not meant to be taken by the word."""


def lost(error: Exception) -> CallFailed:
    """No reply came, or no more of it: a timeout, or no connection."""
    cause = error.__cause__ if isinstance(error, APIConnectionError) else error
    detail = f"{type(cause or error).__name__}: {cause or error}"
    if isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return ModelUnavailable(
            "The model's server cannot be reached; check the network and ANTHROPIC_BASE_URL.",
            detail=detail,
            retryable=True,
            sent=False,
        )
    if isinstance(cause, httpx2.TimeoutException):
        return TimedOut("The model's server fell silent; try again in a moment.", detail=detail)
    if isinstance(error, APIConnectionError):
        return ModelUnavailable(
            "The connection to the model's server was lost before it replied; try again in a moment.",
            detail=detail,
            retryable=True,
        )
    return broken_off(detail)


def broken_off(detail: str) -> BrokenReply:
    return BrokenReply("The model's reply broke off; ask again.", detail=detail)


def status_error(error: APIStatusError) -> CallFailed:
    retry_after = _seconds(error.response.headers.get("retry-after"))
    return _refused(error.status_code, str(error.type or ""), error.api_message or "", retry_after)


def stream_error(data: Mapping[str, Any]) -> CallFailed:
    """An error in the middle of a stream, under status 200."""
    error = data.get("error")
    known = error if isinstance(error, dict) else {}
    kind = str(known.get("type", ""))
    return _refused(_BY_TYPE.get(kind, 500), kind, str(known.get("message", "")), None)


def _refused(status: int, kind: str, said: str, retry_after: float | None) -> CallFailed:
    """What an error reply means to the person, and whether to try again."""
    passing = status in _RETRYABLE or status >= 500
    detail = f"{status} {kind}: {said}"
    said = said or str(status)
    if status == 429:
        when = f"in {retry_after:.0f} s" if retry_after else "in a minute"
        text = f"The model's server has had too many requests from this key; try again {when}."
        return RateLimited(text, detail=detail, retryable=passing, retry_after=retry_after)
    if passing:
        text = "The model's server is overloaded or in trouble; try again in a minute."
        return Overloaded(text, detail=detail, retryable=passing, retry_after=retry_after)
    if status in (401, 402, 403):
        text = f"The model's server refused the key ({said}); check ANTHROPIC_API_KEY and the account behind it."
        return NotAuthorised(text, detail=detail)
    if status == 404:
        text = (
            f"The model's server does not know this ({said}); check OTKLIK_ANSWER_MODEL, OTKLIK_ANALYSIS_MODEL and "
            "ANTHROPIC_BASE_URL."
        )
        return Unknown(text, detail=detail)
    return Rejected(f"The model's server rejected the request ({said}); this is worth a bug report.", detail=detail)


def _seconds(header: str | None) -> float | None:
    """A `retry-after` as both its forms say it: Anthropic sends seconds, a proxy in front may send a date."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (until - datetime.now(until.tzinfo)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE) if isfinite(seconds) else None
