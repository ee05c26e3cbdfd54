"""Reading a buildspec, 0.1 and 0.2, in the odd forms that real files have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

import yaml

from engine.providers.buildspec import nodes
from engine.providers.buildspec.model import (
    PHASES,
    Artifacts,
    Buildspec,
    BuildspecError,
    Environment,
    OnFailure,
    Phase,
)

_TOP = (
    *("version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"),
    "environment_variables",
)
_ENV = (
    *("shell", "variables", "parameter-store", "secrets-manager", "exported-variables"),
    "git-credential-helper",
)
_PHASE = ("run-as", "on-failure", "runtime-versions", "commands", "finally")
_ARTIFACT = (
    *("files", "name", "discard-paths", "base-directory", "exclude-paths", "enable-symlinks"),
    *("s3-prefix", "secondary-artifacts"),
)
_NOT_DONE = {
    "reports": "reports: test reports are not collected here yet",
    "batch": "batch: the builds of a batch are not run here yet; this is the plain build",
    "proxy": "proxy: the proxy variables of this machine are used as they are",
}
_RETRY = re.compile(r"RETRY(?:-(?P<count>\d+)(?=-|$))?(?:-(?P<pattern>.+))?", re.DOTALL)


def parse(source: str) -> Buildspec:
    """Read a buildspec's text. Raises `BuildspecError` where CodeBuild would refuse it."""
    source = source.removeprefix("\ufeff")
    top = nodes.mapping(nodes.compose(source), "the buildspec")
    version = nodes.text(top.get("version"), "version")
    if version not in ("0.1", "0.2"):
        said = f"version {version} does not exist" if version else "version is missing"
        raise BuildspecError(f"invalid buildspec: {said}", hint='Begin the file with "version: 0.2".')
    phases = nodes.mapping(top.get("phases"), "phases")
    artifacts = nodes.mapping(top.get("artifacts"), "artifacts")
    install = nodes.mapping(phases.get("install"), "install")
    return Buildspec(
        version=version,
        phases=_phases(phases),
        environment=_environment(top, version, source),
        artifacts=_artifacts(artifacts, "artifacts") if nodes.strings(artifacts.get("files"), "files") else None,
        secondary={
            name: _artifacts(nodes.mapping(node, name), name)
            for name, node in nodes.mapping(artifacts.get("secondary-artifacts"), "secondary-artifacts").items()
        },
        run_as=nodes.text(top.get("run-as"), "run-as"),
        runtimes=_texts(install.get("runtime-versions"), "runtime-versions"),
        cache_paths=nodes.strings(nodes.mapping(top.get("cache"), "cache").get("paths"), "paths"),
        notes=tuple(_notes(top, phases, artifacts)),
    )


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
    if "powershell" in shell or "cmd" in shell:
        raise BuildspecError(
            f"env.shell {shell} runs on Windows images only",
            hint="Substitute the action with `commands` in greenroom.yaml.",
        )
    return Environment(
        shell=shell,
        variables=_variables(variables, source),
        parameter_store=_texts(env.get("parameter-store"), "parameter-store"),
        secrets_manager=_texts(env.get("secrets-manager"), "secrets-manager"),
        exported=nodes.strings(env.get("exported-variables"), "exported-variables"),
    )


def _phases(phases: Mapping[str, yaml.Node]) -> dict[str, Phase]:
    if not phases:
        raise BuildspecError("phases is missing", hint="Name at least one phase: " + ", ".join(PHASES) + ".")
    for name, node in phases.items():
        if name not in PHASES:
            raise BuildspecError(
                f"Invalid phase name {name} at line {nodes.line(node)}",
                hint=_nearest(name, PHASES) or "The phases are " + ", ".join(PHASES) + ".",
            )
    return {name: _phase(phases[name], name) if name in phases else Phase(present=False) for name in PHASES}


def _phase(node: yaml.Node, name: str) -> Phase:
    keys = nodes.mapping(node, name)
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
    if match is None:
        raise BuildspecError(f"Invalid on-failure value {text}", hint="Use ABORT, CONTINUE or RETRY[-count][-regex].")
    count, pattern = match["count"], match["pattern"] or ""
    try:
        re.compile(pattern)
    except re.error as error:
        raise BuildspecError(f"Invalid on-failure value {text}: {error}") from error
    return OnFailure("RETRY", min(int(count), 100) if count else 3, pattern)


def _artifacts(keys: Mapping[str, yaml.Node], where: str) -> Artifacts:
    files = nodes.strings(keys.get("files"), "files")
    if not files:
        raise BuildspecError(f"{where} has no files", hint="Say which files, such as `files: ['**/*']`.")
    return Artifacts(
        # A block scalar holds one pattern a line.
        files=tuple(part.strip() for text in files for part in text.splitlines() if part.strip()),
        base_directory=nodes.text(keys.get("base-directory"), "base-directory"),
        exclude_paths=nodes.strings(keys.get("exclude-paths"), "exclude-paths"),
        discard_paths=nodes.flag(keys.get("discard-paths"), "discard-paths"),
        enable_symlinks=nodes.flag(keys.get("enable-symlinks"), "enable-symlinks"),
    )


def _notes(
    top: Mapping[str, yaml.Node], phases: Mapping[str, yaml.Node], artifacts: Mapping[str, yaml.Node]
) -> Iterable[str]:
    yield from _unknown(top, _TOP, "")
    yield from _unknown(nodes.mapping(top.get("env"), "env"), _ENV, "env.")
    for name, node in phases.items():
        keys = nodes.mapping(node, name)
        yield from _unknown(keys, _PHASE, f"phases.{name}.")
        if name != "install" and "runtime-versions" in keys:
            yield f"phases.{name}.runtime-versions: only install may select runtimes; ignored"
    yield from _unknown(artifacts, _ARTIFACT, "artifacts.")
    if artifacts and not nodes.strings(artifacts.get("files"), "files"):
        yield "artifacts.files: missing, which AWS requires even beside secondary-artifacts"
    for key, note in _NOT_DONE.items():
        if not nodes.is_null(top.get(key)):
            yield note
    if nodes.mapping(top.get("cache"), "cache"):
        yield "cache: nothing is restored or saved here yet; the machine's own caches serve"
    if "PATH" in nodes.mapping(nodes.mapping(top.get("env"), "env").get("variables"), "variables"):
        yield "env.variables.PATH: replaces PATH for the whole build, it is not added to it"
    if "git-credential-helper" in nodes.mapping(top.get("env"), "env"):
        yield "git-credential-helper: git uses this machine's own credentials"


def _unknown(keys: Iterable[str], known: tuple[str, ...], prefix: str) -> Iterable[str]:
    for key in keys:
        if key not in known:
            yield f"{prefix}{key}: no such key in a buildspec; ignored. {_nearest(key, known)}".rstrip()


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f"Did you mean {near[0]}?" if near else ""
