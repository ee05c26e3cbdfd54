"""What every drawing shows: stages, their actions by runOrder, and artifacts between the actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.pipeline import ActionDeclaration, PipelineDeclaration


@dataclass(frozen=True, slots=True)
class Node:
    """One action. `id` is safe in every drawing language."""

    id: str
    stage: str
    name: str
    order: int
    category: str
    provider: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """One stage; `columns` are its actions by runOrder."""

    id: str
    name: str
    columns: tuple[tuple[Node, ...], ...]

    @property
    def nodes(self) -> list[Node]:
        """Its actions in order."""
        return [node for column in self.columns for node in column]


@dataclass(frozen=True, slots=True)
class Edge:
    """An artifact on its way from the action that makes it to one that reads it."""

    artifact: str
    source: Node
    target: Node


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing."""

    name: str
    stages: tuple[Box, ...]
    edges: tuple[Edge, ...]


def chart(declaration: PipelineDeclaration) -> Chart:
    """The chart of a definition."""
    stages = []
    for index, stage in enumerate(declaration.stages):
        nodes = [_node(f"s{index}a{i}", stage.name, a) for i, a in enumerate(stage.actions)]
        orders = sorted({node.order for node in nodes})
        columns = tuple(tuple(n for n in nodes if n.order == order) for order in orders)
        stages.append(Box(f"s{index}", stage.name, columns))
    return Chart(declaration.name, tuple(stages), tuple(_edges(stages)))


def _node(identifier: str, stage: str, action: ActionDeclaration) -> Node:
    kind = action.actionTypeId
    return Node(
        identifier,
        stage,
        action.name,
        action.runOrder,
        kind.category,
        kind.provider,
        tuple(artifact.name for artifact in action.inputArtifacts),
        tuple(artifact.name for artifact in action.outputArtifacts),
    )


def _edges(stages: list[Box]) -> list[Edge]:
    nodes = [node for stage in stages for node in stage.nodes]
    makers = {artifact: node for node in nodes for artifact in node.outputs}
    return [Edge(name, makers[name], node) for node in nodes for name in node.inputs if name in makers]
