"""`git-credential-helper` of a buildspec: CodeBuild's helper knows its connections; here git has what this machine has.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.git-credential-helper
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

_PATIENCE = 5.0
_ASKED = ("config", "--get-regexp", r"^credential\.(.*\.)?helper$")


def notes(values: Mapping[str, str], *, in_container: bool) -> tuple[str, ...]:
    """What the log says of a build that wants a helper and has these variables."""
    if in_container:
        return ("git-credential-helper: git in the container has no credentials of this machine's",)
    git = shutil.which("git", path=values.get("PATH"))
    if git is None:
        return ("git-credential-helper: this machine has no git",)
    helpers = _helpers(git, values)
    if helpers:
        return (f"git-credential-helper: git uses this machine's own: {', '.join(helpers)}",)
    return (
        "git-credential-helper: git has none on this machine, so it fetches no private repository by HTTPS; "
        "`git config --global credential.helper` gives it one",
    )


def _helpers(git: str, values: Mapping[str, str]) -> list[str]:
    """The helpers that git is configured with, by the name of their program: their arguments may be secret."""
    environment = {name: value for name, value in values.items() if name in ("HOME", "PATH", "XDG_CONFIG_HOME")}
    try:
        done = subprocess.run(
            [git, *_ASKED], env=environment, cwd="/", capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return []
    named = (line.partition(" ")[2].lstrip("!").split() for line in done.stdout.splitlines())
    return list(dict.fromkeys(words[0].rpartition("/")[2] for words in named if words))
