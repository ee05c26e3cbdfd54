"""The builds of a batch, each as a job of its own with everything decided."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from engine.artifacts.store import Store
from engine.execution import fingerprint
from engine.model.member import build_uuid
from engine.model.outcome import Part
from engine.model.project import ProjectSettings
from engine.providers.batch.model import MOST_BUILDS, Batch, BatchError, BuildTask
from engine.providers.batch.read import read
from engine.providers.buildspec.keys import nearest
from engine.providers.buildspec.locate import Located, is_inline, locate
from engine.providers.buildspec.model import Artifacts, Buildspec, BuildspecError, found_at
from engine.providers.buildspec.parse import parse
from engine.providers.codebuild.plan import Plan, plan, primary_of
from engine.providers.codebuild.where import folder_of
from engine.providers.contract import Identity, Job

_IDENTIFIER, _SHARD, _SHARDS = "CODEBUILD_BATCH_BUILD_IDENTIFIER", "GREENROOM_SHARD", "GREENROOM_SHARDS"
_OWN = (_IDENTIFIER, _SHARD, _SHARDS)  # they say nothing that the batch section does not


@dataclass(frozen=True, slots=True)
class Member:
    """One build. `plan` is an error where CodeBuild would refuse its buildspec: then it fails, and not the batch.

    `fingerprint` is empty where the build must not be reused.
    """

    task: BuildTask
    job: Job
    plan: Plan | BuildspecError
    identity: Identity = field(default_factory=Identity)
    fingerprint: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Members:
    """A batch with all its builds. `combined` is the output artifact that takes all they make, None where each output
    artifact is that of one build. `notes` are for the log."""

    batch: Batch
    located: Located
    project: str
    primary: str
    members: tuple[Member, ...]
    combined: str | None
    notes: tuple[str, ...] = ()


def settings_of(job: Job, project: str) -> ProjectSettings:
    """What greenroom.yaml says of the CodeBuild project."""
    return job.project.projects.get(project) or ProjectSettings()


def located(job: Job, store: Store, project: str) -> Located:
    """The buildspec with the batch. Raises `BuildspecError`."""
    return locate(
        store,
        job.inputs.get(primary_of(job)),
        job.settings.buildspec,
        job.configuration.get("BuildspecOverride"),
        settings_of(job, project).buildspec,
        bucket=lambda name: folder_of(job, name),
    )


def members(job: Job, store: Store, project: str, found: Located, *, everything: bool = False) -> Members:
    """The builds of the batch in a buildspec. Raises `BuildspecError` where there is no batch to be had.

    With `everything` all artifacts are wanted, not those alone that the action has as outputs.
    """
    settings = settings_of(job, project)
    limits = settings.batch
    batch = read(found.text, (limits.maximum_builds if limits else None) or MOST_BUILDS)
    primary = primary_of(job)
    for task in batch.builds:
        _allowed(task, settings)
    combined, notes = _combined(job, batch, settings)
    names = None if everything or combined is not None else [artifact.name for artifact in job.action.outputArtifacts]
    made = tuple(_member(job, store, project, found, task, names) for task in batch.builds)
    return Members(batch, found, project, primary, made, combined, (*notes, *_about(batch)))


def selected(of: Members, names: Iterable[str]) -> Members:
    """Only these builds, whatever they depend on. Raises `BatchError` for a name that no build has."""
    known = [member.task.identifier for member in of.members]
    for name in names:
        if name not in known:
            raise BatchError(
                f"the batch has no build {name}", hint=nearest(name, known) or f"There are {', '.join(known)}."
            )
    chosen = set(names)
    kept = tuple(
        dataclasses.replace(
            member,
            task=dataclasses.replace(
                member.task, depends_on=tuple(name for name in member.task.depends_on if name in chosen)
            ),
        )
        for member in of.members
        if member.task.identifier in chosen
    )
    batch = dataclasses.replace(of.batch, builds=tuple(member.task for member in kept))
    return dataclasses.replace(of, batch=batch, members=kept)


def identity(of: Members, *, timeout: float) -> Identity:
    """What decides the result of the whole batch: what its builds have in common once, the rest under their names."""
    digest = hashlib.sha256(of.located.text.encode()).hexdigest()
    whole = [Part("batch", of.located.path or "inline", digest), Part("batch", "combined", of.combined or "no")]
    shown = [(member.task.identifier, _parts(member)) for member in of.members]
    common = set(shown[0][1]).intersection(*(parts for _, parts in shown)) if shown else set()
    parts = [*whole, *(part for part in (shown[0][1] if shown else ()) if part in common)]
    for name, own in shown:
        parts += [
            Part(part.kind, f"{name}: {part.subject}" if part.subject else name, part.value)
            for part in own
            if part not in common
        ]
    reads = next((member.identity.reads for member in of.members if member.identity.reads), ())
    return Identity(parts=tuple(parts), reads=reads, timeout=timeout)


def _wanted(task: BuildTask, spec: Buildspec, names: Iterable[str] | None) -> dict[str, Artifacts]:
    """What a build's outputs are made of: ``build`` of its artifacts, ``build_name`` of the secondary ones.

    `names` are those that are wanted, None: all.
    """
    made = {task.identifier: spec.artifacts} if spec.artifacts is not None else {}
    made |= {f"{task.identifier}_{name}": found for name, found in spec.secondary.items()}
    return {name: found for name, found in made.items() if names is None or name in names}


def _parts(member: Member) -> tuple[Part, ...]:
    if isinstance(member.plan, BuildspecError):
        return (Part("buildspec", "error", str(member.plan)),)
    return tuple(part for part in member.identity.parts if part.subject not in _OWN)


def _member(
    job: Job, store: Store, project: str, found: Located, task: BuildTask, names: Iterable[str] | None
) -> Member:
    own = _job(job, project, task)
    image = task.environment.image or settings_of(job, project).image or ""
    try:
        place = _own_buildspec(own, store, found, task)
        with found_at(place.path):
            spec = _parsed(place.text)
            made = plan(
                own,
                spec,
                project=project,
                primary=primary_of(job),
                location=place.path,
                outputs=_wanted(task, spec, names),
                exported=spec.environment.exported,
                notes=tuple(_told(own, project, task)),
            )
    except BuildspecError as error:
        return Member(task, own, error, image=image)
    content = Part("buildspec", place.path or "inline", hashlib.sha256(place.text.encode()).hexdigest())
    one = made.identity(own, more=(content, Part("outputs", "", " ".join(made.outputs))))
    return Member(task, own, made, one, _fingerprint(own, store, one), image)


@lru_cache(16)
def _parsed(text: str) -> Buildspec:
    """Most builds of a batch have the same buildspec."""
    return parse(text)


def _own_buildspec(job: Job, store: Store, found: Located, task: BuildTask) -> Located:
    if not task.buildspec:
        return found
    if is_inline(task.buildspec):
        return Located(task.buildspec, "")
    return locate(store, job.inputs.get(primary_of(job)), task.buildspec)


def _fingerprint(job: Job, store: Store, one: Identity) -> str:
    read = {name: store.narrow(tree, one.reads) if one.reads else tree for name, tree in job.inputs.items()}
    return fingerprint.digest(fingerprint.parts(job.action, job.configuration, job.commands, read, one.parts))


def _job(job: Job, project: str, task: BuildTask) -> Job:
    """The batch's job as that of one build: its id, image and variables, and nothing about batches."""
    env = task.environment
    known = settings_of(job, project)
    changed: dict[str, object] = {}
    if env.image:
        changed["image"] = env.image
    if env.compute_type:
        changed["compute_type"] = env.compute_type
    if env.privileged is not None:
        changed["privileged"] = env.privileged
    own = {_IDENTIFIER: task.identifier}
    if task.shard:
        own |= {_SHARD: str(task.shard), _SHARDS: str(task.shards)}
    environment = {**own, **job.settings.environment}
    left_out = ("BatchEnabled", "CombineArtifacts")
    configuration = {key: value for key, value in job.configuration.items() if key not in left_out}
    return dataclasses.replace(
        job,
        action=job.action.model_copy(update={"name": f"{job.action.name}/{task.identifier}"}),
        action_execution_id=build_uuid(job.action_execution_id, task.identifier),
        configuration=_with_variables(configuration, env.variables),
        project=job.project.model_copy(
            update={"projects": {**job.project.projects, project: known.model_copy(update=changed)}}
        ),
        settings=job.settings.model_copy(update={"environment": environment, "timeout_minutes": None}),
        earlier={},
        resumes=build_uuid(job.resumes, task.identifier) if job.resumes else "",
    )


