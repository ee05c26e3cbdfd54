"""A story whose trees hold real files: two runs of a shop, the second of which waits for its approval."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace
from pathlib import Path

from engine.artifacts.store import Store
from engine.execution import events as ev
from engine.model.outcome import Part, Report, Revision
from engine.model.pipeline import PipelineDeclaration
from engine.model.status import ActionStatus, Fidelity
from engine.reports.details import FILE, Details, dump
from engine.reports.model import Case
from tests.tui.script import SHOP, Script

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

_APP = {
    "README.md": b"# Shop\n\nSells things.\n",
    "src/app.py": b'"""The shop."""\n\n\ndef greet() -> str:\n    return "Hello"\n',
    "src/old.py": b"GONE = True\n",
    "buildspec.yml": b"version: 0.2\nphases:\n  build:\n    commands:\n      - pytest -q\n",
    "tests/test_app.py": b"from src.app import greet\n\n\ndef test_greet():\n    assert greet()\n",
}
_APP_NOW = {
    **_APP,
    "README.md": b"# Shop\n\nSells things, and greets by name.\n",
    "src/app.py": b'"""The shop."""\n\n\n'
    b'def greet(name: str = "you") -> str:\n    # by name\n    return f"Hello, {name}"\n',
    "src/names.py": b'KNOWN = ("Ada", "Grace")\n',
}
del _APP_NOW["src/old.py"]

_TEMPLATE = b"""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shop-site
  Topic:
    Type: AWS::SNS::Topic
"""
_TEMPLATE_NOW = b"""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shop-site
      VersioningConfiguration:
        Status: Enabled
  Queue:
    Type: AWS::SQS::Queue
