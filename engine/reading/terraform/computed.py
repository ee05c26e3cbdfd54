"""Attributes that AWS gives to a resource, as far as they follow from its name: ids, ARNs, addresses."""

from __future__ import annotations

from collections.abc import Callable

from engine.reading.given import Given
from engine.reading.terraform.values import Symbol, Value, joined

_NAMES = {
    "aws_s3_bucket": "bucket",
    "aws_s3_object": "key",
    "aws_s3_bucket_object": "key",
    "aws_lambda_function": "function_name",
    "aws_codecommit_repository": "repository_name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_codedeploy_deployment_group": "deployment_group_name",
    "aws_ecs_task_definition": "family",
    "aws_dynamodb_table": "name",
}
_ARNS = {
    "aws_codepipeline": "arn:{p}:codepipeline:{r}:{a}:{n}",
    "aws_codebuild_project": "arn:{p}:codebuild:{r}:{a}:project/{n}",
    "aws_lambda_function": "arn:{p}:lambda:{r}:{a}:function:{n}",
    "aws_s3_bucket": "arn:{p}:s3:::{n}",
    "aws_iam_role": "arn:{p}:iam::{a}:role/{n}",
    "aws_iam_policy": "arn:{p}:iam::{a}:policy/{n}",
    "aws_sns_topic": "arn:{p}:sns:{r}:{a}:{n}",
    "aws_sqs_queue": "arn:{p}:sqs:{r}:{a}:{n}",
    "aws_codecommit_repository": "arn:{p}:codecommit:{r}:{a}:{n}",
    "aws_ecr_repository": "arn:{p}:ecr:{r}:{a}:repository/{n}",
    "aws_ecs_cluster": "arn:{p}:ecs:{r}:{a}:cluster/{n}",
    "aws_cloudwatch_event_rule": "arn:{p}:events:{r}:{a}:rule/{n}",
    "aws_cloudwatch_log_group": "arn:{p}:logs:{r}:{a}:log-group:{n}",
    "aws_ssm_parameter": "arn:{p}:ssm:{r}:{a}:parameter/{n}",
    "aws_sfn_state_machine": "arn:{p}:states:{r}:{a}:stateMachine:{n}",
}
_ID_IS_ARN = frozenset({"aws_codebuild_project", "aws_sns_topic", "aws_ecs_cluster", "aws_sfn_state_machine"})


def computed(kind: str, attribute: str, own: Callable[[str], Value], given: Given) -> Value:
    """The value of an attribute that the configuration does not set; None where it does not follow from the name.

    `own` gives the attributes that are set.
    """
    naming = _NAMES.get(kind, "name")
    name = own(naming)
    if name is None:
        return None
    if attribute in ("id", naming, "name", "bucket") and not (attribute == "id" and kind in _ID_IS_ARN):
        return name
    if attribute in ("arn", "id") and kind in _ARNS:
        return _filled(_ARNS[kind], name, given)
    if attribute == "repository_url" and kind == "aws_ecr_repository":
        return _filled("{a}.dkr.ecr.{r}.{s}/{n}", name, given)
    return None


def _filled(pattern: str, name: Value, given: Given) -> Value:
    text = str(name).lstrip("/") if "parameter/" in pattern else str(name)
    made = pattern.format(p=partition(given), r=given.region, a=given.account, s=suffix(given), n=text)
    return joined([made], not isinstance(name, Symbol))


def partition(given: Given) -> str:
    """Which of Amazon's clouds the region is in, as ARNs have it."""
    return "aws-cn" if given.region.startswith("cn-") else "aws-us-gov" if given.region.startswith("us-gov-") else "aws"


def suffix(given: Given) -> str:
    """What the names of its hosts end in."""
    return "amazonaws.com.cn" if given.region.startswith("cn-") else "amazonaws.com"


def data_of_account(kind: str, given: Given) -> dict[str, Value]:
    """What a data source says of the account that this machine stands in for."""
    if kind == "aws_caller_identity":
        return {
            "account_id": given.account,
            "id": given.account,
            "arn": f"arn:{partition(given)}:iam::{given.account}:root",
            "user_id": given.account,
        }
    if kind == "aws_region":
        return {"name": given.region, "id": given.region, "region": given.region, "description": given.region}
    if kind == "aws_partition":
        return {
            "partition": partition(given),
            "id": partition(given),
            "dns_suffix": suffix(given),
            "reverse_dns_prefix": ".".join(reversed(suffix(given).split("."))),
        }
    return {}
