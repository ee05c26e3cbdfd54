"""Everything a build needs to know before it starts."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.journal.logs import safe_name
from engine.model.outcome import Part
from engine.providers.buildspec.model import Artifacts, Buildspec, BuildspecError, Phase
from engine.providers.codebuild.dialect import usual_shell
from engine.providers.codebuild.ecr import lost
from engine.providers.codebuild.runtimes import Selected, path_with, refuse_unknown, select
from engine.providers.codebuild.variables import Variables, gather, run_parts
from engine.providers.codebuild.where import services, wish
from engine.providers.contract import Identity, Job
from engine.runners.docker.service import Service
from engine.runners.docker.wish import Wish
from engine.runners.identity import find_shell, host_parts
from engine.runners.powershell import is_powershell


@dataclass(frozen=True, slots=True)
class Plan:
    """A build. `primary` is the input artifact it runs in, empty for none; `location` where the buildspec lies.

    `outputs` says what becomes of each output artifact; with `folders`, whatever the commands put into the folder of
    the artifact comes first. `exported` names the output variables.
    """

    project: str
    primary: str
    spec: Buildspec
    location: str
    variables: Variables
    shell: Path
    outputs: dict[str, Artifacts] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    folders: bool = False
    notes: tuple[str, ...] = ()
    runtimes: tuple[Selected, ...] = ()
    container: Wish | None = None
    services: tuple[Service, ...] = ()

    def kept_folders(self, job: Job) -> dict[str, Path]:
        """The folders outside the source that the cache names: where in a container, and where they are kept here."""
        found = {}
        for pattern in self.spec.cache.paths:
            folder = pattern.partition("*")[0].rpartition("/")[0]
            if len(Path(folder).parts) > 1 and pattern.startswith("/"):
                key = hashlib.sha256(folder.encode()).hexdigest()[:16]
                found[folder] = job.state.absolute() / "caches" / safe_name(self.project) / key
        return found

    def identity(self, job: Job, *, more: Iterable[Part] = (), target: str = "") -> Identity:
        """What the result depends on besides what the engine knows."""
        texts = [*self.spec.commands, *self.exported]
        texts += (self.spec.cache.key, *self.spec.cache.fallback_keys)
        for artifacts in self.outputs.values():
            texts += (artifacts.base_directory, *artifacts.files, *artifacts.exclude_paths)
        parts = (
            *sorted(self.variables.parts.values(), key=lambda part: (part.kind, part.subject)),
            *more,
            *(one.part for one in self.runtimes),
            *(container_parts(self.container, self.shell) if self.container else host_parts(self.shell)),
            *service_parts(self.services),
            *run_parts(job, self.project, self.primary, texts),
        )
        gone = lost(job)
        return Identity(
            parts=parts,
            target=target or (f"image {gone}" if gone else ""),
            reads=job.settings.globs,
            timeout=timeout(job, self.project),
            stands=not gone,
        )


def container_parts(container: Wish, shell: Path) -> tuple[Part, ...]:
    """The identity of a container and of the shell in it."""
    from engine.runners.docker.images import part

    return (Part("runner", "docker", container.network), part(container), Part("shell", str(shell), "of the image"))


def service_parts(services: Iterable[Service]) -> Iterator[Part]:
    """The identity of what runs beside the build."""
    for service in services:
        from engine.runners.docker.images import part

        image = part(service.wish)
        yield dataclasses.replace(image, subject=f"{image.subject} of service {service.name}")
        told = service.identity().encode("utf-8", "surrogateescape")
        yield Part("service", service.name, hashlib.sha256(told).hexdigest())


def timeout(job: Job, project: str) -> float:
    """The build's own timeout in seconds, 0.0 where nothing says one."""
    settings = job.project.projects.get(project)
    minutes = job.settings.timeout_minutes or (settings.timeout_minutes if settings else None)
    return 60 * minutes if minutes else 0.0


