"""Pieces of text that every arrangement of the graph is made of: bars, sums, times, badges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.cells import cell_len

from tui.graph.brush import Brush, Scene, name_style
from tui.graph.durations import duration
from tui.graph.fitting import Item
from tui.graph.marks import URGENCY, Mark
from tui.graph.model import ActionNode, StageNode
from tui.graph.plan import clip, clip_name

LEAST_BAR = 5
LONGEST_BAR = 16
_LEFT_OUT_FIRST = (Mark.PENDING, Mark.SKIPPED, Mark.REUSED, Mark.SUCCEEDED)
_NOTABLE = 0.2  # of the usual time, from which on a difference is told


def bar(fraction: float, width: int) -> tuple[str, str]:
    """A bar of so many cells: the part that is done, to half a cell, and the rest."""
    halves = round(2 * width * min(1.0, max(0.0, fraction)))
    done = "━" * (halves // 2) + "╸" * (halves % 2)
    return done, "╌" * (width - len(done))


def tally(stage: StageNode) -> list[Item]:
    """``1✘ 3◐ 12✔``: how many actions are in each state, most urgent first."""
    counts = Counter(action.mark for action in stage.actions)
    ranks = {mark: 9 - number for number, mark in enumerate(_LEFT_OUT_FIRST)}
    order = [mark for mark in URGENCY if mark is not Mark.PENDING] + [Mark.PENDING]
    return [Item(f"{counts[mark]}{mark.glyph()}", mark, ranks.get(mark, 0)) for mark in order if counts[mark]]


def stage_time(stage: StageNode) -> str:
    """``12s ~41s``: how long a stage has been at it, and how long it still will be; how long it took."""
    if not stage.seconds:
        return ""
    if stage.left is None:
        return duration(stage.seconds, coarse=stage.mark.moves)
    return f"{duration(stage.seconds, coarse=True)} ~{duration(stage.left, coarse=True)} left"


def progress(stage: StageNode) -> float | None:
    """How much of a stage lies behind it; None where nobody can tell."""
    if stage.left is None or not stage.seconds:
        return None
    return stage.seconds / (stage.seconds + stage.left)


def notes(stage: StageNode) -> list[Item]:
    """What is special about a stage, the first of it most so."""
    return [Item(text, "note", 3 + number) for number, text in enumerate(filter(None, stage.note.split(" · ")))]


def queue(stage: StageNode) -> str:
    """``◌2``: how many executions wait in front of a stage."""
    return (
        f"{Mark.QUEUED.glyph()}{stage.waiting}"
        if 0 < stage.waiting < 100
        else Mark.QUEUED.glyph() * bool(stage.waiting)
    )


def head(brush: Brush, scene: Scene, node: ActionNode, room: int) -> None:
    """Sign, glyph, name and badges of an action within `room` cells."""
    stop = min(brush.x + room, brush.end)
    sign, style = scene.sign(node)
    brush.put(sign, style)
    brush.put(node.mark.glyph(scene.frame) + " ", node.mark)
    badges = node.badges.split()
    while badges and cell_len(node.text) + sum(len(badge) + 1 for badge in badges) > stop - brush.x:
        badges.pop()
    name = clip_name(node.text, max(1, stop - brush.x - sum(len(badge) + 1 for badge in badges)))
    brush.put(name, name_style(node))
    if badges:
        brush.put(" " + " ".join(badges), "badge")


def state(node: ActionNode, width: int) -> str:
    """State and figure; the figure alone where room is short, for the glyph tells the state."""
    for text in (node.state, node.note or node.word, node.note.split(" ")[0]):
        if cell_len(text) <= width:
            return text
    return ""


def expectation(brush: Brush, node: ActionNode, room: int, *, figure: str = "") -> None:
    """A bar from what is usual, with `figure` behind it; what is still to come says how long it usually takes."""
    if not node.usual:
        return
    usual = f"~{duration(node.usual, coarse=node.usual >= 1)}"
    if node.mark in (Mark.PENDING, Mark.QUEUED):
        if cell_len(usual) <= room:
            brush.put(usual, "idle")
        return
    if node.mark is not Mark.RUNNING:
        return
    over = node.seconds > node.usual
    for tail in (f"{figure} of {usual}" if figure else usual, figure):
        cells = min(LONGEST_BAR, room - cell_len(tail) - 1)
        if cells >= LEAST_BAR:
            done, rest = bar(node.seconds / node.usual, cells)
            brush.put(done, "over" if over else node.mark)
            brush.put(rest, "edge")
            brush.put(f" {tail}" if tail else "", node.mark if figure else "over" if over else "note")
            return


def about(scene: Scene, node: ActionNode) -> Iterator[str]:
    """What there is to say of an action where there is room: what went wrong, what it is at, tests, what is unusual."""
    if node.mark in (Mark.RUNNING, Mark.CANCELLING):
        if doing := scene.doing.get(node.key, ""):
            yield doing
    elif tests := next((badge for badge in node.badges.split() if "/" in badge), ""):
        yield f"{tests} tests"
    if node.mark is Mark.SUCCEEDED and node.usual:
        more = node.seconds - node.usual
        if abs(more) >= max(1.0, _NOTABLE * node.usual):
            yield f"usually {duration(node.usual)}"
    if node.detail:
        yield node.detail


def told(scene: Scene, node: ActionNode, width: int) -> str:
    """As much of that as fits, whole pieces before cut ones."""
    pieces = list(about(scene, node))
    if node.mark is Mark.FAILED:
        pieces.reverse()
    while len(pieces) > 1 and cell_len(" · ".join(pieces)) > width:
        pieces.pop()
    return clip(" · ".join(pieces), width) if width > 2 else ""
