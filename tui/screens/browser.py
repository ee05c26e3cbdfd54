"""The artifacts of a run: a tree of their files, what is in them, what differs from the run before."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.browse.diff import diff_lines
from tui.browse.preview import Preview, preview
from tui.browse.shelf import Artifact, File, Shelf, Spot, artifacts_of, changed_rows
from tui.graph.durations import size
from tui.screens.full import FullScreen
from tui.store import Store
from tui.widgets.artifact_pane import ArtifactPane, Leaf
from tui.widgets.asking import Answers, Told
from tui.widgets.lines import Lines
from tui.widgets.rows import Row, Rows
from tui.widgets.split import Split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.artifacts.store import Store as ArtifactStore
    from engine.evidence.trees import TreeChange
    from engine.execution.state import Execution


class Browser(Split):
    """The tree on the left, the file under the cursor on the right. `Told` means: more is known."""

    class Looked(Message):
        """Something else is on show."""

    def __init__(self, store: Store) -> None:
        self.tree_rows = Rows()
        self.view = Lines()
        super().__init__(self.tree_rows, self.view)
        self.store = store
        self.shelf = Shelf()
        self.differing = False
        self.artifacts: Sequence[Artifact] = ()
        self._files: Answers[tuple[File, ...] | str] = Answers(self, str, most=256)
        self._changes: Answers[TreeChange] = Answers(self, _lost, most=256)
        self._views: Answers[Preview] = Answers(self, _unseen)
        self._words: Sequence[str] = ()
        self._shown: object = None

    @property
    def spot(self) -> Spot | None:
        """What the cursor is on."""
        chosen = self.tree_rows.chosen
        return chosen if isinstance(chosen, Spot) else None

    def show(self, artifacts: Sequence[Artifact], words: Sequence[str]) -> None:
        """Show these; a run's only artifact is open from the start."""
        if artifacts and not self.shelf.opened:
            self.shelf.open(Spot(artifacts[-1].name, artifacts[-1].tree))
        self.artifacts, self._words = artifacts, words
        self.refill()

    def refill(self) -> None:
        """Make the rows anew."""
        self.tree_rows.show(self._changed() if self.differing else self._tree())
        self._follow()

    def _tree(self) -> list[Row]:
        files: dict[str, tuple[File, ...] | None] = {}
        for artifact in self.artifacts:
            found = self._files.get(artifact.tree)
            if found is None and (self.shelf.is_open(artifact.name) or self._words):
                tree = artifact.tree
                found = self._files.ask(self.store.link, tree, lambda store, tree=tree: _listed(store, tree))  # type: ignore[misc]
            if found is not None:
                files[artifact.tree] = None if isinstance(found, str) else found
        return self.shelf.rows(self.artifacts, files, self._words)

    def _changed(self) -> list[Row]:
        changes: dict[str, TreeChange] = {}
        for artifact in self.artifacts:
            key = (artifact.before, artifact.tree)
            found = self._changes.ask(self.store.link, key, lambda store, key=key: _compared(store, *key))  # type: ignore[misc]
            if found is not None:
                changes[artifact.name] = found
        return changed_rows(self.artifacts, changes, self._words)

    def on_told(self, event: Told) -> None:
        """Files, differences or a preview have come."""
        self.refill()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Another file."""
        event.stop()
        self._follow()

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Open or close a folder; go to the preview of a file."""
        event.stop()
        self.take()

    def take(self) -> None:
        """Take what the cursor is on."""
        spot = self.spot
        if spot is None:
            return
        if (spot.folder or not spot.path) and not self.differing:
            self.shelf.toggle(spot)
            self.refill()
        elif spot.path:
            self.enter()

    def on_rows_aside(self, event: Rows.Aside) -> None:
        """Close or open."""
        event.stop()
        self.fold(shut=event.cells < 0)

    def fold(self, *, shut: bool) -> None:
        """Close or open what the cursor is on."""
        spot = self.spot
        if spot is None or self.differing:
            return
        container = spot.folder or not spot.path
        is_open = container and self.shelf.is_open(spot.artifact, spot.path)
        if container and is_open == shut:
            self.shelf.toggle(spot)
            self.refill()
        elif shut and spot.path:
            parent = spot.path.rpartition("/")[0]
            self.tree_rows.choose(Spot(spot.artifact, spot.tree, parent, folder=bool(parent)))

    def _follow(self) -> None:
        """Show what the cursor is on."""
        spot = self.spot
        found = self._preview(spot) if spot and spot.path and not spot.folder else self._described(spot)
        shown = (spot, self.differing, found)
        if shown == self._shown:
            return
        self._shown = shown
        lines = found.lines if found is not None else (Content.assemble(("…", "$muted")),)
        self.view.put(len(lines), lambda at, width: lines[at], max((line.cell_length for line in lines), default=0))
        self.view.scroll_home(animate=False)
        self.post_message(self.Looked())

    def _preview(self, spot: Spot) -> Preview | None:
        link = self.store.link
        before = next((each.before for each in self.artifacts if each.name == spot.artifact), "")
        if self.differing and before:
            return self._views.ask(link, (before, spot), lambda store: _difference(store, before, spot))
        return self._views.ask(link, spot, lambda store: preview(store, spot.tree, spot.path))

    def _described(self, spot: Spot | None) -> Preview | None:
        """An artifact or a folder in a few words."""
        artifact = next((each for each in self.artifacts if spot and each.name == spot.artifact), None)
        if spot is None or artifact is None:
            return Preview("")
        lines = [f"{artifact.name}  {spot.path}".rstrip(), f"made by {artifact.maker}", f"tree {artifact.tree[:16]}"]
        lines += ["", "enter opens · d what differs from the run before · ctrl+s writes a zip or a folder"]
        return Preview(
            "", 0, tuple(Content.assemble((line, "$muted" if at else "bold")) for at, line in enumerate(lines))
        )

    @property
    def told(self) -> str:
        """The file under the cursor in a few words."""
        spot = self.spot
        found = self._views.get(spot) if spot and spot.path and not spot.folder else None
        return f"{found.kind}, {size(found.size)}" if found else ""


