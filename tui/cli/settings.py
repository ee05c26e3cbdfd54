"""The options that many commands share. They may stand before or after the command, or in the environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from tui.cli.terminal import Terminal, When

if TYPE_CHECKING:
    from engine.model.project import OnFailure, TriggerMode

WEBHOOK_PORT = 8765


@dataclass(slots=True)
class Settings:
    """What the shared options add up to. `given` remembers which ones stood on the command line."""

    file: Path | None = None
    directory: Path = field(default_factory=Path)
    pipeline: str | None = None
    jobs: int | None = None
    runner: str | None = None
    var: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    parameter: dict[str, str] = field(default_factory=dict)
    parameter_file: list[Path] = field(default_factory=list)
    env_file: list[Path] = field(default_factory=list)
    image: dict[str, str] = field(default_factory=dict)
    pull: bool = False
    offline: bool = False
    trigger: TriggerMode | None = None
    webhooks: int | None = None
    on_failure: OnFailure | None = None
    color: When = "auto"
    verbose: int = 0
    quiet: bool = False
    given: set[str] = field(default_factory=set)

    def path(self, path: Path) -> Path:
        """A path from the command line: relative ones start at --directory, as with make and git."""
        return self.directory / path

    def terminal(self) -> Terminal:
        """The streams, as --color, --quiet and --verbose want them."""
        return Terminal.detect(self.color, quiet=self.quiet, verbose=self.verbose)


def settings(ctx: click.Context) -> Settings:
    """The settings of this invocation."""
    return ctx.find_root().ensure_object(Settings)


class Pair(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE``."""

    name = "name=value"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The pair, or a usage error."""
        if isinstance(value, tuple):
            return cast(tuple[str, str], value)
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not NAME=VALUE", param, ctx)
        return name, text


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Store an option: command line beats environment; the one nearer to the command wins; lists add up."""
    name = str(param.name)
    source = ctx.get_parameter_source(name)
    kept = settings(ctx)
    typed = source is ParameterSource.COMMANDLINE
    if source not in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
        return
    if name in kept.given and not typed:
        return
    if typed:
        kept.given.add(name)
    present = getattr(kept, name)
    if isinstance(present, dict):
        present.update(cast(Sequence[tuple[str, str]], value))
    elif isinstance(present, list):
        present.extend(cast(Sequence[Path], value))
    else:
        setattr(kept, name, value)


def _pipelines(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tui.cli.completing import pipelines

    return pipelines(ctx, param, incomplete)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _option(*names: str, **attributes: Any) -> Decorator:
    long = next(name for name in names if name.startswith("--"))
    variable = "GREENROOM_" + long[2:].split("/")[0].upper().replace("-", "_")
    attributes["help"] += f"  [{variable}]"
    return click.option(*names, callback=_keep, expose_value=False, envvar=variable, **attributes)


_FILE = _option("-f", "--file", type=click.Path(path_type=Path), help="The pipeline definition.")
_LONG_FILE = _option("--file", type=click.Path(path_type=Path), help="The pipeline definition.")
_HERE = [
    _option(
        "-C",
        "--directory",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Start in this directory.",
    ),
    _option("--parameter", type=Pair(), multiple=True, help="Value of a template's parameter, K=V."),
    _option("--parameter-file", type=click.Path(path_type=Path), multiple=True, help="File of such values."),
    _option("-p", "--pipeline", shell_complete=_pipelines, help="The pipeline, where a file holds several."),
]
_SPEECH = [
    _option("--color", type=click.Choice(["auto", "always", "never"]), help="When to use colours."),
    _option("-v", "--verbose", count=True, help="Say more; twice, even more."),
    _option("-q", "--quiet", is_flag=True, help="Say only what went wrong."),
]
_RUNNING = [
    _option("-j", "--jobs", type=click.IntRange(min=1), help="Actions at once."),
    _option("--var", type=Pair(), multiple=True, help="Value of a pipeline variable, K=V."),
    _option("--env", type=Pair(), multiple=True, help="Environment variable of every action, K=V."),
    _option("--env-file", type=click.Path(path_type=Path), multiple=True, help="File of K=V lines."),
    _option("--runner", type=click.Choice(["host", "docker"]), help="Where commands run."),
    _option("--image", type=Pair(), multiple=True, help="Stand-in for a build image, NAME=IMAGE."),
    _option(
        "--on-failure",
        type=click.Choice(["continue", "stop", "pause"]),
        help="What a failed command leads to: what runs goes on, or is ended; pause keeps the build alive right there.",
    ),
    _option("--pull", is_flag=True, help="Pull build images that are not here."),
    _option("--offline", is_flag=True, help="Touch no network: images must be here already."),
]

_WATCHING = [
    _option(
        "--trigger",
        type=click.Choice(["save", "commit", "manual"]),
        help="What starts a run while watching: each save, commits and tags by the triggers, or nothing.",
    ),
    _option(
        "--webhooks",
        type=click.IntRange(0, 65535),
        is_flag=False,
        flag_value=str(WEBHOOK_PORT),
        metavar="[PORT]",
        help=f"Serve the pipeline's webhooks on 127.0.0.1; {WEBHOOK_PORT} by default, 0: any free port.",
    ),
]


def _all(decorators: list[Decorator]) -> Decorator:
    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


speech_options = _all(_SPEECH)
"""--color, -v and -q: every command has them."""

place_options = _all([_FILE, *_HERE, *_SPEECH])
"""Which pipeline, and how to talk: for commands that look or ask."""

log_options = _all([_LONG_FILE, *_HERE, *_SPEECH])
"""The same where -f means --follow, as everywhere with logs."""

run_options = _all([_FILE, *_HERE, *_RUNNING, *_SPEECH])
"""Everything that a command which may run actions understands."""

watching_options = _all(_WATCHING)
"""What may start a run besides a person: for commands that stay."""


def screen_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How the terminal app looks: parameters of the command itself."""
    for option in reversed(_SCREEN):
        function = option(function)
    return function


_SCREEN: list[Decorator] = [
    click.option(
        "--theme", envvar="GREENROOM_THEME", help="Colours: one of ours, or a file of yours.  [GREENROOM_THEME]"
    ),
    click.option("--plain", is_flag=True, help="Lines instead of a screen, for screen readers.  [GREENROOM_PLAIN]"),
]
