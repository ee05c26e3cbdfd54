"""Trees compared file by file, tests and templates compared, deployments foreseen."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.artifacts.store import Store
from engine.evidence import tests, trees
from engine.evidence.deployment import Here, preview
from engine.evidence.question import Behind
from engine.evidence.template import resources
from engine.evidence.trees import MOST, TreeChange
from engine.model.outcome import Report
from engine.model.pipeline import ActionDeclaration
from engine.model.project import ProjectFile
from engine.providers.bucket import Bucket
from engine.reports.details import FILE, Details, dump
from engine.reports.model import Case

FILES = st.dictionaries(st.sampled_from(["a", "b/c", "b/d", "e"]), st.binary(max_size=5), max_size=4)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("evidence") / "store")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(old=FILES, new=FILES)
def test_files_that_differ(store: Store, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    found = trees.compare(store, store.put_bytes(old), store.put_bytes(new))
    expected = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    assert {file.path for file in found.files} == expected and found.count == len(expected)
    for file in found.files:
        assert (file.before, file.after) == (len(old.get(file.path, b"")), len(new.get(file.path, b"")))
        assert (file.path in old, file.path in new) == (file.kind != "added", file.kind != "removed")


def test_many_files_are_counted_and_some_listed(store: Store) -> None:
    tree = store.put_bytes({f"f{number}": b"x" for number in range(MOST + 7)})
    found = trees.compare(store, "", tree)
    assert (len(found.files), found.added, found.more) == (MOST, MOST + 7, 7)
    assert found.words == f"{MOST + 7} added"


def test_what_is_not_kept_is_lost_and_said_so(store: Store) -> None:
    tree = store.put_bytes({"a": b"1"})
    assert trees.compare(store, "0" * 64, tree).lost and trees.compare(store, "no tree", tree).lost
    assert trees.compare(store, tree, tree) == TreeChange()
    assert "dropped" in TreeChange(lost=True).words and trees.listing(store, "0" * 64) is None


def test_one_file_as_a_diff(store: Store) -> None:
    old = store.put_bytes({"a": b"1\n", "b": b"\0\1", "big": b"x" * (2 << 20)})
    new = store.put_bytes({"a": b"2\n", "b": b"\0\2\3", "c": b"new\n"})
    assert [line.text for line in trees.difference(store, old, new, "a").lines[1:]] == ["1", "2"]
    assert trees.difference(store, old, new, "b").lines[0].text == "binary: 2 bytes → 3 bytes"
    assert trees.difference(store, old, new, "c").added == 1
    assert "too large" in trees.difference(store, old, new, "big").lines[0].text
    assert trees.head(store, old, "big", 10) == (b"x" * 10, 2 << 20)
    assert trees.head(store, old, "a", 10) == (b"1\n", 2)


# -- tests --------------------------------------------------------------------------------------------------------


def report(store: Store, *cases: Case) -> tuple[Report, ...]:
    bad = sum(case.bad for case in cases)
    details = store.put_bytes({FILE: dump(Details(cases), str)})
    return (Report("unit", "JUNITXML", "test", "SUCCEEDED", details, len(cases) - bad, bad),)


def test_tests_that_changed_their_mind(store: Store) -> None:
    before = report(store, Case("a"), Case("b", status="FAILED"), Case("c", status="ERROR"), Case("gone"))
    now = report(store, Case("a", status="FAILED"), Case("b"), Case("c", status="FAILED"), Case("new"))
    found = tests.compare(store, "Build/Unit", before, now)
    assert (found.broken, found.mended, found.failing) == (("a",), ("b",), ("c",))
    assert (found.added, found.gone) == (("new",), ("gone",))
    assert found.now.failed == 2 and found.before is not None and found.before.total == 4
    first = tests.compare(store, "Build/Unit", None, now)
    assert first.before is None and first.failing == ("a", "c") and not first.broken
    covered = Report("cover", "LCOV", "coverage", "SUCCEEDED", lines=100, lines_covered=80)
    assert tests.compare(store, "Build/Unit", None, (covered,)).lines == 0.8


# -- templates ----------------------------------------------------------------------------------------------------

TEMPLATE = b"""\
Parameters: {Stage: {Type: String}}
Resources:
  Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "${Stage}-site"}}
  Role: {Type: "AWS::IAM::Role"}
