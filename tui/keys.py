"""Every key of the app in one table: the bindings, the help and the palette are made from it.

The ids are what a person's ``keys.toml`` remaps: ``"app.approve" = "a,ctrl+a"``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from textual.binding import Binding

from tui.resources import user_directory


class Key(NamedTuple):
    """One command: its id, its keys, the action, a word for the key bar (empty: not there), a sentence for help."""

    id: str
    keys: str
    action: str
    label: str
    help: str
    group: str
    rank: int = 9


KEYS: tuple[Key, ...] = (
    Key("app.approve", "a", "approve", "Approve", "Approve or reject what waits for a person", "Run", 1),
    Key(
        "app.retry",
        "r",
        "retry('FAILED_ACTIONS')",
        "Retry",
        "Retry what failed, from the command, its phase or the start; go on with what is paused",
        "Run",
        3,
    ),
    Key("app.continue", "c", "continue", "", "Continue the paused action", "Run"),
    Key("app.paused", "P", "paused", "", "Every paused action: go there, go on, fail it, a shell", "Run"),
    Key("app.retry_stage", "R", "retry('ALL_ACTIONS')", "", "Retry the whole stage", "Run"),
    Key("app.start", "S,ctrl+r", "start", "Start", "Start a run now", "Run", 6),
    Key("app.force", "F", "force", "", "Run the chosen or marked actions anew, whatever is cached", "Run"),
    Key(
        "app.mark",
        "space",
        "mark",
        "",
        "Mark the action, for commands that can be about several; esc takes the marks away",
        "Run",
    ),
    Key("app.undo", "u", "undo", "", "Take back the last thing that can be: a transition, an alarm, the watch", "Run"),
    Key("app.only", "equals_sign", "run_only", "", "Run only the chosen or marked actions, and what they need", "Run"),
    Key("app.from", "greater_than_sign", "run_part('from')", "", "Run from the chosen or marked action on", "Run"),
    Key("app.until", "less_than_sign", "run_part('until')", "", "Run until the chosen or marked action", "Run"),
    Key("app.restart", "X", "restart", "", "End the run that goes on and start it anew", "Run"),
    Key("app.stop", "x", "stop", "Stop", "Stop the run, or reject the approval that waits", "Run", 4),
    Key("app.transition", "T", "transition", "", "Disable or enable the transition into the stage", "Stage"),
    Key("app.rollback", "B", "rollback", "", "Roll the stage back to an earlier run", "Stage"),
    Key("app.override", "O", "override", "", "Let the run pass in spite of the stage's condition", "Stage"),
    Key("app.alarms", "A", "alarms", "", "Set a local CloudWatch alarm that rules look at", "Stage"),
    Key("app.pause", "p", "pause", "Unwatch", "Pause watching for saves, or watch again", "Run", 7),
    Key("app.log", "1", "tab('log')", "", "Log of the chosen action", "Look"),
    Key("app.why", "w,2", "tab('why')", "Why", "Why it ran, was reused or waits", "Look", 5),
    Key("app.artifacts", "3", "tab('artifacts')", "", "What it read and what it made", "Look"),
    Key("app.variables", "4", "tab('variables')", "", "Its variables and those it can use", "Look"),
    Key("app.config", "5", "tab('config')", "", "Its configuration, as written and as resolved", "Look"),
    Key("app.tests", "6", "tab('tests')", "", "Its tests: failures, changes, flaky and slow ones", "Look"),
    Key("app.follow", "f", "log('follow')", "", "Follow the end of the log", "Log"),
    Key("app.search", "slash", "log('search')", "", "Search the log; n and N for the next and last hit", "Log"),
    Key("app.next_error", "e", "log('next_error')", "", "Go to the next error in the log", "Log"),
    Key("app.next_failure", "E", "log('next_failure')", "", "Go to the next failed test in the log", "Log"),
    Key("app.filter", "ampersand", "log('filter')", "", "Show only matching lines of the log", "Log"),
    Key("app.logs", "M", "logs", "", "Several logs: merged by time, or side by side", "Log"),
    Key("app.timestamps", "t", "log('timestamps')", "", "Show when each line was written", "Log"),
    Key("app.pager", "L", "pager", "", "Open the log in $PAGER", "Outside"),
    Key("app.shell", "s", "shell", "Shell", "A shell where the chosen action ran", "Outside", 5),
    Key("app.edit", "o", "edit", "", "Open the definition in $EDITOR", "Outside"),
    Key("app.suspend", "ctrl+z", "suspend_process", "", "Back to your shell; `fg` returns", "Outside"),
    Key("app.copy", "y", "copy", "", "Copy what is selected, else what is shown", "Look"),
    Key("app.next_action", "right_square_bracket", "neighbour(1)", "", "The next action", "Move"),
    Key("app.last_action", "left_square_bracket", "neighbour(-1)", "", "The action before", "Move"),
    Key("app.zoom", "z", "zoom", "", "Give the whole screen to the graph or the pane", "Look"),
    Key("app.nearer", "plus", "graph_zoom(1)", "", "The graph nearer: stages, actions, actions with detail", "Graph"),
    Key("app.further", "minus", "graph_zoom(-1)", "", "The graph further away", "Graph"),
    Key("app.auto_zoom", "0", "graph_auto", "", "The graph as near as its size lets it", "Graph"),
    Key("app.turn", "vertical_line", "graph_turn", "", "The graph from left to right, or from top to bottom", "Graph"),
    Key("app.centre", "full_stop", "graph_centre", "", "The graph to what runs; again: the strip of stages", "Graph"),
    Key("app.history", "H", "history", "", "Every run of this pipeline", "Look"),
    Key("app.timeline", "v", "timeline", "", "What took how long, and the critical path", "Look"),
    Key("app.browse", "b", "browse", "", "The artifacts of the run: files, previews, differences", "Look"),
    Key("app.all_variables", "V", "all_variables", "", "Every variable: value, origin, where it is used", "Look"),
    Key("app.sources", "i", "sources", "", "The sources: dirty files, what is ignored, what starts a run", "Look"),
    Key("app.settings", "comma", "settings", "", "Settings and where they come from, themes, keys", "Look"),
    Key("app.secrets", "W", "secrets", "", "Give the parameters and secrets that builds want", "Run"),
    Key("app.problems", "D", "diagnostics", "", "What is wrong with the definition or the settings", "Look"),
    Key("app.messages", "exclamation_mark", "messages", "", "What was said at the foot of the screen lately", "Look"),
    Key("app.switch", "tab,shift+tab", "switch", "", "Go to the other half of the screen", "Move"),
    Key("app.back", "escape", "up", "", "One level up; the selection follows what runs again", "Move"),
    Key("app.palette", "colon,ctrl+p", "command_palette", "", "Every command by name", "Help"),
    Key("app.help", "question_mark,f1", "help", "Help", "This help", "Help", 1),
    Key("app.quit", "q", "leave", "Quit", "Quit; asks first while something runs", "Help", 2),
    Key("app.quit_now", "ctrl+q", "quit", "", "Quit at once", "Help"),
)


# Every screen of Textual's binds tab; ours must do so as well to be asked first.
_ON_SCREENS = ("app.switch",)


def bindings() -> list[Binding]:
    """The app's own bindings."""
    return [_binding(key, key.action) for key in KEYS if key.id not in _ON_SCREENS]


