"""What a run was seen to read, for `greenroom why`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.execution.state import ActionExecution, PipelineState


def observed(state: PipelineState, action: ActionExecution) -> dict[str, object] | None:
    """The observation that an action rests on, as JSON; None where its inputs are not observed."""
    run = state.origin(action)
    if action.prepared is None or action.prepared.narrowing is None:
        return None
    seen, narrowing = run.observed, action.prepared.narrowing
    distrust = state.distrusted.get(f"{action.stage}/{action.action}")
    is_narrow = action.reused and run.fingerprint != action.fingerprint
    return {
        "execution": run.number if seen and seen.looks else None,
        "read": seen.read if seen else 0,
        "files": seen.files if seen else 0,
        "trouble": distrust.reason if distrust and distrust.base == narrowing.base else seen.trouble if seen else "",
        "unread": list(narrowing.unread) if is_narrow else [],
        "unread_more": narrowing.more if is_narrow else 0,
        "checked": None
        if action.checked is None
        else {"agrees": action.checked.agrees, "reason": action.checked.reason},
    }


def reads(state: PipelineState, action: ActionExecution, state_dir: Path) -> Mapping[str, list[str]]:
    """The files that it was seen to read, by input artifact. Raises `LookupError` in words where nobody knows."""
    from engine.artifacts.looks import files_in, get_looks
    from engine.sealed import store_of

    seen = state.origin(action).observed
    if seen is None or not seen.looks:
        raise LookupError(
            seen.trouble if seen else "it was not observed: `inputs: observed` in greenroom.yaml does that"
        )
    kept = store_of(state_dir)
    try:
        return {name: files_in(looks) for name, looks in get_looks(kept, seen.looks).items()}
    except FileNotFoundError as gone:
        raise LookupError("what it read was dropped from the store") from gone
    finally:
        kept.close()
