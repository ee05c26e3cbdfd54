"""Trees leave and enter as zips and folders; what comes in is not trusted."""

from __future__ import annotations

import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given

from engine.artifacts import archive
from engine.artifacts.archive import ArchiveError, UnsafeArchive, export_folder, export_zip, import_zip
from engine.artifacts.store import Store
from engine.artifacts.tree import EMPTY_TREE

from .conftest import scratch, write
from .test_store import CONTENTS


@pytest.fixture
def tree(tmp_path: Path, store: Store) -> str:
    write(tmp_path, {"in/a/b.txt": "b", "in/run.sh": "#!", "in/big": os.urandom(2_500_000), "in/é": "e"})
    (tmp_path / "in/run.sh").chmod(0o755)
    (tmp_path / "in/a/link").symlink_to("../run.sh")
    (tmp_path / "in/empty/inner").mkdir(parents=True)
    (tmp_path / os.fsdecode(b"in/odd\xff")).write_text("o")
    return store.put_directory(tmp_path / "in")


def member(name: str, mode: int = 0o100644, system: int = 3) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = system
    info.external_attr = mode << 16
    return info


def zipped(file: Path, *members: tuple[zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for info, data in members:
            out.writestr(info, data, zipfile.ZIP_DEFLATED)
    return file


def test_a_zip_brings_everything_back(tmp_path: Path, store: Store, tree: str) -> None:
    export_zip(store, tree, tmp_path / "x.zip")
    assert import_zip(store, tmp_path / "x.zip") == tree
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@given(CONTENTS)
def test_any_tree_survives_a_zip(files: dict[str, bytes]) -> None:
    with scratch() as top:
        store = Store(top / "store")
        tree = store.put_bytes(files)
        export_zip(store, tree, top / "x.zip")
        assert import_zip(store, top / "x.zip") == tree
        store.close()


def test_the_same_tree_is_the_same_zip(tmp_path: Path, store: Store, tree: str) -> None:
    export_zip(store, tree, tmp_path / "1.zip")
    export_zip(store, tree, tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_other_tools_read_our_zips(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"in/a": "1", "in/run": "#!"})
    (tmp_path / "in/run").chmod(0o755)
    (tmp_path / "in/é").symlink_to("a")
    export_zip(store, store.put_directory(tmp_path / "in"), tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as found:
        assert found.testzip() is None
        modes = {i.filename: i.external_attr >> 16 for i in found.infolist()}
    assert modes == {"a": 0o100644, "run": 0o100755, "é": stat.S_IFLNK | 0o777}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a/..", "../../.ssh/authorized_keys"])
def test_members_that_lead_out_are_refused(name: str, tmp_path: Path, store: Store) -> None:
    with pytest.raises(UnsafeArchive, match="leads out"):
        import_zip(store, zipped(tmp_path / "x.zip", (member(name), b"1")))


@pytest.mark.parametrize("name", ["C:\\x", "C:/x", "..\\x"])
def test_windows_paths_that_lead_out_are_refused(name: str, tmp_path: Path, store: Store) -> None:
    with pytest.raises(UnsafeArchive, match="leads out"):
        import_zip(store, zipped(tmp_path / "x.zip", (member(name, system=0), b"1")))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "a/../../../x", ""])
def test_links_that_lead_out_are_refused(target: str, tmp_path: Path, store: Store) -> None:
    with pytest.raises(UnsafeArchive, match="link"):
        import_zip(store, zipped(tmp_path / "x.zip", (member("d/l", 0o120777), target.encode())))


def test_a_file_behind_a_link_is_refused(tmp_path: Path, store: Store) -> None:
    members = ((member("l", 0o120777), b"d"), (member("l/x"), b"1"))
    with pytest.raises(ArchiveError):
        import_zip(store, zipped(tmp_path / "x.zip", *members))


def test_devices_are_refused(tmp_path: Path, store: Store) -> None:
    with pytest.raises(UnsafeArchive, match="neither"):
        import_zip(store, zipped(tmp_path / "x.zip", (member("d", 0o060644), b"")))


def test_bombs_are_refused(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(tmp_path / "x.zip", *((member(f"{n}"), b"\0" * 3_000_000) for n in range(3)))
    with pytest.raises(UnsafeArchive, match="more than"):
        import_zip(store, bomb, max_bytes=5_000_000)
    with pytest.raises(UnsafeArchive, match="more than"):
        import_zip(store, bomb, max_files=2)
    monkeypatch.setattr(archive, "_FREE_BYTES", 1_000_000)
    with pytest.raises(UnsafeArchive, match="more than"):
        import_zip(store, bomb)


def test_a_refused_zip_leaves_no_tree(tmp_path: Path, store: Store) -> None:
    with pytest.raises(UnsafeArchive):
        import_zip(store, zipped(tmp_path / "x.zip", (member("good"), b"1"), (member("../bad"), b"2")))
    assert store.index.exists is False or store.index.roots() == []


@pytest.mark.parametrize("damage", ["text", "cut", "flip"])
def test_damaged_zips_say_so(damage: str, tmp_path: Path, store: Store) -> None:
    file = zipped(tmp_path / "x.zip", (member("a"), os.urandom(5000)))
    data = bytearray(file.read_bytes())
    if damage == "flip":
        data[1000] ^= 0xFF
    file.write_bytes({"text": b"no zip", "cut": bytes(data[:-200]), "flip": bytes(data)}[damage])
    with pytest.raises(ArchiveError, match=r"x\.zip"):
        import_zip(store, file)


def test_zips_of_other_systems(tmp_path: Path, store: Store) -> None:
    members = ((member("dir\\a.txt", system=0), b"1"), (member("./b/", system=0), b""), (member("b/c", 0), b"2"))
    tree = import_zip(store, zipped(tmp_path / "x.zip", *members))
    assert [(e.path, e.kind) for e in store.walk(tree)] == [("b/c", "file"), ("dir/a.txt", "file")]
    assert import_zip(store, zipped(tmp_path / "empty.zip")) == EMPTY_TREE


def test_a_folder_receives_the_tree_beside_what_it_has(tmp_path: Path, store: Store, tree: str) -> None:
    out = tmp_path / "out"
    write(out, {"kept": "k", "run.sh": "old"})
    export_folder(store, tree, out)
    assert (out / "kept").read_text() == "k"
    (out / "kept").unlink()
    assert store.put_directory(out) == tree
    assert (out / "run.sh").stat().st_nlink == 1
    assert (out / "run.sh").stat().st_mode & 0o200


def test_files_that_are_the_same_stay_untouched(tmp_path: Path, store: Store, tree: str) -> None:
    out = tmp_path / "out"
    export_folder(store, tree, out)
    before = {p: (p.lstat().st_ino, p.lstat().st_mtime_ns) for p in out.rglob("*")}
    (out / "run.sh").chmod(0o644)
    export_folder(store, tree, out)
    assert {p: (p.lstat().st_ino, p.lstat().st_mtime_ns) for p in out.rglob("*")} == before
    assert (out / "run.sh").stat().st_mode & 0o100


def test_a_link_in_the_folder_is_not_written_through(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"outside/x": "safe", "out/keep": ""})
    (tmp_path / "out/d").symlink_to(tmp_path / "outside")
    (tmp_path / "out/f").symlink_to(tmp_path / "outside/x")
    with pytest.raises(UnsafeArchive, match="is a link"):
        export_folder(store, store.put_bytes({"d/x": b"evil"}), tmp_path / "out")
    export_folder(store, store.put_bytes({"f": b"new"}), tmp_path / "out")
    assert (tmp_path / "outside/x").read_text() == "safe"
    assert not (tmp_path / "out/f").is_symlink()


def test_a_directory_in_the_way_is_named(tmp_path: Path, store: Store) -> None:
    (tmp_path / "out/f").mkdir(parents=True)
    with pytest.raises(FileExistsError, match="directory"):
        export_folder(store, store.put_bytes({"f": b"1"}), tmp_path / "out")


def test_a_zip_made_elsewhere_comes_in(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"in/a/b": "1"})
    (tmp_path / "in/a/b").chmod(0o755)
    script = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2])"
    subprocess.run(["python3", "-c", script, str(tmp_path / "x"), str(tmp_path / "in")], check=True)
    assert import_zip(store, tmp_path / "x.zip") == store.put_directory(tmp_path / "in")
