"""From a directory to a pipeline that can run: definition, project file, secrets, sources. Takes no lock."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.execution.order import unreachable
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.pipeline import PipelineDeclaration
from engine.model.project import OnFailure, ProjectFile, TriggerMode
from engine.reading.definition import Loaded, LoadedPipeline, find, in_directory, load
from engine.reading.env_file import load_env, read_env
from engine.reading.given import Given
from engine.reading.project_file import load_project
from engine.runners.environment import host_environment, telling

STATE = ".greenroom"
SECRETS = ".secrets"
SHORTEST_SECRET = 5  # shorter values (1, yes, true, dev) would blacken every log


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `directory` is the project's; everything else overrides the project file."""

    directory: Path
    file: Path | None = None
    pipeline: str | None = None
    jobs: int | None = None
    runner: str | None = None
    images: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    parameter_files: tuple[Path, ...] = ()
    watch: bool = False
    offline: bool = False
    pull: bool = False
    trigger: TriggerMode | None = None
    on_failure: OnFailure | None = None
    attended: bool = False  # there are screens: somebody sees what stands still
    webhooks: int | None = None
    """Serve the pipeline's webhooks on this port; 0: any free one."""
    outputs: tuple[Path, ...] = ()
    """Files that greenroom's own output goes to, a redirected --json say: no part of any source."""
    said: dict[str, str] = field(default_factory=dict)
    """How settings were given that the command line or the environment gave, by key: ``jobs`` to ``--jobs``."""


class OpenError(Exception):
    """Nothing can be run: `diagnostics` say why, or `candidates` are the pipelines to choose from."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        diagnostics: tuple[Diagnostic, ...] = (),
        candidates: tuple[LoadedPipeline, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.diagnostics = list(diagnostics)
        self.candidates = list(candidates)


@dataclass(frozen=True, slots=True)
class Opened:
    """One pipeline, ready to run. `sources` maps source action name to the directory that stands in for it."""

    options: Options
    pipeline: LoadedPipeline
    project: ProjectFile
    sources: dict[str, Path]
    excludes: dict[str, tuple[str, ...]]
    secrets: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def declaration(self) -> PipelineDeclaration:
        """The pipeline as declared."""
        return self.pipeline.declaration

    @property
    def directory(self) -> Path:
        """The project's directory."""
        return self.options.directory

    @property
    def state_dir(self) -> Path:
        """Where greenroom keeps everything of this project."""
        return self.options.directory / STATE

    @property
    def hidden(self) -> tuple[str, ...]:
        """What must not be written anywhere: `secrets`, and values that the keyring, AWS and their like gave since."""
        from engine.providers.references import learned

        return tuple(dict.fromkeys((*self.secrets, *(value for value in learned() if len(value) >= SHORTEST_SECRET))))

    @property
    def after(self) -> dict[str, tuple[str, ...]]:
        """The actions (``stage/action``) that greenroom.yaml orders otherwise than by runOrder."""
        if all(settings.after is None for settings in self.project.actions.values()):
            return {}
        found = {
            f"{stage.name}/{action.name}": self.project.action(stage.name, action.name).after
            for stage in self.declaration.stages
            for action in stage.actions
        }
        return {name: after for name, after in found.items() if after is not None}

    @property
    def from_commits(self) -> bool:
        """Whether runs are of what is committed, whatever the working trees hold."""
        return self.options.watch and self.project.trigger == "commit"

    @property
    def jobs(self) -> int:
        """How many actions may run at once."""
        return self.options.jobs or self.project.jobs or os.cpu_count() or 2


def open_project(options: Options) -> Opened:
    """Load everything that a run needs. Raises `OpenError` with one clear message."""
    project, findings = load_project(options.directory)
    _refuse(findings, "greenroom.yaml cannot be used")
    project, secrets = with_environment(project, options)
    pipeline, warnings = _choose(options, project)
    project = project.over(pipeline.surroundings)
    sources, excludes = _sources(pipeline, project, options.directory)
    excludes = _without_own(project, sources, excludes, options)
    opened = Opened(
        options, pipeline, project, sources, excludes, secrets, (*findings, *warnings, *_odd_lines(options))
    )
    _check_after(opened)
    return opened


def _check_after(opened: Opened) -> None:
    """Whether every action's turn would come. Raises `OpenError`."""
    after = opened.after
    for stage in opened.declaration.stages if after else ():
        names = [action.name for action in stage.actions]
        for name in names:
            if strange := [other for other in after.get(f"{stage.name}/{name}", ()) if other not in names]:
                raise OpenError(
                    f"actions.{stage.name}/{name}.after names {', '.join(strange)}, no action of stage {stage.name}",
                    f"it has {', '.join(names)}",
                )
        if stuck := unreachable(stage, after):
            raise OpenError(
                f"actions {', '.join(stuck)} of stage {stage.name} would wait for each other for ever",
                "look at `after` in greenroom.yaml and at their runOrder",
            )


