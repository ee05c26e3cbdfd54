"""Values for a shell that is opened once a build is over: what was secret is not kept, so it is asked for anew.

What lies beside the build says which variable was which parameter or secret, by their names alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.model.project import ProjectFile
from engine.providers.codebuild.layout import Layout
from engine.runners.environment import host_environment
from engine.runners.shell import masked_names, where_it_stands

if TYPE_CHECKING:
    from engine.providers.codebuild.variables import Variables

_NOTE = "secrets.json"
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Regained:
    """`values` of variables that held secrets, by name; of the others, `lost`, why there is none."""

    values: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


def leave_names(scratch: Path, variables: Variables, *, project: str, place: tuple[str, str]) -> None:
    """Write down of what the secret variables of a build are the values."""
    names = {name: variables.origins.get(name, ("", "")) for name in sorted(variables.secret)}
    note = scratch / _NOTE
    note.unlink(missing_ok=True)
    if names:
        note.write_text(json.dumps({"names": names, "project": project, "place": place}), encoding="utf-8")


def regained(workspace: Path, project: Callable[[], ProjectFile | None]) -> Regained:
    """The values for a shell in a workspace. Where nothing secret was, nobody is asked for the project file."""
    scratch = Layout(workspace).scratch
    if where_it_stands(scratch):  # then it has everything
        return Regained()
    try:
        text = (scratch / "env.sh").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return Regained()
    wanted = masked_names(text)
    if not wanted:
        return Regained()
    found = _from_memory(workspace, wanted)
    lost: dict[str, str] = {}
    if left := [name for name in wanted if name not in found]:
        _ask(scratch, left, project(), found, lost)
    return Regained(found, lost)


def _ask(
    scratch: Path, wanted: Iterable[str], project: ProjectFile | None, found: dict[str, str], lost: dict[str, str]
) -> None:
    from engine.providers import references

    try:
        plain = json.loads((scratch / _NOTE).read_text(encoding="utf-8"))
        names, of, place = dict(plain["names"]), str(plain["project"]), tuple(plain["place"])
    except (OSError, ValueError, KeyError, TypeError):
        names, of, place = {}, "", ("", "")
    given = _given(project, of, place) if project else {}
    for name in wanted:
        kind, reference = names.get(name, ("", ""))
        if name not in names or project is None:
            lost[name] = "held a secret, which is not kept"
        elif kind:
            try:
                look_up = references.parameter if kind == "PARAMETER_STORE" else references.secret
                found[name] = look_up(project, reference)
            except references.MissingReference as missing:
                lost[name] = str(missing)
        elif name in given:
            found[name] = given[name]
        else:
            lost[name] = "nothing gives it a value now"


def _given(project: ProjectFile, of: str, place: tuple[str, ...]) -> Mapping[str, str]:
    """What this machine and greenroom.yaml give variables."""
    settings = project.projects.get(of)
    return {
        **host_environment(project.inherit_environment, aws=project.aws),
        **project.environment,
        **(settings.environment if settings else {}),
        **project.action(place[0], place[1]).environment,
    }


def _from_memory(workspace: Path, wanted: Iterable[str]) -> dict[str, str]:
    """What this very process knows of a build that it ran itself: what the build made of secrets, too."""
    from engine.providers.codebuild.stand import read_stand, remembered

    known, written = remembered(workspace), read_stand(workspace)
    if known is None or written is None or known.action_execution_id != written.action_execution_id:
        return {}
    text = known.here.environment
    shell = "bash" if "declare -x" in text else "sh"
    ask = "".join(f'[ -n "${{{name}+x}}" ] && printf "%s=%s\\0" {name} "${name}"\n' for name in wanted)
    try:
        done = subprocess.run(
            [shell, "-c", f'eval "$GREENROOM_TEXT"\n{ask}'],
            env={"GREENROOM_TEXT": text, "PATH": os.environ.get("PATH", os.defpath)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    pairs = (item.decode("utf-8", "surrogateescape").partition("=") for item in done.stdout.split(b"\0") if item)
    return {name: value for name, _, value in pairs}
