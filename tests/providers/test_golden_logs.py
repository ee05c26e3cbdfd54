"""Whole logs of builds, compared with what AWS writes: phases, their states and contexts, and every line in between.

Each file of `golden` is a buildspec, a line of tildes, and the log it must give. The first line, which names this
machine, is left out; times and the workspace are replaced. To write a new one, or all of them again after a change that
is right, run with GREENROOM_WRITE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from engine.model.project import ProjectFile
from engine.model.status import ActionStatus
from engine.providers.contract import Outcome
from tests.providers.kit import Kit

GOLDEN = Path(__file__).with_name("golden")
CUT = "~" * 40 + "\n"
TIME = re.compile(r"^\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} ", re.MULTILINE)
DONE = re.compile(r"^\[Container\] <time> Phase complete: (\w+) State: (\w+)$", re.MULTILINE)
GIVEN = ProjectFile(parameters={"/app/token": "parameter-value"}, secrets={"db": '{"password": "multi\\nline-secret"}'})
ALL = ["DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"]
UPLOAD = [*ALL, "UPLOAD_ARTIFACTS"]

# name -> phases that are seen, those that failed, output artifacts
CASES: dict[str, tuple[list[str], set[str], tuple[str, ...]]] = {
    "passes": (UPLOAD, set(), ("Out",)),
    "no-artifacts-section": (UPLOAD, set(), ("Out",)),
    "install-fails": (ALL[:2], {"INSTALL"}, ("Out",)),
    "pre-build-fails": (ALL[:3], {"PRE_BUILD"}, ("Out",)),
    "build-fails": (UPLOAD, {"BUILD"}, ("Out",)),
    "post-build-fails": (UPLOAD, {"POST_BUILD"}, ("Out",)),
    "build-and-post-build-fail": (UPLOAD, {"BUILD", "POST_BUILD"}, ("Out",)),
    "finally-runs-after-a-failure": (ALL[:3], {"PRE_BUILD"}, ()),
    "finally-fails": (UPLOAD, {"BUILD"}, ()),
    "abort": (ALL[:4], {"BUILD"}, ("Out",)),
    "continue": (UPLOAD, {"INSTALL"}, ("Out",)),
    "retry-and-succeed": (UPLOAD, set(), ()),
    "retry-in-vain": (ALL[:4], {"BUILD"}, ()),
    "retry-on-another-error": (ALL[:4], {"BUILD"}, ()),
    "no-matching-artifacts": (UPLOAD, {"UPLOAD_ARTIFACTS"}, ("Out",)),
    "no-base-directory": (UPLOAD, {"UPLOAD_ARTIFACTS"}, ("Out",)),
    "wildcard-base-directory": (UPLOAD, set(), ("Out",)),
    "secondary-artifacts": (UPLOAD, set(), ("One", "Two")),
    "commands-with-subkeys": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "not-yaml": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "missing-parameter": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "secrets": (UPLOAD, set(), ()),
    "exported-variables": (UPLOAD, set(), ()),
    "version-0-1": (UPLOAD, set(), ()),
    "unknown-keys": (UPLOAD, set(), ()),
    "cache": (UPLOAD, set(), ()),
    "run-as": (UPLOAD, set(), ()),
    "unknown-runtime": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "reports": (UPLOAD, {"UPLOAD_ARTIFACTS"}, ()),
    "retry-count-and-pattern": (ALL[:3], {"PRE_BUILD"}, ()),
    "retry-never": (ALL[:4], {"BUILD"}, ()),
    "continue-after-build": (ALL, {"BUILD", "POST_BUILD"}, ("Out",)),
    "several-lines": (UPLOAD, {"BUILD"}, ()),
    "no-commands": (UPLOAD, set(), ()),
    "invalid-phase": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "invalid-on-failure": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "version-missing": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "missing-json-key": (ALL[:1], {"DOWNLOAD_SOURCE"}, ()),
    "environment-variables-0-1": (UPLOAD, {"BUILD"}, ()),
}


def normalised(kit: Kit) -> str:
    """The log without what differs from machine to machine and from run to run."""
    text = TIME.sub("[Container] <time> ", kit.text().replace(str(kit.workspace), "<work>"))
    text = re.sub(r"took \d+\.\d{6} seconds", "took <so many> seconds", text)
    text = re.sub(r"commands run as \S+: .*", "commands run as <user>: <why>", text)
    return re.sub(r"^\[Container\] <time> Running on greenroom .*\n", "", text, flags=re.MULTILINE)


def contexts(log: str) -> list[tuple[str, str]]:
    """Status code and message of each phase; a message of several lines is the whole of them."""
    found = re.split(r"^\[Container\] <time> Phase context status code: ", log, flags=re.MULTILINE)[1:]
    texts = [re.split(r"^\[Container\] ", text, maxsplit=1, flags=re.MULTILINE)[0].removesuffix("\n") for text in found]
    return [(code, message) for code, _, message in (text.partition(" Message: ") for text in texts)]


def run(kit: Kit, name: str, outputs: tuple[str, ...]) -> tuple[str, str, Outcome]:
    """The log that is expected, the log there is, and what the build came to."""
    file = GOLDEN / f"{name}.txt"
    buildspec, _, expected = file.read_text(encoding="utf-8").partition(CUT)
    outcome = kit.build(buildspec, outputs=outputs, project=GIVEN, files={"README": "read me\n"})
    if os.environ.get("GREENROOM_WRITE_GOLDEN"):
        file.write_text(f"{buildspec}{CUT}{normalised(kit)}", encoding="utf-8")
        expected = normalised(kit)
    return expected, normalised(kit), outcome


@pytest.mark.parametrize("name", CASES)
def test_a_golden_log(kit: Kit, name: str) -> None:
    phases, failed, outputs = CASES[name]
    expected, log, outcome = run(kit, name, outputs)
    assert log == expected
    states = [(phase, "FAILED" if phase in failed else "SUCCEEDED") for phase in phases]
    assert DONE.findall(log) == states
    assert outcome.status is (ActionStatus.FAILED if failed else ActionStatus.SUCCEEDED)
    records = outcome.phases
    assert [(record.phase, record.status) for record in records] == states
    assert [(record.code, record.message) for record in records] == contexts(log)
    assert all(record.seconds >= 0 for record in records)
    ends = [record.started_at + record.seconds for record in records]
    assert [record.started_at for record in records[1:]] == ends[:-1]
    if name == "exported-variables":
        assert outcome.variables == {"IMAGE_TAG": "v1.2", "COPY": "two words"}


def test_every_golden_file_is_tested() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(CASES)
