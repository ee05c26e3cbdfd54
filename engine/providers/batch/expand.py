"""A matrix or a fan-out made into single builds, with names of their own.

AWS does not document what it calls the builds of a matrix. Here the values that vary make the name, as far as they can
be part of one: ``3_12_postgres``.
"""

from __future__ import annotations

import dataclasses
import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.providers.batch.model import BuildEnvironment, BuildTask
from engine.providers.buildspec.locate import is_inline

_LONGEST = 60
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What varies in a matrix: each of these has the values it takes in turn; empty ones do not vary."""

    buildspecs: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    compute_types: tuple[str, ...] = ()
    variables: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many builds they make."""
        total = 1
        for values in (self.buildspecs, self.images, self.compute_types, *self.variables.values()):
            total *= max(1, len(values))
        return total


def matrix(dimensions: Dimensions, static: BuildEnvironment, *, ignore_failure: bool, line: int) -> list[BuildTask]:
    """A build for each combination, the last variable varying fastest."""
    names: dict[str, int] = {}
    return [
        BuildTask(_unique(_name(varying), names), buildspec, (), ignore_failure, environment, line=line)
        for buildspec, environment, varying in _combinations(dimensions, static)
    ]


def fanout(parallelism: int, *, ignore_failure: bool, line: int) -> list[BuildTask]:
    """That many equal builds, numbered as CodeBuild calls the report groups of its shards."""
    return [
        BuildTask(f"BuildFanoutShard{at}", ignore_failure=ignore_failure, shard=at, shards=parallelism, line=line)
        for at in range(1, parallelism + 1)
    ]


def _combinations(
    dimensions: Dimensions, static: BuildEnvironment
) -> Iterator[tuple[str, BuildEnvironment, list[str]]]:
    axes: list[Sequence[str]] = [dimensions.buildspecs, dimensions.images, dimensions.compute_types]
    axes += dimensions.variables.values()
    for chosen in itertools.product(*(axis or ("",) for axis in axes)):
        buildspec, image, compute_type, *values = chosen
        environment = dataclasses.replace(
            static,
            image=image or static.image,
            compute_type=compute_type or static.compute_type,
            variables=static.variables | dict(zip(dimensions.variables, values, strict=True)),
        )
        yield buildspec, environment, [value for axis, value in zip(axes, chosen, strict=True) if len(axis) > 1]


def _name(varying: Sequence[str]) -> str:
    parts = [_NOT_IN_NAMES.sub("_", _short(value)).strip("_") for value in varying]
    return "_".join(part for part in parts if part)[:_LONGEST].rstrip("_") or "build"


def _short(value: str) -> str:
    """A path without folders and ending, for a buildspec's sake; an image without its registry."""
    if is_inline(value):
        return ""
    last = posixpath.basename(value.rstrip("/")) if "/" in value else value
    return last.removesuffix(".yml").removesuffix(".yaml")


def _unique(name: str, names: dict[str, int]) -> str:
    names[name] = names.get(name, 0) + 1
    while names[name] > 1 and (other := f"{name}_{names[name]}") in names:
        names[name] += 1
    if names[name] > 1:
        names[other] = 1
        return other
    return name
