"""Which .tf files are definitions, and what else of them a start must not pay for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.reading.definition import find
from tests.reading.terraform.conftest import pipeline


def test_modules_with_a_pipeline_are_found_after_definitions(tmp_path: Path) -> None:
    files = {
        "infra/modules/ci/main.tf": "# " + "x" * 70_000 + "\n" + pipeline(),
        "infra/main.tf": 'module "ci" { source = "./modules/ci" }\n',
        "deploy/ci.tf.json": '{"resource": {"aws_codepipeline": {}}}',
        "notes.tf": "# resource aws_codepipeline_webhook\n",
        ".terraform/modules/x/main.tf": pipeline(),
        "pipeline.yaml": "stages: {Build: make}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = [str(file.relative_to(tmp_path)) for file in find(tmp_path)]
    assert found == ["pipeline.yaml", "deploy/ci.tf.json", "infra/modules/ci/main.tf"]


def test_other_definitions_are_read_without_the_grammar() -> None:
    program = (
        "import sys; from pathlib import Path; from engine.reading.definition import load_text;"
        "load_text('stages: {Build: make}', Path('p.yaml')); print('hcl2' in sys.modules or 'lark' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"
