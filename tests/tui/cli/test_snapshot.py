"""A run as a picture and as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from tests.tui.cli.conftest import Command
from tui.report.log import LONGEST_LINE, MOST_BYTES, log_as_html


class Page(HTMLParser):
    """What is in a page: its text, its tags, and whether every tag that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def failed(project: Path, greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    (project / "word.txt").write_text("<script>alert(1)</script>\n")
    assert greenroom("run", "-C", project).code == 1
    monkeypatch.chdir(project)
    return project


def test_a_page_holds_the_run_and_needs_nothing_else(failed: Path, greenroom: Command) -> None:
    done = greenroom("snapshot")
    assert done.out == "demo-1.html\n"
    text = (failed / "demo-1.html").read_text()
    page = Page(text)
    assert page.open == []
    assert not page.tags & {"script", "link", "img", "iframe"} and "url(" not in text and "http" not in text
    for part in (
        "demo #1",
        "Failed",
        "Critical path",
        "Build/Compile",
        "JobFailed",
        "Running command",
        "echo compiling",
    ):
        assert part in page.text


def test_nothing_of_the_users_becomes_markup(failed: Path, greenroom: Command) -> None:
    definition = failed / "pipeline.yaml"
    definition.write_text(definition.read_text().replace("echo compiling", "cat word.txt"))
    greenroom("run", "--approve", "all")
    greenroom("snapshot", "-o", "page.html")
    page = Page((failed / "page.html").read_text())
    assert "<script>alert(1)</script>" in page.text and "script" not in page.tags


def test_a_picture_shows_the_screen(failed: Path, greenroom: Command) -> None:
    assert greenroom("snapshot", "-o", "shot.svg", "--size", "100x30", "--keys", "w").code == 0
    text = (failed / "shot.svg").read_text()
    fromstring(text)
    shown = re.sub(r"<[^>]+>", "", text).replace("&#160;", " ")
    assert "Compile" in shown and "failed" in shown and "@font-face" not in text
    assert "watching" not in shown


def test_what_it_cannot_write_is_said(failed: Path, greenroom: Command) -> None:
    assert "must end in .svg or .html" in greenroom("snapshot", "-o", "shot.gif").err
    assert "write COLUMNSxROWS" in greenroom("snapshot", "-o", "shot.svg", "--size", "big").err
    assert "there is no run '7'" in greenroom("snapshot", "-e", "7").err


def test_the_log_of_a_page_keeps_colours_and_nothing_else(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(
        "\x1b[1;31mred & bold\x1b[0m\x1b]0;title\x07 \x1b[38;5;208morange\x1b[48;2;1;2;3mback\x1b[7mswapped\n"
    )
    text = log_as_html(log)
    assert "red &amp; bold" in text and "font-weight:bold" in text and "#ff8700" in text and "#010203" in text
    assert "\x1b" not in text and "title" not in text


def test_a_long_log_is_cut_and_says_so(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("a" * LONGEST_LINE * 2 + "\n" + "line\n" * MOST_BYTES + "the end\n")
    text = log_as_html(log)
    assert text.startswith("… ") and "bytes before this are left out" in text.split("\n")[0]
    assert text.endswith("the end\n") and len(text) < MOST_BYTES * 2
    log.write_text("b" * LONGEST_LINE * 2)
    assert log_as_html(log) == "b" * LONGEST_LINE + " …"
