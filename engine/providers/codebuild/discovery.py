"""Report auto-discovery: the test and coverage reports that a build wrote and its buildspec does not name.

CODEBUILD_CONFIG_AUTO_DISCOVER=false turns it off, CODEBUILD_CONFIG_AUTO_DISCOVER_DIR says where to look. Unlike on AWS,
a report that came with the source and was left alone is none of this build's, and neither is what lies in node_modules.
https://docs.aws.amazon.com/codebuild/latest/userguide/discover-reports.html
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from engine.providers.codebuild.collect import expand
from engine.providers.codebuild.globs import Glob

SWITCH, PLACE = "CODEBUILD_CONFIG_AUTO_DISCOVER", "CODEBUILD_CONFIG_AUTO_DISCOVER_DIR"
_EVERYWHERE = "**/*"
_PATIENCE = 5.0
_MOST = 500
_HEAD = 4096
_ENDINGS = (".xml", ".json", ".trx")
_PASSED = frozenset({"node_modules", ".git", ".venv", "venv", ".tox", "site-packages"})
_ROOT = re.compile(r"<(?![?!])(?:\w+:)?(?P<name>[\w-]+)(?P<rest>[^>]*)")
_KINDS = {
    "testsuites": "JUNITXML",
    "testsuite": "JUNITXML",
    "test-run": "NUNIT3XML",
    "test-results": "NUNITXML",
    "testng-results": "TESTNGXML",
    "TestRun": "VISUALSTUDIOTRX",
}


def is_on(values: Mapping[str, str]) -> bool:
    """Whether the build's variables leave it on."""
    return values.get(SWITCH, "").strip().lower() not in ("false", "no", "0")


def discover(
    source: Path,
    values: Mapping[str, str],
    is_own: Callable[[str, Path], bool],
    say: Callable[..., None],
) -> dict[str, list[str]]:
    """Paths of reports in the source, by format. `is_own(path, file)`: the build wrote it, and nobody else reads it."""
    began = time.monotonic()
    pattern = expand(values.get(PLACE, ""), values) or _EVERYWHERE
    found = _found(source, pattern, is_own, began + _PATIENCE)
    say(
        "Set report auto-discover timeout to 5 seconds",
        "Expanding base directory path:  .",
        "Assembling file list",
        "Expanding .",
        "Expanding file paths for base directory .",
        "Assembling file list",
        f"Expanding {pattern}",
    )
    if found:
        say(f"Found {sum(map(len, found.values()))} file(s)")
    else:
        say("No matching auto-discover report paths found")
    say(f"Report auto-discover file discovery took {time.monotonic() - began:f} seconds")
    return dict(sorted(found.items()))


def _found(source: Path, pattern: str, is_own: Callable[[str, Path], bool], until: float) -> dict[str, list[str]]:
    wanted = None if pattern == _EVERYWHERE else Glob(pattern)
    found: dict[str, list[str]] = {}
    for path in _candidates(source, until):
        if wanted is not None and not wanted.matches(path):
            continue
        if (kind := kind_of(source / path)) and is_own(path, source / path):
            found.setdefault(kind, []).append(path)
            if sum(map(len, found.values())) >= _MOST:
                break
    return found


def group_of(project: str, kind: str) -> str:
    """What AWS calls the group of what was discovered in a format."""
    return f"{project}-{kind}-AutoDiscovered"


def kind_of(file: Path) -> str:
    """The format of a report, by the beginning of the file; empty for anything else."""
    if file.name == ".resultset.json":
        return "SIMPLECOV"
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    except OSError:
        return ""
    if file.suffix == ".json":
        return "CUCUMBERJSON" if head.startswith("[") and '"elements"' in head and '"keyword"' in head else ""
    bare = re.sub(r"<!--.*?-->", "", head, flags=re.DOTALL)
    root = _ROOT.search(bare)
    if not bare.startswith("<") or root is None:
        return ""
    if root["name"] == "coverage":
        return "COBERTURAXML" if "line-rate" in root["rest"] else "CLOVERXML" if "<project" in bare else ""
    if root["name"] == "report":
        return "JACOCOXML" if "JACOCO" in bare or "<sessioninfo" in bare else ""
    return _KINDS.get(root["name"], "")


def _candidates(source: Path, until: float) -> Iterator[str]:
    """Files that may be reports by their name, as paths in the source, until time is up."""
    for place, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if name not in _PASSED)
        below = os.path.relpath(place, source)
        for name in sorted(files):
            if name.endswith(_ENDINGS):
                yield name if below == "." else f"{below}/{name}"
        if time.monotonic() > until:
            return