def plan(
    job: Job,
    spec: Buildspec,
    *,
    project: str,
    primary: str,
    location: str = "",
    outputs: dict[str, Artifacts] | None = None,
    exported: tuple[str, ...] = (),
    folders: bool = False,
    notes: tuple[str, ...] = (),
) -> Plan:
    """Resolve variables and shell. Raises `BuildspecError` where the build would fail in DOWNLOAD_SOURCE."""
    container = wish(job, project)
    variables = gather(job, spec.environment, project, on_host=container is None)
    if variables.missing:
        raise _without_values(variables)
    shell, why = _shell(job, spec, project, on_host=container is None)
    image = _image(job, project)
    if _selects_runtimes(image, on_host=container is None):
        refuse_unknown(spec.runtimes, image)
    runtimes = select(spec.runtimes, variables.values) if spec.runtimes and container is None else ()
    if any(one.folder for one in runtimes):
        variables.values["PATH"] = path_with(runtimes, variables.values.get("PATH", ""))
    return Plan(
        project=project,
        primary=primary,
        spec=spec,
        location=location,
        variables=variables,
        shell=shell,
        outputs=outputs or {},
        exported=exported,
        folders=folders,
        notes=(*notes, why) if why else notes,
        runtimes=runtimes,
        container=container,
        services=services(job.project, project, job.root),
    )


def _without_values(variables: Variables) -> BuildspecError:
    """Parameters come first, as on AWS, where what is missing of secrets is not even asked for then."""
    missing = sorted(variables.missing.values(), key=lambda one: one.section != "parameters")
    of_parameters = missing[0].section == "parameters"
    return BuildspecError(
        "; ".join(map(str, missing)),
        code="Decrypted Variables Error" if of_parameters else "Secrets Manager Error",
        hint=" ".join(one.hint for one in missing),
        said=processing(variables),
    )


def processing(variables: Variables) -> tuple[str, ...]:
    """What the log says of a build's variables."""
    return (
        "Processing environment variables",
        *(("Decrypting parameter store environment variables",) if variables.asks_parameter_store else ()),
    )


def _image(job: Job, project: str) -> str:
    settings = job.project.projects.get(project)
    return job.settings.image or (settings and settings.image) or ""


def _selects_runtimes(image: str, *, on_host: bool) -> bool:
    """Whether the image is one of AWS's own, where runtimes can be selected; so is one that nobody names."""
    return "/codebuild/" in image if image else on_host


def _shell(job: Job, spec: Buildspec, project: str, *, on_host: bool) -> tuple[Path, str]:
    """What runs the commands, and what the log says of it. Raises `BuildspecError` where this machine has no such."""
    image = _image(job, project)
    windows = "windows" in image.lower()
    name, why = spec.environment.shell or ("powershell.exe" if windows else ""), ""
    if not name:
        name, why = usual_shell(image, spec.commands) if on_host else ("/bin/sh", "")
    wanted = "pwsh" if is_powershell(Path(name)) else name
    shell = find_shell(wanted) if on_host else Path(wanted)
    if shell is not None:
        return shell, why
    if wanted == "pwsh":
        said = why or (f"the project's image {image} is one of Windows" if windows else f"env.shell is {name}")
        raise BuildspecError(
            f"{said}, and this machine has no PowerShell (pwsh)",
            code="CLIENT_ERROR",
            hint="Install PowerShell, or substitute the action with `commands` in greenroom.yaml.",
        )
    raise BuildspecError(f"this machine has no shell {name}", code="CLIENT_ERROR", hint="Install it.")


def synthesised(commands: tuple[str, ...]) -> Buildspec:
    """The buildspec that commands alone amount to."""
    absent = Phase(present=False)
    phases = {"install": absent, "pre_build": absent, "build": Phase(commands), "post_build": absent}
    return Buildspec("0.2", phases)


def primary_of(job: Job) -> str:
    """The input artifact in which commands start: the one named, or the first."""
    declared = [artifact.name for artifact in job.action.inputArtifacts] or list(job.inputs)
    named = job.configuration.get("PrimarySource", "")
    if named and named not in declared:
        raise BuildspecError(
            f"PrimarySource {named} is none of the input artifacts: {', '.join(declared) or 'there are none'}",
            code="CONFIGURATION",
            hint="Name one of the action's input artifacts.",
        )
    primary = named or (declared[0] if declared else "")
    absent = [name for name in declared if name not in job.inputs]
    if absent:
        raise BuildspecError(
            f"input artifact {', '.join(absent)} does not exist: the action before made none",
            code="CLIENT_ERROR",
            hint="Look at the log of the action that has it as output.",
        )
    return primary
