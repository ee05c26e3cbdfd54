"""`greenroom.yaml`: how this machine stands in for AWS. Every key is optional and has a default.

Keys are kebab-case in the file. `engine.reading.project_file` loads it and `greenroom schema` prints its JSON Schema,
for which the field docstrings and descriptions below are the documentation.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.model.size import parse_size

OnChange = Literal["restart", "finish", "ignore"]
RunnerName = Literal["host", "docker"]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Section(BaseModel):
    """Base of every section: frozen, kebab-case keys, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_kebab, populate_by_name=True)


class SourceSettings(Section):
    """Which directory stands in for a source action."""

    directory: str = Field(description="Directory, relative to the project file.")
    exclude: tuple[str, ...] = Field((), description="Further patterns to leave out, written as in .gitignore.")


class ActionSettings(Section):
    """How one action runs here. The key is `Stage/Action`, or `Action` where that is unambiguous."""

    runner: RunnerName | None = Field(None, description="host or docker; the project's runner by default.")
    image: str | None = Field(None, description="Container image for the docker runner.")
    environment: dict[str, str] = Field({}, description="Extra environment variables.")
    inputs: tuple[str, ...] = Field((), description="Globs: the only input files that affect this action.")
    on_change: OnChange | None = Field(
        None,
        description="What a save does to it while it runs: restart (Build, Test, Compute, Approval),"
        " finish (Deploy, Invoke) or ignore (no save starts anything while it runs).",
    )
    commands: tuple[str, ...] = Field(
        (), description="Run these instead of what AWS would: the action then counts as substituted."
    )
    buildspec: str | None = Field(None, description="Buildspec file inside the primary source.")
    directory: str | None = Field(None, description="Folder that receives a deployment.")
    timeout_minutes: float | None = Field(None, gt=0, description="Overrides the action's timeout.")
    cache: bool = Field(True, description="false: never reuse a result of this action.")


class ProjectSettings(Section):
    """A CodeBuild project's local settings, by project name."""

    buildspec: str | None = Field(None, description="Buildspec path or inline text of the project.")
    image: str | None = Field(None, description="Build image.")
    environment: dict[str, str] = Field({}, description="Environment variables of the project.")
    timeout_minutes: float | None = Field(None, gt=0, description="Build timeout.")
    runner: RunnerName | None = Field(None, description="host or docker.")


class WatchSettings(Section):
    """How saves are noticed."""

    debounce_ms: int = Field(50, ge=1, le=60_000, description="How long saves are gathered.")
    step_ms: int = Field(5, ge=1, le=1_000, description="Quiet time that ends a burst.")
    rescan_seconds: float = Field(300, gt=0, description="Idle safety net: how often everything is looked at.")


class ProjectFile(Section):
    """The whole of greenroom.yaml."""

    pipeline: str | None = Field(None, description="The definition file, relative to this file.")
    sources: dict[str, SourceSettings | str] = Field(
        {}, description="Directory for each source action, by action name (or Stage/Action)."
    )
    runner: RunnerName = Field("host", description="Where commands run by default.")
    environment: dict[str, str] = Field({}, description="Extra environment variables of every action.")
    actions: dict[str, ActionSettings] = Field({}, description="Settings of single actions.")
    projects: dict[str, ProjectSettings] = Field({}, description="CodeBuild projects by name.")
    buckets: dict[str, str] = Field({}, description="S3 bucket -> local folder. Default: .greenroom/buckets/NAME.")
    parameters: dict[str, str] = Field({}, description="Parameter Store values by name.")
    secrets: dict[str, str] = Field({}, description="Secrets Manager values by secret id.")
    variables: dict[str, str] = Field({}, description="Values of pipeline variables at start.")
    approvals: Literal["once", "always"] = Field(
        "once", description="once: unchanged content that was approved is not asked again; always: ask each time."
    )
    region: str = Field("us-east-1", description="AWS_REGION of the builds.")
    account: str = Field("000000000000", description="Account id in local ARNs.")
    jobs: int | None = Field(None, ge=1, description="Actions at once. Default: the number of cores.")
    max_size: str = Field("5GiB", description="Cap of .greenroom; the least recently used results go first.")
    watch: WatchSettings = Field(default=WatchSettings(), description="How saves are noticed.")
    inherit_environment: tuple[str, ...] = Field(
        (), description="Names of your own environment variables that builds may see."
    )

    def action(self, stage: str, action: str) -> ActionSettings:
        """The settings of one action: `Stage/Action` beats `Action`; defaults where neither is given."""
        return self.actions.get(f"{stage}/{action}") or self.actions.get(action) or ActionSettings()

    @property
    def max_bytes(self) -> int:
        """`max-size` in bytes. Raises `ValueError` where it is no size; a loaded file has been checked."""
        return parse_size(self.max_size)
