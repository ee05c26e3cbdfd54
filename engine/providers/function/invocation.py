"""Invoking a function until it has said what became of its job."""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.archive import ArchiveError
from engine.model.address import Address
from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from engine.providers.codebuild.no_aws import beside_proxies, is_local
from engine.providers.contract import Desk, Job, Outcome
from engine.providers.function.book import JobBook, JobResult
from engine.providers.function.code import Function, Program, command, place
from engine.providers.function.endpoint import Endpoint
from engine.providers.function.event import artifacts, job_event
from engine.providers.function.objects import Objects
from engine.providers.shell import leave
from engine.providers.threads import to_the_end
from engine.runners.environment import host_environment
from engine.runners.host import HostRunner
from engine.runners.output import Output

WINDOW = 20 * 60.0
"""Seconds that AWS waits for the result of one invocation."""
PAUSE = 5.0
"""Seconds until a function that asked for it is invoked again; on AWS about thirty."""
_HANDLED = 70  # exit status of a bootstrap that has told of the error
_MEMORY = "128"


@dataclass(frozen=True, slots=True)
class Means:
    """What tests replace."""

    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.time


class Invocations:
    """One action: a function, an endpoint for it, as many invocations as it asks for."""

    def __init__(
        self, function: Function, program: Program, job: Job, desk: Desk, output: Output, means: Means
    ) -> None:
        self._function = function
        self._program = program
        self._job = job
        self._desk = desk
        self._output = output
        self._means = means
        self._runner = HostRunner(job.action_execution_id, desk.process)
        self._scratch = desk.workspace / "tmp"
        self._inputs, self._outputs = artifacts(job)
        self._book = JobBook()
        self._objects = Objects([*self._inputs, *self._outputs], desk.store, desk.workspace / "artifacts")
        self._endpoint = Endpoint(self._book, self._objects, output.write)

    async def run(self) -> Outcome:
        """Invoke it until there is a result that ends the action."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        root = await to_the_end(lambda: place(self._function, self._desk.workspace / "code", self._desk.store))
        self._endpoint.start()
        try:
            result = await self._invoke(root, "")
            while isinstance(result, JobResult) and result.token:
                self._desk.report(result.summary or _percent(result), result.external_id)
                self._output.write(f"greenroom: the job goes on: invoked again in {PAUSE:g} s\n")
                await self._means.pause(PAUSE)
                result = await self._invoke(root, result.token)
            return await to_the_end(lambda: self._outcome(result))
        finally:
            await asyncio.to_thread(self._endpoint.close)
            await self._runner.end()

    async def _invoke(self, root: Path, token: str) -> JobResult | Failure:
        """One invocation, with a job of its own."""
        job_id, request_id = str(uuid.uuid4()), str(uuid.uuid4())
        limit = min(self._function.settings.timeout_seconds, WINDOW)
        began = self._means.clock()
        event = job_event(
            self._job,
            job_id,
            self._inputs,
            self._outputs,
            self._endpoint.credentials,
            token=token,
            expires=began + WINDOW,
        )
        event_file, error_file = self._scratch / "event.json", self._scratch / "error.json"
        error_file.unlink(missing_ok=True)
        _write_private(event_file, json.dumps(event))
        self._book.begin(job_id)
        self._output.write(f"START RequestId: {request_id} Version: $LATEST\n")
        argv = command(
            self._function,
            self._program,
            *(str(root), self._function.settings.handler, str(event_file), str(error_file), request_id),
            str(began + limit),
        )
        status = await self._run(argv, root, limit, request_id)
        self._told(request_id, status, began, limit)
        return self._book.end(job_id) or self._without_result(status, limit, error_file)

    async def _run(self, argv: list[str], root: Path, limit: float, request_id: str) -> int | None:
        """The exit status; None where the time ran out."""
        environment = self._environment(root, request_id)
        leave(self._scratch, root, environment, self._desk.secrets)
        try:
            running = self._runner.run(argv, directory=root, environment=environment, output=self._output)
            return await asyncio.wait_for(running, limit)
        except TimeoutError:
            return None

    def _told(self, request_id: str, status: int | None, began: float, limit: float) -> None:
        """The lines with which CloudWatch ends an invocation."""
        took = (self._means.clock() - began) * 1000
        lines = [f"END RequestId: {request_id}"]
        lines += [f"REPORT RequestId: {request_id}\tDuration: {took:.2f} ms\tBilled Duration: {int(took) + 1} ms"]
        if status is None:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._means.clock()))
            lines += [f"{stamp} {request_id} Task timed out after {limit:.2f} seconds"]
        elif status not in (0, _HANDLED):
            reason = f"exit status {status}" if status > 0 else f"signal: {-status}"
            lines += [f"RequestId: {request_id} Error: Runtime exited with error: {reason}", "Runtime.ExitError"]
        self._output.write("".join(f"{line}\n" for line in lines))

    def _without_result(self, status: int | None, limit: float, error_file: Path) -> Failure:
        name = self._function.name
        if status is None:
            hint = f"Raise `functions: {name}: timeout-seconds` in greenroom.yaml, or find out what it waits for."
            return Failure("Timeout", f"{name} timed out after {limit:g} seconds without a result", hint)
        if status == 0:
            hint = "A return value is not looked at. On AWS the action would wait for 20 minutes, then fail."
            return Failure("JobFailed", f"{name} returned without PutJobSuccessResult or PutJobFailureResult", hint)
        hint = "Call PutJobFailureResult where it fails: on AWS the action would wait for 20 minutes."
        try:
            error = json.loads(error_file.read_text(encoding="utf-8"))
            said = f"{error['errorType']}: {error['errorMessage']}".splitlines()[0]
        except (OSError, ValueError, KeyError):
            said = f"Runtime exited with status {status}"
        if said.startswith("Runtime.") and error_file.exists():
            hint = f"Look at the code, and at `functions: {name}: handler` in greenroom.yaml."
        if "No module named 'boto" in said:
            hint = f"AWS's runtime brings boto3 along; here, install it for {self._program.path}."
        return Failure("JobFailed", f"{name} failed without a result: {said}", hint)

    def _outcome(self, result: JobResult | Failure) -> Outcome:
        if isinstance(result, Failure):
            return Outcome(ActionStatus.FAILED, failure=result)
        if result.failure:
            failure = Failure(result.failure, result.message)
            return Outcome(ActionStatus.FAILED, failure=failure, external_id=result.external_id)
        try:
            outputs = self._objects.outputs()
        except ArchiveError as error:
            hint = "An artifact is a zip file, put at the bucket and key that the event names."
            return Outcome(ActionStatus.FAILED, failure=Failure("JobFailed", f"an output artifact: {error}", hint))
        return Outcome(
            ActionStatus.SUCCEEDED,
            outputs=outputs,
            variables=result.variables,
            summary=result.summary or f"{self._function.name} reported success",
            external_id=result.external_id,
        )

    def _environment(self, root: Path, request_id: str) -> dict[str, str]:
        """What the function sees: this machine's allow-list, its own variables, then what Lambda reserves."""
        function, project = self._function, self._job.project
        region = self._job.action.region or project.region
        credentials, url = self._endpoint.credentials, self._endpoint.url
        found = beside_proxies(host_environment(project.inherit_environment, aws=project.aws)) | {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **function.settings.environment,
            **self._job.settings.environment,
            "PYTHONDONTWRITEBYTECODE": "1",  # the code's folder is the user's own
            "PYTHONUNBUFFERED": "1",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.settings.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": _MEMORY,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"greenroom/[$LATEST]{request_id}",
            "_HANDLER": function.settings.handler,
            "LAMBDA_TASK_ROOT": str(root),
            "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent),
            "GREENROOM_FUNCTION_ARN": Address(region, project.account).arn("lambda", f"function:{function.name}"),
            "AWS_ENDPOINT_URL_CODEPIPELINE": url,
            "AWS_ENDPOINT_URL_S3": url,
        }
        if is_local(project):  # otherwise the rest of AWS is to be reached, with credentials of one's own
            found["AWS_ENDPOINT_URL"] = url
            found["AWS_ACCESS_KEY_ID"] = credentials.access_key
            found["AWS_SECRET_ACCESS_KEY"] = credentials.secret_key
            found["AWS_SESSION_TOKEN"] = credentials.token
        return found


def _percent(result: JobResult) -> str:
    return "" if result.percent is None else f"{result.percent} % complete"


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
