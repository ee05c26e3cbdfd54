"""Where a build's commands run: on this machine, or in a container of which image."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.model.pipeline import PipelineDeclaration
from engine.model.project import ActionSettings, ProjectFile
from engine.providers.codebuild.layout import Layout
from engine.providers.contract import Desk, Job
from engine.runners.docker.service import Service
from engine.runners.docker.wish import Wish

if TYPE_CHECKING:
    from engine.runners.docker.container import ContainerRunner
    from engine.runners.docker.services import Services

DEFAULT_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"


def wish(job: Job, project: str) -> Wish | None:
    """The container that an action wants; None where it runs on this machine."""
    return wished(job.project, job.settings, project, job.root)


def folder_of(job: Job, bucket: str) -> Path:
    """The folder that stands in for a bucket."""
    from engine.providers.s3 import bucket_folder

    return bucket_folder(bucket, ActionSettings(), job.project, root=job.root, state=job.state)


def wishes(declaration: PipelineDeclaration, whole: ProjectFile, root: Path) -> dict[str, Wish]:
    """What a pipeline's builds want of containers, by Stage/Action."""
    found = {}
    for stage in declaration.stages:
        for action in stage.actions:
            settings = whole.action(stage.name, action.name)
            if action.actionTypeId.provider in ("CodeBuild", "Commands") or settings.commands:
                wanted = wished(whole, settings, action.configuration.get("ProjectName", action.name), root)
                if wanted is not None:
                    found[f"{stage.name}/{action.name}"] = wanted
                for service in services(whole, action.configuration.get("ProjectName", action.name), root):
                    found[f"{stage.name}/{action.name} ({service.name})"] = service.wish
    return found


def wished(whole: ProjectFile, of_action: ActionSettings, project: str, root: Path) -> Wish | None:
    """What greenroom.yaml says of one action's container."""
    settings = whole.projects.get(project)
    runner = of_action.runner or (settings.runner if settings else None) or whole.runner
    if runner == "host":
        return None
    image = of_action.image or (settings and settings.image) or DEFAULT_IMAGE
    return Wish(
        image=image,
        stand_in=whole.images.get(image) or whole.images.get("*", ""),
        root=root,
        pull=whole.docker.pull,
        source=whole.docker.source,
        network=whole.docker.network or "",
        compute_type=(settings and settings.compute_type) or "",
        privileged=bool(settings and settings.privileged),
    )


def services(whole: ProjectFile, project: str, root: Path) -> tuple[Service, ...]:
    """What greenroom.yaml wants beside a project's builds."""
    settings = whole.projects.get(project)
    return tuple(
        Service(
            name,
            Wish(one.image, whole.images.get(one.image, ""), root, whole.docker.pull),
            one.environment,
            one.ports,
            one.command,
            one.health or "",
            one.alias,
            one.timeout_seconds,
        )
        for name, one in (settings.services.items() if settings else ())
    )


def beside(wanted: Iterable[Service], job: Job, desk: Desk, secrets: Iterable[str]) -> Services:
    """The services of one build, with its labels."""
    from engine.runners.docker.services import Services

    return Services(wanted, job.state.absolute(), desk.log, labels=_labels(job), secrets=secrets)


def container(wanted: Wish, job: Job, desk: Desk, kept: Mapping[str, Path]) -> ContainerRunner:
    """The runner of a container, with labels that say whose it is. `kept`: its folders that outlive it."""
    from engine.runners.docker.container import ContainerRunner, Setting

    layout = Layout(desk.workspace.absolute())
    artifacts = [layout.secondary(name) for name in job.inputs]
    artifacts += [layout.output(artifact.name) for artifact in job.action.outputArtifacts]
    return ContainerRunner(
        Setting(
            wish=wanted,
            state=job.state.absolute(),
            workspace=layout.workspace,
            brought=(layout.source, *artifacts),
            kept=kept,
            labels=_labels(job),
            owner=(os.getuid(), os.getgid()) if os.getuid() else None,
        )
    )


def _labels(job: Job) -> dict[str, str]:
    """Whose a container is."""
    labels = {
        "state": str(job.state.absolute()),
        "pipeline": job.pipeline,
        "execution": job.execution_id,
        "action": f"{job.stage}/{job.action.name}",
        "action-execution": job.action_execution_id,
        "owner": str(os.getpid()),
    }
    return {f"com.greenroom.{key}": value for key, value in labels.items()}
