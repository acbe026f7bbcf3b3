"""Export files written into a temporary directory, and read through the door that the importer uses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ingestion.exports.exporting import Reading, read

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes bytes, text, or anything else as JSON."""

    def write_file(content: Any, name: str = "result.json") -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, bytes):
            content = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
        path.write_bytes(content)
        return path

    return write_file


@pytest.fixture
def read_json(write: Write) -> Callable[[Any], Reading]:
    """Writes one chat or a whole account, and reads it."""
    return lambda document: read(write(document))
