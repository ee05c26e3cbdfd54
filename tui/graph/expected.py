"""What a stage still has before it, and which of its actions everything waits for: judged by their usual lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.graph.marks import Mark

if TYPE_CHECKING:
    from tui.graph.model import ActionNode

SHORTEST = 1.0
"""Seconds from which on it matters who is the longest."""
_BEFORE = (Mark.PENDING, Mark.QUEUED)
_DURING = (Mark.RUNNING, Mark.CANCELLING)


def expected(node: ActionNode) -> float | None:
    """Seconds it takes in all, by what is known now; None where nobody can tell."""
    if node.mark in (Mark.WAITING, Mark.PAUSED):
        return None
    if node.mark in _BEFORE:
        return node.usual or None
    if node.mark in _DURING:
        return max(node.seconds, node.usual) if node.usual else None
    return node.seconds


def critical(group: Sequence[ActionNode]) -> tuple[ActionNode, ...]:
    """The group with its longest action marked, real or expected. One that nothing stands beside needs no mark."""
    lengths = [expected(node) for node in group]
    known = [length for length in lengths if length is not None]
    if len(group) < 2 or len(known) < len(lengths) or max(known) < SHORTEST:
        return tuple(group)
    longest = known.index(max(known))
    return tuple(node._replace(critical=True) if at == longest else node for at, node in enumerate(group))


def left(groups: Sequence[Sequence[ActionNode]]) -> float | None:
    """Seconds until the last of these groups is through; None where nobody can tell."""
    total = 0.0
    for group in groups:
        rest = 0.0
        for node in group:
            length = expected(node)
            if length is None:
                return None
            if node.mark in _BEFORE or node.mark in _DURING:
                rest = max(rest, length - (node.seconds if node.mark in _DURING else 0.0))
        total += rest
    return total
