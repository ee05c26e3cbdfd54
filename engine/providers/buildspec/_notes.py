"""What a buildspec asks for that is not done here, or not at all: a line each for the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import yaml

from engine.providers.buildspec import keys, nodes
from engine.reports.formats import BEYOND_AWS, canonical
from engine.reports.formats import nearest as nearest_format

_FALLBACKS = 5
_NOT_IN_0_1 = ("run-as", "env", "proxy", "batch", "reports")


def notes(top: Mapping[str, yaml.Node], version: str) -> Iterable[str]:
    """The lines in the order of the keys."""
    yield from keys.unknown(top, keys.TOP, "")
    if version == "0.1":
        for key in _NOT_IN_0_1:
            if not nodes.is_null(top.get(key)):
                yield f"{key}: a key of version 0.2 in a buildspec of version 0.1"
    yield from _of_env(nodes.mapping(top.get("env"), "env"))
    yield from keys.unknown(nodes.mapping(top.get("proxy"), "proxy"), keys.PROXY, "proxy.")
    for name, node in nodes.mapping(top.get("phases"), "phases").items():
        yield from _of_phase(name, nodes.mapping(node, name))
    for name, node in nodes.mapping(top.get("reports"), "reports").items():
        yield from _of_report(name, nodes.mapping(node, name))
    yield from _of_artifacts(nodes.mapping(top.get("artifacts"), "artifacts"))
    yield from _of_cache(nodes.mapping(top.get("cache"), "cache"))
    if not nodes.is_null(top.get("batch")):
        for section in keys.BATCH_PARTS:
            for prefix, node in _at(top, section.path):
                yield from keys.unknown(nodes.mapping(node, prefix), section, f"{prefix}.")
    if not nodes.is_null(top.get("proxy")):
        yield "proxy: the proxy variables of this machine are used as they are"


def _at(top: Mapping[str, yaml.Node], path: str) -> Iterable[tuple[str, yaml.MappingNode]]:
    """Every mapping at a path such as ``batch.build-list[].env`` by its own name. Other shapes are passed over."""
    first, *steps = path.split(".")
    found = [(first, node)] if isinstance(node := top.get(first), yaml.MappingNode) else []
    for step in steps:
        name, each, _ = step.partition("[]")
        children = [(f"{prefix}.{name}", nodes.mapping(node, prefix).get(name)) for prefix, node in found]
        items = [
            (f"{prefix}[{at}]" if each else prefix, item)
            for prefix, child in children
            for at, item in enumerate(child.value if each and isinstance(child, yaml.SequenceNode) else [child])
        ]
        found = [(prefix, item) for prefix, item in items if isinstance(item, yaml.MappingNode)]
    return found


def _of_env(env: Mapping[str, yaml.Node]) -> Iterable[str]:
    yield from keys.unknown(env, keys.ENV, "env.")
    if "PATH" in nodes.mapping(env.get("variables"), "variables"):
        yield "env.variables.PATH: replaces PATH for the whole build, it is not added to it"
    for name in nodes.mapping(env.get("variables"), "variables"):
        if name.startswith("CODEBUILD_"):
            yield f"env.variables.{name}: names that begin with CODEBUILD_ are CodeBuild's own"


def _of_phase(name: str, phase: Mapping[str, yaml.Node]) -> Iterable[str]:
    yield from keys.unknown(phase, keys.PHASE, f"phases.{name}.")
    if name != "install" and "runtime-versions" in phase:
        yield f"phases.{name}.runtime-versions: only install may select runtimes; ignored"


def _of_report(name: str, report: Mapping[str, yaml.Node]) -> Iterable[str]:
    yield from keys.unknown(report, keys.REPORT, f"reports.{name}.")
    if not nodes.strings(report.get("files"), "files"):
        yield f"reports.{name}.files: missing, so there is no report"
    asked = nodes.text(report.get("file-format"), "file-format")
    known = canonical(asked)
    if known is None:
        near = nearest_format(asked)
        yield f"reports.{name}.file-format: {asked} is no format. " + (f"Did you mean {near}?" if near else "")
    elif known in BEYOND_AWS:
        yield f"reports.{name}.file-format: {known} is read here, CodeBuild does not know it"


def _of_artifacts(artifacts: Mapping[str, yaml.Node]) -> Iterable[str]:
    yield from keys.unknown(artifacts, keys.ARTIFACTS, "artifacts.")
    if artifacts and not nodes.strings(artifacts.get("files"), "files") and "secondary-artifacts" not in artifacts:
        yield "artifacts.files: missing, so there are no artifacts"
    for name, node in nodes.mapping(artifacts.get("secondary-artifacts"), "secondary-artifacts").items():
        yield from keys.unknown(nodes.mapping(node, name), keys.SECONDARY, f"artifacts.secondary-artifacts.{name}.")


def _of_cache(cache: Mapping[str, yaml.Node]) -> Iterable[str]:
    yield from keys.unknown(cache, keys.CACHE, "cache.")
    fallbacks = nodes.strings(cache.get("fallback-keys"), "fallback-keys")
    if len(fallbacks) > _FALLBACKS:
        yield f"cache.fallback-keys: CodeBuild takes {_FALLBACKS}; the others are ignored"
    if fallbacks and nodes.is_null(cache.get("key")):
        yield "cache.fallback-keys: ignored without cache.key"
