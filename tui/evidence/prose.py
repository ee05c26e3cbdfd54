"""The pages of the approval dialog that are text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui.evidence.summary import WAITING, Found, Row, file_line, summary
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.evidence.deployment import Preview
    from engine.evidence.question import Question
    from engine.evidence.tests import TestChange

FILES = 200  # files of one deployment that are listed
TEMPLATE = 300  # lines of one template's difference

STYLES = {
    "good": "$status-succeeded",
    "bad": "$status-failed",
    "warn": "$status-waiting",
    "dim": "$muted",
    "strong": "bold",
}
_SIGNS = {"+": "$status-succeeded", "-": "$status-failed", "~": "$status-waiting"}
_LINES = {"added": "$status-succeeded", "removed": "$status-failed", "hunk": "$primary", "note": "$muted"}


def overview(asked: Question, found: Found, now: float, noted: Sequence[str] = ()) -> Prose:
    """The first page. `noted` is what the engine wrote down when the approval began to wait."""
    prose = Prose()
    for row in summary(asked, found, now):
        _row(prose, row)
    trees = [*found.sources.values(), *found.artifacts.values()]
    trees += [preview.files for preview in found.deployments.values() if preview.files]
    if noted and any(change.lost for change in trees):
        prose.head("Noted when it began to wait")
        for line in noted:
            prose.line(line)
    return prose


def _row(prose: Prose, row: Row) -> None:
    prose.row(row.label, row.text, STYLES.get(row.tone, ""), row.aside)


def test_changes(places: Sequence[str], found: Mapping[str, TestChange]) -> Prose:
    """Every test whose result is another one, and the totals."""
    prose = Prose()
    for place in places:
        change = found.get(place)
        prose.head(place, _totals(change))
        if change is None:
            prose.quiet(WAITING)
            continue
        groups = (
            ("✘", "failed", "new failure", change.broken),
            ("✘", "failed", "fails as before", change.failing),
            ("✔", "succeeded", "fixed", change.mended),
            ("+", "running", "new", change.added),
            ("-", "stopped", "gone", change.gone),
        )
        for glyph, mark, word, names in groups:
            for name in names:
                prose.marked(glyph, mark, name, word)
        if change.lines is not None:
            was = f"{change.lines_before:.1%} before" if change.lines_before is not None else ""
            prose.row("covered", f"{change.lines:.1%} of the lines", aside=was)
        if not any((change.broken, change.failing, change.mended, change.added, change.gone)):
            prose.quiet("nothing is otherwise than before" if change.before else "nothing to compare with")
    return prose if places else prose.quiet("no action of this run has made test reports so far")


def _totals(change: TestChange | None) -> str:
    if change is None:
        return ""
    now, before = change.now, change.before
    text = f"{now.passed} passed, {now.failed} failed" + (f", {now.skipped} skipped" if now.skipped else "")
    return text + (f"  (before: {before.passed} passed, {before.failed} failed)" if before else "")


def deployments(asked: Question, found: Mapping[str, Preview]) -> Prose:
    """What the deployments behind the approval would do."""
    prose = Prose()
    for behind in asked.deployments:
        preview = found.get(behind.place)
        if preview is None:
            prose.head(behind.place, behind.action.actionTypeId.provider).quiet(WAITING)
        else:
            _deployment(prose, preview)
    return prose if asked.deployments else prose.quiet("no Deploy action comes after this approval")


def _deployment(prose: Prose, preview: Preview) -> None:
    prose.head(preview.place, f"{preview.provider}: {preview.words}")
    prose.row("target", preview.target, "bold")
    for at, artifact in enumerate(preview.artifacts):
        prose.row("" if at else "artifact", artifact)
    for at, note in enumerate(preview.notes):
        prose.row("" if at else "note", note, "$muted")
    _files(prose, preview)
    for resource in preview.resources or ():
        prose.spans(
            (f"  {resource.sign} ", _SIGNS[resource.sign]),
            (resource.name, "bold"),
            (f"  {resource.type}", "$muted"),
            (f"  {', '.join(resource.paths)}" if resource.paths else "", ""),
            hang=6,
        )
    if preview.template is not None:
        if preview.resources is None:
            prose.line("the template cannot be read: only its text is compared", "$status-waiting")
        _template(prose, ((line.kind, line.sign + line.text) for line in preview.template.lines[:TEMPLATE]))


def _template(prose: Prose, lines: Iterable[tuple[str, str]]) -> None:
    prose.line("")
    for kind, text in lines:
        prose.spans((f"  {text}", _LINES.get(kind, "")), hang=4)


def _files(prose: Prose, preview: Preview) -> None:
    for file in preview.files.files[:FILES] if preview.files else ():
        amount, note = file_line(file)
        prose.spans(
            (f"  {file.sign} ", _SIGNS[file.sign]),
            (file.path, ""),
            (f"  {amount}", "$muted"),
            (f"  {note}" if note else "", "$status-waiting"),
            hang=6,
        )
    if preview.files is not None and (more := preview.files.count - FILES) > 0:
        prose.quiet(f"and {more} more")
