"""The exit codes of the command. They are a promise: scripts and CI branch on them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code says; `meaning` is the sentence that help and docs print."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Exit:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "succeeded"
    FAILED = 1, "an action failed"
    USAGE = 2, "bad usage, a bad definition, or something needed is missing"
    STOPPED = 3, "stopped, or an approval was rejected"
    NOT_FAITHFUL = 4, "--strict: something ran that is not what AWS would run"
    INTERNAL = 70, "a defect of greenroom itself"
    WAITING = 77, "paused, or waiting for an approval that was not given"
    TIMED_OUT = 124, "--timeout ran out"
    HUNG_UP = 129, "ended by SIGHUP"
    INTERRUPTED = 130, "ended by SIGINT (ctrl+c)"
    PIPE_CLOSED = 141, "the reader of stdout went away"
    TERMINATED = 143, "ended by SIGTERM"
