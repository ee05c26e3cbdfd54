"""Reading a buildspec, 0.1 and 0.2, in the odd forms that real files have."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from engine.providers.buildspec import nodes
from engine.providers.buildspec._notes import notes
from engine.providers.buildspec.keys import home, nearest
from engine.providers.buildspec.model import (
    PHASES,
    Artifacts,
    Buildspec,
    BuildspecError,
    Cache,
    Environment,
    OnFailure,
    Phase,
    ReportFiles,
)
from engine.providers.buildspec.patterns import NotGo, in_python
from engine.reports.formats import canonical

_MOST_RETRIES = 100
_RETRY = re.compile(r"RETRY(?:-(?P<count>\d{1,9})(?=-|$))?(?:-(?P<pattern>.+))?", re.DOTALL)


def parse(source: str) -> Buildspec:
    """Read a buildspec's text. Raises `BuildspecError` where CodeBuild would refuse it."""
    source = source.removeprefix("\ufeff")
    top = nodes.mapping(nodes.compose(source), "the buildspec")
    version = nodes.text(top.get("version"), "version")
    if version not in ("0.1", "0.2"):
        raise _not_of_a_version(version, top)
    phases = nodes.mapping(top.get("phases"), "phases")
    artifacts = nodes.mapping(top.get("artifacts"), "artifacts")
    install = nodes.mapping(phases.get("install"), "install")
    return Buildspec(
        version=version,
        phases=_phases(phases, top),
        environment=_environment(top, version, source),
        artifacts=_artifacts(artifacts, "artifacts") if nodes.strings(artifacts.get("files"), "files") else None,
        secondary={
            name: _artifacts(nodes.mapping(node, name), name)
            for name, node in nodes.mapping(artifacts.get("secondary-artifacts"), "secondary-artifacts").items()
        },
        run_as=nodes.text(top.get("run-as"), "run-as"),
        runtimes=_texts(install.get("runtime-versions"), "runtime-versions"),
        reports=_reports(nodes.mapping(top.get("reports"), "reports")),
        cache=_cache(nodes.mapping(top.get("cache"), "cache")),
        notes=tuple(notes(top, version)),
        has_batch=not nodes.is_null(top.get("batch")),
    )


def _not_of_a_version(version: str, top: Mapping[str, yaml.Node]) -> BuildspecError:
    hint = 'Begin the file with "version: 0.2".'
    if not version and "phases" not in top:
        return BuildspecError(nodes.EMPTY, hint=f"This is no buildspec. {hint}")
    return BuildspecError(f"invalid buildspec `version` specified: {version}, see documentation", hint=hint)


def has_batch(source: str) -> bool:
    """Whether a buildspec has a batch section. Raises `BuildspecError` where it is no YAML."""
    top = nodes.mapping(nodes.compose(source.removeprefix("\ufeff")), "the buildspec")
    return not nodes.is_null(top.get("batch"))


def _texts(node: yaml.Node | None, where: str) -> dict[str, str]:
    return {name: nodes.text(value, f"{where}.{name}") for name, value in nodes.mapping(node, where).items()}


def _variables(node: yaml.Node | None, source: str) -> dict[str, str]:
    """Values are text; a placeholder that YAML takes for a structure (``{-NAME-}``) is kept as it was written."""
    return {
        name: nodes.text(value, name)
        if isinstance(value, yaml.ScalarNode)
        else source[value.start_mark.index : value.end_mark.index].strip()
        for name, value in nodes.mapping(node, "variables").items()
    }


def _environment(top: Mapping[str, yaml.Node], version: str, source: str) -> Environment:
    env = nodes.mapping(top.get("env"), "env")
    variables = env.get("variables")
    if variables is None and version == "0.1":
        variables = nodes.mapping(top.get("environment_variables"), "environment_variables").get("plaintext")
    shell = nodes.text(env.get("shell"), "shell")
    if shell.lower() in ("cmd", "cmd.exe"):
        raise BuildspecError(
            f"env.shell {shell} runs on Windows images only",
            hint="PowerShell runs where it is installed; or substitute the action with `commands` in greenroom.yaml.",
        )
    return Environment(
        shell=shell,
        variables=_variables(variables, source),
        parameter_store=_texts(env.get("parameter-store"), "parameter-store"),
        secrets_manager=_texts(env.get("secrets-manager"), "secrets-manager"),
        exported=nodes.strings(env.get("exported-variables"), "exported-variables"),
        git_helper=nodes.flag(env.get("git-credential-helper"), "git-credential-helper"),
    )


