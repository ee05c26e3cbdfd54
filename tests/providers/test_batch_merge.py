"""What the builds of a batch made, as one: files, variables, reports."""

from __future__ import annotations

from dataclasses import replace

from engine.model.member import MemberBuild
from engine.model.outcome import Report
from engine.providers.batch import merge
from engine.providers.batch.model import Batch
from engine.reports.details import FILE, Details, dump, load, summary
from engine.reports.model import Case, Covered
from tests.providers.kit import Kit

FANOUT, LIST = Batch("build-fanout", ()), Batch("build-list", ())


def made(name: str, **fields: object) -> MemberBuild:
    return replace(MemberBuild(name, "SUCCEEDED"), **fields)  # type: ignore[arg-type]


def report(kit: Kit, details: Details, *, group: str = "g", coverage: bool = False, complete: bool = True) -> Report:
    found = summary(group, "JUNITXML", details, complete=complete, coverage=coverage)
    return replace(found, details=kit.store.put_bytes({FILE: dump(details, str)}))


def test_a_file_in_a_folders_place_is_left_out_and_named(kit: Kit) -> None:
    one = kit.files({"a": "file", "same": "1", "b/deep": "2"})
    two = kit.files({"a/inner": "folder", "same": "1", "b": "file"})
    found = merge.combine(kit.store, [made("one", outputs={"x": one}), made("two", outputs={"x": two})])
    assert kit.contents(found.tree) == {"a": "file", "same": "1", "b/deep": "2"}
    assert found.collisions == {"a/inner": "two", "b": "two"}
    assert merge.combine(kit.store, [made("none")]).collisions == {}


def test_of_variables_the_last_build_counts() -> None:
    builds = [made("one", variables={"A": "1", "B": "x"}), made("two", variables={"A": "2", "B": "x"})]
    assert merge.exported(builds) == ({"A": "2", "B": "x"}, ["A"])


def test_a_shard_without_its_report_leaves_the_whole_incomplete(kit: Kit) -> None:
    one = report(kit, Details((Case("a", seconds=2.0), Case("b", seconds=1.0))))
    two = report(kit, Details((Case("c", seconds=1.5),)))
    builds = [made("s1", reports=(one,)), made("s2", reports=(two,))]
    (whole,) = merge.reports(FANOUT, builds, kit.store, str)
    assert (whole.status, whole.passed, whole.seconds) == ("SUCCEEDED", 3, 3.0)
    (partly,) = merge.reports(FANOUT, [*builds, made("s3")], kit.store, str)
    assert (partly.status, partly.passed) == ("INCOMPLETE", 3)
    lost = replace(two, details="0" * 64)
    (less,) = merge.reports(FANOUT, [builds[0], made("s2", reports=(lost,))], kit.store, str)
    assert (less.status, less.passed) == ("INCOMPLETE", 2)
    bad = report(kit, Details((Case("d", status="FAILED"),)))
    (failed,) = merge.reports(FANOUT, [made("s1", reports=(bad,)), builds[1]], kit.store, str)
    assert (failed.status, failed.failed, failed.passed) == ("FAILED", 1, 1)


def test_of_covered_files_the_best_shard_counts(kit: Kit) -> None:
    one = report(kit, Details(covered=(Covered("a", 10, 4), Covered("b", 5, 5))), coverage=True)
    two = report(kit, Details(covered=(Covered("a", 10, 7),)), coverage=True)
    (whole,) = merge.reports(FANOUT, [made("s1", reports=(one,)), made("s2", reports=(two,))], kit.store, str)
    assert (whole.lines, whole.lines_covered) == (15, 12)
    assert {file.path: file.lines_covered for file in load(kit.store.read(whole.details, FILE)).covered} == {
        "a": 7,
        "b": 5,
    }


def test_a_group_that_one_build_has_keeps_its_name(kit: Kit) -> None:
    unit, lint = report(kit, Details((Case("a"),)), group="unit"), report(kit, Details((Case("b"),)), group="lint")
    builds = [made("x", reports=(unit, lint)), made("y", reports=(unit,))]
    assert [found.group for found in merge.reports(LIST, builds, kit.store, str)] == ["unit_x", "lint", "unit_y"]
