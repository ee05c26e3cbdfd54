"""The chart as text for other programs, and as a picture."""

from __future__ import annotations

import json
from xml.etree.ElementTree import fromstring

from engine.execution.events import TransitionDisabled
from engine.execution.fold import replay
from engine.model.pipeline import PipelineDeclaration
from tests.tui.script import BIG, SHOP, building, pipeline
from tui.cli.drawing.chart import chart
from tui.cli.drawing.svg import svg
from tui.cli.drawing.texts import as_json, dot, mermaid
from tui.graph.text import draw, standing
from tui.graph.zoom import Level

SVG = "{http://www.w3.org/2000/svg}"


def test_mermaid() -> None:
    lines = mermaid(chart(SHOP)).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  subgraph s0["Source"]' in lines
    assert '    s0a0(["App<br/><small>CodeStarSourceConnection</small>"])' in lines
    assert '  s0a0 -->|"AppSource"| s1a1' in lines
    assert "    s1a0 -.-> s1a3" in lines
    assert "  s0 ==> s1" in lines


def test_dot() -> None:
    text = dot(chart(SHOP))
    assert text.startswith('digraph "shop" {\n')
    assert text.endswith("\n}")
    assert '  s1a2 -> s1a3 [label="Binary"];' in text
    assert text.count("{") == text.count("}")


def test_names_cannot_break_out() -> None:
    odd = chart(pipeline('a"b\\', {'S"<x>': [('A"<script>', "Source", 1, (), ())]}))
    assert 'digraph "a\\"b\\\\" {' in dot(odd)
    assert "A&quot;&lt;script>" in mermaid(odd)
    assert "<script" not in svg(odd)
    fromstring(svg(odd))


def test_json() -> None:
    body = json.loads(as_json(chart(SHOP)))
    assert body["pipeline"] == "shop"
    assert [stage["name"] for stage in body["stages"]] == ["Source", "Build", "Review", "Deploy"]
    assert body["stages"][1]["actions"][3] == {
        "name": "Package",
        "runOrder": 2,
        "category": "Build",
        "provider": "CodeBuild",
        "inputs": ["Binary", "InfraSource"],
        "outputs": ["Site"],
    }
    assert {"name": "Site", "producer": "Build/Package", "consumers": ["Deploy/Site", "Deploy/Smoke"]} in (
        body["artifacts"]
    )


def test_the_picture_is_well_formed_and_complete() -> None:
    root = fromstring(svg(chart(BIG)))
    names = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "name"]
    assert len(names) == len([a for stage in BIG.stages for a in stage.actions])
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "artifact"]) == len(chart(BIG).edges)


def test_the_picture_of_a_run_has_the_marks_that_the_screen_has() -> None:
    script = building().add(TransitionDisabled("Deploy", "freeze", "ada"))
    state = replay("shop", script.recorded)
    model = standing(SHOP, state, script.at)
    text = svg(chart(SHOP), model)
    fromstring(text)
    for node in model.actions:
        assert f">{node.mark.glyph()} {node.state or (node.usual and '~') or ''}".rstrip() in text
    assert ">Unit ≈<" in text and 'class="card critical"' in text and "still as of #1" in text
    assert text.count('class="shut"') == 1 and 'class="shut"' not in svg(chart(SHOP))


def test_no_two_cards_of_the_picture_overlap() -> None:
    root = fromstring(svg(chart(BIG)))
    cards = [
        tuple(float(str(rect.get(key))) for key in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
        if rect.get("class") == "card"
    ]
    for index, (x, y, wide, high) in enumerate(cards):
        for x2, y2, wide2, high2 in cards[index + 1 :]:
            assert x + wide <= x2 or x2 + wide2 <= x or y + high <= y2 or y2 + high2 <= y
    width = float(str(root.get("width")))
    assert all(x + wide < width for x, _, wide, _ in cards)


def test_conditions_are_drawn_around_the_actions() -> None:
    rule = {"name": "Weekday", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow"}}
    plain = SHOP.model_dump(exclude_none=True)
    plain["stages"][3]["beforeEntry"] = {"conditions": [{"result": "FAIL", "rules": [rule]}]}
    guarded = chart(PipelineDeclaration.model_validate(plain))
    assert '{"if Weekday<br/><small>DeploymentWindow · FAIL</small>"}' in mermaid(guarded)
    assert "s3r0_0 -> s3a0 [style=dashed];" in dot(guarded)
    stage = json.loads(as_json(guarded))["stages"][3]
    assert stage["beforeEntry"] == {"result": "FAIL", "rules": [{"name": "Weekday", "provider": "DeploymentWindow"}]}
    assert [action["name"] for action in stage["actions"]] == ["Site", "Smoke"]
    assert "if Weekday" in svg(guarded)


def test_the_text_is_drawn_as_near_as_is_asked() -> None:
    script = building()
    state = replay("shop", script.recorded)
    stages, actions, detail = (draw(SHOP, state, 140, now=script.at, level=level) for level in _LEVELS)
    assert len(stages) < len(actions) < len(detail)
    assert "1◐ 1✔ 1↺ 1○" in "\n".join(stages) and "Compile" not in "\n".join(stages)
    assert "◐ Unit ≈" in "\n".join(actions) and "9f8e7d6" in "\n".join(detail)
    assert all(len(line) <= 60 for line in draw(SHOP, state, 60, now=script.at, level="stages"))


_LEVELS: tuple[Level, ...] = ("stages", "actions", "detail")
