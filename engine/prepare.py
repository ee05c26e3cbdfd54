"""Getting an action ready: what it reads, what decides its result, what changed since last time.

Two halves. `gather` looks at the state, on the loop, and is quick. `work_out` asks the provider and the store, in a
thread, and touches no state.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.artifacts.store import Store
from engine.ends import defect
from engine.execution import events as ev
from engine.execution import fingerprint
from engine.execution.approval import content
from engine.execution.builds import earlier_builds
from engine.execution.narrowing import is_hopeless
from engine.execution.reuse import is_forced, previous
from engine.execution.rules import declared as declared_by
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.execution.variables import LONGEST_RESOLVED, UnresolvedVariable, Values, size
from engine.masking import masked_parts
from engine.model.member import MemberBuild
from engine.model.outcome import Change, Failure, Part, Revision
from engine.model.pipeline import ActionDeclaration, EnvironmentVariable, PipelineDeclaration
from engine.model.status import ActionStatus
from engine.observed import Seen, narrowing, seen
from engine.opening import Opened
from engine.providers.contract import Identity, IdentityProblem, Job, Provider
from engine.providers.registry import find

SHOWN_PATHS = 3
EVIDENCE_PATHS = 200


@dataclass(frozen=True, slots=True)
class Baseline:
    """The attempt that a new one is told against."""

    fingerprint: str
    parts: tuple[Part, ...]
    inputs: dict[str, str]
    status: ActionStatus
    evicted: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the second half needs, free of the state. `is_rule`: it is asked each time anew, whatever came of it."""

    job: Job
    provider: Provider
    is_rule: bool = False
    content: tuple[Part, ...] = ()
    baseline: Baseline | None = None
    seen: tuple[Seen, ...] | None = None  # earlier runs that were observed; None: the whole inputs count
    observes: bool = False
    sources: dict[str, Revision] = field(default_factory=dict)  # an approval's: what it is about
    secrets: tuple[str, ...] = ()
    approved: dict[str, str] = field(default_factory=dict)  # source trees of the last approved execution


def gather(state: PipelineState, action: ActionExecution, opened: Opened) -> Draft | ev.ActionEnded:
    """The job of a scheduled action, everything resolved; or its end, where that cannot be done."""
    execution = state.executions[action.execution_id]
    declared = declared_by(state, action)
    try:
        job = _job(state, execution, action, declared, opened)
    except UnresolvedVariable as missing:
        return _failed(action, _unresolved(declared, missing))
    except LookupError as missing:
        return _failed(action, _no_input(state, execution, declared, str(missing.args[0])))
    if size(job.configuration) > LONGEST_RESOLVED:
        return _failed(action, _too_long(declared, size(job.configuration)))
    before = previous(state, action.stage, action.action, before=action.id)
    is_approval = declared.actionTypeId.category == "Approval"
    provider = find(declared.actionTypeId, job.settings)
    observed = _is_observed(job, provider) and not action.condition
    anew = is_forced(execution.forced, action.stage, action.action)
    return Draft(
        job=job,
        provider=provider,
        seen=seen(state, action) if observed else None,
        observes=observed and (anew or not is_hopeless(state, action)),
        is_rule=bool(action.condition),
        content=content(state, execution, action.stage, declared) if is_approval else (),
        baseline=Baseline(before.fingerprint, before.parts, before.prepared.inputs, before.status, before.evicted)
        if before and before.prepared
        else None,
        secrets=opened.hidden,
        sources=execution.revisions if is_approval else {},
        approved=_approved_sources(state, action) if is_approval else {},
    )


def _is_observed(job: Job, provider: Provider) -> bool:
    """Only what is pure: an effect's target is not its own. The builds of a batch have their inputs whole."""
    wanted = provider.spec.kind == "pure" and job.project.observes(job.settings)
    return wanted and job.configuration.get("BatchEnabled", "").lower() != "true"


def gathered(state: PipelineState, action: ActionExecution, opened: Opened) -> Draft | ev.ActionEnded:
    """`gather`, where nothing goes wrong: a plugin that cannot be loaded fails its action, not everything."""
    try:
        return gather(state, action, opened)
    except Exception as error:
        return _failed(action, defect(error))


