"""Writes the story of a pipeline, event by event, with few words."""

from __future__ import annotations

from engine.execution import events as ev
from engine.model.outcome import Change, Failure, Part, Revision
from engine.model.pipeline import PipelineDeclaration
from engine.model.status import ActionStatus, ExecutionStatus, Fidelity, StageStatus

START = 1_790_000_000.0

_PROVIDERS = {
    "Source": ("Source", "CodeStarSourceConnection"),
    "Build": ("Build", "CodeBuild"),
    "Test": ("Test", "CodeBuild"),
    "Deploy": ("Deploy", "S3"),
    "Approval": ("Approval", "Manual"),
}

Spec = tuple[str, str, int, tuple[str, ...], tuple[str, ...]]


def pipeline(name: str, stages: dict[str, list[Spec]]) -> PipelineDeclaration:
    """A declaration from (action, kind, runOrder, inputs, outputs) rows."""
    return PipelineDeclaration.model_validate(
        {
            "name": name,
            "pipelineType": "V2",
            "stages": [{"name": stage, "actions": [_action(*row) for row in rows]} for stage, rows in stages.items()],
        }
    )


def _action(name: str, kind: str, order: int, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> dict[str, object]:
    category, provider = _PROVIDERS[kind]
    configuration = {
        "Source": {"FullRepositoryId": "acme/shop", "BranchName": "main", "ConnectionArn": "arn:aws:x"},
        "Build": {"ProjectName": f"shop-{name.lower()}"},
        "Test": {"ProjectName": f"shop-{name.lower()}"},
        "Deploy": {"BucketName": "shop-site", "Extract": "true", "ObjectKey": "#{Build.Version}/site"},
        "Approval": {"CustomData": "Look at the page before it goes out"},
    }[kind]
    return {
        "name": name,
        "runOrder": order,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": configuration,
        "inputArtifacts": [{"name": item} for item in inputs],
        "outputArtifacts": [{"name": item} for item in outputs],
        "namespace": name if kind in ("Source", "Build") else None,
    }


SHOP = pipeline(
    "shop",
    {
        "Source": [("App", "Source", 1, (), ("AppSource",)), ("Infra", "Source", 1, (), ("InfraSource",))],
        "Build": [
            ("Lint", "Test", 1, ("AppSource",), ()),
            ("Unit", "Test", 1, ("AppSource",), ()),
            ("Compile", "Build", 1, ("AppSource",), ("Binary",)),
            ("Package", "Build", 2, ("Binary", "InfraSource"), ("Site",)),
        ],
        "Review": [("SignOff", "Approval", 1, (), ())],
        "Deploy": [("Site", "Deploy", 1, ("Site",), ()), ("Smoke", "Test", 2, ("Site",), ())],
    },
)


def revision(label: str = "a1b2c3d +3 files", tree: str = "t-app") -> Revision:
    return Revision(tree, "a1b2c3d4e5", label, "Greet by name", {"CommitId": "a1b2c3d4e5", "BranchName": "main"}, ".")


class Script:
    """Collects recorded events; each method is one thing that happens, `after` seconds later."""

    def __init__(self, declaration: PipelineDeclaration = SHOP, *, seq: int = 0, at: float = START) -> None:
        self.declaration = declaration
        self.at = at
        self.seq = seq
        self.recorded: list[ev.Recorded] = []
        self.number = 0
        self.actions: dict[str, str] = {}

    def add(self, event: ev.Event, after: float = 0.0) -> Script:
        self.at += after
        self.seq += 1
        self.recorded.append(ev.Recorded(self.seq, self.at, self.declaration.name, event))
        return self

    @property
    def execution(self) -> str:
        return f"exec-{self.number}"

    def define(self, version: int = 1) -> Script:
        body = self.declaration.model_dump_json(exclude_none=True)
        return self.add(ev.PipelineDefined(version, body, "pipeline.yaml"))

    def start(self, label: str = "a1b2c3d +3 files", *, trigger: ev.TriggerType = "Save", after: float = 1.0) -> Script:
        self.number += 1
        revisions = {"App": revision(label), "Infra": revision("9f8e7d6", "t-infra")}
        event = ev.ExecutionStarted(self.execution, self.number, 1, trigger, "src/app.py", revisions=revisions)
        return self.add(event, after)

    def enter(self, stage: str) -> Script:
        return self.add(ev.StageEntered(self.execution, stage))

    def leave(self, stage: str, status: StageStatus = StageStatus.SUCCEEDED) -> Script:
        self.add(ev.StageEnded(self.execution, stage, status))
        return self.add(ev.StageReleased(self.execution, stage))

    def id(self, action: str, attempt: int = 1) -> str:
        return f"{self.number}-{action}-{attempt}"

    def run(self, stage: str, action: str, *, attempt: int = 1, prepared: ev.ActionPrepared | None = None) -> Script:
        self.schedule(stage, action, attempt=attempt, prepared=prepared)
        return self.add(ev.ActionStarted(self.id(action, attempt)))

    def schedule(
        self, stage: str, action: str, *, attempt: int = 1, prepared: ev.ActionPrepared | None = None
    ) -> Script:
        identity = self.id(action, attempt)
        self.add(ev.ActionScheduled(self.execution, stage, action, identity, attempt))
        return self.add(prepared or self.prepared(stage, action, attempt=attempt))

    def prepared(
        self, stage: str, action: str, *, attempt: int = 1, changes: tuple[Change, ...] | None = None
    ) -> ev.ActionPrepared:
        declared = self.declaration.action(stage, action)
        category = declared.actionTypeId.category
        kind = {"Source": "source", "Approval": "approval", "Deploy": "effect"}.get(category, "pure")
        fidelity = {"Source": Fidelity.SUBSTITUTED, "Build": Fidelity.EMULATED, "Test": Fidelity.EMULATED}
        changed = Change("input", "AppSource", "1", "2", ("src/app.py", "src/greet.py"), 2)
        evidence = (
            "App a1b2c3d +3 files: Greet by name",
            "App: 4 files changed since the last approval",
            "  src/app.py",
            "  src/greet.py",
            "  and 2 more",
            "Unit: 48 tests passed",
        )
        return ev.ActionPrepared(
            action_execution_id=self.id(action, attempt),
            fingerprint=f"f{self.number}{action}".ljust(64, "0"),
            kind=kind,  # type: ignore[arg-type]
            parts=(
                Part("type", "", str(declared.actionTypeId)),
                Part("input", "AppSource", "9c1d".ljust(64, "e")),
                Part("env", "STAGE", "prod"),
                Part("buildspec", "buildspec.yml", "77aa".ljust(64, "b")),
            ),
            inputs={artifact.name: f"tree-{artifact.name}" for artifact in declared.inputArtifacts},
            configuration={
                key: value.replace("#{Build.Version}", "1.4.2") for key, value in declared.configuration.items()
            },
            target="s3:shop-site" if kind == "effect" else "",
            fidelity=fidelity.get(category, Fidelity.EXACT),
            changes=changes if changes is not None else (changed, Change("env", "STAGE", "dev", "prod")),
            evidence=evidence if kind == "approval" else (),
            deadline=3600.0,
        )

    def succeed(self, action: str, after: float = 1.0, *, attempt: int = 1) -> Script:
        outputs: dict[str, str] = {}
        for stage in self.declaration.stages:
            for declared in stage.actions:
                if declared.name == action:
                    outputs = {artifact.name: f"tree-{artifact.name}" for artifact in declared.outputArtifacts}
        event = ev.ActionEnded(
            self.id(action, attempt), ActionStatus.SUCCEEDED, outputs, {"Version": "1.4.2"}, summary="all is well"
        )
        return self.add(event, after)

    def fail(self, action: str, after: float = 1.0, *, attempt: int = 1) -> Script:
        failure = Failure("JobFailed", "`pytest -q` exited with 1", "press s for a shell where it ran")
        return self.add(ev.ActionEnded(self.id(action, attempt), ActionStatus.FAILED, failure=failure), after)

    def end(self, action: str, status: ActionStatus, after: float = 1.0) -> Script:
        return self.add(ev.ActionEnded(self.id(action), status), after)

    def reuse(self, stage: str, action: str, source: str, saved: float = 4.0) -> Script:
        self.schedule(stage, action, prepared=self.prepared(stage, action, changes=()))
        return self.add(ev.ActionReused(self.id(action), source, saved))

    def finish(self, status: ExecutionStatus = ExecutionStatus.SUCCEEDED) -> Script:
        return self.add(ev.ExecutionEnded(self.execution, status))


def first_run(script: Script) -> Script:
    """A whole successful execution of the shop."""
    script.define().start("0c0ffee").enter("Source").run("Source", "App").run("Source", "Infra")
    script.succeed("App", 0.1).succeed("Infra", 0.1).leave("Source").enter("Build")
    for action in ("Lint", "Unit", "Compile"):
        script.run("Build", action)
    script.succeed("Lint", 4).succeed("Compile", 3).succeed("Unit", 6).run("Build", "Package")
    script.succeed("Package", 9).leave("Build").enter("Review").run("Review", "SignOff")
    script.add(ev.ApprovalDecided(script.id("SignOff"), True, "looks fine", "ada"), 20).succeed("SignOff", 0)
    script.leave("Review").enter("Deploy").run("Deploy", "Site").succeed("Site", 2)
    return script.run("Deploy", "Smoke").succeed("Smoke", 5).leave("Deploy").finish()


def building() -> Script:
    """The second execution is in the middle of its Build stage."""
    script = first_run(Script()).start(after=60)
    script.enter("Source").run("Source", "App").succeed("App", 0.1).reuse("Source", "Infra", "1-Infra-1", 0.1)
    script.leave("Source").enter("Build").reuse("Build", "Lint", "1-Lint-1")
    script.run("Build", "Unit").run("Build", "Compile").succeed("Compile", 3.4)
    script.at += 3.6
    return script


def failed() -> Script:
    """The second execution failed in Unit."""
    script = building().fail("Unit", 1).leave("Build", StageStatus.FAILED)
    return script.finish(ExecutionStatus.FAILED)


def waiting() -> Script:
    """The second execution waits for its approval."""
    script = building().succeed("Unit", 1).run("Build", "Package").succeed("Package", 8).leave("Build")
    script.enter("Review").run("Review", "SignOff")
    script.at += 5
    return script


def _tests(prefix: str, count: int, order: int = 1) -> list[Spec]:
    return [(f"{prefix}-{number + 1}", "Test", order, ("AppSource",), ()) for number in range(count)]


BIG = pipeline(
    "monorepo",
    {
        "Source": [(name, "Source", 1, (), (f"{name}Source",)) for name in ("App", "Infra", "Docs")],
        "Build": [
            ("Lint", "Test", 1, ("AppSource",), ()),
            ("Unit", "Test", 1, ("AppSource",), ()),
            ("Compile", "Build", 1, ("AppSource",), ("Binary",)),
            ("Package", "Build", 2, ("Binary", "InfraSource"), ("Site",)),
        ],
        "Verify": [*_tests("Integration", 5), ("Performance", "Test", 2, ("Site",), ())],
        "Staging": [
            ("Migrate", "Deploy", 1, ("Site",), ()),
            ("Deploy", "Deploy", 1, ("Site",), ()),
            ("Smoke", "Test", 2, ("Site",), ()),
        ],
        "Approve": [("SignOff", "Approval", 1, (), ())],
        "Production": [("Deploy-EU", "Deploy", 1, ("Site",), ()), ("Deploy-US", "Deploy", 1, ("Site",), ())],
    },
)


def big() -> Script:
    """A wide pipeline in the middle of its third stage, one test of which has failed."""
    script = Script(BIG).define().start().enter("Source")
    for name in ("App", "Infra", "Docs"):
        script.run("Source", name).succeed(name, 0.1)
    script.leave("Source").enter("Build")
    for name in ("Lint", "Unit", "Compile"):
        script.run("Build", name)
    script.succeed("Lint", 2).succeed("Unit", 9).succeed("Compile", 14).run("Build", "Package").succeed("Package", 5)
    script.leave("Build").enter("Verify")
    for number in range(5):
        script.run("Verify", f"Integration-{number + 1}")
    script.succeed("Integration-1", 12).fail("Integration-4", 3)
    script.at += 41
    return script
