"""The evidence for an approval in a dozen lines: what everybody should read before deciding.

What has not been computed yet is None, and shown as such: a screen fills it in as it comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from tui.graph.durations import duration, size

if TYPE_CHECKING:
    from engine.evidence.deployment import Preview
    from engine.evidence.question import ArtifactPair, Question, SourcePair
    from engine.evidence.tests import TestChange
    from engine.evidence.trees import FileChange, TreeChange

WAITING = "…"
NAMES = 3  # tests of a kind that are named

Tone = Literal["", "good", "bad", "warn", "dim", "strong"]


class Row(NamedTuple):
    """A line: what it is about (empty: as the line above), what is to be said, how it is meant."""

    label: str
    text: str
    tone: Tone = ""
    aside: str = ""


@dataclass(slots=True)
class Found:
    """What is known so far, by name or place."""

    sources: Mapping[str, TreeChange] = field(default_factory=dict)
    artifacts: Mapping[str, TreeChange] = field(default_factory=dict)
    tests: Mapping[str, TestChange] = field(default_factory=dict)
    deployments: Mapping[str, Preview] = field(default_factory=dict)


def summary(asked: Question, found: Found, now: float) -> list[Row]:
    """Everything in short."""
    rows = [*_asked(asked, now)]
    for source in asked.sources:
        rows += _source(asked, source, found.sources.get(source.name))
    for pair in asked.artifacts:
        rows += _artifact(pair, found.artifacts.get(pair.name))
    for tested in asked.tests:
        rows += _tests(tested.place, found.tests.get(tested.place))
    for behind in asked.deployments:
        rows += _deployment(behind.place, found.deployments.get(behind.place))
    return rows


def expiry(asked: Question, now: float) -> str:
    """``expires in 6d23h``; empty where it never does."""
    if not asked.expires_at:
        return ""
    left = asked.expires_at - now
    return f"expires in {duration(left, coarse=True)}" if left > 0 else "has expired"


def _asked(asked: Question, now: float) -> Iterator[Row]:
    if asked.asks:
        yield Row("asks", asked.asks, "strong")
    if asked.link:
        yield Row("link", asked.link)
    waits = f"for {duration(max(0.0, now - asked.waits_since), coarse=True)}" if asked.waits_since else ""
    yield Row("waits", ", ".join(filter(None, (f"in #{asked.number} {waits}".strip(), expiry(asked, now)))))
    if asked.since:
        by = f" by {asked.by}" if asked.by else ""
        when = f"{datetime.fromtimestamp(asked.at).astimezone():%b %d %H:%M}" if asked.at else ""
        yield Row("last approved", f"#{asked.since}{by}", aside=when)
    else:
        yield Row("last approved", "never here: all of it is new", "warn")


def _source(asked: Question, pair: SourcePair, change: TreeChange | None) -> Iterator[Row]:
    yield Row(pair.name, pair.now.label, "strong", pair.now.summary.split("\n")[0])
    if pair.before is None:
        if change is not None and not change.lost:
            yield Row("", _files(change.count), "dim")
        return
    if pair.before.tree == pair.now.tree:
        yield Row("", f"unchanged since #{asked.since}", "good")
    else:
        yield Row("", _change(change), aside=f"since {pair.before.label}")


def _artifact(pair: ArtifactPair, change: TreeChange | None) -> Iterator[Row]:
    if pair.before == pair.now:
        yield Row(pair.name, "unchanged", "good", f"made by {pair.maker}")
    elif not pair.before:
        yield Row(
            pair.name, WAITING if change is None else f"{_files(change.count)}, new", aside=f"made by {pair.maker}"
        )
    else:
        yield Row(pair.name, _change(change), aside=f"made by {pair.maker}")


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"


def _change(change: TreeChange | None) -> str:
    if change is None:
        return WAITING
    return change.words + (f": {change.files[0].path}" if change.count == 1 and change.files else "")


def _tests(place: str, change: TestChange | None) -> Iterator[Row]:
    if change is None:
        yield Row(place, WAITING)
        return
    now = change.now
    parts = [f"{now.passed} passed"] + ([f"{now.failed} failed"] if now.failed else [])
    parts += [f"{now.skipped} skipped"] if now.skipped else []
    before = f"{change.before.passed} of {change.before.total} passed before" if change.before else ""
    if now.total:
        yield Row(place, ", ".join(parts), "bad" if now.failed else "good", before)
    if change.lines is not None:
        was = f"{change.lines_before:.1%} before" if change.lines_before is not None else ""
        yield Row("" if now.total else place, f"{change.lines:.1%} of lines covered", aside=was)
    kinds: list[tuple[str, tuple[str, ...], Tone]] = [
        ("new failures", change.broken, "bad"),
        ("still failing", change.failing, "bad"),
        ("fixed", change.mended, "good"),
        ("new tests", change.added, "dim"),
        ("gone", change.gone, "warn"),
    ]
    for word, names, tone in kinds:
        if names:
            more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
            yield Row("", f"{word}: {', '.join(names[:NAMES])}{more}", tone)


def _deployment(place: str, preview: Preview | None) -> Iterator[Row]:
    if preview is None:
        yield Row(place, WAITING)
        return
    yield Row(place, f"→ {preview.target}", aside=preview.words)


def file_line(change: FileChange) -> tuple[str, str]:
    """How much of a file: ``812 B → 1.0 KiB``, and what else is different."""
    match change.kind:
        case "added":
            amount = size(change.after)
        case "removed":
            amount = size(change.before)
        case _:
            same = change.before == change.after
            amount = size(change.after) if same else f"{size(change.before)} → {size(change.after)}"
    return amount, change.note
