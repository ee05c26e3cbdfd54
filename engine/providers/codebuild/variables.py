"""The variables a build sees: where each comes from, which wins, which are secret, and CodeBuild's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.outcome import Part
from engine.providers import references
from engine.providers.buildspec.model import BuildspecError, Environment
from engine.providers.codebuild import no_aws
from engine.providers.codebuild.layout import Layout
from engine.providers.contract import Desk, Job
from engine.runners.environment import (
    decisive,
    for_containers,
    host_environment,
    is_sensitive,
    is_telling,
    passwords_in,
)

RUN_SPECIFIC = (
    "CODEBUILD_BUILD_ID",
    "CODEBUILD_BUILD_ARN",
    "CODEBUILD_BUILD_NUMBER",
    "CODEBUILD_BUILD_URL",
    "CODEBUILD_LOG_PATH",
    "CODEBUILD_START_TIME",
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
    "CODEBUILD_SOURCE_VERSION",
)
"""Variables that differ from run to run: part of a fingerprint only where the commands mention them."""

REGIONS = ("AWS_DEFAULT_REGION", "AWS_REGION")
"""CodeBuild's own variables that a buildspec, a project or an action may set otherwise."""


@dataclass(slots=True)
class Variables:
    """Variables in the order in which they were given, later ones over earlier ones.

    `secret` names those whose value is masked, `inside` has what is masked of others; `parts` is what the
    fingerprint does not know from elsewhere;
    `origins` tells of which parameter or secret a variable is the value; `missing` has those without a value, unless
    something stronger gives the variable one.
    `asks_parameter_store`: a parameter was looked up, with or without success.
    """

    values: dict[str, str] = field(default_factory=dict)
    secret: set[str] = field(default_factory=set)
    inside: dict[str, list[str]] = field(default_factory=dict)
    referred: set[str] = field(default_factory=set)
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    missing: dict[str, references.MissingReference] = field(default_factory=dict)
    asks_parameter_store: bool = False

    def plain(self, variables: Mapping[str, str]) -> None:
        """Add variables that are known from elsewhere: the buildspec, the configuration."""
        for name, value in variables.items():
            self._set(name, value)

    def local(self, variables: Mapping[str, str], job: Job, *, shown: Iterable[str] | None = None) -> None:
        """Add variables of this machine or of greenroom.yaml, which the fingerprint must hold."""
        for name, value in variables.items():
            self._set(name, value)
            hidden = is_sensitive(name)
            if shown is None and hidden and is_telling(value):
                self.secret.add(name)
            self.inside[name] = [word for word in passwords_in(value) if shown is not None or is_telling(word)]
            if shown is None or name in shown:
                digest = references.keyed_digest(job.state, value) if hidden and value else value
                self.parts[name] = Part("secret" if hidden else "env", name, digest)

    def refer(self, kind: str, references_: Mapping[str, str], job: Job) -> None:
        """Add the values of parameters or secrets."""
        look_up = references.parameter if kind == "PARAMETER_STORE" else references.secret
        self.asks_parameter_store |= kind == "PARAMETER_STORE" and bool(references_)
        for name, reference in references_.items():
            try:
                value = look_up(job.project, reference)
            except references.MissingReference as error:
                self.drop(name)
                self.missing[name] = error
                continue
            self._set(name, value)
            self.secret.add(name)
            self.referred.add(name)
            self.origins[name] = (kind, reference)
            self.parts[name] = Part("secret", name, references.keyed_digest(job.state, value))

    def secrets(self) -> tuple[str, ...]:
        """The values that must not be seen."""
        named = [value for name in sorted(self.secret) if (value := self.values.get(name))]
        return tuple(dict.fromkeys([*named, *(word for name in sorted(self.inside) for word in self.inside[name])]))

    def _set(self, name: str, value: str) -> None:
        self.drop(name)
        self.values[name] = value

    def drop(self, name: str) -> None:
        """Take a variable back, and all that is known of it."""
        self.values.pop(name, None)
        self.missing.pop(name, None)
        self.secret.discard(name)
        self.inside.pop(name, None)
        self.referred.discard(name)
        self.origins.pop(name, None)
        self.parts.pop(name, None)


def gather(job: Job, environment: Environment, project: str, *, on_host: bool = True) -> Variables:
    """Everything but CodeBuild's own variables.

    From weak to strong: the machine, the buildspec, greenroom.yaml's `environment`, the project's, the action's,
    and the action's settings in greenroom.yaml.
    """
    found = Variables()
    host = host_environment(job.project.inherit_environment, aws=job.project.aws)
    if not on_host:  # an image has a PATH and a home of its own
        host = for_containers(host, job.project.inherit_environment)
    inherited = set(job.project.inherit_environment)
    shown = {*decisive(host), *inherited}
    if no_aws.is_local(job.project):
        found.plain(no_aws.CREDENTIALS)
    else:
        # Tokens that are renewed every hour are no other account: they change no result.
        shown |= {name for name in host if name.startswith("AWS_") and not is_sensitive(name)}
        inherited |= {name for name in host if name.startswith("AWS_")}
        found.parts["aws"] = Part("env", "aws", "real")  # what commands did without AWS says nothing of it
    found.local(host, job, shown=shown)
    # A token the user lets in is not known to AWS, so nothing there hides it: here the name decides.
    found.secret.update(name for name in inherited & set(host) if is_sensitive(name))
    for name in REGIONS:  # the region is the pipeline's, whatever it is in the user's own environment
        found.drop(name)
    found.plain(environment.variables)
    found.refer("PARAMETER_STORE", environment.parameter_store, job)
    found.refer("SECRETS_MANAGER", environment.secrets_manager, job)
    found.local(job.project.environment, job)
    if project in job.project.projects:
        settings = job.project.projects[project]
        found.local(settings.environment, job)
        found.refer("PARAMETER_STORE", settings.parameter_store, job)
        found.refer("SECRETS_MANAGER", settings.secrets_manager, job)
    _of_the_action(found, job)
    found.local(job.settings.environment, job)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        if found.values.get(name) not in (None, no_aws.CREDENTIALS.get(name)):
            found.secret.add(name)
    return found


