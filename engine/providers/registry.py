"""Which provider runs which action. Modules are imported when the first action of theirs turns up.

Plugins are entry points of the group ``greenroom.providers``: the name is ``Category/Owner/Provider``, the object a
class (or function) that takes no arguments and makes a provider.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from engine.model import catalog
from engine.model.pipeline import ActionTypeId
from engine.model.project import ActionSettings
from engine.providers.contract import Provider, ProviderSpec

GROUP = "greenroom.providers"

_HERE = "engine.providers"
_BUILT_IN = {
    "Build/AWS/CodeBuild": (f"{_HERE}.codebuild.provider", "CodeBuildProvider", "BUILD"),
    "Test/AWS/CodeBuild": (f"{_HERE}.codebuild.provider", "CodeBuildProvider", "TEST"),
    "Compute/AWS/Commands": (f"{_HERE}.commands", "CommandsProvider", "COMMANDS"),
    "Approval/AWS/Manual": (f"{_HERE}.approval", "ApprovalProvider", "MANUAL"),
    "Deploy/AWS/S3": (f"{_HERE}.s3", "S3Provider", "S3"),
    "Deploy/Custom/local": (f"{_HERE}.local", "LocalProvider", "LOCAL"),
    "Invoke/AWS/Lambda": (f"{_HERE}.function.provider", "FunctionProvider", "LAMBDA"),
}


class DuplicateProvider(Exception):
    """Two providers claim the same action type."""


def find(type_id: ActionTypeId, settings: ActionSettings) -> Provider:
    """The provider of an action; a stub where there is none. `commands` in the settings stand in for any but sources
    and approvals. Raises `DuplicateProvider`.
    """
    if settings.skip and not settings.commands:
        return _stub(type_id.category, type_id.owner, type_id.provider, type_id.version)
    if settings.commands and type_id.category not in ("Source", "Approval"):
        return _substitute(type_id)
    return _provider(type_id.category, type_id.owner, type_id.provider, type_id.version)


def all_specs() -> list[ProviderSpec]:
    """Every action type that is known, with what it is here: AWS's catalog, greenroom's own, plugins."""
    keys = {(row.category, row.owner, row.provider, row.version) for row in catalog.all_types()}
    for key in (*_BUILT_IN, *_plugins()):
        category, owner, provider = key.split("/")
        keys.add((category, owner, provider, "1"))
    return [_provider(*key).spec for key in sorted(keys)]


@functools.lru_cache(1024)
def _provider(category: str, owner: str, provider: str, version: str) -> Provider:
    key = f"{category}/{owner}/{provider}"
    if key in _BUILT_IN:
        module_name, factory, spec = _BUILT_IN[key]
        module = importlib.import_module(module_name)
        return cast(Provider, getattr(module, factory)(getattr(module, spec)))
    plugin = _plugins().get(key)
    if plugin is not None:
        return cast(Callable[[], Provider], plugin.load())()
    timeout = _timeout(category, owner, provider, version)
    if category == "Source":
        from engine.providers.source import SourceProvider, source_spec

        return SourceProvider(source_spec(owner, provider, timeout))
    return _stub(category, owner, provider, version)


def _stub(category: str, owner: str, provider: str, version: str) -> Provider:
    from engine.providers.stub import StubProvider, stub_spec

    return StubProvider(stub_spec(category, owner, provider, version, _timeout(category, owner, provider, version)))


def _substitute(type_id: ActionTypeId) -> Provider:
    from engine.providers.local import LOCAL, LocalProvider, substitute_spec

    if (type_id.category, type_id.owner, type_id.provider) == (LOCAL.category, LOCAL.owner, LOCAL.provider):
        return LocalProvider()
    timeout = _timeout(type_id.category, type_id.owner, type_id.provider, type_id.version)
    return LocalProvider(substitute_spec(type_id, timeout))


def _timeout(category: str, owner: str, provider: str, version: str) -> float:
    found = catalog.lookup(category, owner, provider, version)
    return found.timeout if found else catalog.DAY


@functools.cache
def _plugins() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        if point.name in _BUILT_IN:
            module, factory, _ = _BUILT_IN[point.name]
            raise DuplicateProvider(f"{point.value} provides {point.name}, which {module}:{factory} already provides")
        if point.name in found:
            raise DuplicateProvider(
                f"{point.value} provides {point.name}, which {found[point.name].value} already provides"
            )
        found[point.name] = point
    return found
