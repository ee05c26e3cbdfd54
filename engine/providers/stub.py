"""What is not built yet: the action is shown, passed over, and never counts as a success."""

from __future__ import annotations

from collections.abc import Mapping

from engine.artifacts.store import Store
from engine.model.pipeline import ActionTypeId
from engine.model.status import ActionStatus, Fidelity
from engine.providers.contract import Desk, Identity, Job, Outcome, ProviderSpec
from engine.runners.output import open_output

_ON_AWS = {
    "CloudFormation": "create, update or delete the stack {StackName}",
    "CloudFormationStackSet": "create or update the stack set {StackSetName}",
    "CloudFormationStackInstances": "create or update instances of the stack set {StackSetName}",
    "CodeDeploy": "deploy to the group {DeploymentGroupName} of {ApplicationName}",
    "CodeDeployToECS": "deploy blue/green to ECS through {ApplicationName}/{DeploymentGroupName}",
    "ECS": "roll out a new task definition to the service {ServiceName} of {ClusterName}",
    "EKS": "apply charts or manifests to the cluster {ClusterName}",
    "EC2": "deploy to the instances tagged {InstanceTagKey}",
    "ElasticBeanstalk": "deploy to the environment {EnvironmentName} of {ApplicationName}",
    "OpsWorks": "deploy {App} to the stack {Stack}",
    "ServiceCatalog": "publish a product version of {ProductId}",
    "AppConfig": "deploy configuration to {Application}/{Environment}",
    "AlexaSkillsKit": "update the skill {SkillId}",
    "Lambda": "deploy the function {FunctionName}",
    "StepFunctions": "run the state machine {StateMachineArn}",
    "CodePipeline": "start the pipeline {PipelineName}",
    "InspectorScan": "scan for vulnerabilities with Amazon Inspector",
    "Snyk": "scan dependencies with Snyk",
    "ECRBuildAndPublish": "build an image and push it to {ECRRepositoryName}",
    "DeviceFarm": "run tests on the devices of {ProjectId}",
    "Jenkins": "hand the job {ProjectName} to Jenkins",
    "TeamCity": "hand the build {BuildConfigurationID} to TeamCity",
}


def stub_spec(category: str, owner: str, provider: str, version: str = "1", timeout: float = 3600.0) -> ProviderSpec:
    """What a stub of that action type is."""
    return ProviderSpec(
        category=category,
        owner=owner,
        provider=provider,
        version=version,
        kind="stub",
        fidelity=Fidelity.STUBBED,
        on_change="ignore",
        timeout=timeout,
        summary="Not run here yet: shown as stubbed; `commands` in greenroom.yaml can stand in",
    )


class StubProvider:
    """Says what AWS would do."""

    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    def identify(self, job: Job, store: Store) -> Identity:
        """Nothing is run, so nothing decides a result."""
        return Identity()

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """End as stubbed, with a log that says how to put something in its place."""
        intent = would(job.action.actionTypeId, job.configuration)
        key = f"{job.stage}/{job.action.name}"
        output = open_output(desk.log, desk.secrets)
        try:
            output.write(
                f"{_why(job)}\nAWS would {intent}.\n\n"
                "To run something in its place, add to greenroom.yaml:\n\n"
                f"actions:\n  {key}:\n    commands:\n      - ./your-command\n"
            )
        finally:
            await output.close()
        return Outcome(
            ActionStatus.STUBBED,
            summary=f"AWS would {intent}; give {key} `commands` in greenroom.yaml to run something instead",
        )


def _why(job: Job) -> str:
    if job.settings.skip:
        return f"Stubbed: left out here, since {job.settings.skip}."
    return f"Stubbed: {job.action.actionTypeId} does not run here yet."


class _Named(dict[str, str]):
    """Configuration for a sentence: an absent key shows as its own name."""

    def __missing__(self, key: str) -> str:
        return key


def would(kind: ActionTypeId, configuration: Mapping[str, str]) -> str:
    """What AWS would do for an action of that type: ``create, update or delete the stack shop``."""
    if kind.owner == "AWS" or kind.provider in _ON_AWS:
        text = _ON_AWS.get(kind.provider, f"run {kind.provider} in {kind.category}")
    else:
        text = f"hand a job to the worker of {kind.provider}"
    return text.format_map(_Named(configuration))
