"""Where a build's commands run: on this machine, or in a container of which image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine.providers.codebuild.layout import Layout
from engine.providers.contract import Desk, Job
from engine.runners.docker.wish import Wish

if TYPE_CHECKING:
    from engine.runners.docker.container import ContainerRunner

DEFAULT_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"


def wish(job: Job, project: str) -> Wish | None:
    """The container that an action wants; None where it runs on this machine."""
    settings, whole = job.project.projects.get(project), job.project
    runner = job.settings.runner or (settings.runner if settings else None) or whole.runner
    if runner == "host":
        return None
    image = job.settings.image or (settings and settings.image) or DEFAULT_IMAGE
    return Wish(
        image=image,
        stand_in=whole.images.get(image) or whole.images.get("*", ""),
        root=job.root,
        pull=whole.docker.pull,
        source=whole.docker.source,
        network=whole.docker.network or "",
        compute_type=(settings and settings.compute_type) or "",
        privileged=bool(settings and settings.privileged),
    )


def container(wanted: Wish, job: Job, desk: Desk) -> ContainerRunner:
    """The runner of a container, with labels that say whose it is."""
    from engine.runners.docker.container import ContainerRunner, Setting

    layout = Layout(desk.workspace.absolute())
    artifacts = [layout.secondary(name) for name in job.inputs]
    artifacts += [layout.output(artifact.name) for artifact in job.action.outputArtifacts]
    labels = {
        "state": str(job.state.absolute()),
        "pipeline": job.pipeline,
        "execution": job.execution_id,
        "action": f"{job.stage}/{job.action.name}",
        "action-execution": job.action_execution_id,
        "owner": str(os.getpid()),
    }
    return ContainerRunner(
        Setting(
            wish=wanted,
            state=job.state.absolute(),
            workspace=layout.workspace,
            brought=(layout.source, *artifacts),
            labels={f"com.greenroom.{key}": value for key, value in labels.items()},
            owner=(os.getuid(), os.getgid()) if os.getuid() else None,
        )
    )
