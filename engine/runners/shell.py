"""A row of commands, each in a shell of its own, that share environment and directory through files.

This is CodeBuild's way (buildspec 0.2): `cd`, exports and plain assignments carry over to the next command;
functions, `set -e` and traps do not. A 0.1 buildspec carries nothing over.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.runners.contract import Runner
from engine.runners.environment import is_shell_name
from engine.runners.masking import MASK, Masker
from engine.runners.output import Output, open_output
from engine.runners.powershell import CARRIER, arguments, is_powershell
from engine.runners.powershell import script as powershell_script

LIVE = "live.txt"
"""The file of `scratch` that says where environment and directory lie while a build stands still."""

MEMORY = "memory.txt"
"""The file of `scratch` that says which folder in memory is this build's, as long as there is one."""

USER = "user.txt"
"""The file of `scratch` that says as whom commands run, where it is another user."""

_ENTRY = re.compile(r"^(?:export|declare -x) ([A-Za-z_]\w*)=", re.MULTILINE)
_PREFIX = "greenroom-"  # of folders in memory

BREAKPOINT = ("breakpoint.sh", "breakpoint.txt")
"""Environment and directory at a breakpoint, in the folder that only lies in memory where there are secrets."""

# The user's text starts at line 4, as on AWS: error messages name the same line there and here. The empty line
# after it ends a text that ends in a backslash.
_CARRYING = """cd {directory}
set -a
. {environment}
{text}

CODEBUILD_LAST_EXIT=$?
export -p > {environment}
pwd > {place}
exit $CODEBUILD_LAST_EXIT
"""
_FRESH = """cd {directory}
set -a
. {environment}
{text}
"""
_EXPANDING = """printf '%s=' {name}
cat <<GREENROOM_END
{text}
GREENROOM_END
printf '\\0'
"""
_READING = """[ -n "${{{name}+x}}" ] && printf '%s=%s\\0' {name} "${name}"
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Environment, as the text that a shell reads, and directory between two commands; `user` as in `become`."""

    environment: str
    directory: str
    user: str = ""

    def masked(self, mask: Callable[[str], str]) -> Moment:
        """Fit to be written down."""
        return Moment(mask(self.environment), self.directory, self.user)


