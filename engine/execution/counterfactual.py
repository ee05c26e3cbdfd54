"""What would have to be otherwise for an action to be reused: ``revert README.md``.

An action runs because the parts of its fingerprint are not those of an earlier result. This looks for the earlier
result that is nearest, and says what separates them in the terms of a person: files of a source, a value in the
environment, a line of the configuration. An input that another action made is followed up to what that one read.

Pure: what differs between two trees is asked of `Differ`. That the nearest result really would stand is asked of
`engine.execution.reuse`, the function that decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from engine.execution.fingerprint import compare
from engine.execution.reuse import standing
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.outcome import Change

LOOK_BACK = 20  # earlier results that are compared
FILES = 50  # files that are named
DEEPEST = 12  # actions in a row that are followed up

Differ = Callable[[ActionExecution, ActionExecution, str], tuple[str, ...] | None]
"""The paths of an input (by name) in which two runs of an action (then, now) differ, as far as they matter to it; None
where they cannot be told."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that would have to be as it was. `kind` is ``files`` or that of a fingerprint's part.

    For files, `subject` is the source artifact and `paths` are the first of those to be reverted, `more` counts the
    others; `through` names the actions that lead from there to here. Otherwise `before` is the value of then and `now`
    that of today (None: not set).
    """

    kind: str
    subject: str
    paths: tuple[str, ...] = ()
    more: int = 0
    before: str | None = None
    now: str | None = None
    through: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """How much would have to be undone."""
        return len(self.paths) + self.more if self.kind == "files" else 1


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """An earlier result (`source`, made in run `number`) would stand if all of these held."""

    source: str
    number: int
    conditions: tuple[Condition, ...]

    @property
    def weight(self) -> int:
        """How much would have to be undone in all."""
        return sum(condition.weight for condition in self.conditions)


def counterfactual(state: PipelineState, run: ActionExecution, differ: Differ) -> Counterfactual | None:
    """What the least is that would have to be undone for this action to be reused; None where nothing would do."""
    # What was applied last is what counts for an effect: going back is a change, too. A source is merely looked at.
    if run.prepared is None or run.reused or run.kind not in ("pure", "approval"):
        return None
    found: list[Counterfactual] = []
    for candidate in islice(_candidates(state, run), LOOK_BACK):
        conditions = _Search(state, differ).conditions(run, candidate)
        if conditions:
            found.append(Counterfactual(candidate.id, candidate.number, tuple(conditions)))
    return min(found, key=lambda each: each.weight, default=None)


def _candidates(state: PipelineState, run: ActionExecution) -> Iterator[ActionExecution]:
    """Earlier results that would stand if the fingerprint were theirs, newest first."""
    assert run.prepared is not None
    seen = {run.fingerprint}
    for other in reversed(state.attempts(run.stage, run.action)):
        if other.prepared is None or other.reused or other.id == run.id or other.fingerprint in seen:
            continue
        seen.add(other.fingerprint)
        asked = replace(run.prepared, fingerprint=other.fingerprint)
        found = standing(state, run.stage, run.action, asked)
        if found is not None and found.fingerprint == other.fingerprint:
            yield other


class _Search:
    """From the difference of two runs of an action to what a person could undo."""

    def __init__(self, state: PipelineState, differ: Differ) -> None:
        self._state = state
        self._differ = differ

    def conditions(self, now: ActionExecution, then: ActionExecution, depth: int = 0) -> list[Condition] | None:
        """All that separates the two; None where something of it cannot be undone."""
        found: list[Condition] = []
        for change in compare(then.parts, now.parts):
            if change.kind == "run":
                return None  # another one in every run: it is never as it was
            if change.kind != "input":
                found.append(Condition(change.kind, change.subject, before=change.before, now=change.after))
                continue
            undone = self._input(now, then, change, depth)
            if undone is None:
                return None
            found += undone
        files = {path for each in found for path in each.paths}
        alone = (each for each in found if each.kind != "buildspec" or each.subject not in files)  # else it is one
        return sorted(dict.fromkeys(alone), key=lambda each: each.kind != "files")

    def _input(self, now: ActionExecution, then: ActionExecution, change: Change, depth: int) -> list[Condition] | None:
        """What made an input another one: files of a source, or whatever its maker read."""
        name = change.subject
        if change.before is None or change.after is None:
            return [Condition("inputArtifacts", name, before=change.before, now=change.after)]
        owner, past = self._state.executions.get(now.execution_id), self._owner(then)
        maker = self._state.declaration(owner).makers.get(name) if owner else None
        if owner is None or maker is None or depth >= DEEPEST:
            return None
        if self._state.declaration(owner).action(*maker).actionTypeId.category == "Source":
            return self._files(now, then, name)
        made, once = (self._state.produced(run, *maker) if run else None for run in (owner, past))
        if made is None or once is None:
            return None
        made, once = self._state.origin(made), self._state.origin(once)
        if not made.prepared or not once.prepared or made.fingerprint == once.fingerprint or not self._stands(once):
            return None  # the same work gave other bytes, or its result is gone: to undo something would not help
        above = self.conditions(made, once, depth + 1)
        place = f"{made.stage}/{made.action}"
        return None if above is None else [replace(each, through=(*each.through, place)) for each in above]

    def _owner(self, run: ActionExecution) -> Execution | None:
        return self._state.executions.get(run.execution_id) or self._state.executions.get(run.born_in)

    def _stands(self, run: ActionExecution) -> bool:
        """Whether the result of another action would be reused, too."""
        found = standing(self._state, run.stage, run.action, run.prepared) if run.prepared else None
        return found is not None and found.fingerprint == run.fingerprint

    def _files(self, now: ActionExecution, then: ActionExecution, name: str) -> list[Condition] | None:
        paths = self._differ(then, now, name)
        return [Condition("files", name, paths[:FILES], max(0, len(paths) - FILES))] if paths else None


def told(found: Counterfactual) -> str:
    """In a sentence: ``revert README.md to what it was in #12 and this is reused``."""
    files = [each for each in found.conditions if each.kind == "files"]
    others = [each for each in found.conditions if each.kind != "files"]
    if files and not others:
        named = _and([_files(each) for each in files])
        it = "it was" if sum(each.weight for each in files) == 1 else "they were"
        return f"revert {named} to what {it} in #{found.number} and this is reused"
    wishes = [f"{_files(each)} were as in #{found.number}" for each in files]
    wishes += [_value(each, found.number) for each in others]
    return f"if {_and(wishes)}, this would be reused from #{found.number}"


def _files(condition: Condition, most: int = 3) -> str:
    names, rest = condition.paths[:most], condition.weight - len(condition.paths[:most])
    more = [f"{rest} more file{'s' * (rest > 1)} of {condition.subject}"] if rest else []
    return _and([*names, *more])


def _value(condition: Condition, number: int) -> str:
    what = f"{condition.kind} {condition.subject}".strip()
    value = condition.before
    if value is None:
        return f"{what} were not set"
    plain = not value.startswith("secret:") and "\n" not in value and len(value) <= 40
    return f"{what} were {value}" if plain and condition.subject else f"{what} were as in #{number}"


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
