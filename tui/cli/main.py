"""The entry point: runs the command and makes sure that people see sentences, never tracebacks."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem


def main() -> None:
    """Run `greenroom` with this process's arguments and end the process."""
    collect_rarely()
    _fill_closed_streams()
    code = run(sys.argv[1:])
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    sys.exit(code)


def collect_rarely() -> None:
    """An engine is large and lives long: at Python's own 700 new objects the garbage collector would take two fifths of
    a run of 500 actions, an eighth of one of two."""
    gc.set_threshold(20_000, 20, 100)


def run(arguments: Sequence[str]) -> int:
    """Run `greenroom` with these arguments. Returns the exit code."""
    _forgiving_streams()
    try:
        return _invoke(arguments)
    except click.exceptions.Exit as left:
        return left.exit_code
    except Problem as problem:
        problem.show()
        return problem.exit_code
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    except SystemExit as left:
        # click turns a broken pipe into exit code 1, which here means a failed action.
        return _pipe_closed() if _is_pacified() else _code(left)
    except Exception as error:
        return _explain(error)


def _invoke(arguments: Sequence[str]) -> int:
    from tui.cli.group import cli

    result = cli.main(list(arguments), prog_name="greenroom", standalone_mode=False)
    sys.stdout.flush()
    return result if isinstance(result, int) else Exit.OK


def _explain(error: Exception) -> int:
    """One sentence for what no command expected; the traceback for those who ask for it."""
    if os.environ.get("GREENROOM_DEBUG", "0") not in ("", "0"):
        import traceback

        traceback.print_exc()
        return Exit.INTERNAL
    if (told := _told(error)) is not None:
        told.show()
        return told.exit_code
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"greenroom: {place}{error.strerror}", err=True)
        return Exit.INTERNAL
    first = (str(error).splitlines() or [""])[0]
    click.echo(f"greenroom: internal error: {type(error).__name__}: {first}", err=True)
    click.echo("  This is a defect of greenroom, not of your pipeline. Please report it with", err=True)
    click.echo("  what GREENROOM_DEBUG=1 prints: the same command, run again with that set.", err=True)
    return Exit.INTERNAL


def _told(error: Exception) -> Problem | None:
    """The engine's own errors for people: a sentence and a hint. Nothing is imported to find that out."""
    for module, name in (("engine.journal.errors", "JournalError"), ("engine.opening", "OpenError")):
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return Problem(str(error.message).rstrip("."), error.hint)
    return None


def _fill_closed_streams() -> None:
    """What the caller closed (`>&-`) leads nowhere: otherwise the next file opened, the journal say, would be it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            os.dup2(handle, number)
            if handle != number:
                os.close(handle)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def _forgiving_streams() -> None:
    """File names and logs hold any bytes: a character that the locale lacks must not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _pipe_closed() -> int:
    """Nobody reads stdout any more: keep the interpreter's last flush from complaining about it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.PIPE_CLOSED


def _is_pacified() -> bool:
    """Whether click met a broken pipe; the wrapper that it leaves behind is no longer public, its name is stable."""
    return type(sys.stdout).__name__.endswith("PacifyFlushWrapper")


def _code(left: SystemExit) -> int:
    return left.code if isinstance(left.code, int) else Exit.OK if left.code is None else Exit.USAGE


if __name__ == "__main__":
    main()
