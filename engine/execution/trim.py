"""Keeping the state small: what a long history no longer needs at hand stays in the journal only."""

from __future__ import annotations

from engine.execution.state import Execution, PipelineState

EXECUTIONS = 100  # the newest executions that stay at hand
RUNS = 5_000  # action executions that these may have in all
FEWEST = 10  # the newest executions that stay, however many they have
RESULTS = 2_000  # the newest results that stay reusable


def trim(state: PipelineState, *, executions: int = EXECUTIONS, runs: int = RUNS, results: int = RESULTS) -> None:
    """Drop older executions from the state, but nothing that a decision may still rest on.

    What stays: the newest executions and those that are active, whatever was applied or approved last, the reusable
    results that are the newest or that these executions rest on, and the origin of each result that stays.
    """
    newest = _newest(state, executions, runs) | set(state.active_ids)
    standing = [identity for identity in (*state.applied.values(), *state.approved.values()) if identity]
    newest |= {state.actions[identity].execution_id for identity in standing}
    state.executions = {identity: found for identity, found in state.executions.items() if identity in newest}
    kept = {identity for found in state.executions.values() for identity in _actions(found)}
    reusable = {*list(state.by_fingerprint)[-results:], *(state.actions[identity].fingerprint for identity in kept)}
    state.by_fingerprint = {key: ids[-1:] for key, ids in state.by_fingerprint.items() if ids and key in reusable}
    kept.update(standing, (ids[0] for ids in state.by_fingerprint.values()))
    kept |= {origin for identity in kept if (origin := state.actions[identity].reused_from) in state.actions}
    state.actions = {identity: action for identity, action in state.actions.items() if identity in kept}
    state.observed = {key: [i for i in ids if i in kept] for key, ids in state.observed.items()}
    versions = {found.version for found in state.executions.values()} | {state.version}
    state.definitions = {version: found for version, found in state.definitions.items() if version in versions}


def _newest(state: PipelineState, executions: int, runs: int) -> set[str]:
    found: set[str] = set()
    for execution in reversed(state.executions.values()):
        runs -= len(_actions(execution))
        if len(found) == executions or (runs < 0 and len(found) >= FEWEST):
            break
        found.add(execution.id)
    return found


def _actions(execution: Execution) -> list[str]:
    return [identity for stage in execution.stages.values() for identity in stage.all_runs()]
