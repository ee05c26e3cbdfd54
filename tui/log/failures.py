"""Which lines tell of a failed test, in the words of the usual runners, or by the name a report gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui.log.shown import Matcher, as_shown

MOST = 500
"""Names of tests that are looked for."""

_FAILURE = rb"""
    ^(?:FAILED|ERROR)\ \S+::                       # pytest's summary
  | ^_{3,}\ .{1,300}\ _{3,}$                       # pytest's report of one test
  | ^(?:FAIL|ERROR):\ \w+\ \(                      # unittest
  | ^\s*---\ FAIL:\                                # go
  | ^test\ .{1,300}\ \.\.\.\ FAILED$               # cargo
  | ^----\ .{1,300}\ stdout\ ----$                 # cargo's output of one test
  | ^\s*\xe2\x97\x8f\ .{1,300}                     # jest: a bullet and the test's name
  | ^\s*(?:\xe2\x9c\x95|\xe2\x9c\x97|\xe2\x9c\x98|\xc3\x97)\ \S   # jest, vitest, ava, bun: a cross
  | ^\s+\d{1,5}\)\ \S                              # mocha, phpunit, rspec
  | ^rspec\ \./\S+:\d+                             # rspec's summary
  | ^not\ ok\b                                     # TAP
  | ^\[\ \ FAILED\ \ \]\ \S+\.                     # googletest
  | \*\*\*(?:Failed|Exception|Timeout)             # ctest
  | ^\[ERROR\]\ +(?!Tests\ run|Failures|Errors|To\ see|Re-run|Failed\ to\ execute|\[Help)\w[\w.$]*(?:\.|:)\w  # maven
  | <<<\ (?:FAILURE|ERROR)!                        # surefire
  | ^\S.{0,200}\ >\ .{1,200}\ FAILED$              # gradle
  | ^\ \ *Failed\ \w                               # dotnet test
"""
_failure = re.compile(_FAILURE, re.VERBOSE)
_letter = re.compile(rb"[A-Z]\d?\xe2\x94\x82 ")  # what merged logs begin their lines with
_hint = re.compile(
    rb"FAIL|ERROR|___|---|\xe2\x97\x8f |\xe2\x9c[\x95\x97\x98]|\xc3\x97 |^(?:[A-Z]\d?\xe2\x94\x82 )? +\d+\) |"
    rb"rspec|not ok|\*\*\*|<<<|ailed",
    re.MULTILINE,
)


def failure_lines(names: Iterable[str] = ()) -> Matcher:
    """Where lines tell of a failed test. `names`: tests known to have failed, which need no format."""
    known = [re.escape(name.encode("utf-8", "replace")) for name in [*dict.fromkeys(names)][:MOST] if len(name) > 3]
    named = re.compile(rb"(?<![\w.])(?:" + b"|".join(known) + rb")(?![\w.])") if known else None

    def found(data: bytes) -> list[int]:
        hits = _by_format(data)
        if named is not None:
            starts = {data.rfind(b"\n", 0, hit) + 1 for hit in hits}
            for match in named.finditer(data):
                start = data.rfind(b"\n", 0, match.start()) + 1
                if start not in starts:
                    starts.add(start)
                    hits.append(match.start())
            hits.sort()
        return hits

    return as_shown(found)


def _by_format(data: bytes) -> list[int]:
    found, at = [], 0
    while (hint := _hint.search(data, at)) is not None:
        start = data.rfind(b"\n", 0, hint.start()) + 1
        end = data.find(b"\n", hint.end())
        end = len(data) if end < 0 else end
        start += len(led[0]) if (led := _letter.match(data, start)) else 0
        if match := _failure.search(data[start:end]):
            found.append(start + match.start())
        at = end
    return found