"""


def _site(version: str) -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("handler.py", f"VERSION = {version!r}\n")
    return {
        "index.html": f"<!doctype html>\n<title>Shop {version}</title>\n<p class='v'>{version}</p>\n".encode(),
        "assets/app.js": b"export const greet = (name) => `Hello, ${name}`;\n" * 40,
        "assets/logo.png": PNG,
        "function.zip": archive.getvalue(),
        "data.bin": bytes(range(256)) * 3,
        "evil.txt": b"\x1b]0;owned\x07\x1b[2Jplain\tafter a tab\r\n",
    }


def _pipeline() -> PipelineDeclaration:
    """The shop, with a stack beside its site."""
    body = SHOP.model_dump(exclude_none=True, mode="json")
    for stage in body["stages"]:
        if stage["name"] == "Deploy":
            stage["actions"][0]["configuration"]["ObjectKey"] = "#{Package.Version}/site"
            stage["actions"].append(
                {
                    "name": "Stack",
                    "runOrder": 1,
                    "actionTypeId": {
                        "category": "Deploy",
                        "owner": "AWS",
                        "provider": "CloudFormation",
                        "version": "1",
                    },
                    "configuration": {
                        "ActionMode": "CREATE_UPDATE",
                        "StackName": "shop",
                        "TemplatePath": "InfraSource::template.yml",
                        "RoleArn": "arn:aws:iam::000000000000:role/deploy",
                    },
                    "inputArtifacts": [{"name": "InfraSource"}],
                    "outputArtifacts": [],
                }
            )
    return PipelineDeclaration.model_validate(body)


class RealScript(Script):
    """As `Script`, with the store's trees in place of invented ones."""

    def __init__(self, root: Path) -> None:
        super().__init__(_pipeline())
        self.store = Store(root / "store")
        self.trees: dict[str, str] = {}
        self.reports: dict[str, tuple[Report, ...]] = {}
        self.first()

    def put(self, **trees: dict[str, bytes]) -> None:
        """What the artifacts hold from now on."""
        self.trees |= {name: self.store.put_bytes(files) for name, files in trees.items()}

    def report(self, action: str, *cases: Case) -> None:
        """What an action's tests say from now on."""
        tree = self.store.put_bytes({FILE: dump(Details(cases), str)})
        bad = sum(case.bad for case in cases)
        status = "FAILED" if bad else "SUCCEEDED"
        self.reports[action] = (
            Report("unit", "JUNITXML", "test", status, tree, len(cases) - bad, bad),  # type: ignore[arg-type]
        )

    def first(self) -> None:
        """What the first run finds."""
        self.put(AppSource=_APP, InfraSource={"template.yml": _TEMPLATE}, Binary={"app.bin": b"\0one"})
        self.put(Site=_site("1.4.1"))
        self.report("Unit", Case("test_greet", "tests.test_app"), Case("test_sum", "tests.test_app", "FAILED"))

    def second(self) -> None:
        """What the second one finds."""
        self.put(AppSource=_APP_NOW, InfraSource={"template.yml": _TEMPLATE_NOW}, Binary={"app.bin": b"\0two"})
        self.put(Site=_site("1.4.2"))
        cases = (Case("test_greet", "tests.test_app", "FAILED"), Case("test_sum", "tests.test_app"))
        self.report("Unit", *cases, Case("test_names", "tests.test_app"))

    def start(self, label: str = "a1b2c3d +3 files", *, trigger: ev.TriggerType = "Save", after: float = 1.0) -> Script:
        self.number += 1
        app = Revision(self.trees["AppSource"], "a1b2c3d", label, "Greet by name", {"CommitId": "a1b2c3d"}, ".")
        infra = Revision(self.trees["InfraSource"], "9f8e7d6", "9f8e7d6", "Version the bucket", {}, "../infra")
        revisions = {"App": app, "Infra": infra}
        return self.add(
            ev.ExecutionStarted(self.execution, self.number, 1, trigger, "src/app.py", revisions=revisions), after
        )

    def prepared(self, stage: str, action: str, *, attempt: int = 1, changes: object = None) -> ev.ActionPrepared:
        found = super().prepared(stage, action, attempt=attempt)
        inputs = {name: self.trees[name] for name in found.inputs}
        parts = (
            *(Part("input", name, tree) for name, tree in inputs.items()),
            Part("env", "STAGE", "dev" if self.number == 1 else "prod"),
        )
        return replace(found, inputs=inputs, parts=parts, fidelity=found.fidelity or Fidelity.EXACT)

    def succeed(self, action: str, after: float = 1.0, *, attempt: int = 1) -> Script:
        made = {
            artifact.name: self.trees[artifact.name]
            for stage in self.declaration.stages
            for declared in stage.actions
            if declared.name == action
            for artifact in declared.outputArtifacts
        }
        reports = self.reports.get(action, ())
        ended = ev.ActionEnded(
            self.id(action, attempt), ActionStatus.SUCCEEDED, made, {"Version": f"1.4.{self.number}"}, reports=reports
        )
        return self.add(ended, after)


def shopping(root: Path) -> RealScript:
    """The second run waits for its approval; the first one was approved by Ada."""
    script = RealScript(root)
    script.define()
    for number in (1, 2):
        if number == 2:
            script.second()
        script.start("0c0ffee" if number == 1 else "a1b2c3d +3 files", after=60).enter("Source")
        script.run("Source", "App").run("Source", "Infra").succeed("App", 0.1).succeed("Infra", 0.1).leave("Source")
        script.enter("Build")
        for action in ("Lint", "Unit", "Compile"):
            script.run("Build", action)
        script.succeed("Lint", 4).succeed("Compile", 3).succeed("Unit", 6).run("Build", "Package")
        script.succeed("Package", 9).leave("Build").enter("Review").run("Review", "SignOff")
        if number == 1:
            script.add(ev.ApprovalDecided(script.id("SignOff"), True, "looks fine", "ada"), 20).succeed("SignOff", 0)
            script.leave("Review").enter("Deploy").run("Deploy", "Site").succeed("Site", 2)
            script.run("Deploy", "Stack").succeed("Stack", 2)
            script.run("Deploy", "Smoke").succeed("Smoke", 5).leave("Deploy").finish()
    script.at += 5
    return script
