"""Two runs side by side, in words: what they ran on, what each action did with it, how long that took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.graph.durations import duration
from tui.graph.model import mark_of
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState

NOTABLE = 1.25  # a duration that differs by less is noise
SHORT = 0.5  # seconds below which nobody compares durations


def compare(state: PipelineState, old: Execution, new: Execution) -> Prose:
    """What is different in `new`, compared with `old`."""
    prose = Prose()
    _runs(prose, old, new)
    _sources(prose, old, new)
    _values(prose, "Variables", old.variables, new.variables)
    prose.head("Actions", "in the pipeline's order")
    same = 0
    for stage, action in _places(old, new):
        before, after = state.current(old, stage, action), state.current(new, stage, action)
        same += not _action(prose, state, f"{stage}/{action}", before, after)
    if same:
        prose.quiet(f"{same} {'is' if same == 1 else 'are'} the same in both")
    _values(prose, "Output variables", _outgoing(state, old), _outgoing(state, new))
    return prose


def _outgoing(state: PipelineState, execution: Execution) -> dict[str, str]:
    """The output variables of every action of a run, by ``namespace.name``."""
    return {
        f"{declared.namespace}.{key}": value
        for stage in state.declaration(execution).stages
        for declared in stage.actions
        if declared.namespace and (run := state.produced(execution, stage.name, declared.name))
        for key, value in run.variables.items()
    }


def _runs(prose: Prose, old: Execution, new: Execution) -> None:
    prose.head("Runs")
    for run in (old, new):
        took = duration(run.ended_at - run.started_at) if run.ended_at else "goes on"
        prose.row(f"#{run.number}", f"{run.status}", "bold", f"{took}  {run.label}")
    if old.version != new.version:
        prose.row("definition", f"version {old.version} → {new.version}")
    if old.execution_type != new.execution_type:
        prose.row("type", f"{old.execution_type} → {new.execution_type}")


def _sources(prose: Prose, old: Execution, new: Execution) -> None:
    prose.head("Sources")
    for name in dict.fromkeys((*old.revisions, *new.revisions)):
        before, after = old.revisions.get(name), new.revisions.get(name)
        if before and after and before.tree == after.tree:
            prose.row(name, f"the same: {after.label}", "$muted")
        else:
            prose.row(name, f"{before.label if before else '(none)'} → {after.label if after else '(none)'}", "bold")


def _values(prose: Prose, title: str, old: dict[str, str], new: dict[str, str]) -> None:
    differing = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
    if differing:
        prose.head(title)
    for key in differing:
        prose.row(key, f"{old.get(key, '(unset)')} → {new.get(key, '(unset)')}")


def _places(old: Execution, new: Execution) -> list[tuple[str, str]]:
    return list(
        dict.fromkeys(
            (name, action) for run in (new, old) for name, stage in run.stages.items() for action in stage.actions
        )
    )


def _action(
    prose: Prose, state: PipelineState, name: str, old: ActionExecution | None, new: ActionExecution | None
) -> bool:
    """Tell of one action; whether there was anything to tell."""
    told = [*_status(old, new), *_reasons(old, new), *_duration(state, old, new), *_outputs(old, new)]
    if not told:
        return False
    mark = mark_of(new) if new else mark_of(old) if old else None
    if mark:
        prose.marked(mark.glyph(), mark, name, told[0])
    for line in told[1:]:
        prose.line(line, "", 6)
    return True


def _status(old: ActionExecution | None, new: ActionExecution | None) -> list[str]:
    words = [mark_of(run).word if run else "did not begin" for run in (old, new)]
    ran = [run is not None and run.status == "Succeeded" for run in (old, new)]
    return [] if words[0] == words[1] or all(ran) else [f"{words[0]} → {words[1]}"]


def _reasons(old: ActionExecution | None, new: ActionExecution | None) -> list[str]:
    if old is None or new is None or not old.parts or not new.parts or old.fingerprint == new.fingerprint:
        return []
    from engine.execution.explain import describe
    from engine.execution.fingerprint import compare as differences

    return [describe(change) for change in differences(old.parts, new.parts)]


def _duration(state: PipelineState, old: ActionExecution | None, new: ActionExecution | None) -> list[str]:
    """How long it really took, where that differs much. What was reused took what its origin took."""
    took = [state.origin(run).seconds if run else 0.0 for run in (old, new)]
    low, high = sorted(took)
    if low <= 0 or high < SHORT or high / low < NOTABLE:
        return []
    word = "slower" if took[1] > took[0] else "faster"
    return [f"{duration(took[0])} → {duration(took[1])} ({high / low:.1f}× {word})"]


def _outputs(old: ActionExecution | None, new: ActionExecution | None) -> list[str]:
    if old is None or new is None or not (old.outputs and new.outputs):
        return []
    names = [name for name, tree in new.outputs.items() if old.outputs.get(name) not in (None, tree)]
    return [f"artifact {name} differs" for name in names]
