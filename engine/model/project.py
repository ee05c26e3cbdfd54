"""`greenroom.yaml`: how this machine stands in for AWS. Every key is optional and has a default.

Keys are kebab-case in the file. `engine.reading.project_file` loads it and `greenroom schema` prints its JSON Schema,
for which the field docstrings and descriptions below are the documentation.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.model.outcome import OnFailure as OnFailure
from engine.model.size import parse_size

OnChange = Literal["restart", "finish", "ignore"]
RunnerName = Literal["host", "docker"]
TriggerMode = Literal["save", "commit", "manual"]
InputMode = Literal["whole", "observed"]


_HAPPENING = re.compile(
    r"(?:pipeline|stage|action|approval|\*)(?:\.[A-Za-z*?]+)?|codepipeline-pipeline-[a-z-]+", re.IGNORECASE
)


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
    inputs: InputMode | tuple[str, ...] | None = Field(
        None,
        description="What affects this action of its input files: globs, or `observed`, those it was seen to read, or"
        " `whole`, all. Default: the project's.",
    )
    verify: bool | None = Field(
        None,
        description="Whether a run that was skipped for its observed inputs is checked in the background. Default:"
        " where it uses no secrets and no real AWS.",
    )
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
    skip: str | None = Field(None, description="Why the action is not run here: it then counts as stubbed.")
    after: tuple[str, ...] | None = Field(
        None, description="Beyond AWS: start once these actions of the stage are done, whatever runOrder says."
    )

    @property
    def globs(self) -> tuple[str, ...]:
        """The only input files that count; none: all do, or those that are observed."""
        return self.inputs if isinstance(self.inputs, tuple) else ()


_UNSAID = ActionSettings()


class ServiceSettings(Section):
    """A container beside a project's builds: a database, a queue. The key is the name by which builds know it."""

    image: str = Field(description="Its image; `images` and `docker.pull` hold for it as for build images.")
    environment: dict[str, str] = Field({}, description="Environment variables of the service.")
    ports: tuple[int, ...] = Field((), description="Ports that it listens on. Default: those its image exposes.")
    command: tuple[str, ...] = Field((), description="Arguments instead of the image's own.")
    health: str | None = Field(
        None, description="Shell command that succeeds inside it once it is ready. Default: the image's health check."
    )
    alias: tuple[str, ...] = Field((), description="Further names for builds in containers.")
    timeout_seconds: float = Field(60, gt=0, description="How long it may take to be ready.")


class BatchSettings(Section):
    """How a CodeBuild project runs batches, as its BuildBatchConfig on AWS does."""

    maximum_builds: int | None = Field(
        None, ge=1, description="maximumBuildsAllowed: a batch of more is refused. Default: 100, AWS's quota."
    )
    compute_types: tuple[str, ...] = Field(
        (), description="computeTypesAllowed: a build of another compute type is refused. Default: any."
    )
    timeout_minutes: float | None = Field(None, gt=0, description="timeoutInMins: how long a whole batch may take.")
    combine_artifacts: bool = Field(
        False, description="combineArtifacts, where the action says nothing of CombineArtifacts."
    )


class ProjectSettings(Section):
    """A CodeBuild project's local settings, by project name."""

    buildspec: str | None = Field(None, description="Buildspec path or inline text of the project.")
    image: str | None = Field(None, description="Build image.")
    environment: dict[str, str] = Field({}, description="Environment variables of the project.")
    parameter_store: dict[str, str] = Field({}, description="Variable -> Parameter Store name that holds its value.")
    secrets_manager: dict[str, str] = Field({}, description="Variable -> Secrets Manager reference of its value.")
    timeout_minutes: float | None = Field(None, gt=0, description="Build timeout.")
    runner: RunnerName | None = Field(None, description="host or docker.")
    compute_type: str | None = Field(None, description="BUILD_GENERAL1_SMALL and so on.")
    privileged: bool = Field(False, description="Whether the build may use Docker itself.")
    services: dict[str, ServiceSettings] = Field(
        {}, description="Beyond AWS: containers that run beside each build; see docker.md."
    )
    batch: BatchSettings | None = Field(None, description="How batches of the project run (BatchEnabled).")


class ActionTypeSettings(Section):
    """A custom action type, as create-custom-action-type declares it. The key is `Category/Provider/Version`."""

    required: tuple[str, ...] = Field((), description="Configuration keys that must be there.")
    optional: tuple[str, ...] = Field((), description="Further configuration keys.")
    secret: tuple[str, ...] = Field((), description="Those of them whose values AWS never shows again.")
    inputs: tuple[int, int] = Field((0, 5), description="Least and most input artifacts.")
    outputs: tuple[int, int] = Field((0, 5), description="Least and most output artifacts.")