def work_out(draft: Draft, action_execution_id: str, store: Store) -> ev.ActionPrepared | ev.ActionEnded:
    """The identity of a job and what changed since its baseline. Runs in a thread."""
    job, spec = draft.job, draft.provider.spec
    try:
        identity = draft.provider.identify(job, store)
    except IdentityProblem as problem:
        return ev.ActionEnded(action_execution_id, ActionStatus.FAILED, failure=problem.failure)
    read = {name: store.narrow(tree, identity.reads) if identity.reads else tree for name, tree in job.inputs.items()}
    own = (*identity.parts, *draft.content, *_source_parts(draft))
    parts = fingerprint.parts(job.action, job.configuration, job.commands, read, own)
    asked_each_time = spec.kind == "approval" and job.project.approvals == "always"
    reusable = job.settings.cache and identity.stands and not asked_each_time and not draft.is_rule
    return ev.ActionPrepared(
        action_execution_id=action_execution_id,
        fingerprint=fingerprint.digest(parts),
        kind="rule" if draft.is_rule else spec.kind,
        parts=parts,
        inputs=_trees(job),
        configuration=job.configuration,
        target="" if draft.is_rule else identity.target,
        fidelity=identity.fidelity or spec.fidelity,
        on_change="restart" if draft.is_rule else job.settings.on_change or spec.on_change,
        changes=_changes(draft, parts, store, identity, reusable),
        evidence=_evidence(draft, store),
        deadline=_deadline(draft, identity),
        cost=0 if spec.kind in ("approval", "source", "stub") else 1,
        reusable=reusable,
        narrowing=None if draft.seen is None else narrowing(draft.seen, parts, job.inputs, store),
    )


def work_out_all(
    drafts: Mapping[str, Draft | ev.ActionEnded], store: Store
) -> list[ev.ActionPrepared | ev.ActionEnded]:
    """`work_out` for several. A defect in there is the failure of one action."""
    return [_worked_out(identity, draft, store) for identity, draft in drafts.items()]


def _worked_out(identity: str, draft: Draft | ev.ActionEnded, store: Store) -> ev.ActionPrepared | ev.ActionEnded:
    if isinstance(draft, ev.ActionEnded):
        return draft
    try:
        return work_out(draft, identity, store)
    except Exception as error:
        return ev.ActionEnded(identity, ActionStatus.FAILED, failure=defect(error))


# -- the job -------------------------------------------------------------------------------------------------------


def _job(
    state: PipelineState,
    execution: Execution,
    action: ActionExecution,
    declared: ActionDeclaration,
    opened: Opened,
) -> Job:
    values = Values(state, execution)
    environment = tuple(
        EnvironmentVariable(name=variable.name, value=values.resolve(variable.value), type=variable.type)
        for variable in declared.environmentVariables or ()
    )
    return Job(
        pipeline=state.name,
        execution_id=execution.id,
        execution_number=execution.number,
        stage=action.stage,
        action=declared,
        action_execution_id=action.id,
        attempt=action.attempt,
        configuration={key: values.resolve(value) for key, value in declared.configuration.items()},
        commands=values.resolve_all(declared.commands or ()),
        environment=environment,
        inputs={artifact.name: _input(state, execution, artifact.name) for artifact in declared.inputArtifacts},
        revisions=_revisions(state, execution, declared),
        project=opened.project,
        settings=opened.project.action(action.stage, action.action),
        root=opened.directory,
        state=opened.state_dir,
        artifact_store=state.declaration(execution).store(declared.region or opened.project.region),
        earlier=_earlier(state, execution, action, declared, opened),
    )


def edited_job(
    state: PipelineState, action: ActionExecution, opened: Opened, revisions: Mapping[str, Revision], job: Job
) -> Job:
    """A job as it would be now, for one that goes on in the middle: what was edited since it was made counts.

    The definition is that of `opened`, whichever one the state has.
    """
    execution = state.executions[action.execution_id]
    try:
        fresh = _job(state, execution, action, _newest(opened.declaration, action, job), opened)
    except (UnresolvedVariable, LookupError):  # it says nothing any more that could be used
        fresh = job
    inputs = {name: _newest_input(state, execution, name, tree, revisions) for name, tree in fresh.inputs.items()}
    return dataclasses.replace(
        fresh,
        inputs=inputs,
        earlier=job.earlier,
        on_failure=job.on_failure,
        breakpoints=job.breakpoints,
        resume=job.resume,
        resumes=job.resumes,
    )


