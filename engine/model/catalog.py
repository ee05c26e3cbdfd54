"""Which action types exist, and what AWS knows of each: the one list that checks, providers and docs share.

Facts from https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html and its neighbours. A type
whose sources contradict each other is `settled=False`: what it seems to break is then a warning, not an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.pipeline import ActionTypeId

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

CATEGORIES = ("Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute")
OWNERS = ("AWS", "ThirdParty", "Custom")


@dataclass(frozen=True, slots=True)
class ConfigurationKey:
    """One key of an action's `configuration`. `values` are all it may hold, where that is known."""

    name: str
    required: bool = False
    secret: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many artifacts, at least and at most."""

    least: int
    most: int

    def __contains__(self, count: int) -> bool:
        return self.least <= count <= self.most

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


@dataclass(frozen=True, slots=True)
class ActionTypeSpec:
    """One action type. `timeout` is AWS's own, in seconds.

    `variables` are the output variables known by name; with `open_variables` the action decides on more.
    `open_keys`: the configuration is not ours to know (custom and third-party types). `commands`: takes the
    action-level `commands`.
    """

    category: str
    owner: str
    provider: str
    inputs: Bounds
    outputs: Bounds
    keys: tuple[ConfigurationKey, ...] = ()
    timeout: float = HOUR
    variables: tuple[str, ...] = ()
    version: str = "1"
    v2_only: bool = False
    open_variables: bool = False
    open_keys: bool = False
    commands: bool = False
    settled: bool = True

    @property
    def label(self) -> str:
        """`Category/Owner/Provider/Version`."""
        return f"{self.category}/{self.owner}/{self.provider}/{self.version}"

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the configuration keys that must be there."""
        return tuple(key.name for key in self.keys if key.required)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the configuration keys whose values AWS never shows again."""
        return tuple(key.name for key in self.keys if key.secret)

    def key(self, name: str) -> ConfigurationKey | None:
        """The configuration key of that name."""
        return next((key for key in self.keys if key.name == name), None)


def find(type_id: ActionTypeId) -> ActionTypeSpec | None:
    """The spec of an action type, None where AWS has no such type. Custom types all exist: theirs is generic."""
    return lookup(type_id.category, type_id.owner, type_id.provider, type_id.version)


def lookup(category: str, owner: str, provider: str, version: str = "1") -> ActionTypeSpec | None:
    """The same, by its four parts."""
    spec = _by_label().get(f"{category}/{owner}/{provider}")
    if spec is not None and (spec.version == version or spec.owner == "Custom"):
        return spec
    if owner == "Custom" and category in CATEGORIES:
        return replace(_CUSTOM, category=category, provider=provider, version=version)
    return None


def all_types() -> tuple[ActionTypeSpec, ...]:
    """Every type that is known by name, in the order of the pipeline's categories."""
    from engine.model import catalog_build, catalog_deploy, catalog_source

    specs: Iterable[ActionTypeSpec] = (
        *catalog_source.TYPES,
        *catalog_build.TYPES,
        *catalog_deploy.TYPES,
    )
    return tuple(sorted(specs, key=lambda spec: CATEGORIES.index(spec.category)))


def by_provider(provider: str) -> tuple[ActionTypeSpec, ...]:
    """Every known type of that provider name, whatever its category and owner."""
    return tuple(spec for spec in all_types() if spec.provider == provider)


def keys(*required: str, optional: str = "", secret: str = "") -> tuple[ConfigurationKey, ...]:
    """Rows of configuration keys: the required ones, then the optional, blank-separated; `secret` names secret ones.

    A name may carry its values: ``Extract=true|false``.
    """
    hidden = secret.split()
    rows = [(text, True) for text in required] + [(text, False) for text in optional.split()]
    return tuple(_key(text, needed, hidden) for text, needed in rows)


def _key(text: str, required: bool, hidden: list[str]) -> ConfigurationKey:
    name, _, values = text.partition("=")
    return ConfigurationKey(name, required, name in hidden, tuple(values.split("|")) if values else ())


_CUSTOM = ActionTypeSpec(
    "Build",
    "Custom",
    "any",
    Bounds(0, 5),
    Bounds(0, 5),
    timeout=DAY,
    open_variables=True,
    open_keys=True,
)
_LABELS: dict[str, ActionTypeSpec] = {}


def _by_label() -> dict[str, ActionTypeSpec]:
    if not _LABELS:
        _LABELS.update({f"{spec.category}/{spec.owner}/{spec.provider}": spec for spec in all_types()})
    return _LABELS
