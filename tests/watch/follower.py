"""A process that watches a directory and tells, after every batch, what it believes to be there.

With a second argument it stops as soon as it has begun.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from engine._watching.observer import Observer
from engine.watch import Watch
from tests.watch.reader import Reader


async def main(root: Path) -> None:
    watch = Watch({"Source": root}, [], lambda path: False, corner=root / ".greenroom" / "watch")
    reader = Reader(watch, root)
    while True:
        batch = await reader.take()
        names = sorted(Path(path).name for path in reader.mirror)
        told = {"files": len(names), "last": names[-1:], "rescan": batch.rescan, "reason": batch.reason}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def stop_after_the_first_rescan() -> None:
    """The process stops itself between two looks, and goes on when somebody says so."""
    rescan = Observer._rescan

    def once(self: Observer, *rest: object) -> None:
        Observer._rescan = rescan  # type: ignore[method-assign]
        rescan(self, *rest)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGSTOP)

    Observer._rescan = once  # type: ignore[assignment, method-assign]


if sys.argv[2:]:
    stop_after_the_first_rescan()
asyncio.run(main(Path(sys.argv[1])))
