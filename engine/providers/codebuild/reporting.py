"""The `reports` of a buildspec: its files found, read, and kept with the action.

https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
"""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.store import Store
from engine.model.outcome import Report
from engine.providers.buildspec.model import Artifacts, BuildspecError, ReportFiles
from engine.providers.codebuild.collect import Collector
from engine.reports.details import FILE, Details, dump, summary
from engine.reports.location import locate
from engine.reports.model import Case, Covered, UnreadableReport
from engine.reports.read import is_coverage, read_cases, read_coverage
from engine.reports.words import told

_MOST_FILES = 5_000
_MOST_CASES = 200_000


def patterns(reports: Iterable[ReportFiles]) -> Iterable[Artifacts]:
    """What the reports look for, in the words of artifacts."""
    return [Artifacts(report.files, base_directory=report.base_directory) for report in reports]


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one report: path in the source -> file. `problem` says why there are none."""

    group: str
    file_format: str
    files: Mapping[str, Path]
    complete: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A report, and what CodeBuild would say is wrong with it; empty where nothing is."""

    report: Report
    problem: str


def find(wanted: Mapping[str, ReportFiles], collector: Collector) -> list[Found]:
    """The files of each group. What cannot be found is said in the log."""
    return [_found(group, one, collector) for group, one in wanted.items()]


def read(found: Iterable[Found], collector: Collector, store: Store, mask: Callable[[str], str]) -> tuple[Read, ...]:
    """One report for each group. What cannot be read is said in the log."""
    return tuple(_report(one, collector, store, mask) for one in found)


def refuse(reports: Iterable[Read]) -> None:
    """Raises `BuildspecError`, as CodeBuild fails a build one of whose reports is missing or cannot be read."""
    problems = [f"{one.report.group}: [{one.problem}]" for one in reports if one.problem]
    if problems:
        raise BuildspecError(
            f"[{' '.join(problems)}]",
            code="CLIENT_ERROR",
            hint="CodeBuild fails builds whose reports are not there or cannot be read; failed tests do not fail them.",
        )


def _report(wanted: Found, collector: Collector, store: Store, mask: Callable[[str], str]) -> Read:
    group, complete = wanted.group, wanted.complete
    broken = []
    coverage = is_coverage(wanted.file_format)
    cases: list[Case] = []
    covered: list[Covered] = []
    for path, file in wanted.files.items():
        try:
            if coverage:
                covered += read_coverage(file, wanted.file_format)
            else:
                cases += read_cases(file, wanted.file_format)
        except UnreadableReport as error:
            complete = False
            broken.append(f"{file}: {error}")
            collector.say(f"greenroom: report {group}: {path}: {error}")
        if len(cases) > _MOST_CASES:
            complete = False
            collector.say(f"greenroom: report {group}: only the first {_MOST_CASES} cases are kept")
            break
    details = Details(tuple(_placed(case, collector.source) for case in cases[:_MOST_CASES]), tuple(covered))
    found = summary(group, wanted.file_format, details, complete=complete, coverage=coverage)
    collector.say(f"greenroom: report {group}: {told(found)}")
    found = dataclasses.replace(found, details=store.put_bytes({FILE: dump(details, mask)}))
    return Read(found, wanted.problem or (f"error processing report: [{' '.join(broken)}]" if broken else ""))


def _found(group: str, wanted: ReportFiles, collector: Collector) -> Found:
    try:
        (artifacts,) = patterns([wanted])
        files = collector.collect(artifacts)
    except BuildspecError as error:
        problem = str(error).replace("no matching artifact paths found", "report files not found in build")
        collector.say(f"greenroom: report {group}: {problem}")
        return Found(group, wanted.file_format, {}, complete=False, problem=problem)
    if len(files) > _MOST_FILES:
        collector.say(f"greenroom: report {group}: only the first {_MOST_FILES} files are read")
        return Found(group, wanted.file_format, dict(list(files.items())[:_MOST_FILES]), complete=False)
    return Found(group, wanted.file_format, files)


def _placed(case: Case, source: Path) -> Case:
    """The case with its file as a path within the source, told from its message where the report names none."""
    file = _inside(case.file, source)
    if not case.bad:
        return dataclasses.replace(case, file=file or case.file)
    found, line = locate(case.message, lambda path: _inside(path, source))
    if found and (not case.line or not file or found == file):
        return dataclasses.replace(case, file=found, line=line)
    return dataclasses.replace(case, file=file or case.file)


def _inside(path: str, source: Path) -> str:
    """A path within the source, or nothing where it leads to no file there."""
    if not path:
        return ""
    text = path.replace("\\", "/")
    text = posixpath.relpath(text, source.as_posix()) if text.startswith("/") else posixpath.normpath(text)
    if text.startswith("../"):
        return ""
    try:
        return text if (source / text).is_file() else ""
    except (OSError, ValueError):
        return ""
