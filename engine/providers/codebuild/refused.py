"""The end of a build whose buildspec or variables CodeBuild would refuse: DOWNLOAD_SOURCE fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from engine.providers.buildspec.model import BuildspecError
from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.log import BuildLog
from engine.providers.codebuild.preamble import beginning
from engine.providers.codebuild.variables import build_id
from engine.providers.contract import Desk, Job, Outcome
from engine.runners.output import open_output


async def refused(
    error: BuildspecError,
    job: Job,
    desk: Desk,
    project: str,
    clock: Callable[[], datetime],
    phase: str = "DOWNLOAD_SOURCE",
) -> Outcome:
    """Write the log that such a build has, and fail."""
    layout = Layout(desk.workspace)
    told = str(error).replace("$CODEBUILD_SRC_DIR", str(layout.source))
    primary = job.configuration.get("PrimarySource") or next(iter(job.inputs), "")
    secondary = [name for name in job.inputs if name != primary]
    output = open_output(desk.log, desk.secrets)
    try:
        log = BuildLog(output, clock)
        log.say(*beginning(layout, error.location, secondary, phase), *error.said)
        log.complete(phase, code=error.code, message=told)
    finally:
        await output.close()
    configured = error.code == "CONFIGURATION"
    message = (
        told
        if configured
        else f"Build terminated with state: FAILED. Phase: {phase}, Code: {error.code}, Message: {told}"
    )
    return Outcome(
        ActionStatus.FAILED,
        failure=Failure("ConfigurationError" if configured else "JobFailed", message, error.hint),
        summary=f"{phase} failed",
        external_id=build_id(job, project),
        phases=log.told(str),
    )
