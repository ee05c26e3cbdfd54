"""The jobs that a function was given, and what it said of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from engine.model.outcome import FailureType

_FailureKind = Literal[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
]


class ServiceError(Exception):
    """A call that CodePipeline refuses. `code` is its exception's name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class JobResult:
    """What PutJobSuccessResult or PutJobFailureResult said. `failure` is empty for a success.

    With a `token` the action goes on: the function is invoked again, for a new job.
    """

    failure: FailureType | Literal[""] = ""
    message: str = ""
    token: str = ""
    summary: str = ""
    external_id: str = ""
    percent: int | None = None
    variables: dict[str, str] = field(default_factory=dict)


class JobBook:
    """Which jobs are open, and their results. Used by the loop and by the endpoint's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[str, JobResult | None] = {}
        self._closed: set[str] = set()

    def begin(self, job_id: str) -> None:
        """A job is handed out."""
        with self._lock:
            self._results[job_id] = None

    def end(self, job_id: str) -> JobResult | None:
        """Nothing more is taken for that job. Its result, if there is one."""
        with self._lock:
            self._closed.add(job_id)
            return self._results.get(job_id)

    def call(self, operation: str, request: Mapping[str, object]) -> None:
        """Take a call of the API. Raises `ServiceError`."""
        make = {"PutJobSuccessResult": _success, "PutJobFailureResult": _failure}.get(operation)
        if make is None:
            raise ServiceError("UnknownOperationException", f"{operation} is not answered here")
        job_id = _text(request, "jobId", 100, required=True)
        result = make(request)
        with self._lock:
            if job_id not in self._results:
                raise ServiceError("JobNotFoundException", f"no job {job_id} was handed out")
            if job_id in self._closed or self._results[job_id] is not None:
                raise ServiceError("InvalidJobStateException", f"job {job_id} has its result already, or is over")
            self._results[job_id] = result


def _success(request: Mapping[str, object]) -> JobResult:
    details = _map(request, "executionDetails")
    percent = details.get("percentComplete")
    variables = _map(request, "outputVariables")
    if not all(isinstance(value, str) for value in variables.values()):
        raise ServiceError("SerializationException", "values of outputVariables must be strings")
    token = _text(request, "continuationToken", 2048)
    return JobResult(
        token=token,
        summary=_text(details, "summary", 2048),
        external_id=_text(details, "externalExecutionId", 1500),
        percent=percent if isinstance(percent, int) else None,
        variables={} if token else cast(dict[str, str], variables),
    )


def _failure(request: Mapping[str, object]) -> JobResult:
    details = _map(request, "failureDetails", required=True)
    kind = _text(details, "type", 100, required=True)
    if kind not in get_args(_FailureKind):
        known = ", ".join(get_args(_FailureKind))
        raise ServiceError("ValidationException", f"failureDetails.type must be one of {known}, not {kind}")
    message = _text(details, "message", 5000, required=True)
    return JobResult(
        failure=cast(FailureType, kind), message=message, external_id=_text(details, "externalExecutionId", 1500)
    )


def _map(request: Mapping[str, object], key: str, *, required: bool = False) -> dict[str, object]:
    found = request.get(key)
    if found is None and not required:
        return {}
    if not isinstance(found, dict):
        raise ServiceError("ValidationException", f"{key} must be a structure")
    return found


def _text(request: Mapping[str, object], key: str, longest: int, *, required: bool = False) -> str:
    found = request.get(key)
    if found is None and not required:
        return ""
    if not isinstance(found, str) or not 1 <= len(found) <= longest:
        raise ServiceError("ValidationException", f"{key} must be a text of 1 to {longest} characters")
    return found
