"""The chart in languages that other programs draw: Mermaid, Graphviz, JSON."""

from __future__ import annotations

import json

from tui.cli.drawing.chart import RULE, Box, Chart, Node

_EFFECT = ("[[", "]]")
_SHAPES = {"Source": ("([", "])"), "Approval": ("{{", "}}"), "Deploy": _EFFECT, "Invoke": _EFFECT, RULE: ("{", "}")}
_DOT_SHAPES = {"Source": "cylinder", "Approval": "hexagon", "Deploy": "box3d", "Invoke": "component", RULE: "diamond"}


def mermaid(chart: Chart) -> str:
    """A Mermaid flowchart: GitHub and GitLab draw it inside Markdown."""
    lines = ["flowchart LR"]
    for stage in chart.stages:
        lines.append(f'  subgraph {stage.id}["{_entity(stage.name)}"]')
        lines.append("    direction LR")
        lines += [f"    {_mermaid_node(node)}" for node in stage.nodes]
        for before, after in zip(stage.columns, stage.columns[1:], strict=False):
            lines += [f"    {left.id} -.-> {right.id}" for left in before for right in after]
        lines.append("  end")
    stages = zip(chart.stages, chart.stages[1:], strict=False)
    lines += [f"  {left.id} ==> {right.id}" for left, right in stages]
    lines += [f'  {e.source.id} -->|"{_entity(e.artifact)}"| {e.target.id}' for e in chart.edges]
    return "\n".join(lines)


def _mermaid_node(node: Node) -> str:
    opening, closing = _SHAPES.get(node.category, ("[", "]"))
    return f'{node.id}{opening}"{_entity(node.name)}<br/><small>{_entity(node.provider)}</small>"{closing}'


def _entity(text: str) -> str:
    """Names may hold characters that Mermaid would read as markup."""
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("@", "&#64;")


def dot(chart: Chart) -> str:
    """A Graphviz digraph: stages are clusters, artifacts are labelled edges."""
    lines = [
        f"digraph {_quote(chart.name)} {{",
        "  rankdir=LR; compound=true; fontname=Helvetica;",
        "  node [shape=box, style=rounded, fontname=Helvetica]; edge [fontname=Helvetica, fontsize=10];",
    ]
    for stage in chart.stages:
        lines.append(f"  subgraph cluster_{stage.id} {{")
        lines.append(f"    label={_quote(stage.name)}; style=rounded; color=gray60;")
        lines += [f"    {_dot_node(node)}" for node in stage.nodes]
        for before, after in zip(stage.columns, stage.columns[1:], strict=False):
            lines += [f"    {left.id} -> {right.id} [style=dashed];" for left in before for right in after]
        lines.append("  }")
    for left_stage, right_stage in zip(chart.stages, chart.stages[1:], strict=False):
        last, first = left_stage.columns[-1][0], right_stage.columns[0][0]
        ends = f"ltail=cluster_{left_stage.id}, lhead=cluster_{right_stage.id}"
        lines.append(f"  {last.id} -> {first.id} [{ends}, penwidth=2];")
    lines += [f"  {e.source.id} -> {e.target.id} [label={_quote(e.artifact)}];" for e in chart.edges]
    return "\n".join([*lines, "}"])


def _dot_node(node: Node) -> str:
    shape = _DOT_SHAPES.get(node.category)
    look = f", shape={shape}, style=solid" if shape else ""
    return f"{node.id} [label={_quote(node.name + chr(10) + node.provider)}{look}];"


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def as_json(chart: Chart) -> str:
    """The chart as one JSON object: stages with their actions, and artifacts with who makes and reads them."""
    artifacts: dict[str, dict[str, object]] = {}
    for stage in chart.stages:
        for node in stage.nodes:
            for name in node.outputs:
                readers = [_place(e.target) for e in chart.edges if e.artifact == name]
                artifacts[name] = {"name": name, "producer": _place(node), "consumers": readers}
    stages = [_stage(stage) for stage in chart.stages]
    body = {"pipeline": chart.name, "stages": stages, "artifacts": list(artifacts.values())}
    return json.dumps(body, indent=2, ensure_ascii=False)


def _stage(stage: Box) -> dict[str, object]:
    body: dict[str, object] = {"name": stage.name}
    body["actions"] = [_action(node) for node in stage.nodes if not node.is_rule]
    for node in stage.nodes:
        if node.is_rule:
            slot, result = node.condition
            condition = body.setdefault(slot, {"result": result, "rules": []})
            assert isinstance(condition, dict)
            rule = {"name": node.name.partition(" ")[2], "provider": node.provider.partition(" ")[0]}
            condition["rules"].append(rule)
    return body


def _action(node: Node) -> dict[str, object]:
    return {
        "name": node.name,
        "runOrder": node.order,
        "category": node.category,
        "provider": node.provider,
        "inputs": list(node.inputs),
        "outputs": list(node.outputs),
    }


def _place(node: Node) -> str:
    return f"{node.stage}/{node.name}"
