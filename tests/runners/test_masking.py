"""Secrets are hidden wherever chunks end."""

from __future__ import annotations

import base64
import os
import re
import resource
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runners._finders import Few, Many
from engine.runners.masking import Masker, forms
from engine.runners.output import open_output

small = st.text("ab", min_size=1, max_size=4)


def streamed(secrets: list[str], chunks: list[bytes]) -> bytes:
    masker = Masker(secrets)
    return b"".join(masker.feed(chunk) for chunk in chunks) + masker.flush()


def at_once(secrets: list[str], text: bytes) -> bytes:
    every = sorted({form for secret in secrets for form in forms(secret)}, key=lambda form: (-len(form), form))
    return re.sub(b"|".join(re.escape(form) for form in every), b"***", text)


@given(st.lists(small, min_size=1, max_size=4), st.lists(st.text("abc", max_size=6), max_size=8))
def test_chunks_make_no_difference(secrets: list[str], texts: list[str]) -> None:
    chunks = [text.encode() for text in texts]
    assert streamed(secrets, chunks) == at_once(secrets, b"".join(chunks))


@given(
    st.lists(st.text("abc", min_size=1, max_size=24), min_size=1, max_size=6, unique=True),
    st.text("abcd", max_size=60),
    st.integers(0, 10),
)
def test_one_walk_finds_what_many_searches_find(wanted: list[str], text: str, start: int) -> None:
    ordered = sorted((one.encode() for one in wanted), key=lambda one: (-len(one), one))
    few, many, raw = Few(ordered), Many(ordered), text.encode()
    assert list(many.matches(raw)) == list(few.matches(raw))
    assert many.pending(raw, min(start, len(raw))) == few.pending(raw, min(start, len(raw)))


def test_a_value_of_thousands_of_lines_comes_through_nowhere() -> None:
    lines = [os.urandom(6).hex() for _ in range(3_000)]
    secret = "\n".join(lines)
    text = f"<{secret}> {' '.join(lines)}".encode()
    shown = streamed([secret], [text[at : at + 65_000] for at in range(0, len(text), 65_000)])
    assert shown == b"<***> " + b" ".join([b"***"] * len(lines))


@given(st.text(min_size=1, max_size=300).filter(lambda text: "*" not in text), st.data())
def test_no_secret_comes_through(secret: str, data: st.DataObject) -> None:
    raw = secret.encode("utf-8", "surrogatepass") if not secret.isprintable() else secret.encode()
    secret = raw.decode("utf-8", "surrogateescape")
    text = b"before " + raw + b" between " + raw + raw + b" after"
    cut = data.draw(st.integers(0, len(text)))
    assert raw not in streamed([secret], [text[:cut], text[cut:]])


@pytest.mark.parametrize("length", [1, 100, 65_536])
def test_long_and_short_secrets(length: int) -> None:
    secret = os.urandom(length).hex()[:length]
    text = f"<<{secret}>>".encode()
    chunks = [text[at : at + 1000] for at in range(0, len(text), 1000)]
    assert streamed([secret], chunks) == at_once([secret], text)
    assert length == 1 or secret.encode() not in streamed([secret], chunks)


def test_longest_first() -> None:
    assert streamed(["abc", "abcdef"], [b"abc", b"def abcx"]) == b"*** ***x"


def test_each_line_of_a_multi_line_secret_but_not_its_braces() -> None:
    secret = '{\n  "password": "hunter2"\n}\n'
    assert streamed([secret], [b'{ "password": "hunter2" }']) == b"{ *** }"


@given(
    st.binary(min_size=6, max_size=40).filter(lambda raw: b"\0" not in raw),
    st.binary(max_size=5),
    st.binary(max_size=5),
)
def test_base64_of_any_text_around_it(raw: bytes, before: bytes, after: bytes) -> None:
    secret = raw.decode("utf-8", "surrogateescape")
    raw = secret.encode("utf-8", "surrogateescape")
    shown = streamed([secret], [base64.b64encode(before + raw + after)])
    assert b"***" in shown


def test_other_spellings() -> None:
    secret = "p&ss \"w'ord$/é"
    every = ("p%26ss%20%22w%27ord%24%2F%C3%A9", "p&ss%20%22w'ord$/%C3%A9", "p%26ss+%22w%27ord%24%2F%C3%A9")
    for coded in (*every, "p%26ss%20%22w'ord%24%2F%C3%A9", urllib.parse.quote(secret)):
        assert streamed([secret], [coded.encode()]) == b"***"
        lower = coded.replace("%2F", "%2f").replace("%C3%A9", "%c3%a9")
        assert streamed([secret], [lower.encode()]) == b"***"
    assert streamed([secret], [secret.replace('"', '\\"').replace("$", "\\$").encode()]) == b"***"


def test_what_could_begin_a_secret_is_held_back_only_so_long() -> None:
    masker = Masker(["secret"])
    assert masker.feed(b"this is sec") == b"this is "
    assert masker.feed(b"tion") == b"section"
    assert masker.flush() == b""


@pytest.mark.parametrize("secrets", [(), ("token-1",)])
async def test_output_keeps_the_order_of_writers(tmp_path: Path, secrets: tuple[str, ...]) -> None:
    output = open_output(tmp_path / "logs" / "log", secrets)
    output.write("one token-")
    os.write(output.descriptor, b"1 two\n")
    output.write("three\n")
    await output.close()
    shown = "one *** two" if secrets else "one token-1 two"
    assert (tmp_path / "logs" / "log").read_text() == f"{shown}\nthree\n"


async def test_closing_does_not_wait_for_a_process_that_holds_the_pipe(tmp_path: Path) -> None:
    output = open_output(tmp_path / "log", ["secret"])
    kept = os.dup(output.descriptor)
    output.write("a secret\n")
    await output.close()
    assert (tmp_path / "log").read_text() == "a ***\n"
    with pytest.raises(BrokenPipeError):
        os.write(kept, b"too late")
    os.close(kept)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=2000), max_size=20))
def test_nothing_is_lost_in_the_pipe(tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]) -> None:
    import asyncio

    log = tmp_path_factory.mktemp("pipe") / "log"

    async def write() -> None:
        output = open_output(log, ["no such text anywhere"])
        for chunk in chunks:
            os.write(output.descriptor, chunk)
        await output.close()

    asyncio.run(write())
    assert log.read_bytes() == b"".join(chunks)


async def test_a_process_with_very_many_open_files_masks_too(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048) if hard < 0 else min(max(soft, 2048), hard), hard))
        while not taken or taken[-1] < 1024:
            taken.append(os.open(os.devnull, os.O_RDONLY))
        output = open_output(tmp_path / "log", ["secret"])
        output.write("a secret\n")
        await output.close()
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (tmp_path / "log").read_text() == "a ***\n"