def discover(options: Options, project: ProjectFile | None = None) -> tuple[list[LoadedPipeline], list[Diagnostic]]:
    """Every pipeline of the project, and what is wrong with the files they come from. Of equal names, the best."""
    if project is None:
        project, _ = load_project(options.directory)
    loaded = _load_all(options, project)
    pipelines = [pipeline for found in loaded for pipeline in found.pipelines]
    best = {pipeline.declaration.name: pipeline for pipeline in reversed(pipelines)}  # `find` gives the best first
    hidden = [pipeline for pipeline in pipelines if best[pipeline.declaration.name] is not pipeline]
    return (
        [pipeline for pipeline in pipelines if best[pipeline.declaration.name] is pipeline],
        [
            *(diagnostic for found in loaded for diagnostic in found.diagnostics),
            *(_hidden(each, best[each.declaration.name], options) for each in hidden),
        ],
    )


def _hidden(hidden: LoadedPipeline, best: LoadedPipeline, options: Options) -> Diagnostic:
    """Say of a pipeline that another file has one of its name. A mere copy is worth advice, anything else a warning."""
    same = hidden.declaration == best.declaration
    place = hidden.where(("name",))
    message = f"pipeline {hidden.declaration.name} is read from {_short(best.file, options.directory)}, not from here"
    return Diagnostic(
        "GR116",
        message,
        "the same stands in both" if same else f"--file {_short(hidden.file, options.directory)} reads this one",
        Severity.ADVICE if same else Severity.WARNING,
        hidden.file,
        place.line if place else 0,
        place.column if place else 0,
        place.length if place else 1,
    )


def _load_all(options: Options, project: ProjectFile) -> list[Loaded]:
    if options.file is not None:
        files = in_directory(options.file) if options.file.is_dir() else [options.file]
    elif project.pipeline:
        files = [options.directory / project.pipeline]
    else:
        files = find(options.directory)
    given = given_by(options, project)
    return [load(file, given) for file in files]


def given_by(options: Options, project: ProjectFile) -> Given:
    """What templates are evaluated with: the command line's values over the project file's."""
    return Given(
        parameters={**project.template_parameters, **options.parameters},
        files=(*(options.directory / name for name in project.parameter_files), *options.parameter_files),
        store=project.parameters,
        secrets=project.secrets,
        action_types=project.action_types,
        region=project.region,
        account=project.account,
    )


def _refuse(findings: Iterable[Diagnostic], message: str) -> None:
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise OpenError(message, diagnostics=errors)


def _choose(options: Options, project: ProjectFile) -> tuple[LoadedPipeline, tuple[Diagnostic, ...]]:
    pipelines, findings = discover(options, project)
    wanted = [p for p in pipelines if options.pipeline in (None, p.declaration.name)]
    broken = "the pipeline definition has errors"
    if not wanted:
        _refuse(findings, broken)
        names = ", ".join(pipeline.declaration.name for pipeline in pipelines)
        raise _nothing(options, names)
    if len(wanted) > 1:
        raise _several(options, wanted)
    # A broken definition near the top is what was meant: a whole copy of it further down (a deployed one, say) is not.
    depth = len(wanted[0].file.parts)
    near = [f for f in findings if f.file and (f.file == wanted[0].file or len(f.file.parts) < depth)]
    _refuse(near, broken)
    name = wanted[0].declaration.name
    return wanted[0], tuple(f for f in findings if f.file == wanted[0].file or _is_hidden(f, name))


def _is_hidden(finding: Diagnostic, name: str) -> bool:
    return finding.code == "GR116" and finding.message.startswith(f"pipeline {name} ")


def _nothing(options: Options, names: str) -> OpenError:
    if options.pipeline:
        return OpenError(f"no pipeline is called {options.pipeline}", f"found: {names or 'none'}")
    return OpenError(
        f"no pipeline definition in {options.directory}",
        "point at one with --file, or let `greenroom init` write a starter",
    )


def _several(options: Options, wanted: list[LoadedPipeline]) -> OpenError:
    names = ", ".join(f"{p.declaration.name} ({_short(p.file, options.directory)})" for p in wanted)
    return OpenError(
        f"several pipelines here: {names}",
        "choose one with --pipeline NAME or --file FILE, or set `pipeline` in greenroom.yaml",
        candidates=tuple(wanted),
    )


def _short(file: Path, directory: Path) -> str:
    return str(file.relative_to(directory)) if file.is_relative_to(directory) else str(file)


