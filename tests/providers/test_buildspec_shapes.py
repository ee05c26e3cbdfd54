"""What public buildspecs look like, distilled: each key that people write is known, each odd shape read or refused."""

from __future__ import annotations

import pytest

from engine.providers.buildspec.keys import SECTIONS
from engine.providers.buildspec.model import BuildspecError
from engine.providers.buildspec.parse import parse

WRITTEN = """
version phases env batch reports artifacts cache run-as proxy
env.shell env.variables env.parameter-store env.secrets-manager env.exported-variables env.git-credential-helper
proxy.upload-artifacts proxy.logs
phases.PHASE.commands phases.PHASE.finally phases.PHASE.runtime-versions phases.PHASE.on-failure phases.PHASE.run-as
reports.GROUP.files reports.GROUP.file-format reports.GROUP.base-directory reports.GROUP.discard-paths
artifacts.files artifacts.name artifacts.base-directory artifacts.discard-paths artifacts.exclude-paths
artifacts.enable-symlinks artifacts.s3-prefix artifacts.secondary-artifacts
artifacts.secondary-artifacts.NAME.files artifacts.secondary-artifacts.NAME.base-directory
artifacts.secondary-artifacts.NAME.name artifacts.secondary-artifacts.NAME.discard-paths
cache.paths cache.key cache.fallback-keys cache.action
batch.fast-fail batch.build-list batch.build-graph batch.build-matrix batch.build-fanout
batch.build-graph[].identifier batch.build-graph[].buildspec batch.build-graph[].depend-on batch.build-graph[].env
batch.build-graph[].ignore-failure batch.build-graph[].debug-session batch.build-graph[].env.variables
batch.build-graph[].env.image batch.build-graph[].env.compute-type batch.build-graph[].env.type
batch.build-graph[].env.privileged-mode batch.build-list[].identifier batch.build-list[].env.variables
batch.build-matrix.static batch.build-matrix.dynamic batch.build-matrix.static.env
batch.build-matrix.static.ignore-failure batch.build-matrix.static.env.privileged-mode
batch.build-matrix.static.env.type batch.build-matrix.dynamic.buildspec batch.build-matrix.dynamic.env
batch.build-matrix.dynamic.env.variables batch.build-matrix.dynamic.env.image
batch.build-matrix.dynamic.env.compute-type batch.build-fanout.parallelism batch.build-fanout.ignore-failure
environment_variables
"""

BUILD = "phases: {build: {commands: [make]}}\n"
# Shape -> how many commands it has, and a word of its notes (empty: none).
READ: dict[str, tuple[str, int, str]] = {
    "keys escaped as in a rendered page": (f"version: 0.2\nrun\\-as: root\n{BUILD}", 1, "Did you mean run-as?"),
    "a phase nested in another one": (
        "version: 0.2\nphases:\n  build:\n    commands: [make]\n    post_build:\n      commands: [push]\n",
        1,
        "phases.build.post_build: no such key",
    ),
    "artifacts within a phase": (
        "version: 0.2\nphases:\n  build:\n    commands: [make]\n    artifacts: {files: a}\n",
        1,
        "phases.build.artifacts: no such key",
    ),
    "phases.build beside a build at the top": (
        f"version: 0.2\nbuild: {{commands: [make]}}\n{BUILD}",
        1,
        "build: no such key",
    ),
    "settings of another service": (f"version: 0.2\neb_codebuild_settings: {{Image: x}}\n{BUILD}", 1, "no such key"),
    "keys of a project's artifacts": (
        f"version: 0.2\n{BUILD}artifacts: {{type: zip, location: bucket, files: a}}\n",
        1,
        "artifacts.type: no such key",
    ),
    "everything commented out": ("version: 0.2\nphases:\n  build:\n    commands:\n      # - make\n", 0, ""),
    "items that are comments": ("version: 0.2\nphases:\n  build:\n    commands:\n      - # one\n      - make\n", 1, ""),
    "the items at the indent of their key": ("version: 0.2\nphases:\n  build:\n    commands:\n    - make\n", 1, ""),
    "a heredoc": (
        "version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        cat <<X\n        a: b\n        X\n",
        1,
        "",
    ),
    "an if folded over lines": (
        "version: 0.2\nphases:\n  build:\n    commands:\n      - if true; then\n          make;\n        fi\n",
        1,
        "",
    ),
    "only finally": ("version: 0.2\nphases: {build: {finally: [tidy]}}\n", 1, ""),
    "files as a block": (f"version: 0.2\n{BUILD}artifacts:\n  files: |\n    a\n    b/**/*\n", 1, ""),
    "files as a variable": (f"version: 0.2\n{BUILD}artifacts: {{files: '${{OUT}}/*.{{js,css}}'}}\n", 1, ""),
    "an odd spelling of a format": (
        f"version: 0.2\n{BUILD}reports: {{a: {{files: x, file-format: JunitXml}}}}\n",
        1,
        "",
    ),
    "variables of 0.1": (f"version: 0.1\nenvironment_variables: {{plaintext: {{A: b}}}}\n{BUILD}", 1, ""),
    "a key of 0.2 in 0.1": (f"version: 0.1\nenv: {{variables: {{A: b}}}}\n{BUILD}", 1, "env: a key of version 0.2"),
    "carriage returns": (f"version: 0.2\n{BUILD}".replace("\n", "\r\n"), 1, ""),
    "an empty section": (f"version: 0.2\nenv:\ncache:\nreports:\nartifacts:\n{BUILD}", 1, ""),
}
REFUSED: dict[str, tuple[str, str]] = {
    "no version": (BUILD, "invalid buildspec `version` specified: , see documentation"),
    "a version that never was": (f"version: 0.0\n{BUILD}", "invalid buildspec `version` specified: 0.0"),
    "another program's buildspec.json": (
        '{"dependencies": {"obs": {"version": "1"}}, "name": "x"}',
        "wrong number of container tags, expected 1",
    ),
    "phases of nothing": ("version: 0.2\nphases:\n", "phases is missing"),
    "a colon in an echo": (
        "version: 0.2\nphases:\n  build:\n    commands:\n      - echo Warning: none\n",
        "Expected Commands[0] to be of string type: found subkeys instead at line 5",
    ),
    "variables in one string": (f'version: 0.2\nenv: {{variables: "A:1"}}\n{BUILD}', "Expected variables to be a map"),
    "a template that is not rendered": ("version: 0.2\n{% if x %}\nphases: {}\n", "at line 2"),
    "a phase that is no phase": (
        "version: 0.2\nphases: {deploy: {commands: [a]}}\n",
        "Invalid buildspec phase name: deploy. Expecting: build,install,post_build,pre_build",
    ),
}


def test_every_key_that_people_write_is_in_the_table() -> None:
    known = {f"{section.path}.{name}".lstrip(".") for section in SECTIONS for name in section.names}
    assert [key for key in WRITTEN.split() if key not in known] == []


@pytest.mark.parametrize("shape", READ)
def test_odd_shapes_are_read(shape: str) -> None:
    text, count, note = READ[shape]
    spec = parse(text)
    assert len(spec.commands) == count
    assert any(note in one for one in spec.notes) if note else spec.notes == ()


@pytest.mark.parametrize("shape", REFUSED)
def test_others_are_refused_in_aws_words(shape: str) -> None:
    text, words = REFUSED[shape]
    with pytest.raises(BuildspecError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.code == "YAML_FILE_ERROR"