class ShellSession:
    """Commands of one build. `scratch` holds the script, the environment and the directory between commands.

    With secrets, the environment file lies in memory (where the system has such a place) instead of in `scratch`,
    and `close` leaves a masked copy there for whoever debugs the build.
    """

    def __init__(
        self,
        runner: Runner,
        shell: Path,
        scratch: Path,
        *,
        directory: Path,
        environment: Mapping[str, str],
        secrets: Iterable[str] = (),
        carry: bool = True,
    ) -> None:
        self.runner = runner
        self._power = shell if is_powershell(shell) else None
        self.shell = CARRIER if self._power else shell
        self.scratch = scratch
        self._secrets = tuple(secrets)
        self._template = _CARRYING if carry and not self._power else _FRESH
        self._carries = carry
        self._start = directory
        self._user = ""
        self._private = (memory() or Path(tempfile.mkdtemp(prefix=_PREFIX))) if self._secrets else scratch
        self._environment = self._private / "env.sh"
        self._place = scratch / "dir.txt"
        self._script = scratch / "script.sh"
        # A shell cannot hold these names, programs can: they bypass the file, unless that tells a secret.
        hidden = set(self._secrets) if runner.shows else set()
        self._odd = {n: value for n, value in environment.items() if not is_shell_name(n) and value not in hidden}
        scratch.mkdir(parents=True, exist_ok=True)
        forget(scratch)
        (scratch / USER).unlink(missing_ok=True)
        if self._private != scratch:
            note(scratch, self._private)
        self._place.write_bytes(os.fsencode(f"{directory}\n"))
        named = {name: value for name, value in environment.items() if is_shell_name(name)}
        self._write_environment(_assignments(named))

    @property
    def user(self) -> str:
        """As whom commands run; empty for the usual user."""
        return self._user

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the files lie that commands share."""
        return tuple(dict.fromkeys((self.scratch, self._private)))

    async def run(self, text: str, output: Output) -> int:
        """Run one command, which may span lines, and return its exit status (negative: signal)."""
        script = self._template.format(
            directory=shlex.quote(self._directory()),
            environment=shlex.quote(str(self._environment)),
            place=shlex.quote(str(self._place)),
            text=self._handed_to(self._power, text) if self._power else text.rstrip("\n"),
        )
        # A process of an earlier command may still be reading its script: that file is left alone.
        self._script.unlink(missing_ok=True)
        self._script.write_text(script, encoding="utf-8", errors="surrogateescape")
        if self._user:
            await self.runner.hand_over(self._user, self.folders)
        argv = [str(self.shell), str(self._script)]
        return await self.runner.run(
            argv, directory=self.scratch, environment=self._odd, output=output, user=self._user
        )

    def _handed_to(self, power: Path, text: str) -> str:
        """What has PowerShell run a command."""
        file = self._script.with_suffix(".ps1")
        environment, place = self._environment, self._place
        if not self._carries:  # then nobody reads what it leaves
            environment, place = self._private / "left.sh", self._private / "left.txt"
        file.unlink(missing_ok=True)
        file.write_text(powershell_script(text, environment, place), encoding="utf-8", errors="surrogateescape")
        return shlex.join(arguments(power, file))

    def export(self, name: str, value: str) -> None:
        """Set a variable for all commands to come."""
        with self._environment.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(_assignments({name: value}))

    async def become(self, user: str, usual: str, folders: Iterable[Path]) -> None:
        """Have the commands to come run as another user, whose the folders become; empty: as the `usual` one."""
        if user == self._user:
            return
        self._user = user
        _write(self.scratch / USER, f"{user}\n")
        if user:
            await self.runner.hand_over(user, folders)
        name = user or usual
        with self._environment.open("a", encoding="utf-8") as file:
            file.write(
                f"USER={shlex.quote(name)} LOGNAME={shlex.quote(name)}\nHOME=~{name}\nexport USER LOGNAME HOME\n"
            )

    def unset(self, name: str) -> None:
        """Take a variable away from all commands to come."""
        with self._environment.open("a", encoding="utf-8") as file:
            file.write(f"unset {name}\n")

    def moment(self) -> Moment:
        """What the next command begins with."""
        text = self._environment.read_text(encoding="utf-8", errors="surrogateescape")
        return Moment(text, self._directory(), self._user)

    def go_to(self, moment: Moment) -> None:
        """Let the next command begin with this. The files stay whose they are."""
        self._environment.write_text(moment.environment, encoding="utf-8", errors="surrogateescape")
        self._place.write_text(f"{moment.directory}\n", encoding="utf-8", errors="surrogateescape")
        _write(self.scratch / USER, f"{moment.user}\n")

    async def read(self, names: Iterable[str]) -> dict[str, str]:
        """The present values of those of these variables that are set."""
        wanted = [name for name in dict.fromkeys(names) if is_shell_name(name)]
        if not wanted:
            return {}
        pairs = await self._ask("".join(_READING.format(name=name) for name in wanted))
        return {name: value for name, value in pairs if name in wanted}

    async def expand(self, texts: Iterable[str]) -> list[str]:
        """The texts as the shell expands them between double quotes, in the build's directory, output on one line."""
        wanted = [text.replace("\n", " ") for text in texts]
        if not any("$" in text or "`" in text for text in wanted):
            return wanted
        questions = (_EXPANDING.format(name=f"text{at}", text=text) for at, text in enumerate(wanted))
        found = dict(await self._ask(f"cd {shlex.quote(self._directory())}\n{''.join(questions)}"))
        return [" ".join(found.get(f"text{at}", "").splitlines()) for at in range(len(wanted))]

    async def _ask(self, questions: str) -> list[tuple[str, str]]:
        """What a script says that knows the environment: ``name=value`` ended by a zero byte."""
        script, answer = self._private / "read.sh", self._private / "read.out"
        script.write_text(
            f". {shlex.quote(str(self._environment))}\n{questions}", encoding="utf-8", errors="surrogateescape"
        )
        answer.unlink(missing_ok=True)
        output = open_output(answer)
        try:
            argv = [str(self.shell), str(script)]
            await self.runner.run(argv, directory=self.scratch, environment={}, output=output)
        finally:
            await output.close()
        raw = answer.read_bytes()
        answer.unlink()
        script.unlink()
        pairs = (item.decode("utf-8", "surrogateescape").partition("=") for item in raw.split(b"\0") if item)
        return [(name, value) for name, _, value in pairs]

    def show(self, masked: Moment, *, at_breakpoint: bool) -> None:
        """Let whoever opens a shell here meanwhile have the environment as it is, secrets and all.

        `masked` is what is left of it should greenroom be killed.
        """
        if self._private != self.scratch and masked.environment:
            _write(self.scratch / "env.sh", masked.environment)
        found = (self._private / BREAKPOINT[0], self._private / BREAKPOINT[1])
        found = found if at_breakpoint else (self._environment, self._place)
        (self.scratch / LIVE).write_text("".join(f"{path}\n" for path in found))

    def hide(self) -> None:
        """The shell that is opened next is that of a build which is over."""
        (self.scratch / LIVE).unlink(missing_ok=True)

    def close(self) -> None:
        """Leave behind what a debugging shell needs, without the secrets."""
        self.hide()
        if not self._secrets:
            return
        try:
            text = self._environment.read_text(encoding="utf-8", errors="surrogateescape")
            self._environment = self.scratch / "env.sh"
            self._write_environment(Masker(self._secrets).mask(text))
        finally:  # whatever a full disk says to that
            for script in (self._script, self._script.with_suffix(".ps1")):
                script.unlink(missing_ok=True)  # a command may spell a secret out
            shutil.rmtree(self._private, ignore_errors=True)
            (self.scratch / MEMORY).unlink(missing_ok=True)

    def _directory(self) -> str:
        if not self._carries:
            return str(self._start)
        return self._place.read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n")

    def _write_environment(self, text: str) -> None:
        _write(self._environment, text)


