"""AWS's shape of a pipeline declaration, with its lengths and patterns.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html
"""

from __future__ import annotations

from engine.reading.shape import Many, Struct, Table, Text, Whole, struct

_NAME = Text(1, 100, r"[A-Za-z0-9.@\-_]+")
_ARTIFACT = Text(1, 100, r"[a-zA-Z0-9_\-]+")
_NAMESPACE = Text(1, 100, r"[A-Za-z0-9@\-_]+")
_PROVIDER = Text(1, 35, r"[0-9A-Za-z_-]+")
_VERSION = Text(1, 9, r"[0-9A-Za-z_-]+")
_ROLE = Text(0, 1024, r"arn:aws(-[\w]+)*:iam::[0-9]{12}:role/.*", account=True)
_REGION = Text(4, 30)
_COMMANDS = Many(Text(1, 1000), 1, 50)
_TIMEOUT = Whole(5, 86400)
_RESULT = Text(choices=("ROLLBACK", "FAIL", "RETRY", "SKIP"))
_INPUTS = Many(struct(name_=_ARTIFACT))

_STORE = struct(
    type_=Text(choices=("S3",)),
    location_=Text(3, 63, r"[a-zA-Z0-9\-\.]+", account=True),
    encryptionKey=struct(id_=Text(1, 400), type_=Text(choices=("KMS",))),
)
_RULE = struct(
    name_=_NAME,
    ruleTypeId_=struct(
        category_=Text(choices=("Rule",)), owner=Text(choices=("AWS",)), provider_=_PROVIDER, version=_VERSION
    ),
    configuration=Table(Text(1, 50), Text(1, 10000), 200),
    commands=_COMMANDS,
    inputArtifacts=_INPUTS,
    roleArn=_ROLE,
    region=_REGION,
    timeoutInMinutes=_TIMEOUT,
)
_CONDITIONS = Many(struct(result=_RESULT, rules=Many(_RULE, 1, 5)), 1, 1)
_ENTRY = struct(conditions_=_CONDITIONS)
_ACTION = struct(
    name_=_NAME,
    actionTypeId_=struct(
        category_=Text(choices=("Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute")),
        owner_=Text(choices=("AWS", "ThirdParty", "Custom")),
        provider_=_PROVIDER,
        version_=_VERSION,
    ),
    runOrder=Whole(1, 999),
    configuration=Table(Text(1, 50), Text(1, 1000)),
    commands=_COMMANDS,
    environmentVariables=Many(
        struct(
            name_=Text(1, 128, r"[A-Za-z0-9_]+"),
            value_=Text(1, 2000),
            type=Text(choices=("PLAINTEXT", "SECRETS_MANAGER")),
        ),
        1,
        10,
    ),
    inputArtifacts=_INPUTS,
    outputArtifacts=Many(struct(name_=_ARTIFACT, files=Many(Text(1, 128), 1, 10))),
    outputVariables=Many(Text(1, 128), 1, 15),
    roleArn=_ROLE,
    region=_REGION,
    namespace=_NAMESPACE,
    timeoutInMinutes=_TIMEOUT,
)
_STAGE = struct(
    name_=_NAME,
    actions_=Many(_ACTION),
    blockers=Many(struct(name_=Text(1, 100), type_=Text(choices=("Schedule",)))),
    beforeEntry=_ENTRY,
    onSuccess=_ENTRY,
    onFailure=struct(
        result=_RESULT,
        retryConfiguration=struct(retryMode=Text(choices=("FAILED_ACTIONS", "ALL_ACTIONS"))),
        conditions=_CONDITIONS,
    ),
)


def _patterns(most: int = 255) -> Struct:
    lists = Many(Text(1, most), 1, 8)
    return struct(includes=lists, excludes=lists)


_TRIGGER = struct(
    providerType_=Text(choices=("CodeStarSourceConnection",)),
    gitConfiguration_=struct(
        sourceActionName_=_NAME,
        push=Many(struct(tags=_patterns(), branches=_patterns(), filePaths=_patterns()), 1, 3),
        pullRequest=Many(
            struct(
                events=Many(Text(choices=("OPEN", "UPDATED", "CLOSED")), 1, 3),
                branches=_patterns(),
                filePaths=_patterns(),
            ),
            1,
            3,
        ),
    ),
)
_VARIABLE = struct(name_=Text(1, 128, r"[A-Za-z0-9@\-_]+"), defaultValue=Text(1, 1000), description=Text(0, 200))

# `roleArn` and the stores are required too; a rule says so, since a local definition does without them.
PIPELINE = struct(
    name_=_NAME,
    roleArn=_ROLE,
    artifactStore=_STORE,
    artifactStores=Table(_REGION, _STORE),
    stages_=Many(_STAGE),
    version=Whole(1),
    executionMode=Text(choices=("QUEUED", "SUPERSEDED", "PARALLEL")),
    pipelineType=Text(choices=("V1", "V2")),
    variables=Many(_VARIABLE, 0, 50),
    triggers=Many(_TRIGGER, 0, 50),
)
TAGS = Many(struct(key_=Text(1, 128), value_=Text(0, 256)))
