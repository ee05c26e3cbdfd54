from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.place import Place, action, commands


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Source, a build of a.txt, a test of b.txt, an approval, a deployment into a folder."""
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n", b_txt="b\n")
    (place.directory / ".gitignore").write_text("out/\n")
    place.define(
        ("Source", [action("Source:Src > S", configuration={"RepositoryName": "demo", "BranchName": "main"})]),
        (
            "Build",
            [
                commands("Compute:Make S > B", "mkdir -p dist", "tr a-z A-Z < a.txt > dist/made.txt"),
                commands("Compute:Check S", "grep b b.txt"),
            ],
        ),
        ("Approve", [action("Approval:Ok")]),
        ("Deploy", [action("Deploy:Ship B", configuration={"BucketName": "site", "Extract": "true"})]),
    )
    place.project(
        'actions:\n  Build/Make: {inputs: ["a.txt"]}\n  Build/Check: {inputs: ["b.txt"]}\nbuckets: {site: out}\n'
    )
    return place