def screen_bindings() -> list[Binding]:
    """Bindings that have to stand on the main screen."""
    return [_binding(key, f"app.{key.action}") for key in KEYS if key.id in _ON_SCREENS]


def _binding(key: Key, action: str) -> Binding:
    return Binding(key.keys, action, key.label or key.help, show=bool(key.label), id=key.id, tooltip=key.help)


@dataclass(slots=True)
class Keymap:
    """A person's own keys by binding id, and what was wrong with their file."""

    keys: dict[str, str]
    problems: list[str]


def load_keymap(file: Path | None = None) -> Keymap:
    """Read ``keys.toml``; a missing file is an empty one."""
    path = file or user_directory() / "keys.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Keymap({}, [])
    except (OSError, ValueError) as error:
        return Keymap({}, [f"{path}: {error}"])
    keymap = Keymap({}, [])
    for identity, keys in _flat(data).items():
        if isinstance(keys, str) and keys:
            keymap.keys[identity] = keys
        else:
            keymap.problems.append(f'{path}: {identity} must be a text of keys such as "a,ctrl+a"')
    return keymap


def _flat(data: dict[str, object], prefix: str = "") -> dict[str, object]:
    """``[app]`` with ``approve`` in it means the same as ``"app.approve"``."""
    flat: dict[str, object] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "full_stop": ".",
    "number_sign": "#",
    "equals_sign": "=",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "underscore": "_",
    "vertical_line": "|",
    "ampersand": "&",
    "exclamation_mark": "!",
    "at": "@",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "space": "space",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "shift+tab": "⇧tab",
    "delete": "del",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def readable(keys: str) -> str:
    """Keys as people write them: ``?`` for ``question_mark``, ``^p`` for ``ctrl+p``."""
    names = [_NAMES.get(key.strip(), key.strip().replace("ctrl+", "^")) for key in keys.split(",")]
    return " ".join(names)
