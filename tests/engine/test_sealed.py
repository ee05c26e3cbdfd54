"""`encrypt: true`: what actions made cannot be read without the key, and a lost key loses nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine import sealed
from engine.building import OneBuild
from engine.journal.lock import Busy, Lock
from engine.opening import Options
from engine.sealed import KeyProblem, find_key, key_file, settled, store_beside, store_of
from engine.session import Reader
from tests.engine.place import Place, commands
from tests.execution.pipelines import action
from tests.keyring_kit import memory_keyring

pytest.importorskip("cryptography")

MARK = "nobody else may read this line"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(sealed.VARIABLE, raising=False)
    return tmp_path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "project")
    place.write(a_txt=f"{MARK}\n" * 200)
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S > B", "tr a-z A-Z < a.txt > made.txt")]),
        ("Test", [commands("Compute:Check B", "grep -q NOBODY made.txt")]),
    )
    (place.directory / ".gitignore").write_text("out/\n")
    place.project("encrypt: true\n")
    return place


def shows(folder: Path) -> list[str]:
    """The files in which somebody without the key reads something."""
    words = (MARK.encode(), MARK.upper().encode())
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [str(path.relative_to(folder)) for path in files if any(word in path.read_bytes() for word in words)]


def test_nothing_can_be_read_and_everything_works(place: Place) -> None:
    state = place.directory / ".greenroom"
    with place.session() as stage:
        assert stage.run() == ["Source/Src", "Build/Make", "Test/Check"]
        tree = stage.at("Build/Make").outputs["B"]
        assert stage.session.content(tree, "made.txt").result(10).startswith(MARK.upper().encode())
        stage.session.export(tree, place.directory / "out").result(10)
        assert (place.directory / "out" / "made.txt").read_text().startswith(MARK.upper())
        assert stage.run() == []
    assert shows(state) == []
    assert not (state / "store").exists()
    assert key_file().stat().st_mode & 0o777 == 0o600
    assert Reader(state).store().read(tree, "made.txt").startswith(MARK.upper().encode())
    with place.session() as stage:
        assert stage.run() == []
        place.write(a_txt=f"nobody? {MARK}\n")
        assert stage.run() == ["Source/Src", "Build/Make", "Test/Check"]
    place.write(a_txt=f"{MARK}, and the test fails\n".replace("nobody", "somebody"))
    with place.session() as stage:
        stage.run()
    assert [path for path in shows(state) if not path.startswith("work/")] == []  # a failure keeps its workspace


def test_turning_it_on_and_off_leaves_nothing_behind(place: Place) -> None:
    state = place.directory / ".greenroom"
    place.project("")
    with place.session() as stage:
        stage.run()
    assert shows(state)
    place.project("encrypt: true\n")
    with place.session() as stage:
        assert stage.run() == ["Source/Src", "Build/Make", "Test/Check"]
    assert shows(state) == []
    place.project("")
    with place.session() as stage:
        assert stage.run() == ["Build/Make"]  # its output is what was in the store alone
    assert not (state / "sealed").exists()


def test_another_key_or_none_loses_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.session() as stage:
        stage.run()
    kept = key_file().read_text()

    def refused(told: str) -> None:
        with pytest.raises(KeyProblem, match=told), place.session():
            pass
        with pytest.raises(KeyProblem, match=told):
            store_of(place.directory / ".greenroom")

    key_file().write_text("ab" * 32)
    refused("were encrypted with another key")
    key_file().unlink()
    refused(f"there is no {key_file()}, GREENROOM_KEY is not set, and no keyring")
    assert not key_file().exists()
    monkeypatch.setenv(sealed.VARIABLE, "too short")
    refused("GREENROOM_KEY holds no key: 32 bytes as 64 hexadecimal digits")
    monkeypatch.setenv(sealed.VARIABLE, kept.strip())
    with place.session() as stage:
        assert stage.run() == []
        assert sealed.VARIABLE not in stage.log("Build/Make")
    monkeypatch.delenv(sealed.VARIABLE)
    key_file().write_text(kept)
    key_file().chmod(0o644)
    refused("is open to others")
    key_file().chmod(0o600)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
        refused("need the package cryptography")
    with place.session() as stage:
        assert stage.run() == []


def test_keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = find_key(make=True)
    assert find_key(make=False) == find_key(make=True) == made
    monkeypatch.setenv(sealed.VARIABLE, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert find_key(make=False) == bytes(range(32))
    monkeypatch.delenv(sealed.VARIABLE)
    key_file().write_bytes(b"\xff\xff")
    with pytest.raises(KeyProblem, match="cannot be read"):
        find_key(make=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "file"))
    (home / "file").touch()
    with pytest.raises(KeyProblem):
        find_key(make=True)


def test_a_key_in_the_keyring(place: Place) -> None:
    place.project("encrypt: keyring\n")
    with memory_keyring() as ring:
        ring.locked = True
        with pytest.raises(KeyProblem, match="belongs into the keyring, but the keyring does not answer"):
            find_key(make=True, in_keyring=True)
        ring.locked = False
        with place.session() as stage:
            stage.run()
        assert (shows(place.directory / ".greenroom"), key_file().exists()) == ([], False)
        kept = ring.values["greenroom", "artifacts-key"]
        assert (len(kept), sealed.key_source()) == (64, "the keyring (greenroom, artifacts-key)")
        place.project("encrypt: true\n")
        with place.session() as stage:
            stage.run()
        ring.locked = True
        with pytest.raises(KeyProblem, match="is missing"), place.session():
            pass
        key_file().parent.mkdir(parents=True, exist_ok=True)
        key_file().touch(0o600)
        key_file().write_text(kept)
        with place.session() as stage:
            assert stage.run() == []
    assert ring.values == {("greenroom", "artifacts-key"): kept}


async def test_one_build_and_what_is_left_of_it(place: Place) -> None:
    (place.directory / "buildspec.yml").write_text(
        "version: 0.2\nphases: {build: {commands: [tr a-z A-Z < a.txt > made.txt]}}\nartifacts: {files: [made.txt]}\n"
    )
    build = OneBuild(Options(directory=place.directory), None)
    built = await build.run()
    build.export(built, place.directory / "out")
    build.close()
    assert (place.directory / "out" / "made.txt").read_text().startswith(MARK.upper())
    assert shows(place.directory / ".greenroom") == []
    assert build.log.read_text()
    assert sealed.dropped(place.directory / ".greenroom")
    assert not (place.directory / ".greenroom" / "builds").exists()


def test_a_build_beside_a_greenroom(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with Lock.acquire(state, "run"), pytest.raises(Busy):
        store_beside(state, encrypt=True)
    store = store_beside(state, encrypt=True)
    tree = store.put_bytes({"a": b"1"})
    with Lock.acquire(state, "run"):
        assert store_beside(state, encrypt=True).read(tree, "a") == b"1"
        assert store_beside(state, encrypt=False).read(tree, "a") == b"1"
        (state / "sealed" / "key-id").unlink()  # a start that was cut short
        assert settled(state, encrypt=True).read(tree, "a") == b"1"
        assert sealed.dropped(state)
        assert not sealed.dropped(state)