def with_environment(project: ProjectFile, options: Options) -> tuple[ProjectFile, tuple[str, ...]]:
    """The project file with .env, .secrets and the command line's values laid over it, and every secret value."""
    env = _env_file(options.directory / ".env")
    hidden = _env_file(options.directory / SECRETS)
    update = {
        "environment": {**env, **project.environment, **options.environment},
        "variables": {**project.variables, **options.variables},
        "parameters": {**hidden, **project.parameters},
        "secrets": {**hidden, **project.secrets},
    }
    if options.runner:
        update["runner"] = options.runner  # type: ignore[assignment]
    if options.images:
        update["images"] = project.images | options.images
    if options.offline or options.pull:
        how = "never" if options.offline else "missing"
        update["docker"] = project.docker.model_copy(update={"pull": how})  # type: ignore[assignment]
    if options.offline and project.asks("aws"):
        update["secrets_from"] = ("keyring",) if project.asks("keyring") else ()  # type: ignore[assignment]
    if options.trigger:
        update["trigger"] = options.trigger  # type: ignore[assignment]
    values = [*project.secrets.values(), *project.parameters.values(), *hidden.values(), *env.values()]
    values += telling(host_environment(project.inherit_environment) | update["environment"])
    secrets = tuple(dict.fromkeys(value for value in values if len(value) >= SHORTEST_SECRET))
    return project.model_copy(update=update), secrets


def _env_file(file: Path) -> dict[str, str]:
    return load_env(file) if file.is_file() else {}


def _odd_lines(options: Options) -> Iterator[Diagnostic]:
    """What of `.env` and `.secrets` is left out because it makes no sense."""
    for file in (options.directory / ".env", options.directory / SECRETS):
        if file.is_file():  # a virtual environment may be called .env
            yield from (replace(found, severity=Severity.WARNING) for found in read_env(file)[1])


def _sources(
    pipeline: LoadedPipeline, project: ProjectFile, directory: Path
) -> tuple[dict[str, Path], dict[str, tuple[str, ...]]]:
    """A directory for each source action: the first one's is the definition's repository unless mapped."""
    found: dict[str, Path] = {}
    excludes: dict[str, tuple[str, ...]] = {}
    unmapped: list[str] = []
    for index, (stage, action) in enumerate(source_actions(pipeline.declaration)):
        settings = project.sources.get(f"{stage}/{action}") or project.sources.get(action)
        if settings is not None:
            place = settings if isinstance(settings, str) else settings.directory
            found[action] = (directory / Path(place).expanduser()).resolve()
            excludes[action] = () if isinstance(settings, str) else settings.exclude
        elif index == 0:
            found[action] = _repository(pipeline, directory)
        else:
            unmapped.append(action)
    missing = [f"{name}: {place}" for name, place in found.items() if not place.is_dir()]
    if missing:
        raise OpenError(f"source directory does not exist: {', '.join(missing)}", "mend `sources` in greenroom.yaml")
    if unmapped:
        lines = "".join(f"\n    {name}: ../path/to/{name.lower()}" for name in unmapped)
        raise OpenError(
            f"no directory is known for source{'s' * (len(unmapped) > 1)} {', '.join(unmapped)}",
            f"say in greenroom.yaml where it is checked out:\n  sources:{lines}",
        )
    return found, excludes


def source_directories(pipeline: LoadedPipeline, project: ProjectFile, directory: Path) -> dict[str, Path]:
    """The directories of the source actions, as far as they are known and there."""
    try:
        return _sources(pipeline, project, directory)[0]
    except OpenError:
        return {}


def _without_own(
    project: ProjectFile, sources: dict[str, Path], excludes: dict[str, tuple[str, ...]], options: Options
) -> dict[str, tuple[str, ...]]:
    """What is greenroom's own is no part of any source.

    Where runs write, events, zipped artifacts and their output, each would start the next one; `.secrets` is not for
    builds to read.
    """
    named = [place for place in (project.events.file, project.artifact_store) if place]
    written = [*(options.directory / Path(place).expanduser() for place in (*named, SECRETS)), *options.outputs]
    own = {
        name: tuple(_only(file.relative_to(place)) for file in map(Path.resolve, written) if file.is_relative_to(place))
        for name, place in sources.items()
    }
    return excludes | {name: (*excludes.get(name, ()), *patterns) for name, patterns in own.items() if patterns}


def _only(file: Path) -> str:
    """The pattern of exactly this file."""
    return "/" + re.sub(r"([\\*?\[ ])", r"\\\1", str(file))


def source_actions(declaration: PipelineDeclaration) -> list[tuple[str, str]]:
    """(stage, action) of every source action, in order."""
    return [
        (stage.name, action.name)
        for stage in declaration.stages
        for action in stage.actions
        if action.actionTypeId.category == "Source"
    ]


def _repository(pipeline: LoadedPipeline, directory: Path) -> Path:
    """The repository that holds the definition; the project's directory where there is none, or for a local one."""
    if pipeline.local:
        return directory.resolve()
    for parent in pipeline.file.resolve().parents:
        if (parent / ".git").exists():
            return parent
    return directory.resolve()
