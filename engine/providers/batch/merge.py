"""What the builds of a batch made, as one: artifacts, variables and test reports."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.artifacts import tree as trees
from engine.artifacts.store import Store
from engine.model.member import MemberBuild
from engine.model.outcome import Report
from engine.providers.batch.model import Batch
from engine.reports.details import FILE, Details, dump, load, summary
from engine.reports.model import Covered


@dataclass(frozen=True, slots=True)
class Combined:
    """One artifact of many: its tree, and the paths that several builds made differently."""

    tree: str
    collisions: dict[str, str]


def combine(store: Store, builds: Iterable[MemberBuild]) -> Combined:
    """The files of all artifacts of all builds in one tree; of one path, what the later build made of it.

    AWS does not document the layout of a combined artifact.
    """
    root: trees.Branch = {}
    found: dict[str, bytes] = {}
    collisions: dict[str, str] = {}
    with store.hold():
        for build in builds:
            for tree in build.outputs.values():
                for path, node in _leaves(store, trees.raw(tree), ""):
                    try:
                        trees.graft(root, path, node)
                    except ValueError:  # a file of one build is a folder of another one
                        collisions[path] = build.identifier
                        continue
                    if found.setdefault(path, node.digest) != node.digest or path in collisions:
                        collisions[path] = build.identifier
                    found[path] = node.digest
        return Combined(store.record(root, 0), collisions)


def _leaves(store: Store, digest: bytes, prefix: str) -> Iterator[tuple[str, trees.Node]]:
    for node in store.nodes(digest):
        if node.kind == "dir":
            yield from _leaves(store, node.digest, f"{prefix}{node.name}/")
        else:
            yield prefix + node.name, node


def exported(builds: Iterable[MemberBuild]) -> tuple[dict[str, str], list[str]]:
    """The exported variables of all builds, and the names that they disagree about: then a later build counts."""
    values: dict[str, str] = {}
    disputed: list[str] = []
    for build in builds:
        for name, value in build.variables.items():
            if values.get(name, value) != value and name not in disputed:
                disputed.append(name)
            values[name] = value
    return values, disputed


def reports(
    batch: Batch, builds: Sequence[MemberBuild], store: Store, mask: Callable[[str], str]
) -> tuple[Report, ...]:
    """The reports of a batch: those of a fan-out merged by group, for its builds ran parts of the same tests.

    Those of other batches stay apart where several builds have the same group: the same tests ran several times.
    """
    if batch.kind == "build-fanout":
        return tuple(_merged(group, own, len(builds), store, mask) for group, own in _by_group(builds).items())
    often = Counter(report.group for build in builds for report in build.reports)
    return tuple(
        dataclasses.replace(report, group=f"{report.group}_{build.identifier}") if often[report.group] > 1 else report
        for build in builds
        for report in build.reports
    )


def _by_group(builds: Iterable[MemberBuild]) -> Mapping[str, list[Report]]:
    found: dict[str, list[Report]] = {}
    for build in builds:
        for report in build.reports:
            found.setdefault(report.group, []).append(report)
    return found


def _merged(group: str, own: Sequence[Report], builds: int, store: Store, mask: Callable[[str], str]) -> Report:
    """The sum of what the shards have; a shard without the report leaves it incomplete."""
    details = [_details(report, store) for report in own]
    cases = tuple(case for one in details if one for case in one.cases)
    whole = Details(cases, _covered(one.covered for one in details if one))
    complete = len(own) == builds and all(details) and not any(report.status == "INCOMPLETE" for report in own)
    coverage = own[0].kind == "coverage"
    found = summary(group, own[0].file_format, whole, complete=complete, coverage=coverage)
    longest = max(report.seconds for report in own)  # they ran beside each other
    tree = store.put_bytes({FILE: dump(whole, mask)})
    return dataclasses.replace(found, details=tree, seconds=longest)


def _details(report: Report, store: Store) -> Details | None:
    try:
        return load(store.read(report.details, FILE))
    except (OSError, KeyError, ValueError):
        return None


def _covered(parts: Iterable[Iterable[Covered]]) -> tuple[Covered, ...]:
    """Files that several shards ran through: nobody knows which lines they share, so the best of them counts."""
    best: dict[str, Covered] = {}
    for files in parts:
        for file in files:
            known = best.get(file.path)
            if known is None or (file.lines_covered, file.branches_covered) > (
                known.lines_covered,
                known.branches_covered,
            ):
                best[file.path] = file
    return tuple(best.values())
