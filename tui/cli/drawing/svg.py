"""The chart as a picture: one SVG that follows the reader's light or dark preference. No dependency, no script."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tui.cli.drawing.chart import Chart, Edge, Node

_MARGIN, _TITLE = 24, 34
_STAGE_GAP, _COLUMN_GAP, _ROW_GAP = 44, 34, 12
_PAD, _HEAD = 14, 34
_CARD_HEIGHT, _CARD_LEAST, _CARD_MOST = 58, 128, 260
_LETTERS = {"name": 8.0, "note": 6.4, "head": 8.0}  # widths of average letters at their sizes, on the safe side

_STYLE = """
  .paper{fill:#ffffff} .stage{fill:#f6f7f9;stroke:#d5d9e0} .card{fill:#ffffff;stroke:#c4cad4}
  .title{fill:#1c2330;font-weight:600;font-size:16px} .name{fill:#1c2330;font-weight:600;font-size:13px}
  .head{fill:#4a5568;font-weight:600;font-size:12px;letter-spacing:.04em} .note{fill:#6b7688;font-size:11px}
  .artifact{fill:none;stroke:#8a94a6;stroke-width:1.4} .go{stroke:#4a5568;stroke-width:2.2;fill:none}
  .tip{fill:#8a94a6} .gotip{fill:#4a5568}
  .Source{fill:#2f9e8f} .Build{fill:#3f74d1} .Test{fill:#7a5bd0} .Compute{fill:#3f74d1}
  .Approval{fill:#c98a1b} .Deploy{fill:#3c9a4e} .Invoke{fill:#b8527d} .Rule{fill:#8a94a6}
  text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
  @media (prefers-color-scheme:dark){
    .paper{fill:#12161d} .stage{fill:#1a202a;stroke:#323c4b} .card{fill:#222a36;stroke:#435064}
    .title,.name{fill:#e8ecf2} .head{fill:#b4bdcb} .note{fill:#8e9aad}
    .artifact{stroke:#6d7a8f} .go{stroke:#b4bdcb} .tip{fill:#6d7a8f} .gotip{fill:#b4bdcb}
  }"""


@dataclass(frozen=True, slots=True)
class _Place:
    x: float
    y: float
    width: float


def svg(chart: Chart) -> str:
    """The whole picture."""
    rows = max(len(column) for stage in chart.stages for column in stage.columns)
    stage_height = _HEAD + rows * (_CARD_HEIGHT + _ROW_GAP) - _ROW_GAP + _PAD
    boxes: list[str] = []
    arrows: list[str] = []
    places: dict[str, _Place] = {}
    x, top = float(_MARGIN), float(_MARGIN + _TITLE)
    for index, stage in enumerate(chart.stages):
        if index:
            arrows.append(_transition(x, top + _HEAD / 2))
            x += _STAGE_GAP
        left = x
        x = _lay_out(stage.columns, left, top + _HEAD, places)
        boxes.append(_stage_box(stage.name, left, top, x - left, stage_height))
    width, height = x + _MARGIN, top + stage_height + _MARGIN
    cards = [_card(node, places[node.id]) for stage in chart.stages for node in stage.nodes]
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


def _stage_box(name: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="stage" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="10"/>'
        f'<text class="head" x="{x + _PAD:.1f}" y="{y + 21:.1f}">{_fit(name, width - 2 * _PAD, "head")}</text>'
    )


def _transition(x: float, y: float) -> str:
    end = x + _STAGE_GAP
    return (
        f'<path class="go" d="M{x + 4:.1f} {y:.1f}H{end - 10:.1f}"/>'
        f'<path class="gotip" d="M{end - 12:.1f} {y - 6:.1f} {end - 2:.1f} {y:.1f} {end - 12:.1f} {y + 6:.1f}Z"/>'
    )


def _card(node: Node, place: _Place) -> str:
    x, y, room = place.x, place.y, place.width - 26
    lines = [("name", 19, node.name), ("note", 35, node.provider), ("note", 50, _outputs(node))]
    texts = "".join(
        f'<text class="{look}" x="{x + 16:.1f}" y="{y + down}">{_fit(text, room, look)}</text>'
        for look, down, text in lines
        if text
    )
    return (
        f"<g><title>{escape(f'{node.stage}/{node.name}: {node.category}, {node.provider}')}</title>"
        f'<rect class="card" x="{x:.1f}" y="{y:.1f}" width="{place.width:.1f}" height="{_CARD_HEIGHT}" rx="7"/>'
        f'<rect class="{node.category}" x="{x + 5:.1f}" y="{y + 8:.1f}" width="4" height="{_CARD_HEIGHT - 16}"'
        f' rx="2"/>{texts}</g>'
    )


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
