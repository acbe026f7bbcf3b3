"""The interface's texts: both languages say the same things, and nothing is left over."""

import ast
import importlib
import pkgutil
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import dashboard.texts
from dashboard.texts.phrase import LANGUAGES, Phrase

FOLDER = Path(dashboard.texts.__file__).parents[1]
MODULES = [
    importlib.import_module(f"dashboard.texts.{found.name}")
    for found in pkgutil.iter_modules(dashboard.texts.__path__)
    if found.name != "phrase"
]
every_table = pytest.mark.parametrize("table", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
SAME = re.compile(r"[^a-zа-яё]*(\{\w+\}[^a-zа-яё]*)*|VIP|p", re.IGNORECASE)
"""What has no words, or the same in both."""


def phrases(found: Any, name: str) -> Iterator[tuple[str, Phrase]]:
    """Every phrase of a table, in tables of tables too."""
    if isinstance(found, Mapping):
        if set(found) & set(LANGUAGES):
            yield name, found
        else:
            for key, inner in found.items():
                yield from phrases(inner, f"{name}[{key}]")


def of_table(table: ModuleType) -> dict[str, Phrase]:
    named = {name: value for name, value in vars(table).items() if name.isupper()}
    return {key: phrase for name, value in named.items() for key, phrase in phrases(value, name)}


def fields(said: str) -> list[str]:
    return sorted(field for _, field, _, _ in string.Formatter().parse(said) if field is not None)


@every_table
def test_every_phrase_is_said_in_every_language(table: ModuleType) -> None:
    assert of_table(table)
    for name, phrase in of_table(table).items():
        assert set(phrase) == set(LANGUAGES), name
        assert all(said.strip() for said in phrase.values()), name


@every_table
def test_both_languages_have_the_same_places_to_fill(table: ModuleType) -> None:
    for name, phrase in of_table(table).items():
        assert fields(phrase["ru"]) == fields(phrase["en"]), name


@every_table
def test_a_phrase_is_in_the_language_that_it_stands_under(table: ModuleType) -> None:
    for name, phrase in of_table(table).items():
        assert CYRILLIC.search(phrase["ru"]) or SAME.fullmatch(phrase["ru"]), name
        assert not CYRILLIC.search(phrase["en"]), name


def said_in(path: Path) -> Iterator[tuple[str, str]]:
    """Tables and the phrases of theirs that a module says."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "dashboard.texts"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in called:
            yield called[node.value.id], node.attr


@every_table
def test_every_phrase_is_said_somewhere(table: ModuleType) -> None:
    said = {one for path in FOLDER.rglob("*.py") for one in said_in(path)}
    login = (FOLDER / "door" / "login.html.j2").read_text(encoding="utf-8")
    said |= {("door", name) for name in re.findall(r"texts\.(\w+)", login)}
    name = table.__name__.rpartition(".")[2]
    assert {phrase for phrase in vars(table) if phrase.isupper()} <= {phrase for where, phrase in said if where == name}
