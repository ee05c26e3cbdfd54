"""A greenroom to be killed: runs the pipeline of a directory, telling each event's number on stdout."""

from __future__ import annotations

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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
