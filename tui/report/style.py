"""The page's colours, out of our own light and dark themes."""

from __future__ import annotations

from textual.theme import Theme

from tui.graph.marks import Mark
from tui.themes import defaults, load_themes

_RULES = """
body{background:var(--background);color:var(--foreground);font:14px/1.5 system-ui,sans-serif;margin:2rem auto;
max-width:75rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:2rem}ul{padding-left:1.2rem}.quiet,footer{color:var(--muted)}
pre{font:12.5px/1.25 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;margin:0}
.graph pre{line-height:1.17}.graph,.log{overflow-x:auto;background:var(--surface);padding:.8rem;border-radius:6px}
.log{white-space:pre-wrap;overflow-wrap:anywhere;max-height:40rem;overflow-y:auto;margin-top:.5rem}
.edge,.reached{color:var(--graph-edge)}.closed{color:var(--status-failed)}.over{color:var(--status-waiting)}
.critical{color:var(--accent)}.frame{color:var(--graph-frame)}.stage,.name-live{font-weight:bold}
.idle,.badge,.note{color:var(--muted)}
.bars{width:100%;border-collapse:collapse}.bars th{font-weight:normal;text-align:left;white-space:nowrap;
padding-right:1rem}
.bars td{width:100%}.bars .figure{width:auto;text-align:right;padding-left:.6rem;color:var(--muted);white-space:nowrap}
.bar{height:.5rem;border-radius:3px;background:currentColor;opacity:.55}.bar.critical{height:.8rem;opacity:1}
details,.action{border-top:1px solid var(--graph-frame);padding:.4rem 0}summary{cursor:pointer}
details p,.action p{margin:.2rem 0}details p{padding-left:1.2rem}
"""


def stylesheet() -> str:
    """CSS that follows the reader's light or dark preference."""
    themes = load_themes().loaded
    light, dark = _variables(themes["greenroom-light"]), _variables(themes["greenroom-dark"])
    marks = "".join(f".{mark}{{color:var(--status-{mark})}}" for mark in Mark)
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{_RULES}{marks}"


def _variables(theme: Theme) -> str:
    values = {**defaults(theme), **theme.variables}
    values |= {name: getattr(theme, name) or "" for name in ("accent", "background", "foreground", "surface")}
    names = ["accent", "background", "foreground", "surface", "muted", "graph-edge", "graph-frame"]
    return "".join(f"--{name}:{values[name]};" for name in (*names, *(f"status-{mark}" for mark in Mark)))
