"""The journal: what was appended is there, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.journal.journal import FORMAT, Journal, JournalError, Row

WRITER = Path(__file__).with_name("writer.py")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "project" / ".greenroom"


@pytest.fixture
def journal(state: Path) -> Iterator[Journal]:
    journal = Journal(state)
    yield journal
    journal.close()


def bodies(rows: Iterator[Row] | list[Row]) -> list[str]:
    return [row.body for row in rows]


def test_what_is_appended_is_read(journal: Journal) -> None:
    first = journal.append("shop", 12.5, [("Started", '{"a": 1}'), ("Ended", "{}")])
    second = journal.append("blog", 13.0, [("Started", "{}")])
    assert first == [Row(1, 12.5, "shop", "Started", '{"a": 1}'), Row(2, 12.5, "shop", "Ended", "{}")]
    assert list(journal.read()) == first + second
    assert list(journal.read("shop")) == first
    assert list(journal.read(after=1)) == [first[1], second[0]]
    assert list(journal.read("shop", after=2)) == []
    assert journal.pipelines() == ["blog", "shop"]
    assert journal.last() == 3


def test_an_empty_journal(journal: Journal) -> None:
    assert list(journal.read()) == []
    assert journal.pipelines() == []
    assert journal.last() == 0
    assert journal.append("shop", 1.0, []) == []


def test_limits_and_many_rows(journal: Journal) -> None:
    journal.append("shop", 1.0, [("Counted", str(n)) for n in range(5_000)])
    assert bodies(journal.read()) == [str(n) for n in range(5_000)]
    assert bodies(journal.read(after=2, limit=2)) == ["2", "3"]
    assert len(list(journal.read(limit=4_500))) == 4_500
    assert list(journal.read(limit=0)) == []


def test_the_state_directory_is_private_and_unseen_by_git(state: Path, journal: Journal) -> None:
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / ".gitignore").read_text() == "*\n"
    assert (state / "journal.db").stat().st_mode & 0o777 == 0o600


def test_opening_again_goes_on_counting(state: Path, journal: Journal) -> None:
    journal.append("shop", 1.0, [("A", "{}")])
    journal.close()
    journal.close()
    again = Journal(state)
    assert again.append("shop", 2.0, [("B", "{}")])[0].seq == 2
    again.close()


def test_a_reader_may_come_first_and_makes_nothing(state: Path) -> None:
    reader = Journal(state, readonly=True)
    assert list(reader.read()) == []
    assert reader.last() == 0
    assert not state.exists()
    writer = Journal(state)
    writer.append("shop", 1.0, [("A", "{}")])
    assert bodies(reader.read()) == ["{}"]
    with pytest.raises(JournalError, match="reading only"):
        reader.append("shop", 1.0, [("B", "{}")])
    reader.close()
    writer.close()


def test_a_reader_notices_a_new_journal(state: Path, journal: Journal) -> None:
    journal.append("shop", 1.0, [("A", "old")])
    reader = Journal(state, readonly=True)
    assert bodies(reader.read()) == ["old"]
    journal.close()
    for file in state.glob("journal.db*"):
        file.unlink()
    fresh = Journal(state)
    fresh.append("shop", 1.0, [("A", "new")])
    assert bodies(reader.read()) == ["new"]
    reader.close()
    fresh.close()


def test_appending_to_a_removed_journal_is_refused(state: Path, journal: Journal) -> None:
    (state / "journal.db").unlink()
    with pytest.raises(JournalError, match="was removed or replaced"):
        journal.append("shop", 1.0, [("A", "{}")])


def test_an_append_is_all_or_nothing(journal: Journal) -> None:
    with pytest.raises(JournalError):
        journal.append("shop", 1.0, [("A", "{}"), ("B", None)])  # type: ignore[list-item]
    assert list(journal.read()) == []
    assert journal.append("shop", 1.0, [("A", "{}")])[0].seq == 1


def test_threads_share_a_journal(journal: Journal) -> None:
    def work(name: str) -> None:
        for number in range(50):
            journal.append(name, 1.0, [("A", str(number)), ("B", str(number))])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.seq for row in journal.read()] == list(range(1, 401))
    for name in "abcd":
        assert bodies(journal.read(name)) == [str(n) for n in range(50) for _ in "AB"]


def _newer(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE format SET version = ?", (FORMAT + 6,))
    connection.commit()
    connection.close()


def _garbage(file: Path) -> None:
    file.write_bytes(b"This is no database, and was never one. " * 200)


def _overwritten(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100:3_000] = b"\xff" * 2_900
    file.write_bytes(content)


def _foreign(file: Path) -> None:
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE recipes(name)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_newer, "newer greenroom"), (_garbage, "mv "), (_overwritten, "mv "), (_foreign, "another program's")],
)
def test_a_journal_that_cannot_be_used_says_so_and_stays_as_it_is(
    state: Path, spoil: object, said: str, readonly: bool
) -> None:
    journal = Journal(state)
    journal.append("shop", 1.0, [("A", "{}")])
    journal.close()
    file = state / "journal.db"
    assert callable(spoil)
    spoil(file)
    before = file.read_bytes()
    with pytest.raises(JournalError, match=said) as caught:
        list(Journal(state, readonly=readonly).read())
    assert caught.value.hint
    assert str(file) in caught.value.message
    assert file.read_bytes() == before


def test_a_state_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / ".greenroom").write_text("mine")
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(tmp_path / ".greenroom")
    assert (tmp_path / ".greenroom").read_text() == "mine"


def test_a_full_disk_loses_nothing_and_the_journal_goes_on_afterwards(state: Path, journal: Journal) -> None:
    """The file size limit of the process makes writes fail the way a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    recorded = [journal.append("shop", 1.0, [("A", "first")])[-1]]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(JournalError, match="Free some disk space"):
            for _ in range(200):
                recorded += journal.append("shop", 1.0, [("A", "x" * 20_000), ("B", "y")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(journal.read()) == recorded
    recorded += journal.append("shop", 1.0, [("A", "space again")])
    assert list(Journal(state, readonly=True).read()) == recorded


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_writer_leaves_everything_it_reported(state: Path, seed: int) -> None:
    chance = random.Random(seed)
    reported = 0
    for _ in range(3):
        with subprocess.Popen([sys.executable, WRITER, state], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            for _ in range(chance.randint(1, 150)):
                reported = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            reported = max([reported, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        rows = list(Journal(state, readonly=True).read())
        assert len(rows) >= reported
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert bodies(rows) == [str(row.seq) for row in rows]
        reported = len(rows)


def test_another_process_can_be_followed(state: Path) -> None:
    with subprocess.Popen([sys.executable, WRITER, state], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        reader = Journal(state, readonly=True)
        seen = 0
        for _ in range(60):
            reported = int(writer.stdout.readline())
            for row in reader.read("shop", after=seen):
                assert row.seq == seen + 1
                seen = row.seq
            assert seen >= reported
        writer.kill()
        writer.stdout.read()
    reader.close()


appended = st.lists(
    st.tuples(st.sampled_from(["shop", "blog", "a'b", ""]), st.lists(st.text(max_size=5), max_size=4)),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(appends=appended, after=st.integers(0, 20), limit=st.none() | st.integers(0, 10))
def test_reading_is_a_slice_of_a_list(
    tmp_path_factory: pytest.TempPathFactory, appends: list[tuple[str, list[str]]], after: int, limit: int | None
) -> None:
    journal = Journal(tmp_path_factory.mktemp("model"))
    model: list[Row] = []
    for at, (pipeline, texts) in enumerate(appends):
        rows = journal.append(pipeline, float(at), [("T", text) for text in texts])
        model += [Row(len(model) + n, float(at), pipeline, "T", text) for n, text in enumerate(texts, 1)]
        assert rows == model[len(model) - len(texts) :]
    assert list(journal.read(after=after, limit=limit)) == model[after:][:limit]
    for name in {pipeline for pipeline, _ in appends}:
        assert list(journal.read(name, after=after)) == [r for r in model[after:] if r.pipeline == name]
    assert journal.pipelines() == sorted({row.pipeline for row in model})
    assert journal.last() == len(model)
    journal.close()
