"""Good practice, apart from errors: what AWS and its users teach of pipelines that work well.

One module a family, one function a piece of advice: it looks at the scene and yields what it would do otherwise. It
is given only where asked for (``greenroom validate --advise``), and each piece can be silenced by its code.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import islice

from engine.model.diagnostics import Diagnostic, Severity
from engine.reading.advice.advice import Advice, Finding, all_advice
from engine.reading.advice.scene import scene_of
from engine.reading.definition import LoadedPipeline
from engine.reading.problem import Problem

MOST = 20
"""Findings of one piece of advice in one pipeline: whoever has twenty knows."""

__all__ = ["Advice", "advise", "all_advice"]


def advise(loaded: LoadedPipeline, silence: Container[str] = ()) -> list[Diagnostic]:
    """What could be better about a pipeline that has no errors, in the order of the file. `silence` holds codes."""
    scene = scene_of(loaded)
    found = [
        _diagnostic(loaded, advice, finding)
        for advice in all_advice()
        if advice.code not in silence
        for finding in islice(advice.function(scene), MOST)
    ]
    return sorted(dict.fromkeys(found), key=lambda each: (each.line, each.column, each.code))


def _diagnostic(loaded: LoadedPipeline, advice: Advice, finding: Finding) -> Diagnostic:
    path = finding.path if finding.in_document else loaded.candidate.origin(finding.path)
    hint = f"{finding.fix or advice.fix} ({advice.reference})"
    problem = Problem(advice.code, path, f"{finding.what}: {advice.why}", hint, Severity.ADVICE, key=finding.key)
    return loaded.source.diagnose(problem, loaded.candidate.document)
