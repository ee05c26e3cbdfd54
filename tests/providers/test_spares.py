"""A build asks for its inputs to be got ready again, all of them, once its processes are gone."""

from __future__ import annotations

import pytest

from engine.model.status import ActionStatus
from engine.providers.codebuild import inputs
from engine.providers.contract import IdleTask
from tests.providers.kit import Kit, spec


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few files are enough for a spare."""
    monkeypatch.setattr(inputs, "SPARED_FILES", 1)


def marks(kit: Kit) -> set[str]:
    return {str(path.relative_to(kit.workspace)) for path in kit.workspace.glob("*/.*.spare.clean")}


def never() -> bool:
    return False


def builds(kit: Kit, *commands: str, **more: str) -> list[IdleTask]:
    """Build with two inputs. What it asked for."""
    asked: list[IdleTask] = []
    trees = {"Source": kit.tree(**{"buildspec.yml": spec(build={"commands": list(commands)}), **more})}
    trees["Extra"] = kit.tree(x="extra", **more)
    job = kit.job(inputs=trees, configuration={"ProjectName": "web", "PrimarySource": "Source"})
    kit.run(job, afterwards=asked.append)
    return asked


def test_every_input_is_got_ready(kit: Kit, few: None) -> None:
    (prepare,) = builds(kit, "echo spoiled > x", "echo spoiled > $CODEBUILD_SRC_DIR_Extra/x")
    assert marks(kit) == set()
    prepare(never)
    assert marks(kit) == {"build/.src.spare.clean", "inputs/.Extra.spare.clean"}
    before = {path: path.stat().st_ino for path in (kit.source, kit.workspace / "inputs/Extra")}
    builds(kit, "ls", "cat $CODEBUILD_SRC_DIR_Extra/x", more="1")
    assert kit.output() == ["buildspec.yml", "more", "extra"]
    assert marks(kit) == set()
    assert all(path.stat().st_ino != inode for path, inode in before.items())


def test_a_failed_build_asks_for_it_too(kit: Kit, few: None) -> None:
    (prepare,) = builds(kit, "touch left", "false")
    prepare(never)
    assert (kit.source / "left").exists()
    assert not (kit.source.parent / ".src.spare/left").exists()


def test_what_is_tidied_away_beside_the_source_is_not_the_spare(kit: Kit, few: None) -> None:
    (prepare,) = builds(kit, "touch ../stray")
    prepare(never)
    inode = (kit.source.parent / ".src.spare").stat().st_ino
    builds(kit, "ls")
    assert not (kit.source.parent / "stray").exists()
    assert kit.source.stat().st_ino == inode


def test_a_spare_that_is_not_worth_it_goes(kit: Kit, few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (prepare,) = builds(kit, "true")
    prepare(never)
    monkeypatch.setattr(inputs, "SPARED_SHARE", 1 << 60)  # there is never as much left on a disk
    prepare(never)
    assert marks(kit) == set()


def test_many_files_are_links_in_the_spare_as_well(kit: Kit, few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "COPIED_FILES", 1)
    inputs._WEIGHTS.clear()
    (prepare,) = builds(kit, "true", a="1", b="2")
    prepare(never)
    assert (kit.source.parent / ".src.spare/a").stat().st_nlink > 2
    builds(kit, "cat a b", a="1", b="3")
    assert "".join(kit.output()) == "13"
    inputs._WEIGHTS.clear()


def test_an_input_that_left_the_store_has_no_spare(kit: Kit, few: None) -> None:
    asked: list[IdleTask] = []
    outcome = kit.run(kit.job(inputs={"Source": "0" * 64}), afterwards=asked.append)
    assert outcome.status is ActionStatus.FAILED
    for work in asked:
        with pytest.raises(FileNotFoundError):
            work(never)
    assert marks(kit) == set()
