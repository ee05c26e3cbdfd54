"""What `greenroom init` writes loads without a word, for every kind of project."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reading.definition import load_text
from engine.reading.export import dump_yaml, to_aws
from engine.reading.starter import starter

KINDS: dict[str, tuple[dict[str, str], str]] = {
    "python": ({"pyproject.toml": "[build-system]\n[x]\ndev=['pytest']", "tests/test_a.py": ""}, "Unit"),
    "requirements": ({"requirements.txt": "requests\n", "test_it.py": ""}, "unittest"),
    "untested": ({"pyproject.toml": ""}, "compileall"),
    "node": ({"package.json": '{"scripts": {"build": "x", "test": "y"}}', "package-lock.json": ""}, "npm ci"),
    "pnpm": ({"package.json": '{"scripts": {"test": "y"}}', "pnpm-lock.yaml": ""}, "pnpm test"),
    "no-scripts": ({"package.json": "not json"}, "npm install"),
    "go": ({"go.mod": ""}, "go test"),
    "rust": ({"Cargo.toml": ""}, "cargo test"),
    "make": ({"Makefile": "all:\n\ttrue\ntest: all\n\ttrue\n"}, "make test"),
    "docker": ({"Dockerfile": ""}, "docker build"),
    "buildspec": ({"buildspec.yml": "version: 0.2\n", "package.json": "{}"}, "buildspec: buildspec.yml"),
    "site": ({"index.html": ""}, "approval"),
    "public": ({"public/index.html": ""}, "public/**"),
    "empty": ({}, "replace me"),
    "yes": ({}, '"yes"'),
    "123": ({}, '"123"'),
    "spaces and ümlauts": ({"go.mod": ""}, "name: spaces-and--mlauts"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_starter_loads_in_silence(tmp_path: Path, kind: str) -> None:
    files, expected = KINDS[kind]
    directory = tmp_path / kind
    directory.mkdir()
    for name, text in files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text)
    name, text = starter(directory)
    assert name == "pipeline.yaml"
    assert expected in text
    loaded = load_text(text, directory / name)
    assert [found.render() for found in loaded.diagnostics] == []
    long = load_text(dump_yaml(to_aws(loaded.pipelines[0].declaration)), directory / name)
    assert long.pipelines[0].declaration == loaded.pipelines[0].declaration
