"""The file of events: one JSON object a line, for its owner's eyes only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_TAIL = 1 << 18  # bytes at the end in which a restart looks for what it has written already


class EventFile:
    """Appends bodies to a file. Each is written once, even if the last session ended while it was at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: set[str] | None = None

    def append(self, bodies: Iterable[dict[str, object]]) -> None:
        """Write those that are not there yet, in one piece. Raises `OSError`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            tail = _tail(descriptor)
            if self._known is None:
                self._known = {found for line in tail.splitlines() if (found := _identity(_parsed(line)))}
            fresh = [body for body in bodies if _identity(body) not in self._known]
            text = "".join(f"{json.dumps(body, ensure_ascii=False)}\n" for body in fresh)
            if tail and not tail.endswith("\n"):
                text = f"\n{text}"  # the last session was ended in the middle of a line
            _write(descriptor, text.encode("utf-8", "backslashreplace"))
            self._known.update(map(_identity, fresh))
        finally:
            os.close(descriptor)


def _parsed(line: str) -> Mapping[str, object]:
    try:
        found = json.loads(line)
    except ValueError:  # torn, or not ours
        return {}
    return found if isinstance(found, dict) else {}


def _identity(body: Mapping[str, object]) -> str:
    """An event's id; of an approval's message, which has none, its token."""
    approval = body.get("approval")
    return str(body.get("id") or (approval.get("token") if isinstance(approval, dict) else None) or "")


def _tail(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    start = max(0, size - _TAIL)
    return os.pread(descriptor, size - start, start).decode("utf-8", "replace")


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