def _newest(definition: PipelineDeclaration, action: ActionExecution, job: Job) -> ActionDeclaration:
    """The action as the definition in force has it, where it is still the same thing."""
    for stage in definition.stages:
        for declared in stage.actions if stage.name == action.stage else ():
            same = (declared.actionTypeId, declared.inputArtifacts, declared.outputArtifacts)
            if declared.name == action.action and same == (
                job.action.actionTypeId,
                job.action.inputArtifacts,
                job.action.outputArtifacts,
            ):
                return declared
    return job.action


def _newest_input(
    state: PipelineState, execution: Execution, name: str, tree: str, revisions: Mapping[str, Revision]
) -> str:
    """What an artifact holds by now: of a source that was not named at the start, what its directory holds."""
    _, maker = state.declaration(execution).makers.get(name, ("", ""))
    named = maker in execution.source_revisions or execution.rollback_target
    if not named and maker in execution.revisions and maker in revisions:
        return revisions[maker].tree
    return tree


def _earlier(
    state: PipelineState,
    execution: Execution,
    action: ActionExecution,
    declared: ActionDeclaration,
    opened: Opened,
) -> dict[str, MemberBuild]:
    """The builds that a batch may keep: those of any attempt, unless somebody wants everything anew."""
    anew = is_forced(execution.forced, action.stage, action.action)
    if anew or "BatchEnabled" not in declared.configuration:
        return {}
    return earlier_builds(state, action) if opened.project.action(action.stage, action.action).cache else {}


def _input(state: PipelineState, execution: Execution, name: str) -> str:
    tree = state.artifact(execution, name)
    if tree is None:
        raise LookupError(name)
    return tree


def _revisions(state: PipelineState, execution: Execution, declared: ActionDeclaration) -> dict[str, Revision]:
    """Revisions by artifact: of a source action's own outputs, or of the inputs that come from one."""
    wanted = [artifact.name for artifact in declared.inputArtifacts]
    wanted += [artifact.name for artifact in declared.outputArtifacts]
    declaration = state.declaration(execution)
    found: dict[str, Revision] = {}
    for name in wanted:
        stage, maker = declaration.makers.get(name, ("", ""))
        if maker in execution.revisions and declaration.action(stage, maker).actionTypeId.category == "Source":
            found[name] = execution.revisions[maker]
    return found


def _failed(action: ActionExecution, failure: Failure) -> ev.ActionEnded:
    return ev.ActionEnded(action.id, ActionStatus.FAILED, failure=failure)


def _unresolved(declared: ActionDeclaration, missing: UnresolvedVariable) -> Failure:
    return Failure(
        "ConfigurationError",
        "An action in this pipeline failed because one or more variables could not be resolved: "
        f"Action name={declared.name}",
        f"#{{{missing.reference}}} has no value: did the action with that namespace export it?",
    )


def _too_long(declared: ActionDeclaration, length: int) -> Failure:
    return Failure(
        "ConfigurationError",
        f"the resolved configuration of {declared.name} has {length} bytes; AWS takes {LONGEST_RESOLVED} at most",
        "pass what is long in an artifact instead of a variable",
    )


def _no_input(state: PipelineState, execution: Execution, declared: ActionDeclaration, name: str) -> Failure:
    maker = "/".join(state.declaration(execution).makers.get(name, ("no action",)))
    return Failure(
        "ConfigurationError",
        f"{declared.name} needs artifact {name}, which {maker} has not produced",
        f"let {maker} write it (an `artifacts` section that matches files), or drop it from inputArtifacts",
    )


def _approved_sources(state: PipelineState, action: ActionExecution) -> dict[str, str]:
    last = state.actions.get(state.approved.get(f"{action.stage}/{action.action}", ""))
    if last is None:
        return {}
    execution = state.executions.get(last.execution_id)  # a rehearsal forgets what is under way
    return {name: revision.tree for name, revision in execution.revisions.items()} if execution else {}


