"""What every drawing shows: stages, their actions by runOrder, rules around them, artifacts between the actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.graph.conditions import AFTER, ENTRY, Slot, rules

if TYPE_CHECKING:
    from engine.model.pipeline import ActionDeclaration, PipelineDeclaration, StageDeclaration

RULE = "Rule"


@dataclass(frozen=True, slots=True)
class Node:
    """One action, or one rule of a condition (category Rule). `id` is safe in every drawing language.

    A rule's `condition` is the slot it stands in and the result that engages: ``beforeEntry``, ``SKIP``.
    """

    id: str
    stage: str
    name: str
    order: int
    category: str
    provider: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    condition: tuple[str, str] = ("", "")

    @property
    def is_rule(self) -> bool:
        """Whether it is a rule."""
        return self.category == RULE


@dataclass(frozen=True, slots=True)
class Box:
    """One stage; `columns` are its actions by runOrder, rules before and after them."""

    id: str
    name: str
    columns: tuple[tuple[Node, ...], ...]

    @property
    def nodes(self) -> list[Node]:
        """Its actions and rules in order."""
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
        columns = [tuple(n for n in nodes if n.order == order) for order in orders]
        before = tuple(_rules(f"s{index}r0", stage, ENTRY))
        after = tuple(rule for i, slot in enumerate(AFTER) for rule in _rules(f"s{index}r{i + 1}", stage, slot))
        stages.append(Box(f"s{index}", stage.name, tuple(column for column in (before, *columns, after) if column)))
    return Chart(declaration.name, tuple(stages), tuple(_edges(stages)))


def _rules(identifier: str, stage: StageDeclaration, slot: Slot) -> Iterator[Node]:
    condition = stage.condition(slot.kind)
    result = (condition.result if condition else None) or ("ROLLBACK" if slot.kind == "ON_FAILURE" else "FAIL")
    for number, rule in enumerate(rules(stage, slot)):
        name, provider = rule.label, f"{rule.declared.ruleTypeId.provider} · {result}"
        inputs = tuple(artifact.name for artifact in rule.declared.inputArtifacts or ())
        yield Node(f"{identifier}_{number}", stage.name, name, 0, RULE, provider, inputs, (), (slot.name, result))


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
