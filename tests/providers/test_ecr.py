"""Images that builds push to Amazon ECR stay in the local engine, and the calls to ECR know of them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from engine.model.project import ProjectFile
from engine.providers.codebuild.docker_config import DockerConfig
from engine.providers.codebuild.ecr import Ecr
from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.local_aws import LocalAws
from engine.providers.codebuild.no_aws import NoAws
from engine.providers.pushed import Pushed, Shelf, read
from tests.providers.kit import Kit

HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64


def ask(aws: LocalAws, questions: Callable[[Callable[[str], Any]], None]) -> None:
    """Ask through boto3, as builds do."""

    async def served() -> None:
        server = NoAws(lambda text: None, aws)
        url = await server.open()

        def client(service: str) -> Any:
            keys = {"aws_access_key_id": "greenroom", "aws_secret_access_key": "greenroom"}
            return boto3.client(service, endpoint_url=url, region_name="eu-west-1", **keys)

        await asyncio.to_thread(questions, client)
        await server.close()

    asyncio.run(served())


def test_the_calls_to_ecr_know_what_was_pushed(tmp_path: Path) -> None:
    shelf, tagged = Shelf(tmp_path), []
    names = [f"{HOST}/team/app:{tag}" for tag in ("v1", "latest")] + ["public.ecr.aws/me/app:v1"]
    shelf.add(Pushed(name, DIGEST, 1234, 1_800_000_000) for name in names)
    aws = LocalAws("111122223333", "eu-west-1", shelf, tag=lambda digest, name: tagged.append((digest, name)))

    def questions(client: Callable[[str], Any]) -> None:
        ecr, app = client("ecr"), {"repositoryName": "team/app"}
        (token,) = ecr.get_authorization_token()["authorizationData"]
        assert base64.b64decode(token["authorizationToken"]).startswith(b"AWS:")
        assert token["proxyEndpoint"] == f"https://{HOST}"
        (found,) = ecr.describe_repositories()["repositories"]
        assert found["repositoryUri"] == f"{HOST}/team/app"
        (unknown,) = ecr.describe_repositories(repositoryNames=["other"])["repositories"]
        assert unknown["repositoryUri"] == f"{HOST}/other"
        assert ecr.create_repository(repositoryName="other")["repository"]["registryId"] == "111122223333"
        (image,) = ecr.describe_images(**app, imageIds=[{"imageTag": "v1"}])["imageDetails"]
        assert (image["imageDigest"], image["imageTags"]) == (DIGEST, ["v1", "latest"])
        assert (image["imageSizeInBytes"], int(image["imagePushedAt"].timestamp())) == (1234, 1_800_000_000)
        with pytest.raises(ClientError, match=r"ImageNotFoundException.*imageTag:'v2'"):
            ecr.describe_images(**app, imageIds=[{"imageTag": "v2"}])
        got = ecr.batch_get_image(**app, imageIds=[{"imageTag": "v1"}, {"imageTag": "v2"}])
        assert [one["failureCode"] for one in got["failures"]] == ["ImageNotFound"]
        put = {"imageManifest": got["images"][0]["imageManifest"], "imageTag": "prod"}
        assert ecr.put_image(**app, **put)["image"]["imageId"] == {"imageDigest": DIGEST, "imageTag": "prod"}
        assert tagged == [(DIGEST, f"{HOST}/team/app:prod")]
        ecr.batch_delete_image(**app, imageIds=[{"imageTag": "v1"}])
        assert {one["imageTag"] for one in ecr.list_images(**app)["imageIds"]} == {"latest", "prod"}
        public = client("ecr-public")
        assert "authorizationToken" in public.get_authorization_token()["authorizationData"]
        (image,) = public.describe_images(repositoryName="app")["imageDetails"]
        assert image["imageTags"] == ["v1"]
        assert client("sts").get_caller_identity()["Account"] == "111122223333"
        with pytest.raises(ClientError, match="InvalidParameterException"):
            ecr.put_image(repositoryName="app", imageManifest="{")
        with pytest.raises(ClientError, match="no such call to AWS yet"):
            ecr.start_image_scan(**app, imageId={"imageTag": "v1"})

    ask(aws, questions)


lines = st.builds(
    Pushed,
    st.sampled_from([f"{HOST}/a:{tag}" for tag in "xyz"]),
    st.sampled_from(["sha256:1", "sha256:2"]),
    st.integers(0, 9),
    st.integers(0, 9),
)


@given(st.lists(lines))
def test_the_last_push_of_a_name_counts(tmp_path_factory: pytest.TempPathFactory, pushes: list[Pushed]) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    for one in pushes:
        shelf.add([one])
    assert {one.name: one for one in shelf.images()} == {one.name: one for one in pushes}
    assert shelf.last_by("p/s/a") == ()
    shelf.add([Pushed(f"{HOST}/b:{at}", "sha256:3", 1, 5, f"p/s/a#{at}") for at in (1, 2)])
    assert [one.tag for one in shelf.last_by("p/s/a")] == ["2"]
    for one in shelf.images():
        shelf.remove(one)
    assert shelf.images() == ()


def test_what_is_torn_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pushed.tsv").write_text(f"{HOST}/a:1\tsha256:1\t5\t6\n{HOST}/a:2\tsha2")
    assert [one.tag for one in Shelf(tmp_path).images()] == ["1"]


FAKE = """#!/bin/sh
case "$*" in
  "image inspect"*none*) exit 1 ;;
  "image inspect --format {{.Architecture}}"*) echo amd64; exit ;;
  "image inspect --format"*) echo "sha256:1f 99"; exit ;;
  "image inspect"*) echo '        "RepoDigests": [],'; exit ;;
  "image ls"*) printf 'one\\ntwo\\n'; exit ;;
  version*Os*) echo linux/amd64; exit ;;
  version*) echo amd64; exit ;;
  *"config --images"*) printf '%s\\n' HOST/web:1 other.example/db:2 ;;
  *"tag "*) ;;
