"""What a run looked at, and whether another tree would show it the same."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.artifacts.looks import Depth, Sight, changed_looks, files_in, get_looks, put_looks
from engine.artifacts.store import Store

from .conftest import scratch
from .test_store import CONTENTS

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, max_size=3).map("/".join)
DEPTHS: st.SearchStrategy[Depth] = st.sampled_from(("k", "c", "n", "a"))
LOOKS = st.lists(st.tuples(PATHS, DEPTHS), max_size=12)
FILES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.sampled_from([b"", b"1", b"2"]), max_size=6
).map(lambda files: {p: c for p, c in files.items() if not any(q.startswith(p + "/") for q in files)})


def shown(files: dict[str, bytes], path: str, depth: str) -> object:
    """What a program sees there, said plainly."""
    below = {
        p.removeprefix(path + "/" if path else ""): c for p, c in files.items() if not path or p.startswith(path + "/")
    }
    if path in files:
        content = files[path]
        return ("file", not content, content if depth in "ca" else None)
    if path and not below:
        return None
    names = sorted({(p.partition("/")[0], "/" in p) for p in below})
    return ("dir", names if depth == "n" else None, below if depth == "a" else None)


@given(FILES, FILES, LOOKS)
def test_a_difference_is_found_exactly_where_a_look_would_see_it(
    old: dict[str, bytes], new: dict[str, bytes], looks: list[tuple[str, Depth]]
) -> None:
    with scratch() as top:
        store = Store(top)
        before, after = store.put_bytes(old), store.put_bytes(new)
        sight = Sight(store, before)
        for path, depth in looks:
            sight.look(path, depth)
        found = set(changed_looks(store, sight.looks(), before, after))
        assert found == {
            path
            for path, depths in sight.looks().items()
            if any(shown(old, path, d) != shown(new, path, d) for d in depths)
        }
        # whoever looked sees nothing else, unless it is told of: a path that is missing counts as its missing folder
        if not found:
            assert all(shown(old, path, depth) == shown(new, path, depth) for path, depth in looks)
        store.close()


@settings(max_examples=30)
@given(CONTENTS)
def test_looks_are_kept_in_the_store(files: dict[str, bytes]) -> None:
    with scratch() as top:
        store = Store(top)
        sight = Sight(store, store.put_bytes(files))
        for path in files:
            sight.look(path, "c")
            sight.look(path, "k")
        looks = {"Source": sight.looks()}
        assert get_looks(store, put_looks(store, looks)) == looks
        assert files_in(looks["Source"]) == sorted(files)
        store.close()


def test_links_programs_and_what_is_missing(store: Store, tmp_path: Path) -> None:
    def tree(name: str, *, program: bool = False, target: str = "run") -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "run").write_text("run")
        (folder / "run").chmod(0o755 if program else 0o644)
        (folder / "link").symlink_to(target)
        return store.put_directory(folder)

    plain, program, turned = tree("plain"), tree("program", program=True), tree("turned", target="elsewhere")
    sight = Sight(store, plain)
    sight.look("run", "k")
    sight.look("link", "k")
    sight.look("no/such/file", "c")
    sight.look("", "n")
    assert sight.looks() == {"": "n", "link": "k", "no": "k", "run": "k"}
    assert list(changed_looks(store, sight.looks(), plain, program)) == ["run"]
    assert list(changed_looks(store, sight.looks(), plain, turned)) == ["link"]
    assert list(changed_looks(store, {"": "n"}, plain, program)) == []
