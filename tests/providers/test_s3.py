"""Deployments into the folder that stands in for a bucket."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import shutil
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.project import ActionSettings, ProjectFile
from engine.model.status import ActionStatus
from engine.providers.bucket import Bucket, BucketProblem, Stopped
from engine.providers.contract import IdentityProblem, Job, Outcome
from tests.providers.kit import Kit


def job(kit: Kit, tree: str, *, settings: ActionSettings | None = None, **configuration: str) -> Job:
    chosen = {"BucketName": "site", "Extract": "true", **configuration}
    return kit.job("Deploy/AWS/S3", inputs={"Site": tree}, configuration=chosen, settings=settings)


def deploy(kit: Kit, tree: str, **options: object) -> Outcome:
    return kit.run(job(kit, tree, **options))  # type: ignore[arg-type]


def held(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_file_lands_in_the_buckets_folder(kit: Kit) -> None:
    outcome = deploy(kit, kit.files({"index.html": "hi", "js/app.js": "x"}))
    folder = kit.folder / "state" / "buckets" / "site"
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.summary == f"2 files to s3://site ({folder})"
    assert held(folder) == {"index.html": "hi", "js/app.js": "x"}


def test_other_keys_stay_and_equal_ones_are_replaced(kit: Kit) -> None:
    deploy(kit, kit.files({"a": "old", "b": "kept"}))
    deploy(kit, kit.files({"a": "new"}))
    assert held(kit.folder / "state" / "buckets" / "site") == {"a": "new", "b": "kept"}


def test_a_prefix(kit: Kit) -> None:
    deploy(kit, kit.files({"a": "1"}), ObjectKey="/v1/site/")
    assert held(kit.folder / "state" / "buckets" / "site") == {"v1/site/a": "1"}


def test_one_zip(kit: Kit) -> None:
    deploy(kit, kit.files({"a": "1", "b/c": "2"}), Extract="false", ObjectKey="app.zip")
    with zipfile.ZipFile(kit.folder / "state" / "buckets" / "site" / "app.zip") as archive:
        assert sorted(archive.namelist()) == ["a", "b/c"]


def test_date_and_uuid_in_the_key(kit: Kit) -> None:
    deploy(kit, kit.files({"a": "1"}), ObjectKey="{datetime}/{uuid}")
    (path,) = held(kit.folder / "state" / "buckets" / "site")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d/[0-9a-f-]{36}/a", path)


@pytest.mark.parametrize("where", ["settings", "buckets"])
def test_the_folder_may_be_named(kit: Kit, where: str) -> None:
    made = job(kit, kit.files({"a": "1"}))
    if where == "settings":
        made = job(kit, kit.files({"a": "1"}), settings=ActionSettings(directory="public"))
    else:
        made = dataclasses.replace(made, project=ProjectFile(buckets={"site": "public"}))
    kit.run(made)
    assert held(kit.folder / "public") == {"a": "1"}


def test_files_are_copies_not_links_of_the_store(kit: Kit) -> None:
    tree = kit.files({"a": "1"})
    deploy(kit, tree)
    deployed = kit.folder / "state" / "buckets" / "site" / "a"
    assert deployed.stat().st_nlink == 1
    deployed.write_text("edited")
    assert kit.store.read(tree, "a") == b"1"


def test_what_has_no_effect_here_is_noted(kit: Kit) -> None:
    deploy(kit, kit.files({"a": "1"}), CacheControl="max-age=60", CannedACL="public-read")
    assert "CacheControl: max-age=60 (set on AWS, without effect here)" in kit.text()


def test_links_become_what_they_point_to(kit: Kit) -> None:
    source = kit.folder / "source"
    source.mkdir()
    (source / "a").write_text("1")
    (source / "b").symlink_to("a")
    (source / "out").symlink_to("/etc/hostname")
    (source / "round").symlink_to("round")
    deploy(kit, kit.store.put_directory(source))
    assert held(kit.folder / "state" / "buckets" / "site") == {"a": "1", "b": "1"}


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"Extract": "perhaps"}, "Extract"),
        ({"Extract": "false"}, "ObjectKey is required"),
        ({"ObjectKey": "../up"}, "leads out of the bucket"),
        ({"BucketName": ""}, "BucketName"),
    ],
)
def test_configuration_problems(kit: Kit, configuration: dict[str, str], message: str) -> None:
    chosen = {"BucketName": "site", "Extract": "true", **configuration}
    made = kit.job("Deploy/AWS/S3", inputs={"Site": kit.files({"a": "1"})}, configuration=chosen)
    with pytest.raises(IdentityProblem, match=message):
        kit.identify(made)
    assert kit.run(made).failure is not None


def test_no_bucket_name_leads_out_of_the_state(kit: Kit) -> None:
    deploy(kit, kit.files({"a": "1"}), BucketName="../../x")
    assert not (kit.folder.parent / "x").exists()


@pytest.mark.parametrize("obstacle", ["folder", "file", "link"])
def test_nothing_is_changed_where_something_is_in_the_way(kit: Kit, obstacle: str, tmp_path: Path) -> None:
    folder = kit.folder / "state" / "buckets" / "site"
    folder.mkdir(parents=True)
    if obstacle == "folder":
        (folder / "b" / "c").mkdir(parents=True)
    elif obstacle == "file":
        (folder / "b").write_text("in the way")
    else:
        (folder / "b").symlink_to(tmp_path / "elsewhere")
        (tmp_path / "elsewhere").mkdir()
    tree = kit.files({"a": "1", "b/c": "2"})
    outcome = deploy(kit, tree)
    assert outcome.status is ActionStatus.FAILED
    assert outcome.failure is not None
    assert outcome.failure.hint
    assert not (folder / "a").exists()
    assert not any((tmp_path / "elsewhere").iterdir()) if obstacle == "link" else True
    assert not any(p.name.startswith(".greenroom") for p in folder.iterdir())


def test_a_key_that_is_also_a_folder(kit: Kit) -> None:
    deploy(kit, kit.files({"v": "1"}))
    outcome = deploy(kit, kit.files({"a": "1"}), ObjectKey="v")
    assert outcome.failure is not None
    assert "both a file and the beginning of another key" in outcome.failure.message


def test_a_stopped_deployment_changes_nothing(kit: Kit) -> None:
    stop = threading.Event()
    stop.set()
    folder = kit.folder / "bucket"
    with pytest.raises(Stopped):
        Bucket(folder).put_tree(kit.store, kit.files({"a": "1"}), "", stop)
    assert list(folder.iterdir()) == []


async def test_cancelling_waits_for_the_copying_to_stop(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    copying, go_on = threading.Event(), threading.Event()
    copy = shutil.copyfile

    def slow(source: Path, target: Path) -> None:
        copying.set()
        go_on.wait(10)
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", slow)
    made = job(kit, kit.files({"a": "1", "b": "2"}))
    task = asyncio.create_task(kit.provider(made).run(made, kit.desk()))
    await asyncio.to_thread(copying.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list((kit.folder / "state" / "buckets" / "site").iterdir()) == []


def test_identity(kit: Kit) -> None:
    first = kit.identify(job(kit, kit.files({"a": "1"}), ObjectKey="{uuid}"))
    assert first.target == "s3:site/{uuid}"
    assert first.parts[0].subject == "site"


keys = st.text("ab/.", min_size=1, max_size=6).filter(
    lambda key: all(part not in ("", ".", "..") for part in key.split("/"))
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(keys, st.text("xy", max_size=3), max_size=4), max_size=4))
def test_a_row_of_deployments_is_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, trees: list[dict[str, str]]
) -> None:
    kit = Kit(tmp_path_factory.mktemp("s3"))
    folder, model = kit.folder / "bucket", dict[str, str]()
    for files in trees:
        after = model | files
        fits = not any(other.startswith(key + "/") for key in after for other in after)
        if any(other.startswith(key + "/") for key in files for other in files):
            continue  # no tree can hold that
        try:
            Bucket(folder).put_tree(kit.store, kit.files(files), "", threading.Event())
        except BucketProblem:
            assert not fits or _left_folders(folder, files)
        else:
            model = after
        assert (held(folder) if folder.exists() else {}) == model


def _left_folders(folder: Path, files: dict[str, str]) -> bool:
    return any((folder / key).is_dir() for key in files)
