"""`approve --show`: the evidence without a screen; `why`: what would have to be undone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.tui.cli.conftest import Command, Start
from tests.tui.cli.test_acting import Watching


def test_the_evidence_in_words_and_as_json(project: Path, start: Start, greenroom: Command) -> None:
    assert greenroom("run", "-C", project, "--approve", "all").code == 0
    (project / "word.txt").write_text("all good\nand new\n")
    watching = Watching(start("run", "-w", "-C", project, "--json", stderr=subprocess.DEVNULL), project)
    watching.until("approval-waiting")
    shown = greenroom("approve", "--show", "-v", "-C", project)
    assert shown.code == 0
    for part in ("Approve/Approve of #2", "last approved", "~ word.txt  9 B → 17 B", "+and new", "1 overwritten"):
        assert part in shown.out
    (one,) = json.loads(greenroom("approve", "--json", "-C", project).out)
    assert one["last_approved"]["execution"] == 1 and one["expires"]
    assert one["sources"][0]["files"] == [{"path": "word.txt", "change": "changed", "before": 9, "after": 17}]
    assert one["deployments"][0]["files"]["changed"] == 1
    told = "revert word.txt to what it was in #1 and this is reused"
    assert told in greenroom("why", "Compile", "-C", project).out
    plain = json.loads(greenroom("why", "Compile", "--json", "-C", project).out)
    assert plain["reused_if"]["told"] == told and plain["reused_if"]["conditions"][0]["paths"] == ["word.txt"]
    nothing = greenroom("approve", "--show", "Nope", "-C", project)
    assert nothing.code == 2 and "Nope waits for no approval here" in nothing.err
