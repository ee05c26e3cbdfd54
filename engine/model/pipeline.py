"""The pipeline declaration, every field, V1 and V2, under AWS's own names.

Follows https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html. The models hold
shape only (types and which keys exist); lengths, patterns and the rules between parts are checked by
`engine.reading`, which can say at which line and how to mend it. All models are frozen.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

Category = Literal["Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute"]
Owner = Literal["AWS", "ThirdParty", "Custom"]
ExecutionMode = Literal["QUEUED", "SUPERSEDED", "PARALLEL"]
PipelineType = Literal["V1", "V2"]
ConditionResult = Literal["ROLLBACK", "FAIL", "RETRY", "SKIP"]
RetryMode = Literal["FAILED_ACTIONS", "ALL_ACTIONS"]
ConditionType = Literal["BEFORE_ENTRY", "ON_SUCCESS", "ON_FAILURE"]


class Shape(BaseModel):
    """Base of every AWS shape: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EncryptionKey(Shape):
    """The KMS key that encrypts an artifact store."""

    id: str
    type: Literal["KMS"]


class ArtifactStore(Shape):
    """Where artifacts are kept: on AWS an S3 bucket, here only remembered."""

    type: Literal["S3"]
    location: str
    encryptionKey: EncryptionKey | None = None


class ActionTypeId(Shape):
    """What an action is: category, owner, provider and version."""

    category: Category
    owner: Owner
    provider: str
    version: str

    def __str__(self) -> str:
        return f"{self.category}/{self.owner}/{self.provider}/{self.version}"


class InputArtifact(Shape):
    """An artifact that an action reads."""

    name: str


class OutputArtifact(Shape):
    """An artifact that an action writes; `files` filters it for the Commands action."""

    name: str
    files: tuple[str, ...] | None = None


class EnvironmentVariable(Shape):
    """An action-level environment variable."""

    name: str
    value: str
    type: Literal["PLAINTEXT", "SECRETS_MANAGER"] | None = None


class ActionDeclaration(Shape):
    """One action of a stage."""

    name: str
    actionTypeId: ActionTypeId
    runOrder: int = 1
    configuration: dict[str, str] = {}
    commands: tuple[str, ...] | None = None
    environmentVariables: tuple[EnvironmentVariable, ...] | None = None
    inputArtifacts: tuple[InputArtifact, ...] = ()
    outputArtifacts: tuple[OutputArtifact, ...] = ()
    outputVariables: tuple[str, ...] | None = None
    roleArn: str | None = None
    region: str | None = None
    namespace: str | None = None
    timeoutInMinutes: int | None = None


class RuleTypeId(Shape):
    """What a rule is."""

    category: Literal["Rule"]
    owner: Literal["AWS"] | None = None
    provider: str
    version: str | None = None


class RuleDeclaration(Shape):
    """One rule of a condition."""

    name: str
    ruleTypeId: RuleTypeId
    configuration: dict[str, str] | None = None
    commands: tuple[str, ...] | None = None
    inputArtifacts: tuple[InputArtifact, ...] | None = None
    roleArn: str | None = None
    region: str | None = None
    timeoutInMinutes: int | None = None


class Condition(Shape):
    """Rules, and what happens when they do not hold."""

    result: ConditionResult | None = None
    rules: tuple[RuleDeclaration, ...] | None = None


class StageConditions(Shape):
    """`beforeEntry` and `onSuccess` of a stage."""

    conditions: tuple[Condition, ...]


class RetryConfiguration(Shape):
    """How an automatic retry runs."""

    retryMode: RetryMode | None = None


class FailureConditions(Shape):
    """`onFailure` of a stage."""

    result: ConditionResult | None = None
    retryConfiguration: RetryConfiguration | None = None
    conditions: tuple[Condition, ...] | None = None


class BlockerDeclaration(Shape):
    """Reserved by AWS: kept and echoed, never acted on."""

    name: str
    type: Literal["Schedule"]


class StageDeclaration(Shape):
    """One stage: actions, and conditions around them."""

    name: str
    actions: tuple[ActionDeclaration, ...]
    blockers: tuple[BlockerDeclaration, ...] | None = None
    beforeEntry: StageConditions | None = None
    onSuccess: StageConditions | None = None
    onFailure: FailureConditions | None = None

    def condition(self, kind: ConditionType) -> Condition | None:
        """The one condition of that kind that has rules, if there is one."""
        slot = {"BEFORE_ENTRY": self.beforeEntry, "ON_SUCCESS": self.onSuccess, "ON_FAILURE": self.onFailure}[kind]
        found = slot.conditions[0] if slot and slot.conditions else None
        return found if found and found.rules else None


class GitFilter(Shape):
    """Glob patterns of a trigger: includes and excludes."""

    includes: tuple[str, ...] | None = None
    excludes: tuple[str, ...] | None = None


class GitPushFilter(Shape):
    """Which pushes start the pipeline."""

    tags: GitFilter | None = None
    branches: GitFilter | None = None
    filePaths: GitFilter | None = None


class GitPullRequestFilter(Shape):
    """Which pull requests start the pipeline."""

    events: tuple[Literal["OPEN", "UPDATED", "CLOSED"], ...] | None = None
    branches: GitFilter | None = None
    filePaths: GitFilter | None = None


class GitConfiguration(Shape):
    """The filters of one trigger."""

    sourceActionName: str
    push: tuple[GitPushFilter, ...] | None = None
    pullRequest: tuple[GitPullRequestFilter, ...] | None = None


class PipelineTriggerDeclaration(Shape):
    """A trigger of a V2 pipeline."""

    providerType: Literal["CodeStarSourceConnection"]
    gitConfiguration: GitConfiguration


class PipelineVariableDeclaration(Shape):
    """A pipeline-level variable; without `defaultValue` it must be given at start."""

    name: str
    defaultValue: str | None = None
    description: str | None = None


class PipelineDeclaration(Shape):
    """A whole pipeline. `roleArn` and the stores may be absent in a local definition, never on AWS."""

    name: str
    roleArn: str | None = None
    artifactStore: ArtifactStore | None = None
    artifactStores: dict[str, ArtifactStore] | None = None
    stages: tuple[StageDeclaration, ...]
    version: int = 1
    executionMode: ExecutionMode | None = None
    pipelineType: PipelineType | None = None
    variables: tuple[PipelineVariableDeclaration, ...] | None = None
    triggers: tuple[PipelineTriggerDeclaration, ...] | None = None

    def stage(self, name: str) -> StageDeclaration:
        """The stage of that name. Raises `KeyError` when there is none."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def action(self, stage: str, action: str) -> ActionDeclaration:
        """The action of that stage. Raises `KeyError` when there is none."""
        for candidate in self.stage(stage).actions:
            if candidate.name == action:
                return candidate
        raise KeyError(f"{stage}/{action}")

    def store(self, region: str) -> ArtifactStore | None:
        """The artifact store of that region, None where none is declared."""
        return (self.artifactStores or {}).get(region) or self.artifactStore

    @cached_property
    def makers(self) -> dict[str, tuple[str, str]]:
        """Stage and action that make each artifact, by artifact name."""
        return {
            output.name: (stage.name, action.name)
            for stage in self.stages
            for action in stage.actions
            for output in action.outputArtifacts
        }

    @property
    def mode(self) -> ExecutionMode:
        """The execution mode in force: SUPERSEDED where none is given."""
        return self.executionMode or "SUPERSEDED"
