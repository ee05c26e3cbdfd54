"""--strict: what a run did that is not what AWS would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.execution.state import Execution, PipelineState

_FAITHFUL = ("exact", "emulated")


def unfaithful(state: PipelineState, execution: Execution) -> list[str]:
    """``Stage/Action is stubbed`` for each one below emulated.

    Sources are left out: that a local directory stands in for the repository is what the program is for.
    """
    found = []
    for stage in execution.stages.values():
        for action in map(state.actions.__getitem__, stage.latest_runs()):
            if action.fidelity is None or action.kind == "source":
                continue
            if action.fidelity not in _FAITHFUL and action.status != "Skipped":
                found.append(f"{stage.name}/{action.action} is {action.fidelity}")
    return found
