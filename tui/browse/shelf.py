"""The artifacts of a run as a tree of rows: what is open, what is searched for, what differs from an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tui.graph.durations import size
from tui.widgets.changes import file_row
from tui.widgets.rows import Row, heading, remark

if TYPE_CHECKING:
    from engine.evidence.trees import TreeChange
    from engine.execution.state import Execution, PipelineState

MOST = 5_000  # files of one artifact that are listed


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact of a run. `before` is its tree in the run that it is compared with, empty where there is none."""

    name: str
    maker: str
    tree: str
    before: str = ""
    before_number: int = 0


@dataclass(frozen=True, slots=True)
class Spot:
    """What a row stands for: an artifact (no path), a folder or a file in it."""

    artifact: str
    tree: str
    path: str = ""
    folder: bool = False


class File(NamedTuple):
    """One file of an artifact."""

    path: str
    size: int
    kind: str


Files = Mapping[str, Sequence[File] | None]
"""By tree: the files, None where they are not kept any more; absent while they are not known."""


@dataclass(slots=True)
class Shelf:
    """What is open, by artifact and folder. Rows are made from it and from what is known of the files."""

    opened: set[tuple[str, str]] = field(default_factory=set)

    def toggle(self, spot: Spot) -> None:
        """Open what is closed, close what is open."""
        self.opened ^= {(spot.artifact, spot.path)}

    def open(self, spot: Spot) -> None:
        """Open it."""
        self.opened.add((spot.artifact, spot.path))

    def is_open(self, artifact: str, path: str = "") -> bool:
        """Whether it is open."""
        return (artifact, path) in self.opened

    def rows(self, artifacts: Sequence[Artifact], files: Files, words: Sequence[str]) -> list[Row]:
        """The tree; with words, every file whose path holds them, flat."""
        rows: list[Row] = []
        maker = ""
        for artifact in artifacts:
            if artifact.maker != maker:
                maker = artifact.maker
                rows += [*([remark("", 0)] if rows else []), heading(maker)]
            rows += self._artifact(artifact, files, words)
        return rows or [remark("this run has made no artifacts so far", 0)]

    def _artifact(self, artifact: Artifact, files: Files, words: Sequence[str]) -> Iterator[Row]:
        is_open = self.is_open(artifact.name) or bool(words)
        listed = files.get(artifact.tree, ())
        known = artifact.tree in files
        aside = ""
        if known:
            aside = (
                "dropped"
                if listed is None
                else f"{len(listed)} file{'s' * (len(listed) != 1)}, {size(sum(file.size for file in listed))}"
            )
        yield Row(
            Spot(artifact.name, artifact.tree),
            ((f" {'▾' if is_open else '▸'} ", "$muted"), (artifact.name, "bold")),
            aside,
        )
        if not is_open:
            return
        if not known or listed is None:
            yield remark("…" if not known else "dropped from the cache", 5)
        elif words:
            found = [file for file in listed if all(word in file.path.lower() for word in words)]
            for file in found[:MOST]:
                yield _leaf(artifact, file, 2, file.path)
            if not found:
                yield remark("nothing", 5)
        else:
            yield from self._folder(artifact, listed[:MOST])
            if len(listed) > MOST:
                yield remark(f"and {len(listed) - MOST} more: ctrl+s writes all of them", 5)

    def _folder(self, artifact: Artifact, files: Sequence[File], prefix: str = "", depth: int = 2) -> Iterator[Row]:
        """Folders first, as file managers have them; what is closed hides what is in it."""
        folders: dict[str, list[File]] = {}
        leaves: list[File] = []
        for file in files:
            name, slash, _ = file.path[len(prefix) :].partition("/")
            folders.setdefault(name, []).append(file) if slash else leaves.append(file)
        for name in sorted(folders):
            path = prefix + name
            is_open = self.is_open(artifact.name, path)
            spans = ((" " * (2 * depth - 1), ""), ("▾ " if is_open else "▸ ", "$muted"), (f"{name}/", ""))
            yield Row(Spot(artifact.name, artifact.tree, path, folder=True), spans, str(len(folders[name])))
            if is_open:
                yield from self._folder(artifact, folders[name], f"{path}/", depth + 1)
        for file in leaves:
            yield _leaf(artifact, file, depth, file.path[len(prefix) :])


def _leaf(artifact: Artifact, file: File, depth: int, name: str) -> Row:
    from engine.evidence.text import visible

    kind = {"exec": "*", "link": "@"}.get(file.kind, "")
    spans = ((" " * (2 * depth - 1), ""), (visible(name), ""), (kind, "$muted"))
    return Row(Spot(artifact.name, artifact.tree, file.path), spans, size(file.size))


def changed_rows(artifacts: Sequence[Artifact], changes: Mapping[str, TreeChange], words: Sequence[str]) -> list[Row]:
    """What differs from the run before, artifact by artifact."""
    rows: list[Row] = []
    for artifact in artifacts:
        change = changes.get(artifact.name)
        since = f"since #{artifact.before_number}" if artifact.before else "new"
        told = "…" if change is None else change.words if artifact.before != artifact.tree else "unchanged"
        rows += [*([remark("", 0)] if rows else []), heading(artifact.name, f"{told}  {since}")]
        for file in change.files if change else ():
            if all(word in file.path.lower() for word in words):
                rows.append(file_row(file, Spot(artifact.name, artifact.tree, file.path)))
        if change and change.more > 0:
            rows.append(remark(f"and {change.more} more"))
    return rows or [remark("this run has made no artifacts so far", 0)]


def artifacts_of(state: PipelineState, execution: Execution) -> list[Artifact]:
    """Every artifact of a run in the pipeline's order, with what the run before had under that name."""
    found = []
    for stage in state.declaration(execution).stages:
        for action in stage.actions:
            for output in action.outputArtifacts:
                run = state.produced(execution, stage.name, action.name)
                tree = run.outputs.get(output.name) if run else None
                if tree:
                    number, before = _before(state, execution, output.name)
                    found.append(Artifact(output.name, f"{stage.name}/{action.name}", tree, before, number))
    return found


def _before(state: PipelineState, execution: Execution, name: str) -> tuple[int, str]:
    """The newest run before this one that had such an artifact."""
    for earlier in reversed(state.executions.values()):
        if earlier.number < execution.number and (tree := state.artifact(earlier, name)):
            return earlier.number, tree
    return 0, ""
