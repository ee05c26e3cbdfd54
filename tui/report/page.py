"""The page of one execution: graph, timeline, why, logs. No script, nothing loaded, every text escaped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tui.eta import Usual
from tui.graph.across import SNUG, plan_across
from tui.graph.durations import duration
from tui.graph.model import ActionNode, picture
from tui.graph.paint import drawn
from tui.graph.plan import Layout
from tui.graph.shape import shape_of
from tui.graph.timeline import Bar, Timeline, timeline
from tui.report.log import log_as_html
from tui.report.style import stylesheet

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState

WRAP = 150  # columns of the graph before it goes on below
LogOf = Callable[["ActionExecution", str], Path]


def page(state: PipelineState, execution: Execution, log: LogOf, now: float) -> str:
    """The report of an execution as it stands at `now` (seconds since the epoch). `log` says where logs are."""
    usual = Usual(state.actions.values())
    model = picture(state.declaration(execution), state, execution, now, usual)
    sheet = drawn(model, plan_across(shape_of(model), SNUG, wrap=WRAP))
    title = f"{state.name} #{execution.number}"
    body = [
        _head(title, execution, now),
        f'<div class="graph"><pre>{_graph(sheet)}</pre></div>',
        "<h2>Timeline</h2>",
        _timeline(timeline(state, execution, now, usual)),
        "<h2>Actions</h2>",
        *(_action(state, execution, node, log) for node in model.actions),
        f"<footer>greenroom · {_stamp(now)}</footer>",
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}: {escape(execution.status)}</title>",
            f"<style>{stylesheet()}</style></head><body>",
            *body,
            "</body></html>",
            "",
        ]
    )


def _head(title: str, execution: Execution, now: float) -> str:
    took = duration((execution.ended_at or now) - execution.started_at)
    mark = {"Succeeded": "succeeded", "Failed": "failed", "InProgress": "running"}.get(execution.status, "stopped")
    began = f"{execution.trigger}: {execution.detail}" if execution.detail else execution.trigger
    facts = [took, _stamp(execution.started_at), began, execution.summary]
    sources = [f"{name} {revision.label}  {revision.summary}" for name, revision in execution.revisions.items()]
    variables = [f"{name} = {value}" for name, value in execution.variables.items()]
    lists = "".join(f"<li>{escape(text)}</li>" for text in (*sources, *variables))
    return (
        f'<h1>{escape(title)} <span class="{mark}">{escape(execution.status)}</span></h1>'
        f'<p class="quiet">{escape("  ·  ".join(fact for fact in facts if fact))}</p><ul>{lists}</ul>'
    )


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(seconds))


def _graph(sheet: Layout) -> str:
    lines = []
    for row in sheet.rows:
        line, x = "", 0
        for cell in row:
            line += " " * (cell.x - x) + f'<span class="{cell.style}">{escape(cell.text)}</span>'
            x = cell.x + len(cell.text)
        lines.append(line)
    return "\n".join(lines)


def _timeline(found: Timeline) -> str:
    rows = "".join(_bar(bar, found.length) for bar in found.bars if not bar.ahead)
    path = " → ".join(f"{bar.node.stage}/{bar.node.text}" for bar in found.critical)
    told = [f"Critical path: {path}"] if path else []
    told += [
        f"{stage}/{action} could start {duration(waited)} sooner: all that it reads was there by then"
        for (stage, action), waited in found.parallel.early
    ]
    if found.parallel.saved:
        told.append(f"A lower runOrder would have saved {duration(found.parallel.saved)} of {duration(found.length)}")
    return f'<table class="bars">{rows}</table>' + "".join(f'<p class="quiet">{escape(text)}</p>' for text in told)


def _bar(bar: Bar, length: float) -> str:
    left, width = 100 * bar.start / length, max(0.3, 100 * (bar.end - bar.start) / length)
    look = f"{bar.node.mark}{' critical' if bar.critical else ''}"
    style = f"margin-left:{min(left, 99.7):.2f}%;width:{min(width, 100 - min(left, 99.7)):.2f}%"
    figure = bar.node.note if bar.start == bar.end else duration(bar.end - bar.start)
    return (
        f"<tr><th>{escape(f'{bar.node.stage}/{bar.node.text}')}</th>"
        f'<td><div class="bar {look}" style="{style}"></div></td><td class="figure">{escape(figure)}</td></tr>'
    )


def _action(state: PipelineState, execution: Execution, node: ActionNode, log: LogOf) -> str:
    run = state.current(execution, *node.key)
    name = escape(f"{node.stage}/{node.text}")
    head = (
        f'<span class="{node.mark}">{node.mark.glyph()}</span> {name} <span class="quiet">{escape(node.state)}</span>'
    )
    if run is None:
        return f'<div class="action"><p>{head}</p></div>'
    parts = "".join(f"<p>{escape(text)}</p>" for text in _told(state, run))
    shown = " open" if node.mark == "failed" else ""
    builds = "".join(_build(state, run, child, log) for child in node.children)
    return f"<details{shown}><summary>{head}</summary>{parts}{_log(state, run, log)}{builds}</details>"


def _build(state: PipelineState, run: ActionExecution, node: ActionNode, log: LogOf) -> str:
    """A build of a batch, inside its action."""
    head = f'<span class="{node.mark}">{node.mark.glyph()}</span> {escape(node.text)}'
    head += f' <span class="quiet">{escape(node.state)}</span>'
    told = f"<p>{escape(node.detail)}</p>" if node.detail else ""
    shown = " open" if node.mark == "failed" else ""
    return f"<details{shown}><summary>{head}</summary>{told}{_log(state, run, log, node.text)}</details>"


def _told(state: PipelineState, run: ActionExecution) -> Iterator[str]:
    from engine.execution.explain import reasons

    if run.failure is not None:
        yield f"{run.failure.type}: {run.failure.message}"
        if run.failure.hint:
            yield run.failure.hint
    yield from reasons(state, run)
    if run.fidelity:
        yield f"fidelity: {run.fidelity}"
    for key, value in sorted(run.variables.items()):
        yield f"{key} = {value}"


def _log(state: PipelineState, run: ActionExecution, log: LogOf, build: str = "") -> str:
    file = log(run if build else state.origin(run), build)
    return f'<pre class="log">{log_as_html(file)}</pre>' if file.is_file() else ""
