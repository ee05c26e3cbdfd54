"""Where a build stopped: written into its workspace, so that it can be looked into, and taken up by a later attempt."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.execution.pausing import Pause
from engine.providers.codebuild.position import Outline
from engine.runners.shell import Moment

_FILE = "stopped.json"


@dataclass(frozen=True, slots=True)
class Stand:
    """One build at the command where it stopped. `trees` are the inputs as they lie in the workspace, by artifact.

    `values` are the variables that the build began with. `moments` has environment and directory before each command
    that ran, by `Position.key`, and `here` those after the one where it stopped. `first` are the inputs with which its
    checkpoints began, `kept` those that lay in the workspace at each.
    """

    action_execution_id: str
    pause: Pause
    trees: dict[str, str]
    outline: Outline
    values: dict[str, str]
    moments: dict[str, Moment]
    here: Moment
    first: dict[str, str] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def masked(self, mask: Callable[[str], str]) -> Stand:
        """Fit to be written down."""
        moments = {key: moment.masked(mask) for key, moment in self.moments.items()}
        values = {name: mask(value) for name, value in self.values.items()}
        pause = dataclasses.replace(self.pause, command=mask(self.pause.command))
        return dataclasses.replace(self, pause=pause, values=values, moments=moments, here=self.here.masked(mask))

    def write(self, workspace: Path) -> None:
        """Keep it in the workspace, for nobody else's eyes."""
        draft = workspace / f".{_FILE}"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
            json.dump(dataclasses.asdict(self), file)
        draft.replace(workspace / _FILE)


def read_stand(workspace: Path) -> Stand | None:
    """What was kept of the last build; None where it did not stop at a command."""
    try:
        plain = json.loads((workspace / _FILE).read_text(encoding="utf-8", errors="surrogateescape"))
        return Stand(
            action_execution_id=plain["action_execution_id"],
            pause=Pause(**plain["pause"]),
            trees=dict(plain["trees"]),
            outline=tuple(tuple(phase) for phase in plain["outline"]),
            values=dict(plain["values"]),
            moments={key: Moment(**moment) for key, moment in plain["moments"].items()},
            here=Moment(**plain["here"]),
            first=dict(plain["first"]),
            kept={key: dict(trees) for key, trees in plain["kept"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_stand(workspace: Path) -> None:
    """A new build begins here."""
    (workspace / _FILE).unlink(missing_ok=True)
    _REMEMBERED.pop(workspace, None)


# Values that are masked on the disk are not lost while this process lives: what was derived from secrets, too.
_REMEMBERED: dict[Path, Stand] = {}
_MOST = 50


def remember(workspace: Path, stand: Stand) -> None:
    """Keep it with its secrets, in memory only."""
    _REMEMBERED.pop(workspace, None)
    _REMEMBERED[workspace] = stand
    while len(_REMEMBERED) > _MOST:
        del _REMEMBERED[next(iter(_REMEMBERED))]


def remembered(workspace: Path) -> Stand | None:
    """What this process remembers of the last build there, with its secrets."""
    return _REMEMBERED.get(workspace)


def known_stand(workspace: Path, action_execution_id: str) -> tuple[Stand | None, bool]:
    """Where that attempt stopped, if it is the last one here; and whether its secrets are known."""
    written = read_stand(workspace)
    if written is None or written.action_execution_id != action_execution_id:
        return None, False
    known = _REMEMBERED.get(workspace)
    whole = known is not None and known.action_execution_id == action_execution_id
    return (known if whole else written), whole


def changed_values(before: Mapping[str, str], after: Mapping[str, str], mask: Callable[[str], str]) -> dict[str, str]:
    """The variables that a build would begin with now and that are not what they were. What is masked is given anew."""
    return {
        name: value
        for name, value in after.items()
        if before.get(name) not in (value, mask(value)) or mask(value) != value
    }
