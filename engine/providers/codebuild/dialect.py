"""The shell that commands are written for, where neither the buildspec nor the project's image says it.

On CodeBuild's Amazon Linux images sh is bash, on the Ubuntu ones it is not, and most
buildspecs that need bash do not say so.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from engine.runners.identity import find_shell

_ONLY_BASH = re.compile(
    r"(?:^|[\s;(!])(?P<test>\[\[)\s"
    r"|(?:^|[\s;&|(])(?P<word>source|pushd|popd|declare|shopt)\s"
    r"|\bset\s+-\w*o\s+(?P<option>pipefail)\b"
    r"|(?P<cut>\$\{\w+(?::\d|//|,,|\^\^|\[)[^}]*\})"
    r"|(?P<here><<<)"
    r"|(?:^|\s)(?P<array>\w+=\()",
    re.MULTILINE,
)


_POWERSHELL = re.compile(
    r"\$env:[A-Z][A-Za-z_]+|(?:^|[;|{(]\s*)(?:Get|Set|New|Write|Invoke|Remove|Copy|Test)-[A-Z]\w+\s", re.MULTILINE
)


def usual_shell(image: str, commands: Iterable[str]) -> tuple[str, str]:
    """What runs commands on this machine that name no shell, and what the log says of the choice, if anything."""
    if image:
        return ("bash" if "amazonlinux" in image and find_shell("bash") else "/bin/sh"), ""
    texts = tuple(commands)
    if power := next(filter(None, map(_POWERSHELL.search, texts)), None):
        return "powershell.exe", f"commands run in PowerShell, as on Windows images: they use `{power[0].strip()}`"
    found = next(filter(None, map(_ONLY_BASH.search, texts)), None)
    if found is None or _sh_is_bash() or not find_shell("bash"):
        return "/bin/sh", ""
    what = next(text for text in found.groupdict().values() if text)
    return "bash", (
        f"commands run in bash, as on Amazon Linux images: they use `{what}`, which sh of Ubuntu images does not know"
    )


@functools.cache
def _sh_is_bash() -> bool:
    shell = find_shell("sh")
    return shell is not None and shell.resolve().name.startswith("bash")