def _with_variables(configuration: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """A build's own variables go over those that the action gives all builds."""
    if not variables:
        return dict(configuration)
    rows: list[object] = []
    text = configuration.get("EnvironmentVariables", "")
    with contextlib.suppress(ValueError):  # the builds say what is wrong with it
        rows = json.loads(text or "[]")
        rows = [*rows, *({"name": name, "value": value} for name, value in variables.items())]
        text = json.dumps(rows)
    return {**configuration, "EnvironmentVariables": text}


def _allowed(task: BuildTask, settings: ProjectSettings) -> None:
    allowed = settings.batch.compute_types if settings.batch else ()
    asked = task.environment.compute_type or settings.compute_type or ""
    if allowed and asked and asked not in allowed:
        raise BatchError(
            f"build {task.identifier} asks for compute-type {asked}, and {', '.join(allowed)} are allowed",
            line=task.line,
            hint="`projects: NAME: batch: compute-types:` in greenroom.yaml stands for computeTypesAllowed.",
        )


def _combined(job: Job, batch: Batch, settings: ProjectSettings) -> tuple[str | None, list[str]]:
    """The output artifact that takes everything, None where each build makes its own; and what there is to say."""
    names = [artifact.name for artifact in job.action.outputArtifacts]
    asked = job.configuration.get("CombineArtifacts", "").lower()
    combines = asked == "true" or (not asked and settings.batch is not None and settings.batch.combine_artifacts)
    if combines and names:
        return names[0], [f"output artifact {name}: CombineArtifacts makes only {names[0]}" for name in names[1:]]
    return None, [f"output artifact {name}: {hint}" for name, hint in unmade(batch, names)]


def unmade(batch: Batch, names: Iterable[str]) -> list[tuple[str, str]]:
    """The output artifacts that no build of a batch makes, by their names alone, and what to do about it."""
    builds = [task.identifier for task in batch.builds]
    shown = ", ".join(builds[:3]) + (", …" if len(builds) > 3 else "")
    return [
        (name, f"no build is called so ({shown}): name it BUILD or BUILD_ARTIFACT, or set CombineArtifacts")
        for name in names
        if not any(name == build or name.startswith(f"{build}_") for build in builds)
    ]


def _told(job: Job, project: str, task: BuildTask) -> Iterable[str]:
    """What a build asks for that is otherwise here."""
    env = task.environment
    on_host = (job.settings.runner or settings_of(job, project).runner or job.project.runner) == "host"
    if env.image and on_host:
        yield f"image {env.image}: commands run on this machine"
    elif env.image and job.settings.image:
        yield f"image {env.image}: greenroom.yaml gives this action {job.settings.image}"
    if env.fleet:
        yield f"fleet {env.fleet}: there are no fleets here"
    if env.type:
        yield f"environment type {env.type}: that of this machine is used"
    if task.debug_session:
        place = f"{job.stage}/{job.action.name}"
        yield f"debug-session: greenroom shell {place} opens a shell where this build ran"


def _about(batch: Batch) -> list[str]:
    """What is special about the whole batch."""
    return ["fast-fail: the first build that fails ends all others"] if batch.fast_fail else []