def _phases(phases: Mapping[str, yaml.Node], top: Mapping[str, yaml.Node]) -> dict[str, Phase]:
    if not phases:
        outside = [name for name in PHASES if name in top]
        hint = f"Name at least one phase: {', '.join(PHASES)}."
        if outside:
            hint = f"{', '.join(outside)} belongs under phases: indent it more."
        elif "batch" in top:
            hint = "A build of a batch takes them from here unless it has a buildspec of its own. " + hint
        raise BuildspecError("phases is missing", hint=hint)
    for name, node in phases.items():
        if name not in PHASES:
            raise BuildspecError(
                f"Invalid buildspec phase name: {name}. Expecting: {','.join(sorted(PHASES))}",
                hint=f"Line {nodes.line(node)}. {nearest(name, PHASES) or _placed(name)}".rstrip(),
            )
    return {name: _phase(phases[name], name) if name in phases else Phase(present=False) for name in PHASES}


def _placed(name: str) -> str:
    """Where a name belongs that is no phase."""
    place = home(name)
    return f"{name} belongs {place}." if place else ""


def _phase(node: yaml.Node, name: str) -> Phase:
    keys = nodes.mapping(node, name)
    if "steps" in keys:
        raise BuildspecError(
            'unsupported field "steps" in buildspec',
            hint="GitHub Actions do not run here: substitute the action with `commands` in greenroom.yaml.",
        )
    return Phase(
        commands=nodes.strings(keys.get("commands"), "Commands"),
        last=nodes.strings(keys.get("finally"), "Finally"),
        on_failure=_on_failure(nodes.text(keys.get("on-failure"), "on-failure")),
        run_as=nodes.text(keys.get("run-as"), "run-as"),
    )


def _on_failure(text: str) -> OnFailure:
    if not text:
        return OnFailure()
    if text in ("ABORT", "CONTINUE"):
        return OnFailure("ABORT" if text == "ABORT" else "CONTINUE")
    match = _RETRY.fullmatch(text)
    if match is None or int(match["count"] or 0) > _MOST_RETRIES:
        hint = f"Use ABORT, CONTINUE or RETRY[-count][-regex], with a count of {_MOST_RETRIES} at most."
        raise BuildspecError(f"Invalid on-failure value {text}", hint=hint)
    count, pattern = match["count"], match["pattern"] or ""
    try:
        in_python(pattern)
    except NotGo as error:
        raise BuildspecError(f"Invalid on-failure value {text}: {error}") from error
    return OnFailure("RETRY", int(count) if count else 3, pattern)


def _artifacts(keys: Mapping[str, yaml.Node], where: str) -> Artifacts:
    files = nodes.strings(keys.get("files"), "files")
    if not files:
        raise BuildspecError(f"{where} has no files", hint="Say which files, such as `files: ['**/*']`.")
    return Artifacts(
        files=_lines(files),
        base_directory=nodes.text(keys.get("base-directory"), "base-directory"),
        exclude_paths=nodes.strings(keys.get("exclude-paths"), "exclude-paths"),
        discard_paths=nodes.flag(keys.get("discard-paths"), "discard-paths"),
        enable_symlinks=nodes.flag(keys.get("enable-symlinks"), "enable-symlinks"),
        name=nodes.text(keys.get("name"), "name"),
        s3_prefix=nodes.text(keys.get("s3-prefix"), "s3-prefix"),
    )


def _reports(groups: Mapping[str, yaml.Node]) -> dict[str, ReportFiles]:
    """The groups that can be read: a note tells of the others."""
    found = {}
    for name, node in groups.items():
        keys = nodes.mapping(node, name)
        files = _lines(nodes.strings(keys.get("files"), "files"))
        known = canonical(nodes.text(keys.get("file-format"), "file-format"))
        if files and known:
            base = nodes.text(keys.get("base-directory"), "base-directory")
            found[name] = ReportFiles(files, known, base, nodes.flag(keys.get("discard-paths"), "discard-paths"))
    return found


def _cache(keys: Mapping[str, yaml.Node]) -> Cache:
    action = nodes.text(keys.get("action"), "action")
    if action not in ("", "restore", "save"):
        raise BuildspecError(f"Invalid cache action {action}", hint="Use restore or save, or leave it out for both.")
    return Cache(
        paths=nodes.strings(keys.get("paths"), "paths"),
        key=nodes.text(keys.get("key"), "key"),
        fallback_keys=nodes.strings(keys.get("fallback-keys"), "fallback-keys")[:5],
        action="" if not action else "restore" if action == "restore" else "save",
    )


def _lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """A block scalar holds one pattern a line."""
    return tuple(part.strip() for text in texts for part in text.splitlines() if part.strip())
