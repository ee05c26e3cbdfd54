"""Whatever a build does with a secret, no byte under .greenroom tells it.

Random values, from the five characters on that every place masks up to 64 KB, of many lines, printed whole, in
pieces, line by line, base64 with and without breaks, and URL-encoded.
"""

from __future__ import annotations

import base64
import json
import random
import sys
import tempfile
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.place import Place
from tests.execution.pipelines import action

LEAK = """
import base64, os, sys, urllib.parse
secret = os.environ["SECRET"]
def write(text):
    data = text.encode()
    for at in range(0, len(data), 4001):
        os.write(1 + at % 2, data[at : at + 4001])
    os.write(1, b"\\n")
write(secret)
write("x" + secret + secret + "y")
for at in range(0, min(len(secret), 500), 3):
    os.write(1, secret[at : at + 3].encode())
os.write(1, secret[500:].encode() if len(secret) > 500 else b"")
os.write(1, b"\\n")
write(base64.b64encode(secret.encode()).decode())
write(base64.b64encode(b"ab" + secret.encode()).decode())
write(base64.encodebytes(secret.encode()).decode())
write(urllib.parse.quote(secret, safe=""))
write(urllib.parse.quote_plus(secret))
write("\\n".join(line for line in secret.splitlines() if len(line) >= 4))
"""
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789 +/%&'\"$`\\=é"


def value(length: int, seed: int, width: int) -> str:
    """A value that does not occur by accident. Its lines have eight characters at least: short ones are not hidden."""
    text = "".join(random.Random(seed).choices(LETTERS, k=length)).strip()
    if width and length > width:
        lines = [text[at : at + width].strip() for at in range(0, len(text), width)]
        text = "\n".join(line for line in lines if len(line) >= 8)
    return text.ljust(5, "Q")[:60_000]


def spellings(secret: str) -> list[bytes]:
    """What must not be found."""
    raw = secret.encode()
    found = [raw, *(line.encode() for line in secret.splitlines() if len(line) >= 5)]
    if len(raw) >= 6:
        found.append(base64.b64encode(raw)[: len(raw) * 8 // 6])
        found += [line for line in base64.encodebytes(raw).splitlines() if len(line) == 76]
    quoted = urllib.parse.quote(raw, safe="").encode()
    return [*found, quoted] if len(quoted) > 5 else found


@settings(max_examples=9, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([5, 6, 7, 12, 57, 58, 300, 5_000, 65_000]),
    st.integers(0, 2**32),
    st.sampled_from([0, 12, 64, 1000]),
)
def test_no_byte_under_greenroom_tells_a_secret(length: int, seed: int, width: int) -> None:
    secret = value(length, seed, width)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "project")
        build = action("Build:Leak S", namespace="Leak", configuration={"ProjectName": "leaky"})
        place.define(("Source", [action("Source:Src > S")]), ("Build", [build]))
        place.project(json.dumps({"secrets": {"db": secret}}))
        commands = [f"{sys.executable} leak.py", 'echo "$SECRET"', 'COPY="x$SECRET"', 'test "$SECRET" = no']
        spec = {
            "version": 0.2,
            "env": {"secrets-manager": {"SECRET": "db"}, "exported-variables": ["COPY", "SECRET"]},
            "phases": {"build": {"commands": commands}},
        }
        (place.directory / "leak.py").write_text(LEAK)
        (place.directory / "buildspec.yml").write_text(json.dumps(spec))
        (place.directory / ".gitignore").write_text("greenroom.yaml\n")
        with place.session() as stage:
            stage.run()
            assert "***" in stage.log("Build/Leak")
            assert str(stage.at("Build/Leak").status) == "Failed"
        kept = [file for file in (place.directory / ".greenroom").rglob("*") if file.is_file()]
        assert len(kept) > 5
        for file in kept:
            content = file.read_bytes()
            assert [spelling for spelling in spellings(secret) if spelling in content] == [], file


def test_what_comes_with_the_command_line_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody declared these a secret: their names tell, and the place of a password in an address."""
    given = {
        "DB_PASS": "pass-w0rd-1",
        "DB_URL": "pg://me:pass-w0rd-2@db/x",
        "APP_TOKEN": "plain",
        "NAME": "word-w0rd-3",
    }
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pass-w0rd-4@127.0.0.1:9")
    place = Place(tmp_path / "project")
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [action("Build:Leak S", configuration={"ProjectName": "leaky"})]),
    )
    tell = "echo $DB_PASS $DB_URL $APP_TOKEN $NAME $HTTPS_PROXY; exit 1 # $DB_PASS"
    (place.directory / "buildspec.yml").write_text(
        json.dumps({"version": 0.2, "phases": {"build": {"commands": [tell]}}})
    )
    with place.session(environment=given) as stage:
        stage.run()
        assert "*** pg://me:***@db/x plain word-w0rd-3 http://me:***@127.0.0.1:9" in stage.log("Build/Leak")
    kept = b"".join(file.read_bytes() for file in (place.directory / ".greenroom").rglob("*") if file.is_file())
    assert [word for word in (f"pass-w0rd-{n}" for n in (1, 2, 4)) if word.encode() in kept] == []
