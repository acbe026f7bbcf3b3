"""Logs: to stderr, one event a line, masked. Messages themselves are never logged, only ids and counts."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from core.errors import MaskingError
from core.privacy.masker import Masker
from core.privacy.types import RawText

FIELD_LIMIT = 2_000
"""Characters of one field. A traceback's last part is kept: it names what failed."""

_masker = Masker()


QUIET = (
    "alembic", "httpx", "httpx2", "asyncio", "llama_index", "pymorphy3", "otklik.streams", "uvicorn", "aiogram", "matplotlib",
)  # fmt: skip
"""Libraries of which only warnings are of interest."""


def configure_logging(*, log_format: str, level: str) -> None:
    """Set up structlog and the standard library's logging alike. Called once, by the process that starts."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    foreign: list[Any] = [*shared, masked_event]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for quiet in QUIET:
        logging.getLogger(quiet).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def masked(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Pass what an exception says through the masker: it may quote what it choked on. Our own events are constants."""
    for key in ("error", "exception"):
        if isinstance(event.get(key), str):
            event[key] = mask_line(event[key])
    return event


def masked_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's event is put together from what it handles, so all of it is masked."""
    event["event"] = mask_line(str(event["event"]))
    return event


def mask_line(text: str) -> str:
    """A line for a log or a terminal, without personal data; a line that cannot be masked is left out."""
    try:
        return _masker.mask(RawText(text[-FIELD_LIMIT:])).text
    except MaskingError:
        return "[a text that could not be masked]"
