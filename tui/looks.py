"""How a person looks at things, kept from one day to the next: the graph for each pipeline, logs everywhere.

How logs look is one of the person's own settings. How near the graph is depends on the pipeline, so that is kept with
the project, in `.greenroom/look.json`; where nothing can be written it is not kept.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from tui.graph.zoom import AUTO, LEVELS, Turn, Zoom

Times = Literal["own", "all", "none"]
"""Which times logs show: of CodeBuild's own lines, of every line, none."""
TIMES: tuple[Times, ...] = ("own", "all", "none")
FILE = Path(".greenroom", "look.json")


class LogLook(NamedTuple):
    """How logs are shown. `together`: those side by side scroll as one."""

    wrap: bool = False
    times: Times = "own"
    together: bool = False


AS_EVER = LogLook()
"""Nothing was asked for."""
_TURNS: tuple[Turn, ...] = get_args(Turn)


def load_zoom(project: Path, pipeline: str) -> Zoom:
    """What was kept; what is not understood counts as not there."""
    found = _read(project).get(pipeline)
    if not isinstance(found, dict):
        return AUTO
    level, turn, strip = found.get("level"), found.get("turn"), found.get("strip")
    return Zoom(
        next((each for each in LEVELS if each == level), AUTO.level),
        next((each for each in _TURNS if each == turn), AUTO.turn),
        strip if isinstance(strip, bool) else AUTO.strip,
    )


def keep_zoom(project: Path, pipeline: str, zoom: Zoom) -> None:
    """Keep it, where the project has a state directory."""
    file = project / FILE
    if not file.parent.is_dir() or load_zoom(project, pipeline) == zoom:
        return
    kept = {name: found for name, found in _read(project).items() if name != pipeline}
    if zoom != AUTO:
        kept[pipeline] = zoom._asdict()
    fresh = file.with_suffix(".new")
    with contextlib.suppress(OSError):
        fresh.write_text(json.dumps({"graph": kept}, indent=1) + "\n", encoding="utf-8")
        fresh.replace(file)


def _read(project: Path) -> dict[str, object]:
    try:
        found = json.loads((project / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    graphs = found.get("graph") if isinstance(found, dict) else None
    return graphs if isinstance(graphs, dict) else {}