class BrowserScreen(FullScreen[None]):
    """`b`. `[` and `]` go to older and newer runs, `#` chooses one; `d` shows what differs from the run before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "difference", "Differences", id="browse.difference"),
        Binding("ctrl+s", "export", "Save", id="browse.export", tooltip="Write the artifact as a zip or a folder"),
        Binding("o", "editor", "Editor", id="browse.editor", tooltip="Open the file in $EDITOR"),
        Binding("L", "pager", "Pager", id="browse.pager", tooltip="Open the file in $PAGER"),
        Binding("y", "copy", "Copy path", id="browse.copy"),
        Binding("number_sign", "choose", "Choose run", id="browse.choose"),
        Binding("left_square_bracket", "run(-1)", "Older run", id="browse.older"),
        Binding("right_square_bracket", "run(1)", "Newer run", id="browse.newer"),
        Binding("b", "leave", "Back", show=False, id="app.browse"),
    ]
    filter_hint = "words in paths, over all artifacts of the run"

    def __init__(self, store: Store, execution: str = "") -> None:
        super().__init__(store)
        self._viewed = execution or store.viewed
        self.browser = Browser(store)

    def body(self) -> list[Widget]:
        """Tree and preview."""
        return [self.browser]

    def first(self) -> Widget:
        """The tree."""
        return self.browser.tree_rows

    def on_mount(self) -> None:
        """The tree has the keys."""
        super().on_mount()
        self.first().focus()

    @property
    def execution(self) -> Execution | None:
        """The run that is looked at."""
        state = self.store.state
        return (state.executions.get(self._viewed) or self.store.execution) if state else None

    def update(self) -> None:
        """Show what the run has made by now."""
        state, execution = self.store.state, self.execution
        if state is None or execution is None or not self.is_running:
            self.title_line.say("Artifacts", "nothing has run yet")
            return
        self.browser.show(artifacts_of(state, execution), self.words)
        self._say()

    def _say(self) -> None:
        execution = self.execution
        if execution is None:
            return
        what = (
            f"what differs in #{execution.number} from before" if self.browser.differing else f"of #{execution.number}"
        )
        self.title_line.say("Artifacts", f"{what}  {execution.label}", self.browser.told)

    def on_browser_looked(self) -> None:
        """Say what it is."""
        self._say()

    def up(self) -> bool:
        """From the preview to the tree, from the differences to the whole."""
        if self.browser.back():
            return True
        if self.browser.differing and not self.filtering:
            self.action_difference()
            return True
        return False

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_difference(self) -> None:
        """Show what differs from the run before, or everything again."""
        self.browser.differing = not self.browser.differing
        self.update()

    def action_run(self, step: int) -> None:
        """Go to an older or a newer run."""
        state, execution = self.store.state, self.execution
        if state is None or execution is None:
            return
        known = list(state.executions)
        at = known.index(execution.id) + step
        if 0 <= at < len(known):
            self._viewed = known[at]
            self.update()
        else:
            self.notify(f"there is no {'newer' if step > 0 else 'older'} run", markup=False)

    def action_choose(self) -> None:
        """Choose a run."""
        from tui.screens.gates import ListDialog, Offer

        state = self.store.state
        if state is None or not state.executions:
            return
        offers = [
            Offer(run.id, f"#{run.number}", f"{run.status}  {run.label}") for run in reversed(state.executions.values())
        ]

        def chosen(identity: str | None) -> None:
            if identity:
                self._viewed = identity
                self.update()

        self.app.push_screen(ListDialog("Artifacts of which run?", "", offers[:200], "Look"), chosen)

    def action_copy(self) -> None:
        """Copy the path."""
        if (spot := self.browser.spot) is not None:
            text = spot.path or spot.artifact
            self.app.copy_to_clipboard(text)
            self.notify(f"copied {text}", markup=False)

    def action_export(self) -> None:
        """Write the artifact under the cursor somewhere."""
        if (spot := self.browser.spot) is not None:
            self.app.post_message(ArtifactPane.Export(Leaf(spot.tree, spot.artifact)))

    def action_editor(self) -> None:
        """Open the file under the cursor in the editor: a copy of it, for an artifact never changes."""
        self._open(pager=False)

    def action_pager(self) -> None:
        """The same in the pager."""
        self._open(pager=True)

    def _open(self, *, pager: bool) -> None:
        spot, link = self.browser.spot, self.store.link
        if spot is None or link is None or not spot.path or spot.folder:
            self.notify("choose a file first", markup=False)
            return
        name = spot.path.rsplit("/", 1)[-1]
        directory = Path(tempfile.mkdtemp(prefix="greenroom-"))

        def write(store: ArtifactStore) -> Path:
            file = directory / name
            file.write_bytes(store.read(spot.tree, spot.path))
            return file

        from tui.messages import FileReady

        link.consult(write).add_done_callback(lambda done: self.app.post_message(FileReady(done, pager)))


def _listed(store: ArtifactStore, tree: str) -> tuple[File, ...]:
    return tuple(File(entry.path, entry.size, entry.kind) for entry in store.walk(tree))


def _compared(store: ArtifactStore, old: str, new: str) -> TreeChange:
    from engine.evidence.trees import compare

    return compare(store, old, new)


def _difference(store: ArtifactStore, before: str, spot: Spot) -> Preview:
    from engine.evidence.trees import difference

    return Preview("difference", 0, tuple(diff_lines(difference(store, before, spot.tree, spot.path))))


def _lost(error: Exception) -> TreeChange:
    from engine.evidence.trees import TreeChange

    return TreeChange(lost=True)


def _unseen(error: Exception) -> Preview:
    return Preview("", 0, (Content.assemble((f"cannot be shown: {error}", "$status-failed")),))
