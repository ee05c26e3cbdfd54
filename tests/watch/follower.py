"""A process that watches a directory and tells, after every batch, what it believes to be there."""

import asyncio
import json
import sys
from pathlib import Path

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


asyncio.run(main(Path(sys.argv[1])))
