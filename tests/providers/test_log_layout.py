"""The log of a build, line by line, with its times."""

from __future__ import annotations

import platform
import re

from tests.providers.kit import Kit

SHELL = "/bin/sh"


def golden(kit: Kit) -> str:
    """The log with what depends on the machine replaced."""
    text = kit.text().replace(str(kit.workspace), "<work>").replace(SHELL, "<sh>")
    text = re.sub(r"took \d+\.\d{6}", "took <time>", text)
    return text.replace(f"{platform.system()}/{platform.machine()}", "<machine>")


PASSING = """
version: 0.2
phases:
  install: {commands: []}
  build:
    commands:
      - echo hello
      - |
        echo one
        echo two
artifacts:
  files: ['missing.txt', '**/*']
"""

PASSED = """\
[Container] 2026/01/02 12:00:01.000000 Running on greenroom host runner, <machine>, <sh>
[Container] 2026/01/02 12:00:01.000000 Waiting for DOWNLOAD_SOURCE
[Container] 2026/01/02 12:00:01.000000 Phase is DOWNLOAD_SOURCE
[Container] 2026/01/02 12:00:01.000000 CODEBUILD_SRC_DIR=<work>/build/src
[Container] 2026/01/02 12:00:01.000000 YAML location is <work>/build/src/buildspec.yml
[Container] 2026/01/02 12:00:01.000000 No commands found for phase name: install
[Container] 2026/01/02 12:00:01.000000 Processing environment variables
[Container] 2026/01/02 12:00:01.000000 No runtime version selected in buildspec.
[Container] 2026/01/02 12:00:01.000000 Moving to directory <work>/build/src
[Container] 2026/01/02 12:00:01.000000 Unable to initialize cache download: no paths specified to be cached
[Container] 2026/01/02 12:00:01.000000 Phases found in YAML: 2
[Container] 2026/01/02 12:00:01.000000  INSTALL: 0 commands
[Container] 2026/01/02 12:00:01.000000  BUILD: 2 commands
[Container] 2026/01/02 12:00:02.000000 Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED
[Container] 2026/01/02 12:00:02.000000 Phase context status code:  Message:\x20
[Container] 2026/01/02 12:00:03.000000 Entering phase INSTALL
[Container] 2026/01/02 12:00:04.000000 Phase complete: INSTALL State: SUCCEEDED
[Container] 2026/01/02 12:00:04.000000 Phase context status code:  Message:\x20
[Container] 2026/01/02 12:00:05.000000 Entering phase PRE_BUILD
[Container] 2026/01/02 12:00:06.000000 Phase complete: PRE_BUILD State: SUCCEEDED
[Container] 2026/01/02 12:00:06.000000 Phase context status code:  Message:\x20
[Container] 2026/01/02 12:00:07.000000 Entering phase BUILD
[Container] 2026/01/02 12:00:08.000000 Running command echo hello
hello

[Container] 2026/01/02 12:00:09.000000 Running command echo one
echo two

one
two

[Container] 2026/01/02 12:00:10.000000 Phase complete: BUILD State: SUCCEEDED
[Container] 2026/01/02 12:00:10.000000 Phase context status code:  Message:\x20
[Container] 2026/01/02 12:00:11.000000 Entering phase POST_BUILD
[Container] 2026/01/02 12:00:12.000000 Phase complete: POST_BUILD State: SUCCEEDED
[Container] 2026/01/02 12:00:12.000000 Phase context status code:  Message:\x20
[Container] 2026/01/02 12:00:13.000000 Expanding base directory path: .
[Container] 2026/01/02 12:00:14.000000 Assembling file list
[Container] 2026/01/02 12:00:15.000000 Expanding .
[Container] 2026/01/02 12:00:16.000000 Expanding file paths for base directory .
[Container] 2026/01/02 12:00:17.000000 Assembling file list
[Container] 2026/01/02 12:00:18.000000 Expanding missing.txt
[Container] 2026/01/02 12:00:19.000000 Skipping invalid file path missing.txt
[Container] 2026/01/02 12:00:20.000000 Expanding **/*
[Container] 2026/01/02 12:00:21.000000 Found 1 file(s)
[Container] 2026/01/02 12:00:22.000000 Set report auto-discover timeout to 5 seconds
[Container] 2026/01/02 12:00:22.000000 Expanding base directory path:  .
[Container] 2026/01/02 12:00:22.000000 Assembling file list
[Container] 2026/01/02 12:00:22.000000 Expanding .
[Container] 2026/01/02 12:00:22.000000 Expanding file paths for base directory .
[Container] 2026/01/02 12:00:22.000000 Assembling file list
[Container] 2026/01/02 12:00:22.000000 Expanding **/*
[Container] 2026/01/02 12:00:23.000000 No matching auto-discover report paths found
[Container] 2026/01/02 12:00:24.000000 Report auto-discover file discovery took <time> seconds
[Container] 2026/01/02 12:00:25.000000 Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED
[Container] 2026/01/02 12:00:25.000000 Phase context status code:  Message:\x20
"""


def test_a_build_that_passes(kit: Kit) -> None:
    kit.build(PASSING, outputs=("Out",))
    assert golden(kit) == PASSED