esac
for word; do printf '[%s]' "$word"; done >>"$CALLS"; echo >>"$CALLS"
""".replace("HOST", HOST)

APP = f"{HOST}/app:v1"


@pytest.fixture
def call(kit: Kit, tmp_path: Path) -> Callable[..., tuple[int, str, list[str], list[str]]]:
    """Call the stand-in of `docker`: its exit status, output, the calls of the real one, and what counts as pushed."""
    job, layout = kit.job(), Layout(kit.workspace)
    ecr, real = Ecr(job, layout), tmp_path / "real"
    ecr.begin()
    layout.tools.mkdir(parents=True)
    real.mkdir()
    for name, text in ecr.instead(layout.tools).items():
        for file, content in ((layout.tools / name, text), (real / name, FAKE)):
            file.write_text(content)
            file.chmod(0o755)
    calls = tmp_path / "calls"

    def run(line: str, given: str = "") -> tuple[int, str, list[str], list[str]]:
        calls.write_text("")
        path = f"{layout.tools}:{real}:{os.defpath}"
        done = subprocess.run(
            ["sh", "-c", line], env={"PATH": path, "CALLS": str(calls)}, input=given, capture_output=True, text=True
        )
        said = calls.read_text().replace("[", "").replace("]", " ").replace(" \n", "\n").splitlines()
        return done.returncode, done.stdout + done.stderr, said, [one.name for one in read(layout.pushed)]

    return run


@pytest.mark.parametrize(
    ("line", "calls", "pushed"),
    [
        (f"docker login -u AWS -p x https://{HOST}", [], []),
        ("docker login -u AWS -p x -e none public.ecr.aws", [], []),
        ("docker login -u me hub.example", ["login -u me hub.example"], []),
        (f"docker logout {HOST}", [], []),
        (f"docker push {APP}", [], [APP]),
        (f"docker push {HOST}/app", [], [f"{HOST}/app:latest"]),
        (f"docker push -q --platform linux/amd64 {APP}", [], [APP]),
        (f"docker image push --all-tags {HOST}/app", [], [f"{HOST}/app:one", f"{HOST}/app:two"]),
        ("docker push public.ecr.aws/me/app:1", [], ["public.ecr.aws/me/app:1"]),
        ("docker push other.example/app:1", ["push other.example/app:1"], []),
        ("docker --context far -l error push me/app", ["--context far -l error push me/app"], []),
        (f"docker pull {APP}", [], []),
        ("docker pull python:3", ["pull python:3"], []),
        ("docker pull public.ecr.aws/docker/library/python:3", ["pull public.ecr.aws/docker/library/python:3"], []),
        ("docker build -t app 'a folder'", ["build -t app a folder"], []),
        (f"docker build -t {APP} .", [f"build -t {APP} ."], []),
        (f"docker buildx build --push -t {APP} .", [f"buildx build --load -t {APP} ."], [APP]),
        (
            f"docker buildx build --platform linux/amd64,linux/arm64 -o type=registry --tag={APP} -t hub.example/x:1 "
            f"--cache-to type=registry,ref={HOST}/c --cache-from type=registry,ref={HOST}/c .",
            [
                f"buildx build --platform linux/amd64 -o type=docker --tag={APP} -t hub.example/x:1 "
                f"--cache-from type=registry,ref={HOST}/c .",
                "push hub.example/x:1",
            ],
            [APP],
        ),
        ("docker buildx build --push -t me/app .", ["buildx build --push -t me/app ."], []),
        (
            f"docker manifest create {HOST}/app:all {APP}-amd64 {APP}-arm64 && docker manifest push {HOST}/app:all",
            [f"tag {APP}-arm64 {HOST}/app:all"],
            [f"{HOST}/app:all"],
        ),
        (f"docker buildx imagetools create -t {HOST}/app:v2 {APP}", [f"tag {APP} {HOST}/app:v2"], [f"{HOST}/app:v2"]),
        (f"podman push app docker://{APP}", [f"tag app {APP}"], [APP]),
        (
            "docker compose -f 'my file.yml' push web db",
            ["compose -f my file.yml config --images web db", "push other.example/db:2"],
            [f"{HOST}/web:1"],
        ),
        ("docker-compose push", ["config --images", "push other.example/db:2"], [f"{HOST}/web:1"]),
        ("docker compose up -d", ["compose up -d"], []),
        (f"docker push {APP} && docker rmi -f {APP} other:1", ["rmi -f other:1"], [APP]),
        ("docker rm -f box", ["rm -f box"], []),
        ("docker", [""], []),
    ],
)
def test_what_goes_to_ecr_stays_and_the_rest_goes_on(
    call: Callable[..., tuple[int, str, list[str], list[str]]], line: str, calls: list[str], pushed: list[str]
) -> None:
    status, said, really, known = call(line, "secret\n")
    assert (status, really, known) == (0, calls, pushed), said


def test_what_the_stand_in_says(call: Callable[..., tuple[int, str, list[str], list[str]]]) -> None:
    assert call(f"docker login -u AWS --password-stdin {HOST}", "")[:2] == (1, "Error: Password Required\n")
    assert call(f"docker login -u AWS --password-stdin {HOST}", "x")[:2] == (0, "Login Succeeded\n")
    status, said, *_ = call(f"docker push {APP}-none")
    assert (status, "An image does not exist locally with the tag" in said) == (1, True)
    assert call(f"docker pull {APP}-none")[0] == 1
    assert "v1: digest: sha256:1f size: 99" in call(f"docker push {APP}")[1]
    assert call(f"docker inspect {APP}")[2] == [f"inspect {APP}"]
    whole = f'        "RepoDigests": ["{HOST}/app@sha256:1f"],\n'
    assert call(f"docker image inspect {APP}")[1] == whole
    (asked,) = call(f"docker inspect --format='{{{{index .RepoDigests 0}}}}' {APP}")[2]
    assert asked == f'inspect --format={{{{index (split (printf "%s@%s" "{HOST}/app" .Id) " ") 0}}}} {APP}'
    assert call("docker ps", "")[2] == ["ps"]
    started = call("docker run -d --name x y; docker network create n")[2]
    assert [words.split()[:2] for words in started] == [["run", "--label"], ["network", "create"]]
    assert call("[ -e $(dirname $(dirname $(command -v docker)))/pushed.tsv.used ]")[0] == 0
    assert call("PATH=${PATH%%:*}; docker ps")[:2] == (127, "docker: not found\n")


def test_without_an_aws_the_few_calls_work(kit: Kit) -> None:
    commands = (
        f"PATH=${{PATH%%:*}}:{os.defpath}:${{PATH##*:}}",
        "aws ecr get-login-password --region x",
        "aws ecr get-login --no-include-email --region eu-west-1",
        "aws sts get-caller-identity --query Account --output text",
        "aws s3 ls || echo $?",
    )
    path = {"PATH": os.defpath}
    kit.commands(*commands, project=ProjectFile(environment=path, account="111122223333"))
    lines = kit.output()
    if len(lines) > 6:
        pytest.skip("this machine's usual PATH has an aws")
    login = f"docker login -u AWS -p greenroom https://{HOST}"
    assert lines[:3] == ["greenroom", login, "111122223333"]
    assert lines[-2:] == ["aws: not found", "127"]


def test_real_aws_gets_real_images(kit: Kit) -> None:
    kit.commands("ls ${PATH%%:*}/docker || echo none", project=ProjectFile(aws="real"))
    assert not (Layout(kit.workspace).tools / "docker").exists()


def test_logins_of_a_build_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contexts").mkdir()
    theirs = {"auths": {"hub": {}, "own": {"auth": "eA=="}}, "credsStore": "desktop", "currentContext": "far"}
    (tmp_path / "config.json").write_text(json.dumps(theirs))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    Path(DockerConfig(tmp_path).open()["DOCKER_CONFIG"], "left").touch()
    config = DockerConfig(tmp_path)
    folder = Path(config.open()["DOCKER_CONFIG"])
    assert not (folder / "left").exists()
    assert json.loads((folder / "config.json").read_text()) == {
        "auths": theirs["auths"],
        "credHelpers": {"hub": "desktop", "own": "desktop"},
        "currentContext": "far",
    }
    assert (folder / "contexts").resolve() == tmp_path / "contexts"
    assert (folder.stat().st_mode & 0o77, (folder / "config.json").stat().st_mode & 0o77) == (0, 0)
    config.close()
    assert not folder.exists()
    assert json.loads((tmp_path / "config.json").read_text()) == theirs
