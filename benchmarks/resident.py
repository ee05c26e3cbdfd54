"""A greenroom that stays open and is asked for one run after the other, as the terminal app is.

`python -m benchmarks.resident DIRECTORY` reads lines; for each it looks at the whole source, runs the pipeline and
answers with a line of JSON: wall clock and CPU in seconds, and whether it succeeded.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from queue import SimpleQueue
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from engine.execution.events import Recorded
from engine.execution.requests import Start
from engine.opening import Options, open_project
from engine.session import Session


def cpu() -> float:
    """CPU seconds of this process and all it waited for."""
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def rerun(session: Session, news: SimpleQueue[list[Recorded]]) -> dict[str, object]:
    """Run the pipeline once, to the end."""
    wall, busy = time.perf_counter(), cpu()
    wanted = session.request(Start()).result().execution_id
    while True:
        for recorded in news.get():
            event = recorded.event
            if event.type == "ExecutionEnded" and event.execution_id == wanted:
                return {
                    "wall": time.perf_counter() - wall,
                    "cpu": cpu() - busy,
                    "succeeded": event.status == "Succeeded",
                }


def main(directory: str) -> None:
    """Answer until the input ends."""
    session = Session.start(open_project(Options(Path(directory), jobs=2)), command="benchmark")
    news: SimpleQueue[list[Recorded]] = SimpleQueue()
    session.subscribe(news.put, after=session.state().seq)
    try:
        for _ in sys.stdin:
            print(json.dumps(rerun(session, news)), flush=True)
    finally:
        session.close()


if __name__ == "__main__":
    main(sys.argv[1])
