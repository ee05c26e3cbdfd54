"""Build, Test, Compute and Invoke action types."""

from __future__ import annotations

from engine.model.catalog import DAY, HOUR, MINUTE, ActionTypeSpec, Bounds, keys

_NONE = Bounds(0, 0)
_ONE = Bounds(1, 1)
_MANY = Bounds(0, 5)
_CODEBUILD = keys(
    "ProjectName",
    optional="PrimarySource BatchEnabled=true|false CombineArtifacts=true|false BuildspecOverride"
    " EnvironmentVariables ServiceRoleArnOverride",
)
_DEVICE_FARM = keys(
    "AppType",
    "ProjectId",
    "App",
    "DevicePoolArn",
    "TestType",
    optional="AppiumVersion RadioBluetoothEnabled RecordAppPerformanceData RecordVideo RadioWifiEnabled"
    " RadioNfcEnabled RadioGpsEnabled UnmeteredDevicesOnly Test FuzzEventCount FuzzEventThrottle"
    " FuzzRandomizerSeed CustomHostMachineArtifacts CustomDeviceArtifacts JobTimeoutMinutes Latitude Longitude",
)


def _third_party_test(provider: str) -> ActionTypeSpec:
    return ActionTypeSpec("Test", "ThirdParty", provider, _MANY, _MANY, timeout=8 * HOUR, open_keys=True, settled=False)


TYPES = (
    ActionTypeSpec(
        "Build",
        "AWS",
        "CodeBuild",
        Bounds(1, 5),
        _MANY,
        _CODEBUILD,
        timeout=36 * HOUR,
        open_variables=True,
    ),
    ActionTypeSpec(
        "Build",
        "AWS",
        "ECRBuildAndPublish",
        _ONE,
        _NONE,
        keys("ECRRepositoryName", optional="DockerFilePath ImageTags RegistryType=private|public"),
        variables=("ECRImageDigestId", "ECRRepositoryName"),
        v2_only=True,
    ),
    ActionTypeSpec(
        "Test",
        "AWS",
        "CodeBuild",
        Bounds(1, 5),
        _MANY,
        _CODEBUILD,
        timeout=8 * HOUR,
        open_variables=True,
    ),
    ActionTypeSpec("Test", "AWS", "DeviceFarm", _ONE, _NONE, _DEVICE_FARM, timeout=8 * HOUR, settled=False),
    _third_party_test("BlazeMeter"),
    _third_party_test("GhostInspector"),
    _third_party_test("Nouvola"),
    _third_party_test("Runscope"),
    ActionTypeSpec(
        "Compute",
        "AWS",
        "Commands",
        Bounds(1, 10),
        Bounds(0, 1),
        keys(
            optional="EnvironmentType=LINUX_CONTAINER|WINDOWS_SERVER_2022_CONTAINER"
            " ComputeType=BUILD_GENERAL1_SMALL|BUILD_GENERAL1_MEDIUM|BUILD_GENERAL1_LARGE"
            " VpcId Subnets SecurityGroupIds"
        ),
        timeout=55 * MINUTE,
        open_variables=True,
        commands=True,
        v2_only=True,
    ),
    ActionTypeSpec(
        "Invoke",
        "AWS",
        "Lambda",
        _MANY,
        _MANY,
        keys("FunctionName", optional="UserParameters"),
        timeout=DAY,
        open_variables=True,
    ),
    ActionTypeSpec(
        "Invoke",
        "AWS",
        "StepFunctions",
        Bounds(0, 1),
        Bounds(0, 1),
        keys("StateMachineArn", optional="ExecutionNamePrefix InputType=Literal|FilePath Input"),
        timeout=7 * DAY,
        variables=("StateMachineArn", "ExecutionArn"),
    ),
    ActionTypeSpec(
        "Invoke",
        "AWS",
        "CodePipeline",
        _NONE,
        _NONE,
        keys("PipelineName", optional="SourceRevisions Variables"),
        v2_only=True,
    ),
    ActionTypeSpec(
        "Invoke",
        "AWS",
        "InspectorScan",
        Bounds(0, 1),
        _ONE,
        keys(
            "InspectorRunMode=SourceCodeScan|ECRImageScan",
            optional="ECRRepositoryName ImageTag CriticalThreshold HighThreshold MediumThreshold LowThreshold",
        ),
        variables=("HighestScannedSeverity",),
    ),
    ActionTypeSpec("Invoke", "ThirdParty", "Snyk", _ONE, _ONE, open_keys=True),
)
