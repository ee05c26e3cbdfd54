"""Which parameters and secrets a pipeline's builds need and nobody gives: known before anything starts.

Only what can be known then is looked at: configuration without variables of other actions, and buildspecs that are
inline or lie in a source's directory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.model.pipeline import ActionDeclaration, PipelineDeclaration
from engine.model.project import ProjectFile
from engine.providers import references
from engine.providers.buildspec.locate import DEFAULT, is_inline

_LARGEST = 1 << 20
_NAMES = ("parameter-store", "secrets-manager")


@dataclass(slots=True)
class Need:
    """One value that builds want: what its section of greenroom.yaml calls it, and who wants it.

    `origin` says where it comes from; where nothing gives it, that is empty and `reason` says so.
    """

    section: str
    key: str
    reason: str
    wanted_by: list[str] = field(default_factory=list)
    origin: str = ""

    @property
    def word(self) -> str:
        """What `.secrets` calls it."""
        return references.identifier(self.section, self.key)


def missing(declaration: PipelineDeclaration, project: ProjectFile, sources: Mapping[str, Path]) -> list[Need]:
    """Every missing value once, in the order in which the pipeline asks for them."""
    return [need for need in needed(declaration, project, sources) if not need.origin]


def needed(declaration: PipelineDeclaration, project: ProjectFile, sources: Mapping[str, Path]) -> list[Need]:
    """Every value once, in the order in which the pipeline asks for them. May ask the keyring, and AWS."""
    found: dict[tuple[str, str], Need] = {}
    for stage in declaration.stages:
        for action in stage.actions:
            place = f"{stage.name}/{action.name}"
            for kind, reference in _asked(declaration, stage.name, action, project, sources):
                need = _looked_up(project, "parameters" if kind == "PARAMETER_STORE" else "secrets", reference)
                known = found.setdefault((need.section, need.key), need)
                if known.origin and not need.origin:  # one JSON key of a secret is there, another one is not
                    known.origin, known.reason = "", need.reason
                if place not in known.wanted_by:
                    known.wanted_by.append(place)
    return list(found.values())


def told(needs: Iterable[Need]) -> list[str]:
    """One message about all of them: what is missing, and what to write into greenroom.yaml."""
    lines = ["builds of this pipeline need values that nothing gives:"]
    lines += [f"  {need.reason} ({', '.join(need.wanted_by)})" for need in needs]
    lines.append(
        "greenroom secrets set NAME keeps one; or give them in .secrets (APP_DB_PASSWORD=…) or greenroom.yaml:"
    )
    for section in ("parameters", "secrets"):
        keys = [need.key for need in needs if need.section == section]
        lines += [f"  {section}:", *(f"    {key}: …" for key in keys)] if keys else []
    return lines


def _looked_up(project: ProjectFile, section: str, reference: str) -> Need:
    try:
        origin = references.find(project, section, reference).origin
    except references.MissingReference as error:
        return Need(error.section, error.key, str(error))
    return Need(section, references.key_of(section, reference), "", origin=origin)


def _asked(
    declaration: PipelineDeclaration,
    stage: str,
    action: ActionDeclaration,
    project: ProjectFile,
    sources: Mapping[str, Path],
) -> Iterator[tuple[str, str]]:
    settings = project.action(stage, action.name)
    if settings.commands or action.actionTypeId.provider not in ("CodeBuild", "Commands"):
        return
    for variable in action.environmentVariables or ():
        if variable.type == "SECRETS_MANAGER" and "#{" not in variable.value:
            yield "SECRETS_MANAGER", variable.value
    if action.actionTypeId.provider != "CodeBuild":
        return
    yield from _of_text(action.configuration.get("EnvironmentVariables", ""))
    own = project.projects.get(action.configuration.get("ProjectName", ""))
    if own is not None:
        yield from (("PARAMETER_STORE", name) for name in own.parameter_store.values())
        yield from (("SECRETS_MANAGER", reference) for reference in own.secrets_manager.values())
    candidates = (settings.buildspec, action.configuration.get("BuildspecOverride"), own.buildspec if own else None)
    wanted = next((text for text in candidates if text and text.strip()), DEFAULT)
    text = wanted if is_inline(wanted) else _read(declaration, action, wanted, sources)
    yield from _of_buildspec(text)
    if action.configuration.get("BatchEnabled", "").lower() == "true":
        for other in _of_batch(text):
            yield from _of_buildspec(other if is_inline(other) else _read(declaration, action, other, sources))


def _of_batch(text: str) -> list[str]:
    """The buildspecs that builds of a batch have of their own, each once."""
    from engine.providers.batch.read import examine

    batch, _ = examine(text)
    return list(dict.fromkeys(task.buildspec for task in batch.builds if task.buildspec)) if batch else []


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    if "#{" in text:
        return
    try:
        rows = json.loads(text or "[]")
        for row in rows:
            if row.get("type") in ("PARAMETER_STORE", "SECRETS_MANAGER"):
                yield str(row["type"]), str(row["value"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # the build says what is wrong with it


def _read(declaration: PipelineDeclaration, action: ActionDeclaration, path: str, sources: Mapping[str, Path]) -> str:
    """The buildspec in the source's directory; empty where the primary input is made by another action."""
    inputs = [artifact.name for artifact in action.inputArtifacts]
    primary = action.configuration.get("PrimarySource") or (inputs[0] if inputs else "")
    _, maker = declaration.makers.get(primary, ("", ""))
    file = sources[maker] / path if maker in sources else None
    try:
        if file is None or file.stat().st_size > _LARGEST:
            return ""
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _of_buildspec(text: str) -> Iterator[tuple[str, str]]:
    if not any(name in text for name in _NAMES):
        return
    from engine.providers.buildspec.model import BuildspecError  # most buildspecs need no reading here
    from engine.providers.buildspec.parse import parse

    try:
        environment = parse(text).environment
    except BuildspecError:
        return
    yield from (("PARAMETER_STORE", name) for name in environment.parameter_store.values())
    yield from (("SECRETS_MANAGER", reference) for reference in environment.secrets_manager.values())
