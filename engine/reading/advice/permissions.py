"""Roles of the same template: no more than they need."""

from __future__ import annotations

from collections.abc import Iterator

from engine.reading.advice.advice import IAM_GUIDE, Finding, advice
from engine.reading.advice.scene import Scene, statements, texts
from engine.reading.problem import Path

_LEAST = IAM_GUIDE + "best-practices.html#grant-least-privilege"
_ALL_OF_IT = ("AdministratorAccess", "PowerUserAccess")


@advice(
    "GR661",
    "no role may do everything",
    why="a build runs whatever is in the repository and its dependencies, and could take over the account",
    fix="allow the actions that are needed; IAM Access Analyzer can write the policy from what was used",
    reference=_LEAST,
)
def everything(scene: Scene) -> Iterator[Finding]:
    """Statements that allow every action, and AWS's policies that do."""
    for path, statement, owner in statements(scene):
        if "*" in texts(statement.get("Action")):
            yield Finding((*path, "Action"), f"{owner} may do everything (Action: *)", in_document=True)
    for role in scene.of("AWS::IAM::Role"):
        arns = role.properties.get("ManagedPolicyArns")
        for number, arn in enumerate(arns if isinstance(arns, list) else ()):
            text = arn if isinstance(arn, str) else ""
            if text.rpartition("/")[2] in _ALL_OF_IT:
                path = (*role.path, "ManagedPolicyArns", number)
                yield Finding(path, f"{role.name} has {text.rpartition('/')[2]}", in_document=True)


@advice(
    "GR662",
    "a role may not do everything with everything of a service",
    why="one pipeline can read, change and delete what belongs to all others",
    fix="name the actions, or the resources, that are needed",
    reference=_LEAST,
)
def whole_services(scene: Scene) -> Iterator[Finding]:
    """Roles and policies that allow ``service:*`` on ``*``: one finding each, with all such services."""
    found: dict[str, tuple[Path, list[str]]] = {}
    for path, statement, owner in statements(scene):
        services = [action[:-2] for action in texts(statement.get("Action")) if action.endswith(":*")]
        if services and "*" in texts(statement.get("Resource")):
            found.setdefault(owner, ((*path, "Action"), []))[1].extend(services)
    for owner, (path, services) in found.items():
        what = f"{owner} may do everything with all of {', '.join(dict.fromkeys(services))}"
        yield Finding(path, what, in_document=True)


@advice(
    "GR663",
    "a role may pass on only the roles it must",
    why="with iam:PassRole on every role a pipeline can act as any of them, the administrator's too",
    fix="name the role's ARN as Resource, or add a condition on iam:PassedToService",
    reference=IAM_GUIDE + "id_roles_use_passrole.html",
)
def passing(scene: Scene) -> Iterator[Finding]:
    """iam:PassRole on every resource, without a condition."""
    for path, statement, owner in statements(scene):
        listed = {action.lower() for action in texts(statement.get("Action"))}
        if "iam:passrole" in listed and "*" in texts(statement.get("Resource")) and "Condition" not in statement:
            yield Finding((*path, "Action"), f"{owner} may pass on every role of the account", in_document=True)
