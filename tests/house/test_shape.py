"""Files and functions stay small, and what is public says what it means."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def modules(*packages: str) -> Iterator[tuple[str, str]]:
    """Name and text of every module of these packages."""
    for package in packages:
        for file in sorted((REPOSITORY / package).rglob("*.py")):
            yield str(file.relative_to(REPOSITORY)), file.read_text(encoding="utf-8")


def definitions(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """The public functions and classes of a module or class, and those of its classes."""
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from definitions(child)


def test_no_file_is_too_long() -> None:
    lengths = {name: len(text.splitlines()) for name, text in modules("engine", "tui", "benchmarks", "tests", "docs")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{name}:{node.lineno}: {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for name, text in modules("engine", "tui", "benchmarks")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_what_the_engine_offers_is_described() -> None:
    silent = []
    for name, text in modules("engine"):
        if Path(name).name.startswith("_") and Path(name).name != "__init__.py":
            continue
        module = ast.parse(text)
        offered = list(definitions(module))
        # What several classes of a file do under one name is described once, as a rule by their protocol.
        described = {node.name for node in offered if ast.get_docstring(node)}
        silent += [] if ast.get_docstring(module) else [name]
        silent += [f"{name}:{node.lineno}: {node.name}" for node in offered if node.name not in described]
    assert silent == []


def test_files_are_named_after_what_they_hold() -> None:
    assert [name for name, _ in modules("engine", "tui") if Path(name).stem.strip("_") in VAGUE] == []
