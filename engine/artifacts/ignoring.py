"""Which rules leave files out of a source directory, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import _gitconfig, _repository, ignore
from engine.artifacts._context import OURS

MOST = 2_000  # rules that are told


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One pattern. `file` is where it stands (empty: built in), at `line` (0: in no file)."""

    pattern: str
    file: Path | None = None
    line: int = 0


def rules_in_force(directory: Path, own: Iterable[str]) -> tuple[IgnoreRule, ...]:
    """Every ignore rule of a source directory from the weakest to the strongest, those of folders in it last.

    `own` are the paths of the ignore files in the directory, as its snapshot has them.
    """
    found = [IgnoreRule(name + "/") for name in sorted(OURS)]
    for file in _files(directory.resolve(), own):
        found += _rules(file)
        if len(found) > MOST:
            break
    return tuple(found[:MOST])


def _files(directory: Path, own: Iterable[str]) -> Iterator[Path]:
    repository = _repository.above(directory)
    settings = repository.settings if repository else _gitconfig.load(None, None)
    if (personal := _gitconfig.excludes_file(settings)) is not None:
        yield personal
    if repository is not None:
        yield repository.exclude
        yield from (
            place / ".gitignore" for place in reversed(directory.parents) if place.is_relative_to(repository.worktree)
        )
    yield from (directory / path for path in own)


def _rules(file: Path) -> Iterator[IgnoreRule]:
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if ignore.parse(line.encode()):
            yield IgnoreRule(line.strip(), file, number)
