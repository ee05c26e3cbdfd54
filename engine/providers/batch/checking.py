"""What can be said of a pipeline's batches before anything runs: how many builds, and what AWS would refuse.

Only what is known then is looked at: buildspecs that are inline or lie in a source's directory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.model.diagnostics import Diagnostic, Severity
from engine.model.pipeline import ActionDeclaration, PipelineDeclaration
from engine.model.project import ProjectFile, ProjectSettings
from engine.providers.batch.members import unmade
from engine.providers.batch.model import MOST_BUILDS, Batch
from engine.providers.batch.read import examine, line_of
from engine.providers.buildspec.locate import DEFAULT, is_inline
from engine.providers.buildspec.model import BuildspecError
from engine.providers.codebuild.where import wished
from engine.runners.docker.wish import Wish

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """One action that runs a batch: its buildspec's file (None for an inline one), and what could be read of it."""

    stage: str
    action: ActionDeclaration
    text: str
    file: Path | None
    batch: Batch | None
    problems: tuple[BuildspecError, ...]


def is_batch(action: ActionDeclaration) -> bool:
    """Whether an action starts batches, as far as its declaration says so."""
    known = action.actionTypeId.provider == "CodeBuild" and action.actionTypeId.owner == "AWS"
    return known and action.configuration.get("BatchEnabled", "").lower() == "true"


def batches(declaration: PipelineDeclaration, project: ProjectFile, sources: Mapping[str, Path]) -> Iterator[Seen]:
    """The batches of a pipeline whose buildspecs can be read."""
    for stage in declaration.stages:
        for action in stage.actions:
            if is_batch(action) and not project.action(stage.name, action.name).commands:
                found = _buildspec(declaration, project, stage.name, action, sources)
                if found is not None:
                    text, file = found
                    limits = _settings(project, action).batch
                    batch, problems = examine(text, (limits.maximum_builds if limits else None) or MOST_BUILDS)
                    yield Seen(stage.name, action, text, file, batch, tuple(problems))


def check(
    declaration: PipelineDeclaration,
    project: ProjectFile,
    sources: Mapping[str, Path],
    surroundings: ProjectFile,
    definition: Path,
) -> Iterator[Diagnostic]:
    """What is wrong with them. `surroundings` is what the pipeline's own template says of its projects."""
    for seen in batches(declaration, project, sources):
        for problem in seen.problems:
            yield _told(seen, problem, definition)
        if seen.batch and not _combines(seen.action, project):
            for name, why in unmade(seen.batch, [artifact.name for artifact in seen.action.outputArtifacts]):
                message = f"output artifact {name} of {seen.stage}/{seen.action.name}: {why}"
                yield Diagnostic("GR502", message, severity=Severity.WARNING, file=definition)
    for stage in declaration.stages:
        for action in stage.actions:
            name = action.configuration.get("ProjectName", "")
            known = surroundings.projects.get(name)
            if is_batch(action) and known is not None and known.batch is None:
                message = f"{stage.name}/{action.name} starts batches of {name}, which has no batch configuration"
                hint = "AWS refuses StartBuildBatch then: give the project a BuildBatchConfig with a ServiceRole"
                yield Diagnostic("GR503", message, hint, Severity.WARNING, definition)


def wishes(
    declaration: PipelineDeclaration, project: ProjectFile, sources: Mapping[str, Path], root: Path
) -> Iterator[Wish]:
    """What the builds of batches want of containers where they name an image of their own."""
    for seen in batches(declaration, project, sources):
        name, settings = seen.action.configuration.get("ProjectName", ""), _settings(project, seen.action)
        for task in seen.batch.builds if seen.batch else ():
            if task.environment.image:
                own = {**project.projects, name: settings.model_copy(update={"image": task.environment.image})}
                whole = project.model_copy(update={"projects": own})
                wanted = wished(whole, project.action(seen.stage, seen.action.name), name, root)
                if wanted is not None:
                    yield wanted


def told(seen: Seen) -> str:
    """``batch of 4 builds (build-graph): lint, unit, …``"""
    if seen.problems or seen.batch is None:
        return "a batch that CodeBuild would refuse: greenroom validate says why"
    names = [task.identifier for task in seen.batch.builds]
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"batch of {len(names)} build{'s' * (len(names) != 1)} ({seen.batch.kind}): {shown}"


def _told(seen: Seen, problem: BuildspecError, definition: Path) -> Diagnostic:
    place, line = f"{seen.stage}/{seen.action.name}", line_of(problem)
    if seen.file is None:  # its lines are nobody's
        return Diagnostic("GR501", f"batch of {place}: {problem}", problem.hint, file=definition)
    lines = seen.text.splitlines()
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    column = len(source) - len(source.lstrip()) + 1 if source else 1
    message = str(problem).removesuffix(f" at line {line}").rstrip(",")
    return Diagnostic(
        "GR501",
        f"batch of {place}: {message}",
        problem.hint,
        file=seen.file,
        line=line,
        column=column,
        length=len(source.strip()) or 1,
        source=source,
    )


def _settings(project: ProjectFile, action: ActionDeclaration) -> ProjectSettings:
    return project.projects.get(action.configuration.get("ProjectName", "")) or ProjectSettings()


def _combines(action: ActionDeclaration, project: ProjectFile) -> bool:
    asked = action.configuration.get("CombineArtifacts", "").lower()
    limits = _settings(project, action).batch
    return asked == "true" or (not asked and limits is not None and limits.combine_artifacts)


def _buildspec(
    declaration: PipelineDeclaration,
    project: ProjectFile,
    stage: str,
    action: ActionDeclaration,
    sources: Mapping[str, Path],
) -> tuple[str, Path | None] | None:
    """Its text and its file; None where nobody can know them yet."""
    own = project.action(stage, action.name).buildspec
    candidates = (own, action.configuration.get("BuildspecOverride"), _settings(project, action).buildspec)
    wanted = next((text for text in candidates if text and text.strip()), DEFAULT)
    if "#{" in wanted or wanted.startswith("arn:"):
        return None
    if is_inline(wanted):
        return wanted, None
    inputs = [artifact.name for artifact in action.inputArtifacts]
    primary = action.configuration.get("PrimarySource") or (inputs[0] if inputs else "")
    _, maker = declaration.makers.get(primary, ("", ""))
    if maker not in sources:
        return None
    file = sources[maker] / wanted
    try:
        return (file.read_text(encoding="utf-8"), file) if file.stat().st_size <= _LARGEST else None
    except (OSError, ValueError):
        return None  # the build says what is wrong with it