def where_it_stands(scratch: Path) -> tuple[Path, Path] | None:
    """Where environment and directory lie of a build that stands still now; None where none does."""
    try:
        environment, place = map(Path, (scratch / LIVE).read_text().splitlines())
    except (OSError, ValueError):
        return None
    return (environment, place) if environment.is_file() and place.is_file() else None


def masked_names(environment: str) -> list[str]:
    """The variables of an environment in which something is masked."""
    entries = list(_ENTRY.finditer(environment))
    ends = [entry.start() for entry in entries[1:]] + [len(environment)]
    return [
        entry[1] for entry, end in zip(entries, ends, strict=True) if MASK.decode() in environment[entry.end() : end]
    ]


def forget(scratch: Path) -> None:
    """A greenroom that was killed has left a build's secrets in memory. Nothing runs or stands still there any more."""
    note = scratch / MEMORY
    with contextlib.suppress(OSError):
        left = Path(note.read_text().removesuffix("\n"))
        if left.name.startswith(_PREFIX):
            shutil.rmtree(left, ignore_errors=True)
        note.unlink()
    (scratch / LIVE).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Make a file for nobody else's eyes."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        file.write(text)


def _assignments(variables: Mapping[str, str]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def memory() -> Path | None:
    """A private folder that never reaches a disk, for the one who removes it; None where the system has no such."""
    shared = Path("/dev/shm")  # noqa: S108
    if not (shared.is_dir() and os.access(shared, os.W_OK)):
        return None
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=shared))


def note(scratch: Path, folder: Path) -> None:
    """Have `forget` remove such a folder, should nobody else come to it."""
    (scratch / MEMORY).write_text(f"{folder}\n")
