"""The second layer of AWS's checks: how the parts of a pipeline fit together.

One module a concept, one function a rule: it takes the outline and yields what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engine.reading.outline import Outline
from engine.reading.problem import Problem
from engine.reading.rules.rule import Rule, all_rules

MOST = 200
"""Findings of one rule in one pipeline. Nobody reads more, and naming the nearest word each time takes its time."""


def check(pipeline: Outline) -> Iterator[Problem]:
    """What the rules find in one pipeline."""
    for rule in all_rules():
        yield from islice(rule.check(pipeline), MOST)


__all__ = ["Rule", "all_rules", "check"]
