"""Deploy action types."""

from __future__ import annotations

from engine.model.catalog import DAY, MINUTE, ActionTypeSpec, Bounds, ConfigurationKey, keys

_NONE = Bounds(0, 0)
_ONE = Bounds(1, 1)
_STACK_SETS = (
    "FailureTolerancePercentage MaxConcurrentPercentage RegionConcurrencyType=Sequential|Parallel"
    " ConcurrencyMode=STRICT_FAILURE_TOLERANCE|SOFT_FAILURE_TOLERANCE CallAs=SELF|DELEGATED_ADMIN"
)
_IMAGES = " ".join(f"Image{n}ArtifactName Image{n}ContainerName" for n in range(1, 5))


def _deploy(
    provider: str,
    rows: tuple[ConfigurationKey, ...],
    *,
    inputs: Bounds = _ONE,
    timeout: float = 60 * MINUTE,
    variables: tuple[str, ...] = (),
    v2_only: bool = False,
    settled: bool = True,
) -> ActionTypeSpec:
    return ActionTypeSpec(
        "Deploy",
        "AWS",
        provider,
        inputs,
        _NONE,
        rows,
        timeout,
        variables,
        v2_only=v2_only,
        settled=settled,
    )


_CLOUDFORMATION = ActionTypeSpec(
    "Deploy",
    "AWS",
    "CloudFormation",
    Bounds(0, 10),
    Bounds(0, 1),
    keys(
        "ActionMode=CREATE_UPDATE|REPLACE_ON_FAILURE|DELETE_ONLY|CHANGE_SET_REPLACE|CHANGE_SET_EXECUTE",
        "StackName",
        optional="ChangeSetName TemplatePath TemplateConfiguration RoleArn Capabilities ParameterOverrides"
        " OutputFileName",
    ),
    timeout=3 * DAY,
    open_variables=True,
)

TYPES = (
    _deploy(
        "S3",
        keys(
            "BucketName",
            "Extract=true|false",
            optional="ObjectKey KMSEncryptionKeyARN CannedACL CacheControl",
        ),
        timeout=90 * MINUTE,
    ),
    _CLOUDFORMATION,
    _deploy(
        "CloudFormationStackSet",
        keys(
            "StackSetName",
            "TemplatePath",
            optional="Description Parameters Capabilities PermissionModel=SELF_MANAGED|SERVICE_MANAGED"
            " AdministrationRoleArn ExecutionRoleName"
            " OrganizationsAutoDeployment=Disabled|Enabled|EnabledWithStackRetention"
            f" DeploymentTargets Regions {_STACK_SETS}",
        ),
        inputs=Bounds(1, 3),
        variables=("StackSetId", "OperationId"),
    ),
    _deploy(
        "CloudFormationStackInstances",
        keys("StackSetName", "Regions", optional=f"DeploymentTargets ParameterOverrides {_STACK_SETS}"),
        inputs=Bounds(0, 3),
        variables=("StackSetId", "OperationId"),
    ),
    _deploy("CodeDeploy", keys("ApplicationName", "DeploymentGroupName"), timeout=5 * DAY),
    _deploy(
        "CodeDeployToECS",
        keys(
            "ApplicationName",
            "DeploymentGroupName",
            "TaskDefinitionTemplateArtifact",
            "AppSpecTemplateArtifact",
            optional=f"TaskDefinitionTemplatePath AppSpecTemplatePath {_IMAGES}",
        ),
        inputs=Bounds(1, 5),
        timeout=5 * DAY,
    ),
    _deploy("ECS", keys("ClusterName", "ServiceName", optional="FileName DeploymentTimeout")),
    _deploy(
        "EKS",
        keys(
            "ClusterName",
            optional="HelmReleaseName HelmChartLocation HelmValuesFiles ManifestFiles Namespace Subnets"
            " SecurityGroupIds",
        ),
        variables=("EKSClusterName",),
        v2_only=True,
    ),
    _deploy(
        "EC2",
        keys(
            "InstanceTagKey",
            "InstanceType=EC2|SSM_MANAGED_NODE",
            optional="InstanceTagValue TargetDirectory PreScript PostScript DeploySpec MaxBatch MaxError"
            " TargetGroupNameList",
        ),
        v2_only=True,
    ),
    _deploy(
        "Lambda",
        keys("FunctionName", optional="FunctionAlias PublishedTargetVersion DeployStrategy Alarms"),
        inputs=Bounds(0, 1),
        timeout=2 * DAY,
        variables=("FunctionVersion",),
        v2_only=True,
    ),
    _deploy("ElasticBeanstalk", keys("ApplicationName", "EnvironmentName")),
    # Pages disagree on the names of its keys (Stack, App / StackId, AppId), so none can be demanded.
    _deploy(
        "OpsWorks",
        keys(optional="Stack App Layer StackId AppId LayerId DeploymentType"),
        settled=False,
    ),
    _deploy(
        "ServiceCatalog",
        keys(
            "ProductId",
            optional="TemplateFilePath ProductVersionName ProductType ProductVersionDescription ConfigurationFilePath",
        ),
    ),
    _deploy(
        "AppConfig",
        keys(
            "Application",
            "Environment",
            "ConfigurationProfile",
            "InputArtifactConfigurationPath",
            optional="DeploymentStrategy",
        ),
    ),
    ActionTypeSpec(
        "Deploy",
        "ThirdParty",
        "AlexaSkillsKit",
        Bounds(0, 2),
        _NONE,
        keys("ClientId", "ClientSecret", "RefreshToken", "SkillId", secret="ClientSecret RefreshToken"),  # noqa: S106
    ),
    # greenroom's own: a deployment by commands or into a folder. On AWS it is a custom action type.
    ActionTypeSpec(
        "Deploy",
        "Custom",
        "local",
        Bounds(0, 5),
        Bounds(0, 5),
        keys(optional="Commands Directory"),
        open_variables=True,
    ),
)
