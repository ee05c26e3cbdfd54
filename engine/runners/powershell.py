"""PowerShell as the shell of a build: each command's script hands on environment and directory as sh reads them.

So everything but the command itself, reading variables, expanding names, is done by sh, as for any other build.
"""

from __future__ import annotations

from pathlib import Path

CARRIER = Path("/bin/sh")
"""What starts PowerShell, with the variables of the command before."""
_NAMES = ("pwsh", "powershell")
_SCRIPT = """$global:LASTEXITCODE = 0
{text}

$greenroomFine = $?
$greenroomStatus = if ($global:LASTEXITCODE) {{ $global:LASTEXITCODE }} elseif ($greenroomFine) {{ 0 }} else {{ 1 }}
$env:CODEBUILD_LAST_EXIT = "$greenroomStatus"
$greenroomLines = Get-ChildItem Env: | Where-Object {{ $_.Name -match '^[A-Za-z_][A-Za-z0-9_]*$' }} |
  ForEach-Object {{ 'export ' + $_.Name + "='" + $_.Value.Replace("'", "'\\''") + "'" }}
[IO.File]::WriteAllText({environment}, ($greenroomLines -join "`n") + "`n")
[IO.File]::WriteAllText({place}, (Get-Location).ProviderPath + "`n")
exit $greenroomStatus
"""


def is_powershell(shell: Path) -> bool:
    """Whether that shell is one."""
    return shell.stem.lower() in _NAMES


def script(text: str, environment: Path, place: Path) -> str:
    """The script of one command; `environment` and `place` are the files that it leaves its state in."""
    return _SCRIPT.format(text=text, environment=_quoted(environment), place=_quoted(place))


def arguments(shell: Path, file: Path) -> list[str]:
    """How a script is run."""
    return [str(shell), "-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(file)]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
