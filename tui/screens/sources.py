"""Every source: its directory, revision and dirty files, what is left out, what starts a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.graph.durations import duration
from tui.screens.full import FullScreen, holds
from tui.screens.listed import AskedScreen
from tui.store import Store
from tui.widgets.changes import ChangesView, Comparison, Place, file_row
from tui.widgets.header import started_by
from tui.widgets.prose import Prose
from tui.widgets.rows import Row, heading, remark

if TYPE_CHECKING:
    from concurrent.futures import Future

    from engine.link import Link
    from engine.overview.sources import SourceView

RULES = 60  # ignore rules that are listed of one file
FILES = 500


class SourcesScreen(AskedScreen["SourceView"]):
    """`i`. Enter shows what differs from the commit; `o` opens the file under the cursor; `R` looks again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "difference", "Differences", id="sources.difference"),
        Binding("i", "leave", "Back", show=False, id="app.sources"),
    ]
    filter_hint = "words in names and paths"

    def question(self, link: Link) -> Future[tuple[SourceView, ...]]:
        """The sources as they are."""
        return link.sources()

    def rows(self, words: Sequence[str]) -> list[Row]:
        """Source by source, with the files that differ from the commit."""
        views = self.answer
        if views is None or isinstance(views, str):
            self.title_line.say("Sources")
            return [self.unanswered(views, 0)]
        self.title_line.say("Sources", f"{len(views)} of them" if len(views) > 1 else "", _watch(self.store))
        rows: list[Row] = []
        for view in views:
            rows += [*([remark("", 0)] if rows else []), heading(f"{view.stage}/{view.name}", view.provider)]
            spans = (("  ▤ ", "$muted"), (view.revision.label, "bold"), (_on(view), "$muted"))
            rows.append(Row(view, spans, _dirty(view)))
            files = view.dirty.files[:FILES] if view.dirty else ()
            rows += [
                file_row(file, Place(view.committed, view.tree, file.path), 4)
                for file in files
                if holds(file.path, words)
            ]
            if view.dirty is not None and view.dirty.count > len(files):
                rows.append(remark(f"and {view.dirty.count - len(files)} more", 4))
        return rows

    def detail(self, key: object) -> Prose:
        """One source, or what a file of it is compared with."""
        view = self._view(key)
        if view is None:
            return Prose()
        prose = Prose()
        prose.head(f"{view.stage}/{view.name}", view.provider)
        prose.row("directory", str(view.directory))
        prose.row("revision", view.revision.label, "bold")
        if view.revision.summary:
            prose.row("commit", view.revision.summary.split("\n")[0])
        prose.row("branch", view.branch or "none")
        prose.row("files", str(view.files))
        dirty = "no commit to compare with" if view.dirty is None else view.dirty.words
        prose.row("beside it", dirty, aside="what a run has beyond the commit" if view.dirty else "")
        self._last(prose, view)
        prose.head("What starts a run")
        for starter in view.starters:
            when = f"next {starter.next.astimezone():%b %d %H:%M}" if starter.next else ""
            prose.row(starter.kind, starter.text, aside=" ".join(filter(None, (starter.name, when))))
        if not view.starters:
            prose.quiet("a person, or a save")
        _left_out(prose, view)
        for warning in view.warnings:
            prose.line(warning, "$status-waiting")
        return prose

    def _last(self, prose: Prose, view: SourceView) -> None:
        """What began the latest run, and whether this is what it had."""
        state = self.store.state
        latest = state.latest if state else None
        if state is None or latest is None:
            return
        ago = duration(max(0.0, self.store.clock() - latest.started_at), coarse=True)
        had = latest.revisions.get(view.name)
        same = "" if had is None else ", as it is now" if had.tree == view.tree else f", with {had.label}"
        prose.row("last run", f"#{latest.number} {started_by(state, latest)}", aside=f"{ago} ago{same}")

    def _view(self, key: object) -> SourceView | None:
        views = self.answer
        if views is None or isinstance(views, str):
            return None
        if isinstance(key, Place):
            return next((view for view in views if view.tree == key.new), None)
        return next((view for view in views if view == key), None)

    def take(self, key: object) -> None:
        """Show what differs."""
        if isinstance(key, Place):
            self.action_difference()
        else:
            super().take(key)

    def copied(self, key: object) -> str:
        """A path."""
        if isinstance(key, Place):
            return key.path
        view = self._view(key)
        return str(view.directory) if view else ""

    def action_difference(self) -> None:
        """What differs from the commit, file by file."""
        key = self.listing.rows.chosen
        view = self._view(key)
        if view is None or view.dirty is None or not view.dirty.count:
            self.notify("nothing differs from the commit", markup=False)
            return
        comparison = Comparison(view.name, view.committed, view.tree, view.dirty, "beyond the commit")
        self.app.push_screen(DifferenceScreen(self.store, comparison, key if isinstance(key, Place) else None))

    def action_open(self) -> None:
        """The file under the cursor in the editor, as it is in the directory; the definition's folder otherwise."""
        key = self.listing.rows.chosen
        view = self._view(key)
        if view is None:
            return
        if not isinstance(key, Place) or not (view.directory / key.path).is_file():
            self.notify("choose a file that is there", markup=False)
            return
        self.host.edit(view.directory / key.path)


class DifferenceScreen(FullScreen[None]):
    """The files of one comparison and their diffs."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "leave", "Back", show=False, id="difference.leave")]

    def __init__(self, store: Store, comparison: Comparison, place: Place | None) -> None:
        super().__init__(store)
        self.comparison = comparison
        self._place = place
        self.view = ChangesView(store)

    def body(self) -> list[Widget]:
        """Files and diff."""
        return [self.view]

    def first(self) -> Widget:
        """The files."""
        return self.view.files

    def on_mount(self) -> None:
        """The file that was under the cursor is so here."""
        super().on_mount()
        self.first().focus()
        if self._place is not None:
            self.view.files.choose(self._place)
            self.call_after_refresh(self.view.enter)

    def update(self) -> None:
        """Show them."""
        if self.is_running:
            self.title_line.say("Differences", self.comparison.name, "esc goes back")
            self.view.show([self.comparison])

    def up(self) -> bool:
        """Out of a diff."""
        return self.view.back()


def _watch(store: Store) -> str:
    state, link = store.state, store.link
    if state is None or link is None:
        return ""
    if state.watch_paused:
        return "saves start nothing now"
    return {"save": "each save starts a run", "commit": "each commit starts a run"}.get(link.project.trigger, "by hand")


def _on(view: SourceView) -> str:
    return f"  on {view.branch}" if view.branch else ""


def _dirty(view: SourceView) -> str:
    if view.dirty is None:
        return "no commit"
    return view.dirty.words if view.dirty.count else "clean"


def _left_out(prose: Prose, view: SourceView) -> None:
    """Ignore rules by the file that they stand in."""
    prose.head("Left out", "the later rule counts")
    built_in = (*(rule.pattern for rule in view.rules if rule.file is None), *view.litter)
    prose.row("built in", " ".join(built_in), "$muted")
    if view.exclude:
        prose.row("this project", " ".join(view.exclude))
    for file in dict.fromkeys(rule.file for rule in view.rules if rule.file is not None):
        rules = [rule for rule in view.rules if rule.file == file]
        near = file.is_relative_to(view.directory)
        name = str(file.relative_to(view.directory)) if near else str(file)
        shown = " ".join(rule.pattern for rule in rules[:RULES])
        more = f" and {len(rules) - RULES} more" if len(rules) > RULES else ""
        prose.row(name, shown + more)
