"""When each action of an execution ran: bars on a common axis, the critical path, what it waited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.graph.model import ActionNode, picture
from tui.graph.parallel import NOTABLE, NOTHING, Parallel, parallel

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from tui.eta import Usual

SHORTEST = 0.001  # seconds that an axis has at least


@dataclass(frozen=True, slots=True)
class Bar:
    """One action on the axis, in seconds since the execution began. `slack`: how much longer it might have taken.

    `group` counts the runOrder columns of the pipeline. From `asked` to `start` it waited for its turn. `people`: a
    person or the clock decided, nothing ran. `ahead`: it has not begun; this is when it usually would.
    """

    node: ActionNode
    start: float
    end: float
    slack: float = 0.0
    group: int = 0
    asked: float = -1.0
    people: bool = False
    ahead: bool = False

    @property
    def critical(self) -> bool:
        """Whether the execution would have ended sooner had this been faster."""
        return self.slack <= 0 < self.end - self.start and not self.ahead

    @property
    def length(self) -> float:
        """Seconds that it took."""
        return self.end - self.start

    @property
    def queued(self) -> float:
        """Seconds that it waited for its turn: for a job slot, for an older run to let go."""
        return max(0.0, self.start - self.asked) if self.asked >= 0 else 0.0

    @property
    def over(self) -> float | None:
        """Seconds that it took more than usual; None where that is not known yet."""
        if not self.node.usual or self.node.mark.moves or self.ahead or not self.length:
            return None
        return self.length - self.node.usual


@dataclass(frozen=True, slots=True)
class StageSpan:
    """A stage on the axis: in front of it the execution waited from `asked` until `entered`."""

    name: str
    asked: float
    entered: float
    ended: float

    @property
    def waited(self) -> float:
        """Seconds in front of it."""
        return self.entered - self.asked


@dataclass(frozen=True, slots=True)
class Timeline:
    """All bars in pipeline order; `length` of the axis in seconds; what could have been parallel."""

    bars: tuple[Bar, ...] = ()
    length: float = SHORTEST
    stages: tuple[StageSpan, ...] = ()
    parallel: Parallel = NOTHING

    @property
    def critical(self) -> list[Bar]:
        """The critical path: the first of those in each group that took longest."""
        return list({bar.group: bar for bar in reversed(self.bars) if bar.critical}.values())[::-1]

    @property
    def horizon(self) -> float:
        """Seconds until the end that can be foreseen: an axis so long does not grow all the time."""
        foreseen = (bar.start + bar.node.usual for bar in self.bars if bar.node.mark.moves or bar.ahead)
        return max([self.length, *foreseen])

    @property
    def people(self) -> float:
        """Seconds in which everything waited for a person or the clock."""
        return sum(bar.length for bar in self.critical if bar.people)

    @property
    def in_front(self) -> float:
        """Seconds in front of stages."""
        return sum(stage.waited for stage in self.stages if stage.waited >= NOTABLE)


def timeline(state: PipelineState, execution: Execution, now: float, usual: Usual | None = None) -> Timeline:
    """The timeline of an execution as it stands at `now`."""
    declaration = state.declaration(execution)
    zero, end = execution.started_at, execution.ended_at or now
    bars: list[Bar] = []
    groups = [group for stage in picture(declaration, state, execution, now, usual).stages for group in stage.groups]
    for number, group in enumerate(groups):
        found = [_bar(node, state.current(execution, *node.key), zero, end) for node in group]
        drawn = [bar for bar in found if bar]
        last = max((bar.end for bar in drawn), default=0.0)
        bars += [replace(bar, slack=last - bar.end, group=number) for bar in drawn]
    length = max([end - zero, SHORTEST, *(bar.end for bar in bars)])
    if execution.active:
        bars = sorted([*bars, *_ahead(groups, bars)], key=lambda bar: bar.group)
    return Timeline(tuple(bars), length, tuple(_stages(execution, zero, end)), parallel(state, execution, now))


def _bar(node: ActionNode, run: ActionExecution | None, zero: float, now: float) -> Bar | None:
    if run is None or run.status == "Skipped":
        return None
    begun = run.started_at or run.scheduled_at
    # What was adopted began for an older execution: here it takes the time that it is waited for.
    start = max(0.0, begun - zero)
    end = max(start, (run.ended_at or now) - zero)
    asked = max(0.0, run.scheduled_at - zero)
    return Bar(node, start, start if run.reused else end, asked=min(asked, start), people=run.passive)


def _ahead(groups: list[tuple[ActionNode, ...]], bars: list[Bar]) -> Iterator[Bar]:
    """What is still to come, when it usually would, as far as that can be foreseen."""
    begun = {bar.node.key: bar for bar in bars}
    at = 0.0
    for number, group in enumerate(groups):
        ends = [at]
        for node in group:
            bar = begun.get(node.key)
            if bar is None and node.name.startswith(_CONDITIONS):
                continue
            if (bar is None or node.mark.moves) and not node.usual:
                return  # a person, or what has never succeeded: nobody can tell
            if bar is not None:
                ends.append(max(bar.end, bar.start + node.usual) if node.mark.moves else bar.end)
            else:
                ends.append(at + node.usual)
                yield Bar(node, at, at + node.usual, group=number, ahead=True)
        at = max(ends)


_CONDITIONS = ("beforeEntry:", "onSuccess:", "onFailure:")


def _stages(execution: Execution, zero: float, now: float) -> list[StageSpan]:
    """The stages that were reached, each with the time in front of it."""
    spans: list[StageSpan] = []
    before = 0.0
    for stage in execution.stages.values():
        if not stage.entered_at and not stage.waiting:
            continue
        entered = max(before, (stage.entered_at or now) - zero)
        ended = max(entered, (stage.ended_at or now) - zero)
        spans.append(StageSpan(stage.name, before, entered, ended))
        before = ended
    return spans
