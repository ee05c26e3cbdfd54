"""A run as JUnit XML, which every CI system shows: a suite for each stage, a case for each action and rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from tui.cli.reports.reasons import failure, reasons
from tui.cli.reports.tail import tail
from tui.cli.words import stamp

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.model.member import MemberBuild

Log = Callable[[str, str], Path]
_TAIL = 200


def write_junit(file: Path, state: PipelineState, execution: Execution, log: Log) -> None:
    """Write the report. A reused action is a passed case with a ``reused-from`` property; a stub is skipped."""
    root = Element("testsuites", name=f"{state.name} #{execution.number}")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for stage in state.declaration(execution).stages:
        found = [(a.name, state.current(execution, stage.name, a.name)) for a in stage.actions]
        conditions = execution.stages[stage.name].conditions
        found += [(name, state.actions[identity]) for each in conditions for name, identity in each.rules.items()]
        suite = SubElement(root, "testsuite", name=stage.name)
        entered = execution.stages[stage.name].entered_at
        if entered:
            suite.set("timestamp", stamp(entered).removesuffix("Z").split(".")[0])
        for name, action in found:
            _case(suite, state, f"{state.name}.{stage.name}", name, action, log)
            if action is not None:
                _builds(suite, f"{state.name}.{stage.name}.{name}", action, log)
        _count(suite, totals, sum(action.seconds for _, action in found if action))
    for key, number in totals.items():
        root.set(key, str(number))
    root.set("time", f"{max(0.0, execution.ended_at - execution.started_at):.3f}")
    indent(root)
    file.parent.mkdir(parents=True, exist_ok=True)
    ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _case(
    suite: Element, state: PipelineState, group: str, name: str, action: ActionExecution | None, log: Log
) -> None:
    case = SubElement(suite, "testcase", name=name, classname=group)
    case.set("time", f"{action.seconds if action else 0.0:.3f}")
    if action is None:
        SubElement(case, "skipped", message="not reached")
        return
    if action.reused:
        properties = SubElement(case, "properties")
        SubElement(properties, "property", name="reused-from", value=reasons(state, action)[0])
    lines = tail(log(action.id, ""), _TAIL) if action.started_at else []
    match action.status:
        case "Succeeded":
            pass
        case "Failed":
            kind = action.failure.type if action.failure else "JobFailed"
            problem = SubElement(case, "failure", message=_clean(failure(action)), type=kind)
            problem.text = _clean("\n".join(lines))
        case "Stubbed":
            SubElement(case, "skipped", message="stubbed: its provider does not run here")
        case "Skipped":
            SubElement(case, "skipped", message="not selected")
        case "Abandoned":
            SubElement(case, "error", message=_clean(action.summary or "abandoned"), type="Abandoned")
        case _ if action.paused:
            SubElement(case, "error", message=_clean(reasons(state, action)[0]), type="Paused")
        case _:
            SubElement(case, "skipped", message=_clean(action.summary or "not finished"))
    if lines and action.status != "Failed":
        SubElement(case, "system-out").text = _clean("\n".join(lines))


def _builds(suite: Element, group: str, action: ActionExecution, log: Log) -> None:
    for build in action.builds.values():
        _build(suite, group, action, build, log)


def _build(suite: Element, group: str, action: ActionExecution, build: MemberBuild, log: Log) -> None:
    """A build of a batch is a case beside that of its action. One whose failure is ignored is skipped."""
    case = SubElement(suite, "testcase", name=build.identifier, classname=group)
    case.set("time", f"{0.0 if build.reused else build.seconds:.3f}")
    if build.reused:
        SubElement(SubElement(case, "properties"), "property", name="reused-from", value="an earlier attempt")
    lines = _clean("\n".join(tail(log(action.id, build.identifier), _TAIL) if build.started_at else []))
    if build.bad:
        SubElement(case, "failure", message=_clean(build.summary), type=build.status).text = lines
        return
    if build.status != "SUCCEEDED":
        SubElement(case, "skipped", message=_clean(build.summary or build.status.lower()))
    if lines:
        SubElement(case, "system-out").text = lines


def _count(suite: Element, totals: dict[str, int], seconds: float) -> None:
    figures = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for key, number in figures.items():
        suite.set(key, str(number))
        totals[key] += number
    suite.set("time", f"{seconds:.3f}")


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and c not in "￾￿"))
