"""What the Why pane says of one build of a batch, before it speaks of the batch."""

from __future__ import annotations

from tui.graph.builds import mark_of_build, word_of_build
from tui.graph.durations import duration
from tui.graph.model import brief
from tui.store import Store
from tui.widgets.prose import Prose


def about_build(prose: Prose, store: Store) -> None:
    """The chosen build: how it went, what it waits or waited for, what it has of its own."""
    build = store.build()
    if build is None:
        return
    mark = mark_of_build(build)
    took = duration(build.seconds) if build.seconds and not build.reused else ""
    word = word_of_build(build) or "waits for its turn"
    prose.head("Build", build.identifier)
    prose.marked(mark.glyph(), mark, word, took)
    if build.reused:
        prose.line("succeeded in an earlier attempt with the same input: kept", indent=4)
    elif build.summary and build.status != "SUCCEEDED":
        prose.line(brief(build.summary), indent=4)
    if build.depends_on:
        prose.row("depends on", ", ".join(build.depends_on))
    if build.ignore_failure:
        prose.row("ignore-failure", "its failure does not fail the batch")
    if build.image:
        prose.row("image", build.image)
