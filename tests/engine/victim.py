"""A greenroom to be killed: runs the pipeline of a directory, telling each event's number on stdout.

With `many`, each line on stdin starts one, which tells its process first. All are children of one process, which has
imported what they need, and says on a line of its own when one has ended.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.session import Options, Session, open_project


def main(directory: Path) -> None:
    session = Session.start(open_project(Options(directory=directory)), command="victim")
    ended = threading.Event()

    def hear(news: list[ev.Recorded]) -> None:
        for item in news:
            print(item.seq, item.event.type, flush=True)
            if isinstance(item.event, ev.ExecutionEnded):
                ended.set()

    session.subscribe(hear, after=session.state().seq)
    session.request(rq.Start(approve=("all",), forced=("*",))).result()
    ended.wait()
    session.close()


def one(directory: Path) -> None:
    """A process of its own, from before its first event to its end."""
    if child := os.fork():
        os.waitpid(child, 0)
        os.write(1, b"\nover\n")  # the victim may have been in the middle of a line
        return
    print(os.getpid(), flush=True)
    main(directory)
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[2:] == ["many"]:
        for _ in sys.stdin:
            one(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]))
