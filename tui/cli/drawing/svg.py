"""The chart as a picture: one SVG that follows the reader's light or dark preference. No dependency, no script."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tui.cli.drawing.chart import Chart, Edge, Node
from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, GraphModel, StageNode
from tui.graph.pieces import stage_time

_MARGIN, _TITLE = 24, 34
_STAGE_GAP, _COLUMN_GAP, _ROW_GAP = 44, 34, 12
_PAD, _HEAD = 14, 34
_CARD_HEIGHT, _CARD_LEAST, _CARD_MOST = 58, 128, 260
_SQUARE = 8  # of a build of a batch, with the space beside it
_LETTERS = {
    "name": 8.0,
    "note": 6.4,
    "head": 8.0,
    "state": 6.2,
}  # widths of average letters at their sizes, on the safe side

_STYLE = """
  .paper{fill:#ffffff} .stage{fill:#f6f7f9;stroke:#d5d9e0} .card{fill:#ffffff;stroke:#c4cad4}
  .title{fill:#1c2330;font-weight:600;font-size:16px} .name{fill:#1c2330;font-weight:600;font-size:13px}
  .head{fill:#4a5568;font-weight:600;font-size:12px;letter-spacing:.04em} .note{fill:#6b7688;font-size:11px}
  .artifact{fill:none;stroke:#8a94a6;stroke-width:1.4} .go{stroke:#4a5568;stroke-width:2.2;fill:none}
  .tip{fill:#8a94a6} .gotip{fill:#4a5568}
  .Source{fill:#2f9e8f} .Build{fill:#3f74d1} .Test{fill:#7a5bd0} .Compute{fill:#3f74d1}
  .Approval{fill:#c98a1b} .Deploy{fill:#3c9a4e} .Invoke{fill:#b8527d} .Rule{fill:#8a94a6}
  .critical{stroke-width:2.6} .state{font-size:11px;font-weight:600} .shut{stroke:#c5362b;stroke-width:2.2}
  .succeeded,.reused{fill:#2b8a63} .running{fill:#2f6fd0} .failed,.abandoned{fill:#c5362b} .stubbed{fill:#7a4fc9}
  .waiting,.paused,.stopped,.cancelling{fill:#a86a00} .pending,.queued,.skipped,.superseded{fill:#7b8698}
  text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
  @media (prefers-color-scheme:dark){
    .paper{fill:#12161d} .stage{fill:#1a202a;stroke:#323c4b} .card{fill:#222a36;stroke:#435064}
    .title,.name{fill:#e8ecf2} .head{fill:#b4bdcb} .note{fill:#8e9aad}
    .succeeded,.reused{fill:#35c9a0} .running{fill:#6aa9ff} .failed,.abandoned{fill:#f4604f} .stubbed{fill:#c9a6ff}
    .waiting,.paused,.stopped,.cancelling{fill:#ffd866} .shut{stroke:#f4604f}
    .artifact{stroke:#6d7a8f} .go{stroke:#b4bdcb} .tip{fill:#6d7a8f} .gotip{fill:#b4bdcb}
  }"""


@dataclass(frozen=True, slots=True)
class _Place:
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class _Run:
    """How a run stands: actions and stages by name; nothing of them where only the definition is drawn."""

    actions: dict[tuple[str, str], ActionNode]
    stages: dict[str, StageNode]


def svg(chart: Chart, model: GraphModel | None = None) -> str:
    """The whole picture; with `model`, how a run stands, by the marks that the screen has."""
    drawn = model or GraphModel()
    places_ = {(node.stage, node.label or node.name): node for node in drawn.actions}
    run = _Run(places_, {stage.name: stage for stage in drawn.stages})
    rows = max(len(column) for stage in chart.stages for column in stage.columns)
    stage_height = _HEAD + rows * (_CARD_HEIGHT + _ROW_GAP) - _ROW_GAP + _PAD
    boxes: list[str] = []
    arrows: list[str] = []
    places: dict[str, _Place] = {}
    x, top = float(_MARGIN), float(_MARGIN + _TITLE)
    for index, stage in enumerate(chart.stages):
        if index:
            arrows.append(_transition(x, top + _HEAD / 2, run.stages.get(stage.name)))
            x += _STAGE_GAP
        left = x
        x = _lay_out(stage.columns, left, top + _HEAD, places)
        boxes.append(_stage_box(stage.name, left, top, x - left, stage_height, run.stages.get(stage.name)))
    width, height = x + _MARGIN, top + stage_height + _MARGIN
    cards = [
        _card(node, places[node.id], run.actions.get((node.stage, node.name)))
        for stage in chart.stages
        for node in stage.nodes
    ]
    edges = [_edge(edge, places) for edge in chart.edges]
    return "\n".join([*_opening(chart.name, width, height), *boxes, *edges, *arrows, *cards, "</svg>"])


def _lay_out(columns: tuple[tuple[Node, ...], ...], left: float, top: float, places: dict[str, _Place]) -> float:
    """Give every action of a stage its place; returns the stage's right edge."""
    x = left + _PAD
    for column in columns:
        width = max(_card_width(node) for node in column)
        for row, node in enumerate(column):
            places[node.id] = _Place(x, top + row * (_CARD_HEIGHT + _ROW_GAP), width)
        x += width + _COLUMN_GAP
    return x - _COLUMN_GAP + _PAD


def _card_width(node: Node) -> float:
    small = max(len(_outputs(node)), len(node.provider))
    longest = max(len(node.name) * _LETTERS["name"], small * _LETTERS["note"])
    return min(_CARD_MOST, max(_CARD_LEAST, 28 + longest))


def _outputs(node: Node) -> str:
    return f"→ {', '.join(node.outputs)}" if node.outputs else ""


def _opening(name: str, width: float, height: float) -> list[str]:
    title = escape(name)
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="Pipeline {title}">',
        f"<style>{_STYLE}\n</style>",
        '<defs><marker id="tip" markerWidth="7" markerHeight="7" refX="6" refY="3.5" orient="auto">'
        '<path class="tip" d="M0 0 7 3.5 0 7Z"/></marker></defs>',
        '<rect class="paper" width="100%" height="100%" rx="10"/>',
        f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 14}">{title}</text>',
    ]


def _stage_box(name: str, x: float, y: float, width: float, height: float, stage: StageNode | None) -> str:
    told, look = "", "head"
    if stage is not None:
        told = " · ".join(filter(None, (stage.note, stage_time(stage))))
        look = f"head {stage.mark}"
        name = f"{stage.mark.glyph()} {name}"
    left = max(0, width - 2 * _PAD - len(name) * _LETTERS["head"] - 12)
    words = told if len(told) * _LETTERS["note"] <= left else stage_time(stage) if stage else ""
    aside = (
        f'<text class="note" x="{x + width - _PAD:.1f}" y="{y + 21:.1f}" text-anchor="end">{_fit(words, left, "note")}'
        "</text>"
        if words and len(words) * _LETTERS["note"] <= left
        else ""
    )
    return (
        f'<rect class="stage" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="10"/>'
        f'<text class="{look}" x="{x + _PAD:.1f}" y="{y + 21:.1f}">{_fit(name, width - 2 * _PAD, "head")}</text>{aside}'
    )


def _transition(x: float, y: float, stage: StageNode | None) -> str:
    """The arrow into a stage; crossed out where it is shut, with the number of runs that wait."""
    end = x + _STAGE_GAP
    shut = (
        f'<path class="shut" d="M{x + 12:.1f} {y - 7:.1f}l14 14m0 -14l-14 14"><title>disabled</title></path>'
        if stage is not None and not stage.open
        else ""
    )
    waiting = (
        f'<text class="note" x="{x + _STAGE_GAP / 2:.1f}" y="{y - 10:.1f}" text-anchor="middle">'
        f"{stage.waiting} wait{'s' * (stage.waiting == 1)}</text>"
        if stage is not None and stage.waiting
        else ""
    )
    return (
        f'<path class="go" d="M{x + 4:.1f} {y:.1f}H{end - 10:.1f}"/>'
        f'<path class="gotip" d="M{end - 12:.1f} {y - 6:.1f} {end - 2:.1f} {y:.1f} {end - 12:.1f} {y + 6:.1f}Z"/>'
        f"{shut}{waiting}"
    )


def _card(node: Node, place: _Place, run: ActionNode | None) -> str:
    x, y, room = place.x, place.y, place.width - 26
    lines = [("name", 19, node.name), ("note", 35, node.provider), ("note", 50, _outputs(node))]
    if run is not None:
        lines[0] = ("name", 19, f"{node.name} {run.badges}".strip())
        lines[2] = (f"state {run.mark}", 50, _stands(run))
    texts = "".join(
        f'<text class="{look}" x="{x + 16:.1f}" y="{y + down}">{_fit(text, room, look.split()[0])}</text>'
        for look, down, text in lines
        if text
    )
    told = f": {run.detail}" if run is not None and run.detail else ""
    critical = " critical" if run is not None and run.critical else ""
    return (
        f"<g><title>{escape(f'{node.stage}/{node.name}: {node.category}, {node.provider}{told}')}</title>"
        f'<rect class="card{critical}" x="{x:.1f}" y="{y:.1f}" width="{place.width:.1f}" '
        f'height="{_CARD_HEIGHT}" rx="7"/>'
        f'<rect class="{run.mark if run else node.category}" x="{x + 5:.1f}" y="{y + 8:.1f}" width="4" '
        f'height="{_CARD_HEIGHT - 16}" rx="2"/>{texts}{_parts(place, run)}</g>'
    )


def _parts(place: _Place, run: ActionNode | None) -> str:
    """A square for each build of a batch, from the right edge of the card; the first ones where there are many."""
    children = run.children[: int((place.width - 70) / _SQUARE)] if run is not None else ()
    left = place.x + place.width - 6 - _SQUARE * len(children)
    return "".join(
        f'<rect class="{child.mark}" x="{left + _SQUARE * at:.1f}" y="{place.y + 29:.1f}" width="6" height="6" rx="1">'
        f"<title>{escape(f'{child.text}: {child.state or child.mark.word}')}</title></rect>"
        for at, child in enumerate(children)
    )


def _stands(run: ActionNode) -> str:
    """State and figure of an action; what is still to come says how long it usually takes."""
    usual = f"~{duration(run.usual, coarse=run.usual >= 1)}" if run.usual and run.mark is Mark.PENDING else ""
    return f"{run.mark.glyph()} {run.state or usual}".strip()


def _edge(edge: Edge, places: dict[str, _Place]) -> str:
    """A curve from right edge to left edge; it passes behind the cards in between."""
    source, target = places[edge.source.id], places[edge.target.id]
    x1, y1 = source.x + source.width, source.y + _CARD_HEIGHT / 2
    x2, y2 = target.x - 1, target.y + _CARD_HEIGHT / 2
    bend = max(24.0, min(70.0, (x2 - x1) / 2))
    path = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    title = escape(f"{edge.artifact}: {edge.source.name} → {edge.target.name}")
    return f'<path class="artifact" marker-end="url(#tip)" d="{path}"><title>{title}</title></path>'


def _fit(text: str, room: float, look: str) -> str:
    letters = max(3, int(room / _LETTERS[look]))
    return escape(text if len(text) <= letters else text[: letters - 1] + "…")
