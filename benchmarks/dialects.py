"""The grid in the words of each tool: functions from a grid and its run log to files, by name."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.grid import Cell, Grid

Files = dict[str, str]


def _input(cell: Cell) -> str:
    return cell.main if cell.stage == 0 else f"{cell.before.folder}/out.txt"


def _command(cell: Cell, log: Path, up: str = "") -> str:
    """The action as a command, `up` leading from where it runs to the workload's root."""
    say = f"echo {cell.name}"
    return f"{say} >> {log}; {{ {say}; cat {up}{_input(cell)}; }} > {up}{cell.folder}/out.txt"


def shell(grid: Grid, log: Path) -> Files:
    """Nothing but the commands, one after the other: the floor."""
    return {"run.sh": "".join(f"sh -c '{_command(cell, log)}'\n" for cell in grid.cells())}


def make(grid: Grid, log: Path) -> Files:
    """GNU make: what is newer is made again."""
    lines = ["SHELL = /bin/sh", "all: " + " ".join(f"{cell.folder}/out.txt" for cell in grid.last)]
    for cell in grid.cells():
        needs = f"$(shell find {cell.folder}/src -type f)" if cell.stage == 0 else _input(cell)
        lines += [f"{cell.folder}/out.txt: {needs}", f"\t@{_command(cell, log)}"]
    return {"Makefile": "\n".join(lines) + "\n"}


def doit(grid: Grid, log: Path) -> Files:
    """doit: what has another content is done again."""
    commands = {cell.name: _command(cell, log) for cell in grid.cells()}
    inputs = {cell.name: _input(cell) for cell in grid.cells() if cell.stage}
    return {
        "dodo.py": f"""import os

DOIT_CONFIG = {{"default_tasks": ["grid"], "dep_file": ".doit.db", "backend": "sqlite3"}}
COMMANDS = {json.dumps(commands)}
INPUTS = {json.dumps(inputs)}


def given(name):
    return [os.path.join(folder, file) for folder, _, files in os.walk(f"p/{{name}}/src") for file in files]


def task_grid():
    for name, command in COMMANDS.items():
        needs = [INPUTS[name]] if name in INPUTS else given(name)
        yield dict(name=name, actions=[command], file_dep=needs, targets=[f"p/{{name}}/out.txt"], verbosity=0)
"""
    }


def javascript(grid: Grid, log: Path) -> Files:
    """turbo (a package for each action) and wireit (a script for each action) share their files."""
    scripts = _wireit(grid, log)
    root = {
        "name": "grid",
        "version": "0.0.0",
        "private": True,
        "packageManager": "npm@10.0.0",
        "workspaces": ["p/*"],
        "scripts": dict.fromkeys(scripts, "wireit"),
        "wireit": scripts,
    }
    build = {"dependsOn": ["^build"], "inputs": ["src/**"], "outputs": ["out.txt"]}
    files = {
        "package.json": json.dumps(root),
        "package-lock.json": json.dumps(_lock(grid)),
        "turbo.json": json.dumps({"ui": "stream", "envMode": "loose", "tasks": {"build": build}}),
    }
    for cell in grid.cells():
        package = {**_package(cell), "private": True, "scripts": {"build": _command(cell, log, "../../")}}
        files[f"{cell.folder}/package.json"] = json.dumps({"name": cell.name, **package})
    return files


def _package(cell: Cell) -> dict[str, object]:
    needs = {cell.before.name: "*"} if cell.stage else {}
    return {"version": "0.0.0", "dependencies": needs}


def _lock(grid: Grid) -> dict[str, object]:
    """A lock file without a download: the grid's own packages only."""
    packages: dict[str, object] = {"": {"name": "grid", "version": "0.0.0", "workspaces": ["p/*"]}}
    for cell in grid.cells():
        packages[f"node_modules/{cell.name}"] = {"resolved": cell.folder, "link": True}
        packages[cell.folder] = {"name": cell.name, **_package(cell)}
    return {"name": "grid", "version": "0.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}


def _wireit(grid: Grid, log: Path) -> dict[str, object]:
    scripts: dict[str, object] = {"all": {"dependencies": [cell.name for cell in grid.last]}}
    for cell in grid.cells():
        scripts[cell.name] = {
            "command": _command(cell, log),
            "files": [f"{cell.folder}/src/**"] if cell.stage == 0 else [],
            "output": [f"{cell.folder}/out.txt"],
            "dependencies": [cell.before.name] if cell.stage else [],
        }
    return scripts


def greenroom(grid: Grid, log: Path) -> Files:
    """A pipeline whose first stage reads narrowed shares of the source, each later one the artifact before it."""
    source = {
        "name": "Source",
        "actionTypeId": _type("Source", "CodeCommit"),
        "configuration": {"RepositoryName": "grid", "BranchName": "main"},
        "outputArtifacts": [{"name": "Source"}],
    }
    stages: list[dict[str, object]] = [{"name": "Source", "actions": [source]}]
    for stage in range(grid.stages):
        actions = [_action(Cell(stage, column), log) for column in range(grid.columns)]
        stages.append({"name": f"s{stage}", "actions": actions})
    pipeline = {
        "name": "grid",
        "roleArn": "arn:aws:iam::111122223333:role/grid",
        "artifactStore": {"type": "S3", "location": "grid-artifacts"},
        "pipelineType": "V2",
        "stages": stages,
    }
    first = (Cell(0, column) for column in range(grid.columns))
    project = {"jobs": 2, "actions": {cell.name: {"inputs": [f"{cell.folder}/**"]} for cell in first}}
    return {"pipeline.json": json.dumps({"pipeline": pipeline}), "greenroom.yaml": json.dumps(project)}


def _type(category: str, provider: str) -> dict[str, str]:
    return {"category": category, "owner": "AWS", "provider": provider, "version": "1"}


def _action(cell: Cell, log: Path) -> dict[str, object]:
    say = f"echo {cell.name}"
    read = cell.main if cell.stage == 0 else f"out{cell.stage - 1}.txt"
    written = f"out{cell.stage}.txt"
    return {
        "name": cell.name,
        "actionTypeId": _type("Compute", "Commands"),
        "commands": [f"{say} >> {log}; {{ {say}; cat {read}; }} > {written}"],
        "inputArtifacts": [{"name": "Source" if cell.stage == 0 else cell.before.name}],
        "outputArtifacts": [{"name": cell.name, "files": [written]}],
    }
