"""A document keeps telling the truth while its file appears, grows, shrinks and is replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.log.document import Change, Document

LINES = [b"line %d" % number for number in range(2000)]
LARGE = b"\n".join(LINES) + b"\n"


class Bell:
    """Counts the reports of threads."""

    def __init__(self) -> None:
        self._reports = threading.Semaphore(0)

    def __call__(self) -> None:
        self._reports.release()

    def wait(self) -> None:
        self._reports.acquire()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def document(path: Path, bell: Bell) -> Iterator[Document]:
    document = Document(path, bell, at_once=1000, tail=500)
    yield document
    document.close()


def lines(document: Document) -> list[bytes]:
    return [document.read(number).data for number in range(document.line_count)]


def settle(document: Document, bell: Bell) -> None:
    """Waits until all is indexed."""
    while not document.ready:
        bell.wait()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as writer:
        writer.write(data)


def test_it_waits_for_the_file(document: Document, path: Path) -> None:
    assert (document.poll(), document.line_count, document.read(0).data) == (Change.NONE, 0, b"")
    path.write_bytes(b"one\ntwo")
    assert document.poll() is Change.RESET
    assert lines(document) == [b"one", b"two"]
    assert (document.settled_lines, document.poll()) == (1, Change.NONE)


def test_it_grows(document: Document, path: Path) -> None:
    path.write_bytes(b"one\ntw")
    document.poll()
    append(path, b"o\nthree\n")
    assert document.poll() is Change.GREW
    assert lines(document) == [b"one", b"two", b"three"]


def test_a_cut_file_begins_anew(document: Document, path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    document.poll()
    path.write_bytes(b"uno\n")
    assert document.poll() is Change.RESET
    assert lines(document) == [b"uno"]


def test_a_replaced_file_begins_anew(document: Document, path: Path) -> None:
    path.write_bytes(b"one\n")
    document.poll()
    other = path.with_name("b.log")
    other.write_bytes(b"other\nfile\n")
    other.rename(path)
    assert document.poll() is Change.RESET
    assert lines(document) == [b"other", b"file"]


def test_a_deleted_file_can_still_be_read(document: Document, path: Path) -> None:
    path.write_bytes(b"one\n")
    document.poll()
    path.unlink()
    assert document.poll() is Change.NONE
    assert lines(document) == [b"one"]


def test_the_end_of_a_large_file_comes_first(document: Document, path: Path, bell: Bell) -> None:
    path.write_bytes(LARGE)
    document.poll()
    assert document.partial
    assert lines(document) == LINES[-document.line_count :]
    assert 0 < document.line_count < 100
    before = document.line_count
    settle(document, bell)
    assert document.expand() == len(LINES) - before
    assert not document.ready
    assert lines(document) == LINES


def test_the_end_grows_while_the_rest_is_indexed(document: Document, path: Path, bell: Bell) -> None:
    path.write_bytes(LARGE)
    document.poll()
    append(path, b"more\n")
    assert document.poll() is Change.GREW
    assert document.read(document.line_count - 1).data == b"more"
    settle(document, bell)
    document.expand()
    assert lines(document) == [*LINES, b"more"]


def test_the_beginning_can_be_had_before_all_is_indexed(document: Document, path: Path, bell: Bell) -> None:
    path.write_bytes(LARGE)
    document.poll()
    document.expand()
    assert document.read(0).data in (b"line 0", b"")
    while document.indexing:
        bell.wait()
    document.poll()
    assert lines(document) == LINES


def test_a_thread_catches_up_with_a_flood(document: Document, path: Path, bell: Bell) -> None:
    path.write_bytes(b"first\n")
    document.poll()
    append(path, LARGE)
    assert document.poll() is Change.GREW
    while document.indexing:
        bell.wait()
    document.poll()
    assert lines(document) == [b"first", *LINES]


def test_the_line_of_a_byte(document: Document, path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    assert document.line_of(0) is None
    document.poll()
    assert [document.line_of(at) for at in (0, 3, 4, 7, 8)] == [0, 0, 1, 1, None]


def test_it_can_be_closed_at_any_time(document: Document, path: Path) -> None:
    path.write_bytes(LARGE * 20)
    document.poll()
    document.close()
    assert (document.line_count, document.read(0).data, document.indexing) == (0, b"", False)
