"""When each action of an execution ran: bars on a common axis, the critical path, what waited without need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, Key, picture
from tui.graph.plan import clip, pad

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.model.pipeline import ActionDeclaration, StageDeclaration

Span = tuple[str, str]
"""Text and its style."""

LEAST_BAR = 10
SHORTEST = 0.001  # seconds that an axis has at least
FIGURE = 8
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
CRITICAL, OTHER, IDLE = "━", "─", "┄"


@dataclass(frozen=True, slots=True)
class Bar:
    """One action on the axis, in seconds since the execution began. `slack`: how much longer it might have taken.

    `group` counts the runOrder columns of the pipeline.
    """

    node: ActionNode
    start: float
    end: float
    slack: float = 0.0
    group: int = 0

    @property
    def critical(self) -> bool:
        """Whether the execution would have ended sooner had this been faster."""
        return self.slack <= 0 < self.end - self.start


@dataclass(frozen=True, slots=True)
class Timeline:
    """All bars in pipeline order; `length` of the axis in seconds; `early` what could have started sooner."""

    bars: tuple[Bar, ...] = ()
    length: float = SHORTEST
    early: tuple[tuple[Key, float], ...] = ()

    @property
    def critical(self) -> list[Bar]:
        """The critical path: the first of those in each group that took longest."""
        return list({bar.group: bar for bar in reversed(self.bars) if bar.critical}.values())[::-1]


def timeline(state: PipelineState, execution: Execution, now: float) -> Timeline:
    """The timeline of an execution as it stands at `now`."""
    declaration = state.declaration(execution)
    zero, end = execution.started_at, execution.ended_at or now
    bars: list[Bar] = []
    groups = [group for stage in picture(declaration, state, execution, now).stages for group in stage.groups]
    for number, group in enumerate(groups):
        found = [_bar(node, state.current(execution, *node.key), zero, end) for node in group]
        drawn = [bar for bar in found if bar]
        last = max((bar.end for bar in drawn), default=0.0)
        bars += [replace(bar, slack=last - bar.end, group=number) for bar in drawn]
    early = [found for stage in declaration.stages for found in _early(state, execution, stage)]
    return Timeline(tuple(bars), max([end - zero, SHORTEST, *(bar.end for bar in bars)]), tuple(early))


def _bar(node: ActionNode, run: ActionExecution | None, zero: float, now: float) -> Bar | None:
    if run is None or run.status == "Skipped":
        return None
    begun = run.started_at or run.scheduled_at
    # What was adopted began for an older execution: here it takes the time that it is waited for.
    start = max(0.0, begun - zero)
    end = max(start, (run.ended_at or now) - zero)
    return Bar(node, start, start if run.reused else end)


def _early(state: PipelineState, execution: Execution, stage: StageDeclaration) -> list[tuple[Key, float]]:
    """Actions that waited for a runOrder although what they read was there, and for how long.

    Only where everything before them is free of effects: a test after a deployment waits for good reason.
    """
    found: list[tuple[Key, float]] = []
    for action in stage.actions:
        before = [other for other in stage.actions if other.runOrder < action.runOrder]
        runs = {other.name: state.current(execution, stage.name, other.name) for other in (action, *before)}
        run = runs.pop(action.name)
        if run is None or not run.started_at or run.kind != "pure" or not before:
            continue
        if any(other is None or other.kind != "pure" for other in runs.values()):
            continue
        ready = max([_entered(execution, stage), *(_end(runs[name]) for name in _needed(action, before))])
        if (waited := run.started_at - ready) >= 0.5:
            found.append(((stage.name, action.name), waited))
    return found


def _needed(action: ActionDeclaration, before: Sequence[ActionDeclaration]) -> list[str]:
    from engine.execution.variables import namespaces

    reads, mentions = {artifact.name for artifact in action.inputArtifacts}, namespaces(action)
    return [
        other.name
        for other in before
        if reads & {artifact.name for artifact in other.outputArtifacts} or other.namespace in mentions
    ]


def _entered(execution: Execution, stage: StageDeclaration) -> float:
    return execution.stages[stage.name].entered_at


def _end(run: ActionExecution | None) -> float:
    return run.ended_at if run else 0.0


# -- drawing -------------------------------------------------------------------------------------------------------


def draw(found: Timeline, width: int) -> list[list[Span]]:
    """The timeline in lines of at most `width` cells."""
    if not found.bars:
        return [[("nothing has begun yet", "$muted")]]
    names = max(cell_len(_name(bar)) for bar in found.bars) + 2
    label = max(8, min(names, width // 3))
    room = max(LEAST_BAR, width - label - FIGURE - 1)
    lines = [_axis(found.length, label, room)]
    stage = ""
    for bar in found.bars:
        if bar.node.stage != stage:
            stage = bar.node.stage
            lines.append([(clip(stage, width), "bold $foreground")])
        lines.append(_line(bar, found.length, label, room))
    return [*lines, [], *_told(found)]


def _name(bar: Bar) -> str:
    return f"  {bar.node.mark.glyph()} {bar.node.text}"


def _axis(length: float, label: int, room: int) -> list[Span]:
    step = next((step for step in _STEPS if length / step <= max(2, room // 10)), length)
    cells = [" "] * (room + FIGURE)
    for number in range(int(length / step + 1e-9) + 1):
        at = round(number * step / length * (room - 1))
        text = duration(number * step, coarse=step >= 1)
        if at + len(text) <= len(cells) and all(cell == " " for cell in cells[max(0, at - 1) : at + len(text)]):
            cells[at : at + len(text)] = list(text)
    return [(" " * label, ""), ("".join(cells).rstrip(), "$muted")]


def _line(bar: Bar, length: float, label: int, room: int) -> list[Span]:
    scale = room / length
    start = min(round(bar.start * scale), room - 1)
    cells = max(1, min(round(bar.end * scale), room) - start)
    mark = bar.node.mark
    body = mark.glyph() if mark is Mark.REUSED else (CRITICAL if bar.critical else OTHER) * cells
    slack = min(round(bar.slack * scale), room - start - len(body))
    figure = f"#{bar.node.note.lstrip('#')}" if mark is Mark.REUSED else duration(bar.end - bar.start)
    rest = room - start - len(body) - slack
    return [
        (pad(f"  {mark.glyph()} {bar.node.text}", label), f"$status-{mark}" if mark.moves else "$foreground"),
        (" " * start, ""),
        (body, f"bold $status-{mark}" if bar.critical else f"$status-{mark}"),
        (IDLE * slack + " " * rest, "$graph-edge"),
        (figure.rjust(FIGURE), "$muted"),
    ]


def _told(found: Timeline) -> list[list[Span]]:
    """What the picture says, in words."""
    lines: list[list[Span]] = []
    path = found.critical
    if path:
        spent = sum(bar.end - bar.start for bar in path)
        names = " → ".join(f"{bar.node.stage}/{bar.node.text}" for bar in path)
        share = f", {spent / found.length:.0%} of {duration(found.length)}"
        lines.append([(f"{CRITICAL * 2} critical path  ", "bold"), (f"{names} ({duration(spent)}{share})", "")])
    for (stage, action), waited in found.early:
        text = f"could start {duration(waited)} sooner: all that it reads was there by then"
        lines.append([(f"{stage}/{action} ", "bold"), (text, "$muted")])
    return lines
