"""What an approval asks about: what to look at, and with which earlier run to compare it. Pure; reads no content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.execution.approval import later
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.execution.variables import UnresolvedVariable, Values
from engine.model.outcome import Report, Revision
from engine.model.pipeline import ActionDeclaration


@dataclass(frozen=True, slots=True)
class SourcePair:
    """A source as it is, and as it was when it was last approved (None: never, or not known any more)."""

    name: str
    now: Revision
    before: Revision | None = None


@dataclass(frozen=True, slots=True)
class ArtifactPair:
    """An artifact's tree as it is, and as it was (empty: there was none). `maker` is ``stage/action``."""

    name: str
    maker: str
    now: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class TestPair:
    """The reports of an action, and those of the earlier run (None: it made none)."""

    __test__ = False  # not a test of pytest's

    place: str
    now: tuple[Report, ...]
    before: tuple[Report, ...] | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """A deployment behind the approval. `configuration` is resolved as far as values are known by now.

    `inputs` and `before` map artifact names to trees, empty where it is still to be made; `makers` to who makes it.
    """

    stage: str
    action: ActionDeclaration
    configuration: dict[str, str]
    open_variables: tuple[str, ...]
    inputs: dict[str, str]
    before: dict[str, str]
    makers: dict[str, str]

    @property
    def place(self) -> str:
        """``stage/action``."""
        return f"{self.stage}/{self.action.name}"


@dataclass(frozen=True, slots=True)
class Question:
    """One approval that waits. Times are seconds since the epoch, 0.0 for none.

    `since` is the number of the run that was last approved here (0: none is known), `by` who approved it, `at` when.
    """

    identity: str
    stage: str
    action: str
    number: int
    asks: str
    link: str
    waits_since: float
    expires_at: float
    since: int
    by: str
    at: float
    sources: tuple[SourcePair, ...]
    artifacts: tuple[ArtifactPair, ...]
    tests: tuple[TestPair, ...]
    deployments: tuple[Behind, ...]

    @property
    def place(self) -> str:
        """``stage/action``."""
        return f"{self.stage}/{self.action}"


def question(state: PipelineState, run: ActionExecution) -> Question:
    """What an approval asks about."""
    execution = state.executions[run.execution_id]
    approved = state.actions.get(state.approved.get(f"{run.stage}/{run.action}", ""))
    last = state.executions.get(approved.execution_id) if approved and approved.id != run.id else None
    if last is execution:
        last = None
    decision = state.origin(approved).decision if approved and last else None
    configuration = run.prepared.configuration if run.prepared else {}
    deadline = run.prepared.deadline if run.prepared else 0.0
    return Question(
        identity=run.id,
        stage=run.stage,
        action=run.action,
        number=execution.number,
        asks=configuration.get("CustomData", ""),
        link=configuration.get("ExternalEntityLink", ""),
        waits_since=run.started_at,
        expires_at=run.started_at + deadline if deadline and run.started_at else 0.0,
        since=last.number if last else 0,
        by=decision.by if decision else "",
        at=approved.ended_at if approved and last else 0.0,
        sources=tuple(source_pairs(execution, last)),
        artifacts=tuple(artifact_pairs(state, execution, last)),
        tests=tuple(test_pairs(state, execution, last)),
        deployments=tuple(_behind(state, execution, last, run)),
    )


def source_pairs(execution: Execution, last: Execution | None) -> Iterator[SourcePair]:
    """Every source of a run, beside what an earlier run had."""
    for name, revision in execution.revisions.items():
        yield SourcePair(name, revision, last.revisions.get(name) if last else None)


def artifact_pairs(state: PipelineState, execution: Execution, last: Execution | None) -> Iterator[ArtifactPair]:
    """Every artifact that was made so far, beside that of an earlier run."""
    for stage in state.declaration(execution).stages:
        for action in stage.actions:
            if action.actionTypeId.category == "Source":
                continue
            for output in action.outputArtifacts:
                if tree := state.artifact(execution, output.name):
                    before = (state.artifact(last, output.name) if last else None) or ""
                    yield ArtifactPair(output.name, f"{stage.name}/{action.name}", tree, before)


def test_pairs(state: PipelineState, execution: Execution, last: Execution | None) -> Iterator[TestPair]:
    """Every action with test reports, beside those of an earlier run."""
    for stage in execution.stages.values():
        for action in stage.actions:
            run = state.current(execution, stage.name, action)
            if run is None or not (reports := state.origin(run).reports):
                continue
            old = state.current(last, stage.name, action) if last else None
            yield TestPair(f"{stage.name}/{action}", reports, state.origin(old).reports if old else None)


def _behind(
    state: PipelineState, execution: Execution, last: Execution | None, run: ActionExecution
) -> Iterator[Behind]:
    declaration = state.declaration(execution)
    try:
        order = declaration.action(run.stage, run.action).runOrder
    except KeyError:
        return
    for stage, action in later(declaration, run.stage, order):
        if action.actionTypeId.category != "Deploy":
            continue
        configuration, missing = _resolved(state, execution, action)
        names = [artifact.name for artifact in action.inputArtifacts]
        yield Behind(
            stage,
            action,
            configuration,
            missing,
            {name: state.artifact(execution, name) or "" for name in names},
            {name: (state.artifact(last, name) if last else None) or "" for name in names},
            {name: "/".join(declaration.makers.get(name, ())) for name in names},
        )


def _resolved(
    state: PipelineState, execution: Execution, action: ActionDeclaration
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Its configuration, and the variables that nobody has set yet: those stay as they are written."""
    values, missing = Values(state, execution), []
    found: dict[str, str] = {}
    for key, text in action.configuration.items():
        try:
            found[key] = values.resolve(text)
        except UnresolvedVariable as unknown:
            found[key] = text
            missing.append(unknown.reference)
    return found, tuple(dict.fromkeys(missing))
