"""Files of parameter values, in the three shapes that people have.

A list of ``{"ParameterKey": …, "ParameterValue": …}`` as `aws cloudformation` takes them, ``{"Parameters": {…}}`` as a
pipeline's template configuration has them, and a plain mapping of names to values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.reading.problem import Problem
from engine.reading.scalars import text_of
from engine.reading.source import read


def read_parameters(file: Path) -> tuple[dict[str, str], list[Problem]]:
    """The file's values, and what is wrong with it: a sentence, since the line is in another file than the template."""
    source = read(file)
    for diagnostic in source.problems:
        return {}, [Problem("GR121", (), f"parameter file {diagnostic.render()}")]
    found = _values(source.documents[0].data)
    if found is None:
        message = f"parameter file {file}: a mapping of names to values is expected"
        return {}, [Problem("GR121", (), message, 'or a list of {"ParameterKey": …, "ParameterValue": …}')]
    return found, []


def _values(data: Any) -> dict[str, str] | None:
    if isinstance(data, list):
        if data and all(isinstance(item, str) and "=" in item for item in data):  # --parameter-overrides file://
            return dict(item.split("=", 1) for item in data)
        rows = [item for item in data if isinstance(item, dict) and "ParameterKey" in item]
        if len(rows) != len(data):
            return None
        return _texts({str(row["ParameterKey"]): row.get("ParameterValue") for row in rows})
    if not isinstance(data, dict):
        return None
    inner = data.get("Parameters")
    if isinstance(inner, list):
        return _values(inner)
    return _texts(inner if isinstance(inner, dict) else data)


def _texts(values: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in values.items():
        text = ",".join(str(text_of(item)) for item in value) if isinstance(value, list) else text_of(value)
        if text is not None:
            found[name] = text
    return found
