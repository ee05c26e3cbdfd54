"""Functions to invoke, written down in a folder of the kit's."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.model.project import FunctionSettings, ProjectFile
from engine.providers.contract import Job, Outcome
from engine.providers.function.invocation import Means
from engine.providers.function.provider import FunctionProvider
from tests.providers.kit import Kit

RAW = """
import http.client, json, os, urllib.parse, zipfile, io

def call(operation, target="CodePipeline_20150709", **request):
    place = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_CODEPIPELINE"])
    connection = http.client.HTTPConnection(place.netloc)
    headers = {"X-Amz-Target": f"{target}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    connection.request("POST", "/", json.dumps(request), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"{}")

def s3(method, job, artifact, body=None, headers=None, query="", token=None):
    location = artifact["location"]["s3Location"]
    path = "/" + location["bucketName"] + "/" + location["objectKey"] + query
    place = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
    connection = http.client.HTTPConnection(place.netloc)
    token = token or job["data"]["artifactCredentials"]["sessionToken"]
    connection.request(method, path, body, {"X-Amz-Security-Token": token, **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.read()

def done(job, **more):
    return call("PutJobSuccessResult", jobId=job["id"], **more)

def zipped(**files):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()

def handler(event, context):
    job = event["CodePipeline.job"]
    return main(job, context)
"""


SUCCEED = "def main(job, context): done(job)"


class Stage:
    """A kit whose job invokes one function."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.pauses: list[float] = []
        self.code = kit.folder / "function"
        self.code.mkdir()

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def python(self, main: str, **more: Any) -> Outcome:
        """Invoke a Python function whose handler calls this `main(job, context)`."""
        (self.code / "index.py").write_text(RAW + textwrap.dedent(main))
        return self.invoke(**more)

    def node(self, text: str, *, name: str = "index.mjs", **more: Any) -> Outcome:
        (self.code / name).write_text(textwrap.dedent(text))
        return self.invoke(settings={"runtime": "nodejs20.x"}, **more)

    def job(
        self,
        *,
        settings: Mapping[str, Any] | None = None,
        configuration: Mapping[str, str] | None = None,
        kind: str = "Invoke/AWS/Lambda",
        **more: Any,
    ) -> Job:
        function = FunctionSettings.model_validate({"directory": "function", "timeout-seconds": 20, **(settings or {})})
        project = ProjectFile(functions={"check": function}, account="123456789012")
        given = {"FunctionName": "check", **(configuration or {})}
        return self.kit.job(kind, configuration=given, project=more.pop("project", project), **more)

    def invoke(self, *, desk: Mapping[str, Any] | None = None, **job: Any) -> Outcome:
        return self.run(self.job(**job), **(desk or {}))

    def run(self, job: Job, **desk: Any) -> Outcome:
        import asyncio

        self.kit.log.unlink(missing_ok=True)
        provider = FunctionProvider(means=Means(pause=self._pause))
        return asyncio.run(provider.run(job, self.kit.desk(**desk)))

    def output(self) -> list[str]:
        """What the function wrote."""
        lines = self.kit.text().splitlines()
        return [line for line in lines if not line.startswith(("START ", "END ", "REPORT "))]


@pytest.fixture
def stage(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return Stage(kit)


def told(stage: Stage, name: str) -> Any:
    """A JSON file that the function left in its own folder."""
    return json.loads((stage.code / name).read_text())
