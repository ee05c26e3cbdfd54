"""The pipeline that `greenroom init` writes: sensible for what the directory holds, and ready to run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FILE = "pipeline.yaml"


@dataclass(frozen=True, slots=True)
class Start:
    """What was recognised, and the stages to write for it."""

    what: str
    stages: str


def starter(directory: Path) -> tuple[str, str]:
    """File name and text of a pipeline for the directory. Writes nothing."""
    starts = [start for recognise in _KINDS if (start := recognise(directory)) is not None]
    start = starts[0] if starts else _anything(directory)
    return FILE, _HEAD.format(what=start.what, name=_name(directory)) + start.stages


_HEAD = """\
# A pipeline for {what}. Run it with `greenroom`; every save reruns what it affects.
# This is the short form; `greenroom show --format aws` prints the one that AWS takes.
name: {name}

# The sources are this directory: no stage is needed for them.
stages:
"""


def _name(directory: Path) -> str:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in directory.absolute().name)
    name = kept.strip("-")[:100] or "pipeline"
    return (
        f'"{name}"' if name.isdigit() or name.lower() in ("true", "false", "yes", "no", "on", "off", "null") else name
    )


def _codebuild(directory: Path) -> Start | None:
    file = next((name for name in ("buildspec.yml", "buildspec.yaml") if (directory / name).is_file()), None)
    if file is None:
        return None
    stages = f"""\
  Build:
    buildspec: {file}
    # output: BuildOutput      # once the buildspec has `artifacts`, give them to the stages below
{_approve_and_deploy(directory)}"""
    return Start(f"the buildspec {file}", stages)


def _python(directory: Path) -> Start | None:
    if not _any(directory, "pyproject.toml", "setup.py", "requirements.txt"):
        return None
    stages = "  Check:\n    Compile: python3 -m compileall -q -x '[.]venv' .\n"
    if _python_tests(directory):
        pytest = _mentions(directory, "pytest")
        wanted = (["-r requirements.txt"] if _any(directory, "requirements.txt") else []) + (
            ["pytest"] if pytest else []
        )
        wanted += ["-e ."] if "[build-system]" in _text(directory / "pyproject.toml") else []
        install = f" && python -m pip install -q {' '.join(wanted)}" if wanted else ""
        stages += "  Test:\n    Unit:\n      commands:\n"
        stages += f"        - python3 -m venv .venv && . .venv/bin/activate{install}\n"
        stages += f"        - . .venv/bin/activate && python -m {'pytest' if pytest else 'unittest discover'}\n"
    return Start("a Python project", stages)


def _python_tests(directory: Path) -> bool:
    folders = (directory, directory / "tests", directory / "test")
    return any(next(folder.glob(pattern), None) for folder in folders for pattern in ("test*.py", "*_test.py"))


def _node(directory: Path) -> Start | None:
    if not (directory / "package.json").is_file():
        return None
    scripts = _scripts(directory / "package.json")
    tool, install = "npm", "npm ci" if (directory / "package-lock.json").is_file() else "npm install"
    for lock, name in (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn")):
        if (directory / lock).is_file():
            tool, install = name, f"{name} install --frozen-lockfile"
    lines = ["  Build:", "    Install:" if not scripts else "    Package:", "      commands:", f"        - {install}"]
    lines += [f"        - {tool} run build"] if "build" in scripts else []
    if "build" in scripts:
        lines += ["      # output: {Site: [dist/**/*]}      # files that the stages below get"]
    if "test" in scripts:
        lines += ["  Test:", "    Unit:", "      commands:", f"        - {install}", f"        - {tool} test"]
    return Start("a Node.js project", "\n".join(lines) + "\n")


def _go(directory: Path) -> Start | None:
    if not (directory / "go.mod").is_file():
        return None
    return Start(
        "a Go module",
        "  Build:\n    Compile: go build ./...\n    Vet: go vet ./...\n  Test:\n    Unit: go test ./...\n",
    )


def _rust(directory: Path) -> Start | None:
    if not (directory / "Cargo.toml").is_file():
        return None
    return Start("a Rust crate", "  Build:\n    Compile: cargo build\n  Test:\n    Unit: cargo test\n")


def _make(directory: Path) -> Start | None:
    file = next(
        (directory / name for name in ("Makefile", "makefile", "GNUmakefile") if (directory / name).is_file()), None
    )
    if file is None:
        return None
    targets = {
        line.partition(":")[0].strip() for line in _text(file).splitlines() if ":" in line and line[:1].isalpha()
    }
    stages = "  Build:\n    Make: make\n"
    if "test" in targets or "check" in targets:
        stages += f"  Test:\n    Unit: make {'test' if 'test' in targets else 'check'}\n"
    return Start("a Makefile", stages)


def _docker(directory: Path) -> Start | None:
    if not (directory / "Dockerfile").is_file():
        return None
    return Start("a Dockerfile", "  Build:\n    Image: docker build --tag local .\n")


def _site(directory: Path) -> Start | None:
    folder = next(
        (name for name in ("", "public", "site", "www", "docs") if (directory / name / "index.html").is_file()), None
    )
    if folder is None:
        return None
    pattern = f"{folder}/**/*" if folder else "**/*"
    index = f"{folder}/index.html" if folder else "index.html"
    return Start(
        "a static site",
        f"""\
  Check:
    Pages:
      commands: test -s {index}
      output: {{Site: ["{pattern}"]}}
{_approve_and_deploy(directory)}""",
    )


def _approve_and_deploy(directory: Path) -> str:
    bucket = f"{_name(directory).strip(chr(34)).lower()}-site"
    return f"""\
  Approve:
    approval: Shall it be deployed?
  Deploy:
    # A bucket on AWS; here the folder .greenroom/buckets/{bucket}, or the one that greenroom.yaml names.
    deploy: {{bucket: {bucket}}}
"""


def _anything(directory: Path) -> Start:
    return Start(
        "this directory",
        f"""\
  Build:
    Hello:
      commands:
        - echo "replace me by what builds your project"
        - mkdir -p out && date > out/built.txt
      output: {{Out: ["out/**/*"]}}
  Test:
    Smoke: test -s out/built.txt
{_approve_and_deploy(directory)}""",
    )


_KINDS: tuple[Callable[[Path], Start | None], ...] = (
    _codebuild,
    _python,
    _node,
    _go,
    _rust,
    _make,
    _docker,
    _site,
)


def _any(directory: Path, *names: str) -> bool:
    return any((directory / name).is_file() for name in names)


def _mentions(directory: Path, word: str) -> bool:
    names = ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "setup.cfg", "tox.ini", "pytest.ini")
    return any(word in _text(directory / name) for name in names)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")[:100_000]
    except OSError:
        return ""


def _scripts(file: Path) -> list[str]:
    try:
        scripts = json.loads(_text(file)).get("scripts", {})
    except (ValueError, AttributeError, RecursionError):
        return []
    return list(scripts) if isinstance(scripts, dict) else []
