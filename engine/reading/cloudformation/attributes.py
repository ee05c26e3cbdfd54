"""What a Ref to a resource and its attributes give, as far as a template tells: names and ARNs.

A resource without a name of its own is called ``stack-LogicalId``, which AWS only makes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.scalars import Symbolic, joined, text_of

if TYPE_CHECKING:
    from engine.reading.cloudformation.scope import Resource, Scope

_NAMES = {
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentConfig": "DeploymentConfigName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeCommit::Repository": "RepositoryName",
    "AWS::CodeStarConnections::Connection": "ConnectionName",
    "AWS::CodeConnections::Connection": "ConnectionName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::Service": "ServiceName",
    "AWS::ElasticBeanstalk::Application": "ApplicationName",
    "AWS::ElasticBeanstalk::Environment": "EnvironmentName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
_ARNS = {
    "AWS::CodeBuild::Project": "codebuild:{region}:{account}:project/{name}",
    "AWS::CodeCommit::Repository": "codecommit:{region}:{account}:{name}",
    "AWS::CodePipeline::Pipeline": "codepipeline:{region}:{account}:{name}",
    "AWS::CodeStarConnections::Connection": "codestar-connections:{region}:{account}:connection/{name}",
    "AWS::CodeConnections::Connection": "codeconnections:{region}:{account}:connection/{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/{name}",
    "AWS::ECS::Cluster": "ecs:{region}:{account}:cluster/{name}",
    "AWS::ECS::Service": "ecs:{region}:{account}:service/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::IAM::User": "iam::{account}:user/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{name}",
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
_REF_IS_ARN = frozenset(
    {
        "AWS::CodeConnections::Connection",
        "AWS::CodeStarConnections::Connection",
        "AWS::ECS::Service",
        "AWS::SNS::Topic",
        "AWS::SecretsManager::Secret",
        "AWS::StepFunctions::StateMachine",
    }
)
_ARN_NAMES = frozenset({"Arn", "TopicArn", "ConnectionArn", "ServiceArn", "RepositoryArn"})
_LONGEST = {"AWS::S3::Bucket": 63, "AWS::Lambda::Function": 64, "AWS::Serverless::Function": 64, "AWS::IAM::Role": 64}


def reference(scope: Scope, resource: Resource) -> str:
    """What a Ref to a resource gives."""
    return arn(scope, resource) if resource.type in _REF_IS_ARN else name_of(scope, resource)


def name_of(scope: Scope, resource: Resource) -> str:
    """The resource's physical name."""
    if resource.name not in scope.names:
        scope.names[resource.name] = _name_of(scope, resource)
    return scope.names[resource.name]


def _name_of(scope: Scope, resource: Resource) -> str:
    key = _NAMES.get(resource.type, "Name")
    properties, at = scope.settle(resource.properties, resource.at)
    if isinstance(properties, dict) and key in properties and resource.name not in scope.busy and len(scope.busy) < 60:
        scope.busy.add(resource.name)
        try:
            name = scope.text(properties[key], (*at, key))
        finally:
            scope.busy.discard(resource.name)
        if name:
            return name
    most = _LONGEST.get(resource.type, 100)
    stack = str(scope.values.get("AWS::StackName"))[: max(1, most - 1 - len(resource.name))]
    name = f"{stack}-{resource.name}"[:most]
    return name.lower() if resource.type == "AWS::S3::Bucket" else name


def arn(scope: Scope, resource: Resource) -> str:
    """The resource's ARN."""
    form = _ARNS.get(resource.type)
    name = name_of(scope, resource)
    if form is None:
        return Symbolic(f"{resource.name}.Arn")
    region, account, partition = (
        str(scope.values.get(f"AWS::{part}")) for part in ("Region", "AccountId", "Partition")
    )
    front, _, back = form.format(region=region, account=account, name="\0").partition("\0")
    return joined([f"arn:{partition}:{front}", name, back])


def attribute(scope: Scope, resource: Resource, name: str) -> str:
    """What Fn::GetAtt gives: an ARN, a name, or what the properties say under that name."""
    if name in _ARN_NAMES:
        return arn(scope, resource)
    if name == _NAMES.get(resource.type, "Name") or name == "Name":
        return name_of(scope, resource)
    if resource.type == "AWS::CodePipeline::Pipeline" and name == "Version":
        return "1"
    if resource.type == "AWS::S3::Bucket" and name.endswith("DomainName"):
        return joined([name_of(scope, resource), f".s3.{scope.values.get('AWS::URLSuffix')}"])
    properties, at = scope.settle(resource.properties, resource.at)
    if isinstance(properties, dict) and name in properties and resource.name not in scope.busy:
        value = text_of(scope.text(properties[name], (*at, name)))
        if value is not None:
            return value
    return Symbolic(f"{resource.name}.{name}")
