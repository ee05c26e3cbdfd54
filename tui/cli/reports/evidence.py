"""The evidence for an approval on the command line: in words, with diffs where more is asked for, or as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tui.cli.terminal import Terminal, Tone
from tui.cli.words import stamp

if TYPE_CHECKING:
    from engine.artifacts.store import Store
    from engine.evidence.approval import Evidence
    from engine.evidence.trees import FileChange, TreeChange

FILES = 40  # files of one comparison that are listed
DIFFS = 20  # of them that are shown line by line
_TONES: dict[str, Tone | None] = {"good": "good", "bad": "bad", "warn": "warn", "dim": "dim", "strong": "strong"}
_SIGNS: dict[str, Tone | None] = {"+": "good", "-": "bad", "~": "warn"}
_LINES: dict[str, Tone | None] = {"added": "good", "removed": "bad", "hunk": "accent", "note": "dim"}


def show(terminal: Terminal, store: Store, found: Evidence, now: float) -> None:
    """Print it: a summary, the files that differ, the deployments; with -v what differs in the files."""
    from tui.evidence.summary import Found, summary

    asked = found.question
    known = Found(
        found.sources,
        found.artifacts,
        {change.place: change for change in found.tests},
        {preview.place: preview for preview in found.deployments},
    )
    terminal.result(terminal.paint(f"{asked.place} of #{asked.number}", "strong", result=True))
    rows = summary(asked, known, now)
    column = max(len(row.label) for row in rows)
    for row in rows:
        text = terminal.paint(row.text, _TONES.get(row.tone), result=True)
        aside = terminal.paint(f"  {row.aside}", "dim", result=True) if row.aside else ""
        terminal.result(f"  {row.label:<{column}}  {text}{aside}".rstrip())
    for source in asked.sources:
        _files(terminal, store, source.name, found.sources[source.name], source.before, source.now.tree)
    for artifact in asked.artifacts:
        if artifact.before:
            _files(terminal, store, artifact.name, found.artifacts[artifact.name], artifact.before, artifact.now)
    _deployments(terminal, found)


def _files(terminal: Terminal, store: Store, name: str, change: TreeChange, before: object, now: str) -> None:
    """The files of one comparison; only what was approved before is compared."""
    if not change.files or not before:
        return
    terminal.result(f"\n{name}: {change.words}")
    for file in change.files[:FILES]:
        terminal.result(_file(terminal, file))
    if (more := change.count - FILES) > 0:
        terminal.result(f"  and {more} more")
    if terminal.verbose:
        old = before if isinstance(before, str) else getattr(before, "tree", "")
        for file in change.files[:DIFFS]:
            _diff(terminal, store, old, now, file.path)


def _file(terminal: Terminal, file: FileChange) -> str:
    from engine.evidence.text import visible
    from tui.evidence.summary import file_line

    sign = terminal.paint(file.sign, _SIGNS[file.sign], result=True)
    return (
        f"  {sign} {visible(file.path)}  {terminal.paint('  '.join(filter(None, file_line(file))), 'dim', result=True)}"
    )


def _diff(terminal: Terminal, store: Store, old: str, new: str, path: str) -> None:
    from engine.evidence.text import visible
    from engine.evidence.trees import difference

    terminal.result(f"\n--- {visible(path)}")
    for line in difference(store, old, new, path).lines:
        terminal.result(terminal.paint(line.sign + line.text, _LINES.get(line.kind), result=True))


def _deployments(terminal: Terminal, found: Evidence) -> None:
    for preview in found.deployments:
        lines = [f"  {note}" for note in preview.notes]
        for resource in preview.resources or ():
            where = f"  {', '.join(resource.paths)}" if resource.paths else ""
            sign = terminal.paint(resource.sign, _SIGNS[resource.sign], result=True)
            lines.append(f"  {sign} {resource.name}  {resource.type}{where}")
        lines += [_file(terminal, file) for file in (preview.files.files[:FILES] if preview.files else ())]
        if lines:
            terminal.result(f"\n{preview.place}: {preview.words}")
            for line in lines:
                terminal.result(line)


def as_json(found: Evidence) -> dict[str, object]:
    """For programs. Lists of files are as long as those of the screen."""
    asked = found.question
    return {
        "v": 1,
        "approval": asked.place,
        "execution": asked.number,
        "asks": asked.asks or None,
        "link": asked.link or None,
        "since": stamp(asked.waits_since) if asked.waits_since else None,
        "expires": stamp(asked.expires_at) if asked.expires_at else None,
        "last_approved": {"execution": asked.since, "by": asked.by, "at": stamp(asked.at)} if asked.since else None,
        "sources": [
            {"source": pair.name, "revision": pair.now.label, "before": pair.before.label if pair.before else None}
            | _change(found.sources[pair.name])
            for pair in asked.sources
        ],
        "artifacts": [
            {"artifact": pair.name, "action": pair.maker, "new": not pair.before} | _change(found.artifacts[pair.name])
            for pair in asked.artifacts
        ],
        "tests": [dataclasses.asdict(change) for change in found.tests],
        "deployments": [
            {
                "action": preview.place,
                "provider": preview.provider,
                "target": preview.target,
                "artifacts": preview.artifacts,
                "summary": preview.words,
                "notes": preview.notes,
                "files": _change(preview.files) if preview.files else None,
                "resources": None if preview.resources is None else [dataclasses.asdict(r) for r in preview.resources],
            }
            for preview in found.deployments
        ],
    }


def _change(change: TreeChange) -> dict[str, object]:
    return {
        "added": change.added,
        "removed": change.removed,
        "changed": change.changed,
        "lost": change.lost,
        "files": [
            {"path": file.path, "change": file.kind, "before": file.before, "after": file.after}
            for file in change.files
        ],
    }
