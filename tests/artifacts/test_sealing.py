"""Encrypted objects: nothing of the content can be seen, everything comes back, nothing changed goes unnoticed."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.artifacts import _objects, sealing, spare, workspace
from engine.artifacts.archive import export_folder, export_zip, import_zip
from engine.artifacts.sealing import SealedFile, Sealer, Tampered
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store, TreeMissing

from .conftest import scratch
from .test_store import CONTENTS

pytest.importorskip("cryptography")

KEY = bytes(range(32))
NAME = b"n" * 32
BLOCK = 64


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_BLOCK", BLOCK)
    monkeypatch.setattr(_objects, "_SMALL", 1024)


def sealed(data: bytes, key: bytes = KEY, name: bytes = NAME) -> bytes:
    return b"".join(Sealer(key).seal(name, [data[at : at + 7] for at in range(0, len(data), 7)]))


def opened(data: bytes, key: bytes = KEY, name: bytes = NAME) -> bytes:
    return b"".join(Sealer(key).open(name, io.BytesIO(data)))


@given(st.binary(max_size=4 * BLOCK) | st.integers(0, 4).map(lambda n: bytes(n * BLOCK)))
def test_what_is_sealed_comes_back_at_its_size(data: bytes) -> None:
    body = sealed(data)
    assert opened(body) == data
    assert len(body) == Sealer.sealed_size(len(data))
    assert sealed(data) != body  # a new nonce each time
    for at in range(0, max(0, len(data) - 8), 5):
        assert data[at : at + 8] == bytes(8) or data[at : at + 8] not in body


@given(st.binary(min_size=1, max_size=3 * BLOCK), st.data())
def test_whatever_is_changed_does_not_open(data: bytes, choose: st.DataObject) -> None:
    body = sealed(data)
    at = choose.draw(st.integers(0, len(body) - 1).filter(lambda i: i != 15))  # 15 is a zero that nobody reads
    flipped = body[:at] + bytes([body[at] ^ choose.draw(st.integers(1, 255))]) + body[at + 1 :]
    cut = body[: choose.draw(st.integers(0, len(body) - 1))]
    for broken in (
        flipped,
        cut,
        body + b"x",
        body[: -(BLOCK + 16)] if len(data) > BLOCK else b"",
        body[:16] + body[32:],
    ):
        with pytest.raises(Tampered):
            opened(broken)
    for key, name in ((bytes(32), NAME), (KEY, b"m" * 32)):
        with pytest.raises(Tampered):
            opened(body, key, name)


def objects(store: Store) -> list[Path]:
    return sorted(path for path in (store.root / "objects").rglob("*") if path.is_file())


@settings(max_examples=25)
@given(CONTENTS, st.binary(min_size=24, max_size=3 * BLOCK))
def test_no_object_shows_anything_of_a_file(files: dict[str, bytes], secret: bytes) -> None:
    with scratch() as top:
        store = Store(top / "store", Sealer(KEY))
        (top / "source").mkdir()
        (top / "source" / "secret").write_bytes(secret)
        trees = [store.put_bytes({**files, "secret": secret}), store.put_directory(top / "source", move=True)]
        trees.append(Snapshotter(top / "source", store).scan() if (top / "source" / "secret").exists() else trees[0])
        assert store.read(trees[0], "secret") == store.read(trees[1], "secret") == secret
        assert {entry.path: store.read(trees[0], entry.path) for entry in store.walk(trees[0])} == {
            **files,
            "secret": secret,
        }
        found = [path.read_bytes() for path in store.root.rglob("*") if path.is_file()]
        pieces = [secret[at : at + 12] for at in range(len(secret) - 12)]
        assert not any(piece in body for body in found for piece in pieces if len(set(piece)) > 4)
        known = hashlib.sha256(secret).hexdigest()
        assert not any(known[2:] in str(path) for path in objects(store))  # who has the file cannot ask for it
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", Sealer(KEY))


@pytest.fixture
def tree(store: Store, tmp_path: Path) -> str:
    source = tmp_path / "source"
    source.mkdir()
    (source / "plain").write_bytes(b"plain text\n" * 40)
    (source / "tool").write_bytes(b"#!/bin/sh\n")
    (source / "tool").chmod(0o755)
    (source / "empty").touch()
    (source / "big").write_bytes(os.urandom(20_000))
    (source / "link").symlink_to("plain")
    return Snapshotter(source, store).scan()


def same(left: Path, right: Path) -> bool:
    def all_of(folder: Path) -> dict[str, object]:
        return {p.name: (p.read_bytes(), p.stat().st_mode & 0o100, p.is_symlink()) for p in sorted(folder.iterdir())}

    return all_of(left) == all_of(right)


def test_everything_that_a_store_is_for(store: Store, tree: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    work = tmp_path / "work"
    for writable in (False, True):
        workspace.reset(work, store, tree, writable=writable)
        assert same(work, source)
        (work / "plain").write_text("an action writes")  # a copy: the store is none the worse
        assert workspace.mutated(work, store, tree) == []
    assert spare.prepare(work, store, tree)
    workspace.reset(work, store, tree)
    assert same(work, source)
    export_zip(store, tree, tmp_path / "out.zip")
    assert import_zip(store, tmp_path / "out.zip") == tree
    export_folder(store, tree, tmp_path / "out")
    export_folder(store, tree, tmp_path / "out")
    assert same(tmp_path / "out", source)
    store.copy(store.find(tree, "big"), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == (source / "big").read_bytes()
    assert store.file(store.find(tree, "plain")).read_text("utf-8").startswith("plain")
    with store.file(store.find(tree, "big")).open("rb") as stream:
        assert stream.read(5_000) == (source / "big").read_bytes()[:5_000]
    assert store.put_directory(work) == store.put_directory(source) == tree
    assert isinstance(store.file(store.find(tree, "big")), SealedFile)
    assert all(path.stat().st_mode & 0o777 in (0o444, 0o555) for path in objects(store))
    assert store.usage() > 0
    assert store.prune(0, ()) and not objects(store)


@pytest.mark.parametrize("harm", ["flip", "cut", "swap", "another key"])
@pytest.mark.parametrize("use", ["read", "reset", "copy"])
def test_a_tampered_object_is_a_broken_one(store: Store, tree: str, tmp_path: Path, harm: str, use: str) -> None:
    node = store.find(tree, "plain")
    file = Path(store.objects.path(node.digest, False))
    status, body = file.stat(), file.read_bytes()
    store.put_bytes({"other": b"other text\n" * 40})
    other = next(p for p in objects(store) if p != file and p.stat().st_size == status.st_size)
    file.chmod(0o644)
    match harm:
        case "flip":
            file.write_bytes(body[:100] + bytes([body[100] ^ 1]) + body[101:])
        case "cut":
            file.write_bytes(body[:-3])
        case "swap":
            shutil.copyfile(other, file)
        case _:
            file.write_bytes(b"".join(Sealer(bytes(32)).seal(node.digest, [b"plain text\n" * 40])))
    os.utime(file, ns=(status.st_mtime_ns, status.st_mtime_ns))  # whoever does that hides it well
    file.chmod(0o444)
    assert store.has(tree)
    with pytest.raises(TreeMissing):
        match use:
            case "read":
                store.read(tree, "plain")
            case "reset":
                workspace.reset(tmp_path / "work", store, tree)
            case _:
                store.copy(node, tmp_path / "copy")
    assert not store.has(tree)
    assert not file.exists()
    assert Snapshotter(tmp_path / "source", store).scan() == tree  # and is made anew
    assert store.read(tree, "plain") == b"plain text\n" * 40


def test_a_file_that_changes_while_it_is_sealed(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "growing"
    file.write_bytes(b"1" * 5_000)
    seal, times = Sealer.seal, []

    def meanwhile(self: Sealer, name: bytes, blocks: object) -> object:
        times.append(name)
        if len(times) < 3:
            file.write_bytes(b"%d" % len(times) + b"2" * 5_000)
        return seal(self, name, blocks)  # type: ignore[arg-type]

    monkeypatch.setattr(Sealer, "seal", meanwhile)
    tree = store.put([("growing", file)])
    assert store.read(tree, "growing") == file.read_bytes()
    assert len(objects(store)) == len(set(times[-1:]))
    assert not list((store.root / "tmp").iterdir())


def test_a_key_has_its_length() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 3"):
        Sealer(b"key")