def _source_parts(draft: Draft) -> tuple[Part, ...]:
    """A source is its content and what it says of itself."""
    if draft.provider.spec.kind != "source":
        return ()
    found: list[Part] = []
    for name, revision in draft.job.revisions.items():
        found.append(Part("source", name, revision.tree))
        found += [Part("variable", key, value) for key, value in sorted(revision.variables.items())]
    return tuple(found)


def _trees(job: Job) -> dict[str, str]:
    """The trees that a job is about: its inputs; for a source, what it stands for."""
    return job.inputs or {
        output.name: job.revisions[output.name].tree
        for output in job.action.outputArtifacts
        if output.name in job.revisions
    }


# -- what changed --------------------------------------------------------------------------------------------------


def _changes(
    draft: Draft, parts: tuple[Part, ...], store: Store, identity: Identity, reusable: bool
) -> tuple[Change, ...]:
    before = draft.baseline
    if before is None:
        return (Change("first"),)
    told = fingerprint.compare(before.parts, masked_parts(parts, draft.secrets))
    if not told and before.fingerprint != fingerprint.digest(parts):  # it is a secret that changed
        told = fingerprint.compare(before.parts, parts)
    found = [_with_paths(change, draft, store) for change in told]
    if any(change.kind == "source" for change in found):
        found = [change for change in found if change.kind != "variable"]  # a new commit id says nothing more
    if found:
        return tuple(found)
    if before.status in (ActionStatus.FAILED, ActionStatus.ABANDONED):
        word = "failed" if before.status is ActionStatus.FAILED else "did not finish"
        return (Change("failed", after=word),)
    replaced = before.evicted and draft.provider.spec.kind == "effect" and not draft.job.action.outputArtifacts
    if replaced or not identity.stands:
        return (Change("target", identity.target),)
    if before.evicted:
        return (Change("evicted"),)
    if not reusable:
        return (Change("uncached", "a rule is asked anew each time" if draft.is_rule else ""),)
    return ()


def _with_paths(change: Change, draft: Draft, store: Store) -> Change:
    old = draft.baseline.inputs.get(change.subject) if draft.baseline else None
    new = _trees(draft.job).get(change.subject)
    if change.kind not in ("input", "source") or old is None or new is None or old == new:
        return change
    paths = differing(store, old, new)
    more = max(0, len(paths) - SHOWN_PATHS)
    return Change(change.kind, change.subject, change.before, change.after, paths[:SHOWN_PATHS], more)


def differing(store: Store, old: str, new: str) -> tuple[str, ...]:
    """The paths in which two trees differ; none where one of them is not kept any more."""
    try:
        return store.diff(old, new).paths
    except (KeyError, OSError):  # that they differ is still true
        return ()


def told_difference(store: Store, pairs: list[tuple[str, str]]) -> str:
    """What differs in several trees, for people: ``src/app.py, +2``."""
    paths = [path for old, new in pairs for path in differing(store, old, new)]
    more = len(paths) - SHOWN_PATHS
    return ", ".join(paths[:SHOWN_PATHS]) + (f", +{more}" if more > 0 else "")


def _evidence(draft: Draft, store: Store) -> tuple[str, ...]:
    """What an approval shows: each source's revision, and what changed in it since the last approval."""
    return tuple(
        line for name, revision in draft.sources.items() for line in _evidence_of(draft, store, name, revision)
    )


def _evidence_of(draft: Draft, store: Store, name: str, revision: Revision) -> list[str]:
    summary = revision.summary.splitlines()[0] if revision.summary else ""
    lines = [f"{name} {revision.label}" + (f": {summary}" if summary else "")]
    before = draft.approved.get(name)
    if before is None:
        return [*lines, f"{name} was never approved before"]
    paths = differing(store, before, revision.tree) if before != revision.tree else ()
    lines.append(f"{name}: {_count(len(paths), 'file')} changed since the last approval")
    shown = [f"  {path}" for path in paths[:EVIDENCE_PATHS]]
    more = len(paths) - len(shown)
    return lines + shown + ([f"  and {more} more"] if more > 0 else [])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _deadline(draft: Draft, identity: Identity) -> float:
    minutes = draft.job.settings.timeout_minutes or draft.job.action.timeoutInMinutes
    return minutes * 60.0 if minutes else identity.timeout or draft.provider.spec.timeout
