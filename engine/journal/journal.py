"""The journal: an append-only table of events, written by one process and read by many.

SQLite in WAL mode: what `append` returned is with the operating system, so it survives any death of the
process (a power cut may cost the last moments, never the file). Readers never wait for the writer.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.journal.directory import ensure
from engine.journal.errors import JournalError

__all__ = ["FORMAT", "Journal", "JournalError", "Row"]

FORMAT: Final = 1
"""The format this code writes, and the newest that it reads."""

_CHUNK: Final = 2_000  # rows per query: a slow reader must not pin the WAL with one long transaction
_BUSY_SECONDS: Final = 10.0
_WAL_BYTES: Final = 8 * 1024 * 1024

_SCHEMA: Final = """
CREATE TABLE format(version INTEGER NOT NULL);
CREATE TABLE event(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL,
    pipeline TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX event_by_pipeline ON event(pipeline, seq);
"""

# One index seek per pipeline; SELECT DISTINCT would walk every event.
_PIPELINES: Final = """
WITH RECURSIVE found(name) AS (
    SELECT min(pipeline) FROM event
    UNION ALL
    SELECT (SELECT min(pipeline) FROM event WHERE pipeline > name) FROM found WHERE name IS NOT NULL)
SELECT name FROM found WHERE name IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it lies on disk.

    `seq` counts up over all pipelines, `at` is seconds since the epoch (UTC), `body` is JSON.
    """

    seq: int
    at: float
    pipeline: str
    type: str
    body: str


class Journal:
    """The events of one state directory. Safe to share between threads.

    A writer makes the directory and the file. With `readonly` no event is ever made or changed, and a journal
    that does not exist yet reads as empty until it does: `logs -f` may be started first.
    """

    def __init__(self, directory: Path, *, readonly: bool = False) -> None:
        """Open the journal in `directory` (the project's .greenroom). Raises `JournalError`."""
        self._path = directory / "journal.db"
        self._readonly = readonly
        self._mutex = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        if not readonly:
            ensure(directory)
        with self._mutex:
            self._open()

    def append(self, pipeline: str, at: float, bodies: Sequence[tuple[str, str]]) -> list[Row]:
        """Record events, given as (type, JSON body): all or, on `JournalError`, none of them."""
        with self.batch() as connection, self._explained():
            return [self._insert(connection, pipeline, at, kind, body) for kind, body in bodies]

    @contextmanager
    def batch(self) -> Iterator[sqlite3.Connection]:
        """What is appended inside is recorded as one: all of it at the end, or on an error none. May be nested."""
        if self._readonly:
            raise JournalError(f"{self._path} was opened for reading only.")
        with self._mutex, self._explained():
            connection = self._open()
            if connection is not None and connection.in_transaction:
                yield connection
                return
            if connection is None or not self._in_place():
                raise JournalError(
                    f"{self._path} was removed or replaced while greenroom was running.",
                    "Start greenroom again; it begins a new journal.",
                )
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk already rolled back; a second ROLLBACK would hide the first error.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def read(self, pipeline: str | None = None, *, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """The events with a seq beyond `after`, oldest first; of one pipeline or of all; at most `limit`.

        Cheap enough to poll: without news it costs one index seek.
        """
        left = limit
        while left is None or left > 0:
            size = _CHUNK if left is None else min(_CHUNK, left)
            rows = self._chunk(pipeline, after, size)
            yield from rows
            if len(rows) < size:
                return
            after = rows[-1].seq
            left = None if left is None else left - len(rows)

    def pipelines(self) -> list[str]:
        """The names of all pipelines that have events, sorted."""
        return [str(row[0]) for row in self._select(_PIPELINES)]

    def last(self) -> int:
        """The seq of the newest event; 0 while there is none."""
        rows = self._select("SELECT max(seq) FROM event")
        return int(rows[0][0] or 0) if rows else 0

    def close(self) -> None:
        """Let go of the file. May be called twice; reading or appending afterwards opens it again."""
        with self._mutex:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def _chunk(self, pipeline: str | None, after: int, size: int) -> list[Row]:
        where, values = ("", ()) if pipeline is None else ("pipeline = ? AND ", (pipeline,))
        query = f"SELECT seq, at, pipeline, type, body FROM event WHERE {where}seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        return [Row(*row) for row in self._select(query, *values, after, size)]

    def _select(self, query: str, *values: object) -> list[Any]:
        with self._mutex, self._explained():
            if self._readonly and self._connection is not None and not self._in_place():
                self.close()
            connection = self._open()
            return [] if connection is None else connection.execute(query, values).fetchall()

    @staticmethod
    def _insert(connection: sqlite3.Connection, pipeline: str, at: float, kind: str, body: str) -> Row:
        values = (at, pipeline, kind, body)
        cursor = connection.execute("INSERT INTO event(at, pipeline, type, body) VALUES (?, ?, ?, ?)", values)
        return Row(cursor.lastrowid or 0, at, pipeline, kind, body)

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is not None:
            return self._connection
        with self._explained():
            if self._readonly and not self._path.exists():
                return None
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode={'rw' if self._readonly else 'rwc'}",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                ready = self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            if not ready:
                connection.close()
                return None
            self._inode = self._path.stat().st_ino
            self._connection = connection
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> bool:
        """Check the format; make it where the file is new. False: a reader came before the writer."""
        version = _format(connection)
        if version > FORMAT:
            raise JournalError(
                f"{self._path} was written by a newer greenroom (format {version}; this one knows {FORMAT}).",
                "Update greenroom, or move that file away to start with an empty journal.",
            )
        if self._readonly:
            # Not mode=ro: after a crash even a reader has to be able to build the WAL's index.
            connection.execute("PRAGMA query_only = ON")
            return version > 0
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}INSERT INTO format VALUES ({FORMAT});COMMIT;")  # noqa: S608 - no outside text
            self._path.chmod(0o600)
        return True

    def _in_place(self) -> bool:
        # An unlinked database goes on accepting writes that nobody will ever see again.
        try:
            return self._path.stat().st_ino == self._inode
        except OSError:
            return False

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _explanation(self._path, error) from error
        except OSError as error:
            raise JournalError(f"{self._path} cannot be used: {error.strerror}.") from error


def _format(connection: sqlite3.Connection) -> int:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return 0
    if not {"format", "event"} <= tables:
        raise sqlite3.DatabaseError("it is another program's database")
    row = connection.execute("SELECT max(version) FROM format").fetchone()
    return int(row[0] or 0)


def _explanation(path: Path, error: sqlite3.Error) -> JournalError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return JournalError(
            f"{path} cannot be written or read: {error}.",
            "Nothing recorded so far is lost. Free some disk space (try `greenroom cache prune --all`) and go on.",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return JournalError(f"{path} is held by another program: {error}.", "Close that program and try again.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return JournalError(f"{path} cannot be opened: {error}.", "It must be a file that you may write to.")
    return JournalError(
        f"{path} cannot be understood: {error}.",
        f"Nothing was changed. Move it away to start anew: mv {path} {path}.broken",
    )