"""


def test_resources_that_come_go_and_change() -> None:
    new = b"""{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Role": {"Type": "AWS::IAM::Role"},
      "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "x", "Tags": []}}}}"""
    found = resources(TEMPLATE, new)
    assert found is not None
    assert [(each.kind, each.name, each.type) for each in found] == [
        ("changed", "Bucket", "AWS::S3::Bucket"),
        ("added", "Queue", "AWS::SQS::Queue"),
        ("removed", "Stage", "parameter"),
    ]
    assert found[0].paths == ("Properties.BucketName", "Properties.Tags")
    assert resources(TEMPLATE, TEMPLATE) == ()
    assert resources(TEMPLATE, b"{not: [yaml") is None
    assert resources(b"", TEMPLATE) is not None


# -- deployments --------------------------------------------------------------------------------------------------


def behind(provider: str, tree: str, before: str = "", **configuration: str) -> Behind:
    action = ActionDeclaration.model_validate(
        {
            "name": "Ship",
            "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": provider, "version": "1"},
            "inputArtifacts": [{"name": "Site"}],
        }
    )
    return Behind("Deploy", action, configuration, (), {"Site": tree}, {"Site": before}, {"Site": "Build/Make"})


def test_a_bucket_is_foreseen_as_it_will_be(store: Store, tmp_path: Path) -> None:
    here = Here(tmp_path, tmp_path / ".greenroom", ProjectFile.model_validate({"buckets": {"site": "out"}}))
    tree = store.put_bytes({"index.html": b"new", "same.txt": b"same", "fresh.txt": b"1"})
    place = tmp_path / "out" / "v1"
    place.mkdir(parents=True)
    for name, text in {"index.html": "old", "same.txt": "same", "theirs.txt": "stays"}.items():
        (place / name).write_text(text)
    shipped = behind("S3", tree, BucketName="site", Extract="true", ObjectKey="v1")
    found = preview(store, shipped, here)
    assert found.words == "1 new, 1 overwritten, 1 unchanged" and found.target == "s3://site/v1"
    assert found.files is not None and {(f.sign, f.path) for f in found.files.files} == {
        ("~", "index.html"),
        ("+", "fresh.txt"),
    }
    Bucket(tmp_path / "out").put_tree(store, tree, "v1", threading.Event())
    assert preview(store, shipped, here).words == "3 unchanged"
    zipped = preview(store, behind("S3", tree, BucketName="site", Extract="false", ObjectKey="v1.zip"), here)
    assert zipped.notes[0] == "one zip of Site, new"


def test_a_folder_a_stack_and_what_only_aws_has(store: Store, tmp_path: Path) -> None:
    here = Here(tmp_path, tmp_path / ".greenroom", ProjectFile())
    tree, old = store.put_bytes({"t.yml": TEMPLATE}), store.put_bytes({"t.yml": TEMPLATE.replace(b"site", b"page")})
    assert preview(store, behind("local", tree, Directory="out"), here).words == "1 new"
    stack = {"ActionMode": "CREATE_UPDATE", "StackName": "shop", "TemplatePath": "Site::t.yml"}
    found = preview(store, behind("CloudFormation", tree, old, **stack), here)
    assert (found.target, found.words) == ("stack shop", "1 changed") and found.template is not None
    assert "everything in the template is new" in preview(store, behind("CloudFormation", tree, **stack), here).notes[1]
    gone = preview(store, behind("CloudFormation", tree, old, **stack | {"TemplatePath": "Site::x.yml"}), here)
    assert "x.yml is not in Site" in gone.notes
    service = preview(store, behind("ECS", "", ClusterName="main", ServiceName="web"), here)
    assert "service web of main" in service.target and service.words == "Site (still to be made by Build/Make)"
    skipped = ProjectFile.model_validate({"actions": {"Ship": {"skip": "no account here"}}})
    assert "no account here" in preview(store, behind("ECS", tree), Here(tmp_path, tmp_path, skipped)).notes[0]
