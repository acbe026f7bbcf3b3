"""The examples in the docstrings of what is pure."""

import doctest
from types import ModuleType

import pytest

from dashboard import data, figures, filters, words
from dashboard.door import gate, limits
from dashboard.texts import phrase


@pytest.mark.parametrize("module", [data, figures, filters, words, gate, limits, phrase], ids=lambda one: one.__name__)
def test_the_examples_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
