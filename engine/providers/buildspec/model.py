"""What a buildspec says.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

PHASES = ("install", "pre_build", "build", "post_build")


class BuildspecError(Exception):
    """CodeBuild would refuse this buildspec: `code` is the status code of its log, the text its message.

    `said` are the lines that come before in the log, once the buildspec was found. `location` is its path in the
    source, empty for one that is no file there, None where none was found. ``$CODEBUILD_SRC_DIR`` in the message stands
    for the build's own.
    """

    location: str | None = None

    def __init__(
        self, message: str, *, code: str = "YAML_FILE_ERROR", hint: str = "", said: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.said = said


@contextmanager
def found_at(location: str) -> Iterator[None]:
    """What is refused in here is a buildspec that was found there."""
    try:
        yield
    except BuildspecError as error:
        error.location = location
        raise


@dataclass(frozen=True, slots=True)
class OnFailure:
    """What a failed phase leads to. `retries` and `pattern` (a regular expression) belong to RETRY."""

    action: Literal["", "ABORT", "CONTINUE", "RETRY"] = ""
    retries: int = 0
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """The commands of one phase; `last` are those of `finally`."""

    commands: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    on_failure: OnFailure = OnFailure()
    run_as: str = ""
    present: bool = True

    @property
    def is_bare(self) -> bool:
        """Whether it is in the file and has no commands."""
        return self.present and not self.commands


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Which files become an artifact. Patterns are relative to `base_directory`, it to the source directory.

    `name` is text for the shell to expand; like `s3_prefix` it means nothing to a pipeline.
    """

    files: tuple[str, ...]
    base_directory: str = ""
    exclude_paths: tuple[str, ...] = ()
    discard_paths: bool = False
    enable_symlinks: bool = False
    name: str = ""
    s3_prefix: str = ""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Which files make the report of a group. `file_format` is AWS's name of the format, as it was understood."""

    files: tuple[str, ...]
    file_format: str = "JUNITXML"
    base_directory: str = ""
    discard_paths: bool = False


@dataclass(frozen=True, slots=True)
class Cache:
    """What is kept from one build for the next. `key` and `fallback_keys` are text for the shell to expand."""

    paths: tuple[str, ...] = ()
    key: str = ""
    fallback_keys: tuple[str, ...] = ()
    action: Literal["", "restore", "save"] = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """The `env` section. The two maps of references hold variable name -> parameter name or secret reference."""

    shell: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    parameter_store: dict[str, str] = field(default_factory=dict)
    secrets_manager: dict[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    git_helper: bool = False


@dataclass(frozen=True, slots=True)
class Buildspec:
    """A whole buildspec. `notes` name what it asks for and greenroom does not do, one line each.

    `has_batch`: it has a batch section, which a plain build does not look at (see `engine.providers.batch`).
    """

    version: str
    phases: dict[str, Phase]
    environment: Environment = field(default_factory=Environment)
    artifacts: Artifacts | None = None
    secondary: dict[str, Artifacts] = field(default_factory=dict)
    run_as: str = ""
    runtimes: dict[str, str] = field(default_factory=dict)
    reports: dict[str, ReportFiles] = field(default_factory=dict)
    cache: Cache = Cache()
    notes: tuple[str, ...] = ()
    has_batch: bool = False

    @property
    def carries(self) -> bool:
        """Whether a command hands its environment and directory to the next one; 0.1 did not."""
        return self.version != "0.1"

    @property
    def commands(self) -> tuple[str, ...]:
        """All commands, in order."""
        return tuple(text for phase in self.phases.values() for text in (*phase.commands, *phase.last))
