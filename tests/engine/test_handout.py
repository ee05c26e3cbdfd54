"""Artifacts as zip files in a folder of the user's own."""

from __future__ import annotations

import shutil
import zipfile

import pytest

from engine.handout import _folder
from tests.engine.place import Place


def test_every_artifact_is_a_zip_laid_out_as_in_a_bucket(place: Place) -> None:
    place.project("artifact-store: bucket\n")
    with place.session() as stage:
        stage.run(approve=("all",))
        trees = {name: tree for action in stage.state.actions.values() for name, tree in action.outputs.items()}
    found = {path.relative_to(place.directory / "bucket").parts for path in (place.directory / "bucket").glob("*/*/*")}
    assert found == {(stage.state.name[:20], name[:10], tree[:7]) for name, tree in trees.items()}
    for path in (place.directory / "bucket").glob("*/*/*"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None and archive.namelist()


def test_a_folder_that_was_taken_away_gets_what_is_reused(place: Place) -> None:
    place.project("artifact-store: bucket\n")
    with place.session() as stage:
        stage.run(approve=("all",))
    before = sorted((place.directory / "bucket").glob("*/*/*"))
    shutil.rmtree(place.directory / "bucket")
    with place.session() as stage:
        assert stage.run(approve=("all",)) == []
    assert sorted((place.directory / "bucket").glob("*/*/*")) == before != []


@pytest.mark.parametrize("name", [".", ".."])
def test_no_pipeline_is_called_so_that_its_zips_land_elsewhere(name: str) -> None:
    assert _folder(name) not in (".", "..") and _folder("a..b") == "a..b"


def test_the_folder_is_no_part_of_the_source(place: Place) -> None:
    place.project("artifact-store: bucket\n")
    for _ in range(2):
        with place.session() as stage:
            started = stage.run(approve=("all",))
    assert started == []


def test_what_cannot_be_written_is_told_and_disturbs_nothing(place: Place) -> None:
    place.project("artifact-store: a.txt/in-the-way\n")
    with place.session() as stage:
        assert stage.run(approve=("all",))
        assert stage.state.latest is not None and stage.state.latest.status == "Succeeded"
    assert any(found.code == "GR011" for found in stage.session.unheard)


def test_without_the_setting_nothing_is_written(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
    assert not (place.directory / "bucket").exists()
