"""Files and functions stay small, and what is public says what it means."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("engine", "tui", "benchmarks", "tests", "docs")
LONGEST_FILE = 500
LONGEST_FUNCTION = 60

FILES = sorted(file for package in PACKAGES for file in (REPOSITORY / package).rglob("*.py"))
ENGINE = [file for file in FILES if file.is_relative_to(REPOSITORY / "engine")]
SOURCES = [file for file in FILES if file.relative_to(REPOSITORY).parts[0] in ("engine", "tui")]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def named(file: Path) -> str:
    return str(file.relative_to(REPOSITORY))


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def definitions(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """The public functions and classes of a module or class, and those of its classes."""
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from definitions(child)


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_file_is_too_long(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{named(file)} has {lines} lines: split it by concept"


@pytest.mark.parametrize("file", SOURCES, ids=named)
def test_no_function_is_too_long(file: Path) -> None:
    long = [
        f"{node.name} (line {node.lineno}): {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree(file))
        if isinstance(node, Function)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long


@pytest.mark.parametrize("file", ENGINE, ids=named)
def test_what_the_engine_offers_is_described(file: Path) -> None:
    if file.name.startswith("_") and file.name != "__init__.py":
        return
    module = tree(file)
    assert ast.get_docstring(module), "the module says nothing of itself"
    silent = [node.name for node in definitions(module) if not ast.get_docstring(node)]
    assert not silent, f"without a docstring: {', '.join(silent)}"


@pytest.mark.parametrize("file", SOURCES, ids=named)
def test_a_file_is_named_after_what_it_holds(file: Path) -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert file.stem.strip("_") not in vague
