"""The store's SQLite file: directory objects, when each root tree was last used, and the snapshots' stat caches.

Directory objects live here and not in files because a save writes one for each directory above the saved file: one
transaction is a tenth of the cost, and makes a tree appear as a whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS trees (digest BLOB PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS roots (digest BLOB PRIMARY KEY, used REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stats (source BLOB, path BLOB, body BLOB NOT NULL, PRIMARY KEY (source, path)) WITHOUT ROWID;
"""


class Index:
    """The store's tables. Every method may be called from any thread; each write is one transaction."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self._connection is not None or self._file.exists()

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(self._file, timeout=60, isolation_level=None, check_same_thread=False)
            with self._alone():
                connection.executescript(_SCHEMA)
            self._connection = connection
            weakref.finalize(self, connection.close)
        return self._connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process sets the file up meanwhile: SQLite's change to WAL fails at once instead of waiting."""
        gate = os.open(self._file.parent, os.O_RDONLY)
        try:
            with suppress(OSError):  # file systems without locks are used without
                fcntl.flock(gate, fcntl.LOCK_EX)
            yield
        finally:
            os.close(gate)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        with self._lock:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _one(self, query: str, *values: object) -> object:
        with self._lock:
            row = self._connect().execute(query, values).fetchone()
        return row[0] if row else None

    def _all(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connect().execute(query, values).fetchall()

    def has(self, digest: bytes) -> bool:
        """Whether a directory object is there: then all that it refers to is there as well."""
        return self.exists and self._one("SELECT 1 FROM trees WHERE digest = ?", digest) is not None

    def body(self, digest: bytes) -> bytes | None:
        """A directory object, or None."""
        found = self._one("SELECT body FROM trees WHERE digest = ?", digest) if self.exists else None
        return found if isinstance(found, bytes) else None

    def bodies(self) -> dict[bytes, bytes]:
        """Every directory object. For sweeps: this is the whole table."""
        with self._lock:
            return dict(self._connect().execute("SELECT digest, body FROM trees"))

    def fact(self, name: str) -> int:
        """A number the store keeps about itself; 0 until set."""
        found = self._one("SELECT value FROM facts WHERE name = ?", name) if self.exists else None
        return found if isinstance(found, int) else 0

    def roots(self) -> list[bytes]:
        """Root trees, most recently used first."""
        with self._lock:
            return [row[0] for row in self._connect().execute("SELECT digest FROM roots ORDER BY used DESC, digest")]

    def commit(
        self,
        bodies: Mapping[bytes, bytes],
        root: bytes,
        used: float,
        grown: int,
        source: bytes = b"",
        stats: Iterable[tuple[bytes, bytes | None]] = (),
    ) -> None:
        """Add a tree: its directory objects, its root, the bytes its objects added; and a snapshot's stat rows.

        A stat row of None is deleted.
        """
        with self.transaction() as connection:
            for row in bodies.items():
                if connection.execute("INSERT OR IGNORE INTO trees VALUES (?, ?)", row).rowcount:
                    grown += len(row[1])
            connection.execute("INSERT OR REPLACE INTO roots VALUES (?, ?)", (root, used))
            if grown:
                _add(connection, "usage", grown)
            for path, body in stats:
                if body is None:
                    connection.execute("DELETE FROM stats WHERE source = ? AND path = ?", (source, path))
                else:
                    connection.execute("INSERT OR REPLACE INTO stats VALUES (?, ?, ?)", (source, path, body))

    def touch(self, digests: Iterable[bytes], used: float) -> None:
        """Mark roots as used at `used`; digests that are no roots are passed over."""
        with self.transaction() as connection:
            connection.executemany("UPDATE roots SET used = ? WHERE digest = ?", [(used, d) for d in digests])

    def drop(self, trees: Collection[bytes], roots: Collection[bytes], usage: int | None = None) -> None:
        """Forget directory objects and roots, and count up the generation. `usage` replaces the byte count."""
        with self.transaction() as connection:
            connection.executemany("DELETE FROM trees WHERE digest = ?", [(d,) for d in trees])
            connection.executemany("DELETE FROM roots WHERE digest = ?", [(d,) for d in roots])
            _add(connection, "generation", 1)
            if usage is not None:
                connection.execute("INSERT OR REPLACE INTO facts VALUES ('usage', ?)", (usage,))

    def remember(self, name: str, value: int) -> None:
        """Set a fact."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def stats(self, source: bytes) -> dict[bytes, bytes]:
        """The stat rows of one source directory, by directory path."""
        if not self.exists:
            return {}
        with self._lock:
            rows = self._connect().execute("SELECT path, body FROM stats WHERE source = ?", (source,))
            return dict(rows)


def _add(connection: sqlite3.Connection, name: str, amount: int) -> None:
    connection.execute(
        "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        (name, amount),
    )