def _of_the_action(found: Variables, job: Job) -> None:
    for name, value, kind in _configured(job.configuration.get("EnvironmentVariables", "")):
        if kind == "PLAINTEXT":
            found.plain({name: value})
        else:
            found.refer(kind, {name: value}, job)
    for variable in job.environment:
        if variable.type == "SECRETS_MANAGER":
            found.refer("SECRETS_MANAGER", {variable.name: variable.value}, job)
        else:
            found.local({variable.name: variable.value}, job)


def _configured(text: str) -> Iterable[tuple[str, str, str]]:
    """The action's `EnvironmentVariables`: name, value and type. Raises `BuildspecError` where AWS would refuse."""
    if not text.strip():
        return
    try:
        rows = json.loads(text)
        for row in rows:
            kind = row.get("type") or "PLAINTEXT"
            if kind not in ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"):
                raise ValueError(f"type {kind} does not exist")
            yield str(row["name"]), str(row["value"]), kind
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildspecError(
            f"EnvironmentVariables cannot be read: {error}",
            code="CONFIGURATION",
            hint='It is a JSON array: [{"name": "A", "value": "b", "type": "PLAINTEXT"}].',
        ) from error


def build_id(job: Job, project: str) -> str:
    """``project:uuid``, AWS's id of a build."""
    return f"{project}:{job.action_execution_id}"


def stable(job: Job, project: str, primary: str) -> dict[str, str]:
    """CodeBuild's own variables, as far as they are known before the build has a workspace."""
    region = job.action.region or job.project.region
    identifier = build_id(job, project)
    arn = f"arn:aws:codebuild:{region}:{job.project.account}"
    settings = job.project.projects.get(project)
    revision = job.revisions.get(primary)
    found = {
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "CODEBUILD_BUILD_ARN": f"{arn}:build/{identifier}",
        "CODEBUILD_BUILD_ID": identifier,
        "CODEBUILD_BUILD_IMAGE": job.settings.image or (settings and settings.image) or "greenroom/host",
        "CODEBUILD_BUILD_NUMBER": str(job.execution_number),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_CI": "true",
        "CODEBUILD_INITIATOR": f"codepipeline/{job.pipeline}",
        "CODEBUILD_KMS_KEY_ID": f"arn:aws:kms:{region}:{job.project.account}:alias/aws/s3",
        "CODEBUILD_LOG_PATH": job.action_execution_id,
        "CODEBUILD_PROJECT_ARN": f"{arn}:project/{project}",
        "CODEBUILD_SOURCE_REPO_URL": "",
    }
    if primary in job.inputs:
        found["CODEBUILD_SOURCE_VERSION"] = _artifact_arn(job, primary)
    if revision is not None:
        found["CODEBUILD_RESOLVED_SOURCE_VERSION"] = revision.id
    return found


def _artifact_arn(job: Job, artifact: str) -> str:
    """Where the artifact would lie: AWS cuts the names; the random end is made of the content here."""
    bucket = job.artifact_store.location if job.artifact_store else "greenroom"
    return f"arn:aws:s3:::{bucket}/{job.pipeline[:20]}/{artifact[:10]}/{job.inputs[artifact][:7]}"


def complete(job: Job, desk: Desk, project: str, primary: str, started: datetime) -> dict[str, str]:
    """All of CodeBuild's own variables, paths and times included."""
    layout = Layout(desk.workspace)
    found = stable(job, project, primary) | {
        "CODEBUILD_BUILD_URL": desk.log.absolute().as_uri(),
        "CODEBUILD_SRC_DIR": str(layout.source),
        "CODEBUILD_START_TIME": str(int(started.timestamp() * 1000)),
    }
    for name in job.inputs:
        if name != primary:
            found[f"CODEBUILD_SRC_DIR_{name}"] = str(layout.secondary(name))
            found[f"CODEBUILD_SOURCE_VERSION_{name}"] = _artifact_arn(job, name)
            found[f"CODEBUILD_SOURCE_REPO_URL_{name}"] = ""
    return found


def run_parts(job: Job, project: str, primary: str, texts: Iterable[str]) -> tuple[Part, ...]:
    """What the commands mention of the things that differ in every run."""
    text = "\n".join(texts)
    known = stable(job, project, primary)
    return tuple(Part("run", name, known.get(name, job.action_execution_id)) for name in RUN_SPECIFIC if name in text)
