"""Reading stays cheap to start: nothing heavy comes with it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("asyncio", "docker", "textual", "rich", "watchfiles", "sqlite3", "click", "pathspec")


def modules(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_nothing_heavy_is_imported() -> None:
    plain = modules("import pydantic; pydantic.BaseModel")  # what the models themselves need
    reading = "import engine.reading.definition, engine.reading.project_file, engine.reading.starter"
    assert modules(reading) & set(HEAVY) - plain == set()


def test_the_catalog_needs_no_models() -> None:
    loaded = modules("from engine.model.catalog import lookup; lookup('Deploy', 'AWS', 'S3')")
    assert not {"pydantic", "yaml", "engine.model.pipeline"} & loaded


def test_json_needs_no_yaml() -> None:
    statement = "from pathlib import Path\nfrom engine.reading.source import parse\nparse(Path('a.json'), '{}')"
    assert "yaml" not in modules(statement)