class FunctionSettings(Section):
    """A Lambda function's code on this machine, by function name."""

    directory: str | None = Field(None, description="Folder of the code, relative to this file.")
    code: str | None = Field(None, description="The code itself, where it is written inline in a template.")
    handler: str = Field("index.handler", description="module.function, as on AWS.")
    runtime: str = Field("python3", description="python3.x or nodejs*: which program runs it.")
    environment: dict[str, str] = Field({}, description="Environment variables of the function.")
    timeout_seconds: float = Field(900, gt=0, description="How long one call may take.")


class ScheduleSettings(Section):
    """A start by the clock, as an EventBridge rule or schedule has it."""

    name: str = Field("", description="What it is called.")
    expression: str = Field(description="rate(5 minutes), cron(0 8 ? * MON-FRI *) or at(2030-01-01T00:00:00).")
    time_zone: str = Field("UTC", description="IANA time zone of cron() and at().")
    variables: dict[str, str] = Field({}, description="Pipeline variables of the runs that it starts.")


class WebhookFilter(Section):
    """One condition on a webhook's JSON body."""

    json_path: str = Field(description="JSONPath into the body, e.g. $.ref.")
    match_equals: str | None = Field(None, description="What must stand there; {Key} is the action's configuration.")


class WebhookSettings(Section):
    """A webhook of the pipeline, as AWS::CodePipeline::Webhook has it."""

    authentication: Literal["GITHUB_HMAC", "IP", "UNAUTHENTICATED"] = Field(
        "UNAUTHENTICATED", description="How a caller is known."
    )
    secret: str | None = Field(None, description="GITHUB_HMAC: the shared secret.")
    allowed_ip_range: str | None = Field(None, description="IP: who may call, as CIDR.")
    filters: tuple[WebhookFilter, ...] = Field((), description="All of them must match.")
    target_action: str = Field("", description="The source action that it stands for.")


class NotificationSettings(Section):
    """Whom to tell of what."""

    events: tuple[str, ...] = Field(
        ("pipeline.FAILED", "approval.NEEDED"), description="LEVEL.STATE patterns: pipeline.*, stage.FAILED, ..."
    )
    to: tuple[str, ...] = Field(description="bell, osc9 or apprise URLs; ${NAME} is read from the environment.")

    @property
    def misspelt(self) -> list[int]:
        """The places of those `events` that can match nothing."""
        return [at for at, text in enumerate(self.events) if not _HAPPENING.fullmatch(text)]


class EventSettings(Section):
    """Where AWS's EventBridge events go."""

    file: str | None = Field(None, description="JSON lines file, relative to this file.")
    hook: tuple[str, ...] = Field((), description="Program and arguments; gets each event as JSON on stdin.")


