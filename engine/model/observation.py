"""What runs were seen to read, and what rests on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """What a run was seen to look at in its inputs.

    `looks` is a tree of the store (see `engine.artifacts.looks`); without one nobody can tell, and `trouble` says why.
    It read `read` of the `files` there are. `hopeless`: another try would be in vain.
    """

    looks: str = ""
    read: int = 0
    files: int = 0
    trouble: str = ""
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class Narrowing:
    """An earlier run that would see nothing else in the present inputs.

    `base` is the digest of all that decides the result besides the inputs. `action_execution_id` is that run, "" for
    none. `unread` are the first paths that differ since and that it did not look at, `more` how many further ones.
    """

    base: str
    action_execution_id: str = ""
    unread: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Distrust:
    """Why runs of an action are not narrowed any more, as long as `base` is the same."""

    base: str
    reason: str
