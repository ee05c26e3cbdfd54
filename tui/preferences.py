"""What a person wants of the terminal app, everywhere: ``settings.toml`` beside ``keys.toml``.

```toml
theme = "greenroom-dusk"
glyphs = "nerd"
mouse = false
motion = false
plain = true
wrap = true
times = "all"
together = true
```

An option beats a variable of the environment, which beats the file. docs/terminal.md describes the keys.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import cast

from tui.glyphs import SETS
from tui.looks import TIMES, LogLook, Times
from tui.resources import user_directory

FILE = "settings.toml"
_VARIABLES = {
    "theme": "GREENROOM_THEME",
    "glyphs": "GREENROOM_GLYPHS",
    "mouse": "GREENROOM_MOUSE",
    "motion": "GREENROOM_MOTION",
    "plain": "GREENROOM_PLAIN",
    "wrap": "GREENROOM_WRAP",
    "times": "GREENROOM_TIMES",
    "together": "GREENROOM_TOGETHER",
}
CHOICES: dict[str, tuple[str, ...]] = {"glyphs": tuple(SETS), "times": TIMES}
"""What some of the texts may be."""
_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(slots=True)
class Preferences:
    """`theme` and `glyphs` are empty where nobody asked for one. `motion`: whether anything moves by itself. `wrap`,
    `times` and `together`: how logs are shown, see `looks.LogLook`.

    `origins` says where each value comes from (the environment's variable or the file); what is not in there is the
    default. `problems` are what was wrong, as sentences.
    """

    theme: str = ""
    glyphs: str = ""
    mouse: bool = True
    motion: bool = True
    plain: bool = False
    wrap: bool = False
    times: str = "own"
    together: bool = False
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def logs(self) -> LogLook:
        """How logs are shown."""
        return LogLook(self.wrap, cast("Times", self.times), self.together)


NAMES = tuple(one.name for one in fields(Preferences) if one.name not in ("origins", "problems"))


def load_preferences(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Preferences:
    """The file, then the environment over it. A wrong value is reported and left out, never fatal."""
    path = file or user_directory() / FILE
    found = Preferences()
    for name, value in _read(path, found).items():
        if name not in NAMES:
            found.problems.append(f"{path}: there is no {name!r} (there are {', '.join(NAMES)})")
        else:
            _take(found, name, value, str(path))
    for name, variable in _VARIABLES.items():
        text = (os.environ if environment is None else environment).get(variable, "")
        if text:
            value = text if isinstance(getattr(Preferences(), name), str) else _WORDS.get(text.lower(), text)
            _take(found, name, value, variable)
    return found


def keep_preference(name: str, value: str | bool, file: Path | None = None) -> Path:
    """Write one value into the file, leaving every other line of it alone. Raises `OSError`, or `ValueError` where
    the file is not TOML: it is the person's, and not overwritten."""
    path = file or user_directory() / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    tomllib.loads(text)
    line = f"{name} = {_toml(value)}"
    changed, count = re.subn(rf"(?m)^{re.escape(name)}\s*=.*$", lambda _: line, text, count=1)
    if not count:
        changed = f"{line}\n{text}"  # at the top: what follows may be in a table
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as whole:
        whole.write(changed)
    Path(whole.name).replace(path)
    return path


def _read(path: Path, found: Preferences) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        found.problems.append(f"{path}: {error}")
        return {}


def _take(found: Preferences, name: str, value: object, origin: str) -> None:
    wanted = type(getattr(Preferences(), name))
    if not isinstance(value, wanted):
        said = '"text"' if wanted is str else "true or false"
        found.problems.append(f"{origin}: {name} must be {said}, not {value!r}")
    elif name in CHOICES and value not in CHOICES[name]:
        found.problems.append(f"{origin}: there are no {name} {value!r} (there are {', '.join(CHOICES[name])})")
    else:
        setattr(found, name, value)
        found.origins[name] = origin


def _toml(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
