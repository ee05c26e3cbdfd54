"""The Artifacts pane: what the chosen action read and made, file by file."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.graph.durations import size
from tui.store import Store

MOST = 2_000  # files shown of one artifact; it can be written out to see all of them

Files = list[tuple[str, int, str]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a node stands for: an artifact (`path` empty), a folder or a file in it."""

    tree: str
    name: str
    path: str = ""


class ArtifactPane(Tree[Leaf]):
    """Inputs and outputs as folders; an artifact's files are asked for when it is opened."""

    DEFAULT_CSS = """
    ArtifactPane { background: $surface; padding: 0 1; min-width: 10; scrollbar-size: 1 1;
        background-tint: $surface 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="artifacts.down"),
        Binding("k", "cursor_up", "Up", show=False, id="artifacts.up"),
        Binding("ctrl+s", "export", "Save", id="artifacts.export", tooltip="Write the artifact as a zip or a folder"),
        Binding("o", "view", "Open file", id="artifacts.open", tooltip="Open the file in $EDITOR"),
    ]

    @dataclass
    class Export(Message):
        """Write this artifact somewhere."""

        leaf: Leaf

    @dataclass
    class View(Message):
        """Open this file."""

        leaf: Leaf

    @dataclass
    class Listed(Message):
        """An artifact's files have come."""

        tree: str
        files: Files | None

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("artifacts", id=id)
        self.store = store
        self.show_root = False
        self.guide_depth = 3
        self._shown: object = None
        self._waiting: dict[str, list[TreeNode[Leaf]]] = {}

    def update(self) -> None:
        """Show the chosen action's artifacts, where they are others than before."""
        action, run = self.store.action(), self.store.run()
        inputs = run.prepared.inputs if run and run.prepared else {}
        outputs = run.outputs if run else {}
        shown = (self.store.chosen, self.store.viewed, tuple(inputs.items()), tuple(outputs.items()))
        if shown == self._shown:
            return
        self._shown = shown
        self._waiting.clear()
        self.clear()
        self._group("Inputs", {a.name: inputs.get(a.name, "") for a in action.inputArtifacts} if action else {})
        declared = {a.name: "" for a in action.outputArtifacts} if action else {}
        self._group("Outputs", {**declared, **outputs})
        self.call_after_refresh(self._to_first)

    def _to_first(self) -> None:
        """The cursor begins on the first artifact."""
        for group in self.root.children:
            for node in group.children:
                if node.data is not None:
                    self.move_cursor(node)
                    return

    def _group(self, title: str, artifacts: dict[str, str]) -> None:
        group = self.root.add(Text(title, style="bold"), expand=True)
        for name, tree in artifacts.items():
            label = Text(f"▤ {name} ")
            label.append(tree[:12] if tree else "not there yet", style="dim")
            if tree:
                group.add(label, Leaf(tree, name))
            else:
                group.add_leaf(label)
        if not artifacts:
            group.add_leaf(Text("none", style="dim"))

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Leaf]) -> None:
        """Ask for the files of an artifact that is opened for the first time."""
        leaf, link = event.node.data, self.store.link
        if leaf is None or leaf.path or event.node.children or link is None:
            return
        event.node.add_leaf(Text("…", style="dim"))
        self._waiting.setdefault(leaf.tree, []).append(event.node)

        def arrived(future: Future[Files]) -> None:
            failed = future.cancelled() or future.exception() is not None
            self.post_message(self.Listed(leaf.tree, None if failed else future.result()))

        link.files(leaf.tree).add_done_callback(arrived)

    def on_artifact_pane_listed(self, event: ArtifactPane.Listed) -> None:
        """Put the files below the artifacts that wait for them."""
        for node in self._waiting.pop(event.tree, []):
            node.remove_children()
            if event.files is None:
                node.add_leaf(Text("dropped from the cache", style="dim"))
                continue
            total = sum(bytes_ for _, bytes_, _ in event.files)
            node.set_label(
                Text.assemble(f"{str(node.label).rstrip()}  ", (f"{len(event.files)} files, {size(total)}", "dim"))
            )
            _grow(node, event.files)

    def _leaf(self) -> Leaf | None:
        return self.cursor_node.data if self.cursor_node else None

    def action_export(self) -> None:
        """Export the artifact under the cursor."""
        if (leaf := self._leaf()) is not None:
            self.post_message(self.Export(leaf))

    def action_view(self) -> None:
        """Open the file under the cursor."""
        if (leaf := self._leaf()) is not None:
            self.post_message(self.View(leaf))


def _grow(root: TreeNode[Leaf], files: Files) -> None:
    """Folders first, as file managers have them."""
    assert root.data is not None
    tree, name = root.data.tree, root.data.name
    more = len(files) - MOST
    folders: dict[str, TreeNode[Leaf]] = {"": root}
    for path, count, kind in sorted(files, key=lambda file: (file[0].count("/") == 0, file[0]))[:MOST]:
        parent = ""
        for piece in path.split("/")[:-1]:
            folder = f"{parent}/{piece}" if parent else piece
            if folder not in folders:
                folders[folder] = folders[parent].add(Text(f"{piece}/"), Leaf(tree, name, folder))
            parent = folder
        label = Text(path.rsplit("/", 1)[-1] + {"exec": "*", "link": "@"}.get(kind, ""))
        label.append(f"  {size(count)}", style="dim")
        folders[parent].add_leaf(label, Leaf(tree, name, path))
    if more > 0:
        root.add_leaf(Text(f"and {more} more: ctrl+s writes all of them", style="dim"))