class DockerSettings(Section):
    """How containers are run."""

    network: str | None = Field(
        None, description="host, bridge, none or a network's name. Default: host where the engine runs on this machine."
    )
    source: Literal["auto", "mount", "copy"] = Field(
        "auto", description="How builds get their files: mounted where the engine can see them, copied otherwise."
    )
    pull: Literal["ask", "missing", "never"] = Field(
        "ask", description="Images that are not here: ask says what pulling would cost, missing pulls (--pull)."
    )


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
    images: dict[str, str] = Field(
        {},
        description="Build image -> what stands in for it with the docker runner: an image, or a folder with a"
        " Dockerfile (./ci). * stands for every image that is not named.",
    )
    docker: DockerSettings = Field(default=DockerSettings(), description="How containers are run; see below.")
    environment: dict[str, str] = Field({}, description="Extra environment variables of every action.")
    inputs: InputMode = Field(
        "whole",
        description="What affects an action of its input files: `whole`, all, or `observed`, those it was seen to read"
        " (Linux, strace; see inputs.md).",
    )
    actions: dict[str, ActionSettings] = Field({}, description="Settings of single actions.")
    projects: dict[str, ProjectSettings] = Field({}, description="CodeBuild projects by name.")
    buckets: dict[str, str] = Field({}, description="S3 bucket -> local folder. Default: .greenroom/buckets/NAME.")
    parameters: dict[str, str] = Field({}, description="Parameter Store values by name.")
    secrets: dict[str, str] = Field({}, description="Secrets Manager values by secret id.")
    variables: dict[str, str] = Field({}, description="Values of pipeline variables at start.")
    approvals: Literal["once", "always"] = Field(
        "once", description="once: unchanged content that was approved is not asked again; always: ask each time."
    )
    on_failure: OnFailure = Field(
        "continue",
        description="What a failed command leads to: continue, as on AWS; stop abandons what runs beside it; pause"
        " keeps the build alive right there, until somebody resumes it (see debugging.md).",
    )
    breakpoints: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether codebuild-breakpoint pauses a build. auto: in the terminal's screens, and with on-failure:"
        " pause.",
    )
    checkpoints: int | None = Field(
        None,
        ge=0,
        le=100,
        description="States of a build's files to go back to: those before its last so many commands. Default: 3 with"
        " on-failure: pause, none otherwise.",
    )
    region: str = Field("us-east-1", description="AWS_REGION of the builds.")
    account: str = Field("000000000000", description="Account id in local ARNs.")
    jobs: int | None = Field(None, ge=1, description="Actions at once. Default: the number of cores.")
    encrypt: bool | Literal["keyring"] = Field(
        False,
        description="true: artifacts are kept encrypted (pip install 'greenroom[encrypt]'; see encryption.md)."
        " keyring: with a key in the system's keyring.",
    )
    max_size: str = Field("5GiB", description="Cap of .greenroom; the least recently used results go first.")
    template_parameters: dict[str, str] = Field(
        {}, description="Values of a template's parameters, by name; --parameter goes over them."
    )
    parameter_files: tuple[str, ...] = Field(
        (), description="Files of parameter values, relative to this file; later ones count more."
    )
    transitions: dict[str, str] = Field(
        {}, description="Stages whose inbound transition begins disabled, each with the reason."
    )
    action_types: dict[str, ActionTypeSettings] = Field(
        {}, description="Custom action types by Category/Provider/Version."
    )
    functions: dict[str, FunctionSettings] = Field({}, description="Lambda functions by name.")
    alarms: dict[str, Literal["OK", "ALARM", "INSUFFICIENT_DATA"]] = Field(
        {}, description="CloudWatch alarms and the state each begins with."
    )
    trigger: TriggerMode = Field(
        "save", description="What starts a run while watching: each save, each commit (by the triggers), or nothing."
    )
    schedules: tuple[ScheduleSettings, ...] = Field((), description="Starts by the clock while greenroom runs.")
    webhooks: dict[str, WebhookSettings] = Field({}, description="Webhooks by name, served with --webhooks.")
    notifications: tuple[NotificationSettings, ...] = Field((), description="Whom to tell of what.")
    events: EventSettings = Field(default=EventSettings(), description="Where EventBridge events go.")
    silence: tuple[str, ...] = Field((), description="Codes of advice that is not wanted, e.g. GR601.")
    lanes: Literal["none", "branch"] = Field(
        "none",
        description="Beyond AWS: branch gives each branch locks and a waiting place of its own. A linked worktree is a"
        " directory of its own, and so always has its own.",
    )
    aws: Literal["local", "real"] = Field(
        "local",
        description="local: calls of builds to AWS end in an error that says so; real: they reach your account, with"
        " your own credentials and settings.",
    )
    secrets_from: tuple[Literal["keyring", "aws"], ...] | None = Field(
        None,
        description="Where values of parameters and secrets are looked for besides files and the environment. Default:"
        " keyring, and aws after it with `aws: real`.",
    )
    watch: WatchSettings = Field(default=WatchSettings(), description="How saves are noticed.")
    inherit_environment: tuple[str, ...] = Field(
        (), description="Names of your own environment variables that builds may see."
    )
    artifact_store: str | None = Field(
        None, description="Beyond AWS: a folder that gets every artifact as a zip, laid out as in an artifact bucket."
    )

    def action(self, stage: str, action: str) -> ActionSettings:
        """The settings of one action: `Stage/Action` beats `Action`; defaults where neither is given."""
        return self.actions.get(f"{stage}/{action}") or self.actions.get(action) or _UNSAID

    def asks(self, place: Literal["keyring", "aws"]) -> bool:
        """Whether values of parameters and secrets are looked for there."""
        return place in self.secrets_from if self.secrets_from is not None else place == "keyring" or self.aws == "real"

    def observes(self, settings: ActionSettings) -> bool:
        """Whether an action counts those of its input files that it was seen to read."""
        return (settings.inputs if settings.inputs is not None else self.inputs) == "observed"

    def over(self, defaults: ProjectFile) -> ProjectFile:
        """These settings, and where they say nothing, what `defaults` says (a template's view of the same things)."""
        if not defaults.model_fields_set:
            return self
        plain = _laid_over(defaults.model_dump(exclude_unset=True), self.model_dump(exclude_unset=True))
        return ProjectFile.model_validate(plain)

    @property
    def max_bytes(self) -> int:
        """`max-size` in bytes. Raises `ValueError` where it is no size; a loaded file has been checked."""
        return parse_size(self.max_size)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged key by key; anything else above hides what is below."""
    found = dict(below)
    for key, value in above.items():
        under = below.get(key)
        both = isinstance(value, dict) and isinstance(under, dict)
        found[key] = _laid_over(under, value) if both else value  # type: ignore[arg-type]
    return found
