"""Whatever a build makes of its secrets, nothing below `.greenroom` holds them."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import string
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.providers import keyrings
from tests.engine.place import Place, Stage
from tests.execution.pipelines import action
from tests.keyring_kit import MemoryKeyring, memory_keyring

Setting = tuple[Stage, MemoryKeyring, list[Path], bytes]
"""A pipeline with a build, the keyring, where nothing may be found, and what is there already."""
SHORTEST = 5  # of what is hidden everywhere; shorter ones are hidden in the build's own log
OTHER = "the-value-of-another-run-0123456789"
BUILDSPEC = """\
version: 0.2
env:
  secrets-manager: {SECRET: db}
  exported-variables: [LEAK]
phases:
  build:
    commands:
      - PYTHON -I -S tell.py
      - |
        echo "$SECRET"
        LEAK="in $SECRET out"
        OTHER="$SECRET"
      - 'exit 3 # fails: $SECRET'
    finally:
      - printf '%s' "$OTHER"
reports:
  tests: {files: ['*.xml'], base-directory: OUTSIDE}
artifacts: {files: ['**/*'], name: 'of-$SECRET'}
"""
TELL = """\
import base64, os, random, sys, time, urllib.parse
secret = os.environb[b"SECRET"]
out = sys.stdout.buffer
def write(data):
    while data:
        size = random.randint(1, 1 + len(data) // 3)
        out.write(data[:size]); out.flush()
        data = data[size:]
write(b"<" + secret + b">\\n")
for line in secret.splitlines():
    write(b"  " + line + b";\\n")
write(base64.b64encode(secret) + b"\\n" + base64.urlsafe_b64encode(b"user:" + secret) + b"\\n")
write(base64.encodebytes(secret))
for safe in ("", "/"):
    write(urllib.parse.quote(secret, safe=safe).encode() + b"\\n")
from xml.sax.saxutils import quoteattr
case = f'<testcase name="t"><failure message={quoteattr(os.environ["SECRET"])}/></testcase>'
legal = "".join(c for c in case if c.isprintable() or c == "\\n")
open("OUTSIDE/report.xml", "w", encoding="utf-8").write(f"<testsuite name='s' tests='1'>{legal}</testsuite>")
"""

LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="*")
TEXT = st.text(LETTERS, min_size=1, max_size=60)
SECRETS = st.one_of(
    TEXT,
    st.text(string.ascii_letters + string.digits + "/+ =%&'\"$\\", min_size=SHORTEST, max_size=200).map(str.strip),
    st.lists(TEXT, min_size=2, max_size=30).map("\n".join),
    st.builds(lambda seed, n: (seed * 70_000)[:n], st.text(LETTERS, min_size=3, max_size=9), st.integers(1000, 60_000)),
    st.builds(lambda size: os.urandom(size // 2).hex(), st.integers(8, 65_536)),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """A pipeline that has run with another secret."""
    place = Place(tmp_path_factory.mktemp("place") / "project")
    outside = place.directory.parent / "outside"
    outside.mkdir()
    place.define(
        ("Source", [action("Source:Repo > Src")]),
        ("Build", [action("Build:Tell Src > Out", configuration={"ProjectName": "web"})]),
    )
    buildspec = BUILDSPEC.replace("OUTSIDE", str(outside)).replace("PYTHON", sys.executable)
    (place.directory / "buildspec.yml").write_text(buildspec)
    (place.directory / "tell.py").write_text(TELL.replace("OUTSIDE", str(outside)))
    place.project("events: {file: ../events.jsonl}\ncheckpoints: 3\nsecrets: {unused: another-secret-value}\n")
    (place.directory / ".secrets").write_text(f"UNUSED={OTHER}-in-the-file\n")
    with memory_keyring(**{"secret:db": OTHER}) as ring, place.session() as found:
        found.run()
        places = [place.directory / ".greenroom", outside.parent / "events.jsonl"]
        yield found, ring, places, written(places)


def written(places: list[Path]) -> bytes:
    """Every byte of every file there."""
    found = []
    for file in [file for place in places for file in (place, *place.rglob("*")) if file.is_file()]:
        with contextlib.suppress(FileNotFoundError):  # a draft, renamed by now
            found.append(file.read_bytes())
    return b"\0".join(found)


def spellings(secret: str) -> Iterator[bytes]:
    """What must not be found, by means other than those that hide it."""
    raw = secret.encode()
    if len(secret) >= SHORTEST:
        yield from (raw, urllib.parse.quote(raw, safe="").encode(), urllib.parse.quote(raw).encode())
        yield from (line.strip().encode() for line in secret.split("\n") if len(line.strip()) >= SHORTEST)
    if len(raw) >= 9:
        yield base64.b64encode(raw).rstrip(b"=")[:-1]
        yield from (line for line in base64.encodebytes(raw).splitlines() if len(line) >= 24)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(secret=SECRETS)
def test_no_byte_of_a_secret_is_kept(stage: Setting, secret: str) -> None:
    running, ring, places, before = stage
    assume(not re.fullmatch(r"[0-9a-f]{1,12}|[\d.:-]*", secret))  # a piece of an id, or of a time
    assume(not any(one in before for one in spellings(secret)))  # greenroom's own words
    ring.values["greenroom", "secret:db"] = secret
    keyrings.forget()
    keyring.set_keyring(ring)
    assert running.run() == ["Build/Tell"] or running.started[-1] == "Build/Tell"
    kept = written(places)
    found = [one[:40] for one in spellings(secret) if one in kept]
    assert not found
    log = running.session.log(running.at("Build/Tell").id).read_bytes()
    assert log.count(b"***") >= 4
    assert secret.strip().encode() not in log
    assert "exit status 3" in log.decode("utf-8", "replace") or len(secret) < SHORTEST
    # The files of greenroom's own that hold secrets are no part of a source.
    assert f"{OTHER}-in-the-file".encode() not in kept
