"""Cucumber's JSON: a list of features with their scenarios."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.reports.model import Case, Status, UnreadableReport, message, name, number

_BAD: dict[str, Status] = {"failed": "FAILED", "undefined": "FAILED", "ambiguous": "ERROR"}


def cucumber(raw: bytes) -> Iterator[Case]:
    """One case for each scenario. Raises `UnreadableReport`."""
    try:
        features = json.loads(raw)
        if not isinstance(features, list):
            raise UnreadableReport("is no list of features")
        for feature in features:
            for element in feature.get("elements") or ():
                if element.get("type", "scenario") != "background":
                    yield _case(feature, element)
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableReport(f"not readable as Cucumber's JSON: {error}") from error


def _case(feature: dict[str, Any], element: dict[str, Any]) -> Case:
    steps = [*(element.get("before") or ()), *(element.get("steps") or ()), *(element.get("after") or ())]
    results = [(step, step.get("result") or {}) for step in steps]
    words = [str(result.get("status", "unknown")).lower() for _, result in results]
    status: Status = next((_BAD[word] for word in words if word in _BAD), "SUCCEEDED")
    if status == "SUCCEEDED" and any(word in ("pending", "skipped") for word in words):
        status = "SKIPPED"
    told, line = "", number(element.get("line"))
    for (step, result), word in zip(results, words, strict=True):
        if word in _BAD:
            told = message(f"{step.get('keyword', '')}{step.get('name', '')}", result.get("error_message") or word)
            line = number(step.get("line")) or line
            break
    return Case(
        name=name(element.get("name")),
        suite=name(feature.get("name")),
        status=status,
        seconds=sum(number(result.get("duration")) for _, result in results) / 1e9,
        message=told,
        file=name(feature.get("uri")),
        line=line,
    )
