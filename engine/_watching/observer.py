"""The thread that looks: it turns what the system reports into batches, and knows when it cannot be sure."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine._watching.batch import Batch
from engine._watching.cookies import Cookies
from engine._watching.loss import LossDetector
from engine._watching.names import temporary
from engine._watching.notifier import (
    PER_DIRECTORY,
    Notifier,
    Unwatchable,
    WatchfilesRustInternalError,
    open_notifier,
    silent_filesystem,
)
from engine._watching.places import Places, Signature, signature
from engine._watching.poller import Poller

_IDLE: Final = 0.25  # seconds between looks at the clock and the roots
_HELD: Final = 0.01
_WAIT_FOR_RENAME: Final = 0.15
_BARRIER: Final = 1.0
_GROWTH: Final = 10  # rounds in which a new directory may go on growing while it is being watched
_GIT_PATIENCE: Final = 5.0
_GIT_FRESH: Final = 30.0  # an older index.lock was left by a git that died
_GONE: Final = (-1, -1)
_ADDED: Final = 1
_DELETED: Final = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """`debounce_ms` gathers saves at most so long, `step_ms` of quiet end a burst."""

    debounce_ms: int
    step_ms: int
    rescan_seconds: float


class Observer:
    """One look after the other, in a thread of its own. `deliver` is called on that thread."""

    def __init__(self, places: Places, timing: Timing, deliver: Callable[[Batch], None]) -> None:
        self.notice = ""
        self._places = places
        self._timing = timing
        self._deliver = deliver
        self._stop = threading.Event()
        self._refresh = threading.Event()
        self._identities: dict[Path, tuple[int, int] | None] = {}
        self._extras: dict[Path, Signature | None] = {}
        self._locks: list[Path] = []
        self._polling = bool(os.environ.get("WATCHFILES_FORCE_POLLING"))
        self._directories: set[str] = set()
        self._notify: Notifier | None = None
        self._pending: set[Path] = set()
        self._newborn: set[Path] = set()
        self._maybe: dict[Path, float] = {}
        self._hold_since = 0.0
        self._ran = _now(), time.thread_time()
        self._doubts = 0
        self._reopen_at = 0.0
        self._glance_at = 0.0
        self._loss = LossDetector(_now(), timing.rescan_seconds)
        self.cookies = Cookies(places.corner)

    def run(self) -> None:
        """Look until `stop`. Whatever cannot be handled is raised."""
        try:
            self._begin()
            while not self._stop.is_set():
                self._look()
                self._report()
        finally:
            self.cookies.abandon()
            if self._notify is not None:
                self._notify.close()

    def stop(self) -> None:
        """End `run` within a few milliseconds."""
        self._stop.set()

    def refresh(self) -> None:
        """Find out anew which directories are to be watched: what is ignored may have changed."""
        self._refresh.set()

    def sync(self) -> Future[bool]:
        """True once everything that happened before this call has been delivered, False if nobody can tell."""
        return self.cookies.bake(_now())

    def _begin(self) -> None:
        self.cookies.prepare()
        self.cookies.sweep()
        for root in self._places.roots.values():
            kind = silent_filesystem(root)
            if kind and not self._polling:
                self._poll(f"{root} is on a file system ({kind}) that does not report all changes.")
        self._identities = self._places.identities()
        self._extras = self._places.extra_signatures()
        self._locks = self._places.git_locks()
        self._open(self._places.directories())
        self._awake()
        self._rescan(_now(), self.notice or "watching begins")
        self.cookies.bake(_now())

    def _look(self) -> None:
        notify = self._notify
        assert notify is not None
        before = _now()
        wait = self._wait(before)
        timing = self._timing
        try:
            raw = notify.watch(timing.debounce_ms, timing.step_ms, max(1, int(wait * 1000)), self._stop)
        except WatchfilesRustInternalError:
            # Mostly a name that is not UTF-8: it has no path here, and this notifier is of no more use.
            self._loss.suspect(_now(), "a change could not be read")
            self._open(self._directories, handover=False)
            return
        now = _now()
        changes = raw if isinstance(raw, set) else set()
        late = now - before - wait - timing.debounce_ms / 1000 + self._stood_still(before)
        self._loss.looked(now, len(changes), late)
        self._awake()
        self._sort(changes, now)

    def _awake(self) -> None:
        """From here on `_stood_still` counts."""
        self._ran = _now(), time.thread_time()

    def _stood_still(self, now: float) -> float:
        """Seconds that passed since `_awake` without this thread at work: the process may have been stopped."""
        at, worked = self._ran
        return now - at - (time.thread_time() - worked)

    def _wait(self, now: float) -> float:
        if self._pending or self._newborn or self._maybe:
            return _HELD
        return max(0.001, min(_IDLE, self._loss.deadline - now))

    def _sort(self, changes: set[tuple[int, str]], now: float) -> None:
        for kind, text in changes:
            path = Path(text)
            if self.cookies.taste(path):
                continue
            if kind == _DELETED and path in self._identities:
                # Seen by `_glance` whatever stands there now: a new directory may even get the old one's inode.
                self._identities[path] = _GONE
                self._glance_at = 0.0
            name = self._places.named(path)
            if name is None:
                continue
            if kind == _ADDED and _is_directory(path):
                self._newborn.add(path)
            elif kind == _ADDED and temporary(path.name):
                self._maybe.setdefault(path, now + _WAIT_FOR_RENAME)
            elif path not in self._maybe or kind == _DELETED:
                # Also what was never reported: a scan may have seen it by chance, and has to be told that it went.
                self._pending.add(name)

    def _report(self) -> None:
        now = _now()
        if self._newborn and now >= self._reopen_at:
            self._adopt(now)
        if self._refresh.is_set():
            self._refresh.clear()
            self._look_around()
        for path in [path for path, until in self._maybe.items() if now >= until]:
            del self._maybe[path]
            self._pending.add(self._places.named(path) or path)
        held, busy = self._hold_since, self._git_is_busy(now)
        ended = held and not self._hold_since  # git's last files come with one more look
        if self._pending and not busy and not ended:
            self._send(Batch(frozenset(self._pending), False, "changed"))
        if now >= self._glance_at:
            self._glance_at = now + _IDLE * 2
            self._glance(now)
        if not self._pending and not self._newborn and not self._loss.suspicious:
            self._settle_cookies(now)
        reason = self._loss.due(now)
        if reason:
            self._look_around()
            self._awake()  # a disk may be slow; what happened until now is seen by whoever is told
            self._rescan(now, reason)

    def _settle_cookies(self, now: float) -> None:
        if self.cookies.serve():
            self._doubts = 0
        if not self.cookies.overdue(now) or self._polling:
            return
        # One may go unnoticed on a machine that was asleep; two do not.
        self._doubts += 1
        if self._doubts > 1:
            self._poll("The file system here does not report changes.")
        self._open(self._directories, handover=False)
        self._rescan(now, self.notice or "the watch seemed dead")
        self.cookies.bake(now)

    def _adopt(self, now: float) -> None:
        """Watch new directories, and only then report them: what appears in them from now on is seen."""
        newborn, self._newborn = self._newborn, set()
        if PER_DIRECTORY or self._polling:
            # Known names too: the directory that now bears one may be another than the one being watched.
            found = self._places.directories(newborn)
            for _ in range(_GROWTH):
                if not found:
                    break
                self._open(self._directories | found)
                found = self._places.directories(newborn) - self._directories
            else:
                self._loss.suspect(now, "directories appear faster than they can be watched")
            # A tree of thousands is costly to watch anew: leave as much time and more for everything else.
            self._reopen_at = _now() + 2 * (_now() - now)
        self._pending |= newborn

    def _look_around(self) -> None:
        directories = self._places.directories()
        if (PER_DIRECTORY or self._polling) and directories | self._places.standing() != self._directories:
            fresh = directories - self._directories
            self._open(directories)
            self._pending.update(Path(path) for path in fresh)

    def _glance(self, now: float) -> None:
        """What no event tells for certain: roots that went or came back, and single files."""
        self.cookies.prepare()
        identities = self._places.identities()
        if identities != self._identities:
            changed = {root for root in identities if identities[root] != self._identities[root]}
            self._identities = identities
            self._locks = self._places.git_locks()
            self._open(self._places.directories(), handover=False)
            missing = sorted(str(root) for root in changed - {self._places.corner} if identities[root] is None)
            reason = f"{', '.join(missing)} is gone" if missing else "a watched directory was replaced"
            self._rescan(now, reason, frozenset(changed) - {self._places.corner})
        signatures = self._places.extra_signatures()
        changed_files = {path for path, signature in signatures.items() if signature != self._extras[path]}
        self._extras = signatures
        self._pending |= changed_files

    def _git_is_busy(self, now: float) -> bool:
        """git is rewriting the working tree: half a checkout is nothing to run."""
        busy = any(_fresh(lock) for lock in self._locks)
        if not busy:
            self._hold_since = 0.0
            return False
        self._hold_since = self._hold_since or now
        return now - self._hold_since < _GIT_PATIENCE

    def _rescan(self, now: float, reason: str, paths: frozenset[Path] = frozenset()) -> None:
        self._loss.rescanned(now)
        self._send(Batch(frozenset(self._pending) | paths, True, reason))

    def _send(self, batch: Batch) -> None:
        self._pending.clear()
        for path in batch.paths & self._extras.keys():
            self._extras[path] = signature(path)
        self._deliver(batch)

    def _poll(self, why: str) -> None:
        self._polling = True
        self.notice = f"{why} Changes are noticed by looking again and again, which takes a little longer."

    def _open(self, directories: set[str], *, handover: bool = True) -> None:
        """Watch these directories; the old watch ends only when the new one is at work.

        Without `handover` the old one is known to be of no use: what it still knew is lost.
        """
        wanted = directories | self._places.standing()
        self._directories = {path for path in wanted if os.path.isdir(path)}  # noqa: PTH112 - thousands of them
        roots = {str(root) for root, stands in self._identities.items() if stands}
        watched = self._directories if PER_DIRECTORY or self._polling else roots
        old, self._notify = self._notify, None
        try:
            self._notify = open_notifier(watched, polling=self._polling)
        except Unwatchable as first:
            self._notify = self._second_best(old, first)
            old = None
        if old is not None:
            if handover:
                self._drain(old)
            old.close()
        self.cookies.remind()

    def _second_best(self, old: Notifier | None, refusal: Unwatchable) -> Notifier:
        now = _now()
        self._loss.suspect(now, "the watch was interrupted")
        if old is not None:
            # Both at once may be more than the limit allows; one after the other leaves a gap.
            old.close()
            try:
                return open_notifier(self._directories, polling=self._polling)
            except Unwatchable as again:
                refusal = again
        self._poll(str(refusal))
        self._loss.suspect(now, self.notice)
        return open_notifier(self._directories, polling=True)

    def _drain(self, old: Notifier) -> None:
        """Take what the old watch still knows: all up to a cookie that was laid when the new one was at work."""
        crumb = self.cookies.lay()
        until = _now() + _BARRIER
        exact = isinstance(old, Poller)
        try:
            while not exact and crumb is not None and _now() < until:
                raw = old.watch(1, 1, 20, self._stop)
                changes = raw if isinstance(raw, set) else set()
                self._sort(changes, _now())
                exact = raw == "stop" or any(text == str(crumb) for _, text in changes)
        except WatchfilesRustInternalError:
            exact = False
        if not exact:
            self._loss.suspect(_now(), "the watch was replaced")
        self.cookies.clear(crumb)


def _now() -> float:
    # Goes on while the machine sleeps: a long sleep must show.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _fresh(lock: Path) -> bool:
    try:
        return abs(time.time() - lock.stat().st_mtime) < _GIT_FRESH
    except OSError:
        return False
