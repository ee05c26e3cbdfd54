"""What the place of everything in the graph depends on: names and order, nothing that happens while a run goes on."""

from __future__ import annotations

from typing import NamedTuple

from tui.graph.model import ActionNode, GraphModel, Key


class ActionShape(NamedTuple):
    """An action, a rule or a build of a batch: its place in the pipeline and what it is called on the screen."""

    key: Key
    text: str
    children: tuple[ActionShape, ...] = ()

    @property
    def rows(self) -> int:
        """Itself and what has a row of its own below it."""
        return 1 + len(self.children)


class StageShape(NamedTuple):
    """A stage; `groups` are its actions by runOrder, rules before and after them."""

    name: str
    groups: tuple[tuple[ActionShape, ...], ...]

    @property
    def actions(self) -> list[ActionShape]:
        """All its actions in order."""
        return [action for group in self.groups for action in group]

    @property
    def tallest(self) -> int:
        """Rows of its tallest group."""
        return max((sum(action.rows for action in group) for group in self.groups), default=0)


Shape = tuple[StageShape, ...]


def shape_of(model: GraphModel) -> Shape:
    """The shape of a model: equal for every state of the same definition."""
    return tuple(
        StageShape(stage.name, tuple(tuple(_action(node) for node in group) for group in stage.groups))
        for stage in model.stages
    )


def _action(node: ActionNode) -> ActionShape:
    return ActionShape(node.key, node.text, tuple(_action(child) for child in node.children))
