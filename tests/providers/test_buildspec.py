"""Reading buildspecs, the odd forms of real files included."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.providers.buildspec.model import BuildspecError, Cache, OnFailure, ReportFiles
from engine.providers.buildspec.parse import parse


def commands(text: str) -> tuple[str, ...]:
    return parse(f"version: 0.2\nphases:\n  build:\n{text}").phases["build"].commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("    commands: make all", ("make all",)),
        ("    commands:\n    - same indent", ("same indent",)),
        ("    commands:\n      # - all\n      # - commented out", ()),
        ("    commands:\n      - # a comment\n      - make", ("make",)),
        ("    commands:\n      - 12\n      - yes\n      - 0.10", ("12", "yes", "0.10")),
        ("    commands:\n      - if true; then\n        echo a;\n        fi", ("if true; then echo a; fi",)),
        ("    commands:\n      - |\n        a\n        b", ("a\nb",)),
        ("    commands:\n      - 'say: this'", ("say: this",)),
        ("    finally:\n      - tidy", ()),
        ("    commands:\r\n      - a\r\n      - b\r\n", ("a", "b")),
        ("    commands:\n      - échö ✓", ("échö ✓",)),
    ],
)
def test_forms_of_commands(text: str, expected: tuple[str, ...]) -> None:
    assert commands(text) == expected


@pytest.mark.parametrize("head", ["---\n", "\n", "# a comment\n", "\ufeff", "%YAML 1.1\n---\n"])
@pytest.mark.parametrize("version", ["0.2", "'0.2'", '"0.2"'])
def test_heads_and_versions(head: str, version: str) -> None:
    assert parse(f"{head}version: {version}\nphases: {{build: {{commands: [a]}}}}").version == "0.2"


def test_json_is_yaml() -> None:
    assert parse('{"version": "0.2", "phases": {"build": {"commands": ["a"]}}}').commands == ("a",)


def test_the_last_of_equal_keys_wins_and_merges_work() -> None:
    spec = parse(
        "version: 0.2\nbase: &base {on-failure: ABORT}\n"
        "phases:\n  build: {<<: *base, commands: [a]}\n  build: {<<: *base, commands: [b]}\n"
    )
    assert spec.commands == ("b",)
    assert spec.phases["build"].on_failure == OnFailure("ABORT")


def test_variables_keep_their_text() -> None:
    given = "env: {variables: {ä: ä, A: 3.10, B: yes, C: , D: {-INSERT-}, E: 012}}"
    variables = parse(f"version: 0.2\n{given}\nphases: {{build: {{commands: [a]}}}}").environment.variables
    assert variables.pop("ä") == "ä"
    assert variables == {"A": "3.10", "B": "yes", "C": "", "D": "{-INSERT-}", "E": "012"}


def test_runtimes_keep_their_text() -> None:
    assert parse("version: 0.2\nphases: {install: {runtime-versions: {python: 3.10}}}").runtimes == {"python": "3.10"}


@pytest.mark.parametrize(
    ("value", "files"),
    [
        ("out.json", ("out.json",)),
        ("'**/*'", ("**/*",)),
        ("|\n    a\n    b\n", ("a", "b")),
        ("\n    - ${VAR}\n    - '{a,b}'", ("${VAR}", "{a,b}")),
    ],
)
def test_forms_of_artifact_files(value: str, files: tuple[str, ...]) -> None:
    spec = parse(f"version: 0.2\nphases: {{build: {{commands: [a]}}}}\nartifacts:\n  files: {value}")
    assert spec.artifacts is not None
    assert spec.artifacts.files == files


@pytest.mark.parametrize(("word", "expected"), [("yes", True), ("no", False), ("true", True), ("'yes'", True)])
def test_flags(word: str, expected: bool) -> None:
    spec = parse(f"version: 0.2\nphases: {{build: {{commands: [a]}}}}\nartifacts: {{files: a, discard-paths: {word}}}")
    assert spec.artifacts is not None
    assert spec.artifacts.discard_paths is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RETRY", OnFailure("RETRY", 3)),
        ("RETRY-5", OnFailure("RETRY", 5)),
        ("RETRY-time.*out", OnFailure("RETRY", 3, "time.*out")),
        ("RETRY-2-exit status 1", OnFailure("RETRY", 2, "exit status 1")),
        ("CONTINUE", OnFailure("CONTINUE")),
    ],
)
def test_on_failure(text: str, expected: OnFailure) -> None:
    spec = parse(f"version: 0.2\nphases: {{build: {{on-failure: '{text}', commands: [a]}}}}")
    assert spec.phases["build"].on_failure == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 0.2\nphases:\n  build:\n    commands:\n      - a: b", "found subkeys instead at line 5"),
        ("version: 0.2\nphases:\n  build:\n    commands:\n      - [a]", "found a list instead at line 5"),
        ("version: 0.2\n phases:\n", "mapping values are not allowed in this context at line 2"),
        (
            "version: 0.0\nphases: {build: {commands: [a]}}",
            "invalid buildspec `version` specified: 0.0, see documentation",
        ),
        ("phases: {build: {commands: [a]}}", "invalid buildspec `version` specified: , see"),
        ("version: 0.2\nphases:", "phases is missing"),
        (
            "version: 0.2\nphases:\n  biuld: {commands: [a]}",
            "Invalid buildspec phase name: biuld. Expecting: build,install,post_build,pre_build",
        ),
        ("version: 0.2\nphases: {build: {on-failure: STOP, commands: [a]}}", "Invalid on-failure value STOP"),
        (
            "version: 0.2\nphases: {build: {steps: [{uses: actions/checkout@v4}]}}",
            'unsupported field "steps" in buildspec',
        ),
        ("version: 0.2\nphases: {build: {on-failure: RETRY-101, commands: [a]}}", "Invalid on-failure value RETRY-101"),
        ("version: 0.2\nphases: {build: {on-failure: 'RETRY-(', commands: [a]}}", "Invalid on-failure value"),
        ("just text", "holds no mapping"),
        ("", "wrong number of container tags, expected 1"),
        ('{"name": "web", "source": {}}', "wrong number of container tags, expected 1"),
        ("version: 0.2\nenv: [a]\nphases: {build: {commands: [a]}}", "Expected env to be a map at line 2"),
        ("version: 0.2\nenv: {shell: cmd.exe}\nphases: {build: {commands: [a]}}", "Windows"),
        ("version: 0.2\ncache: {action: keep}\nphases: {build: {commands: [a]}}", "Invalid cache action keep"),
        ("version: 0.2\n{% if x %}\nphases: {}", "at line 2"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BuildspecError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_hints_name_the_nearest_word_and_templates() -> None:
    with pytest.raises(BuildspecError) as caught:
        parse("version: 0.2\nphases:\n  biuld: {commands: [a]}")
    assert caught.value.hint == "Line 3. Did you mean build?"
    with pytest.raises(BuildspecError) as caught:
        parse("version: 0.2\nphases:\n  build: {commands: [a]}\n  artifacts:\n    files: b")
    assert caught.value.hint == "Line 5. artifacts belongs to the top of the file."
    with pytest.raises(BuildspecError) as caught:
        parse("version: 0.2\nphases:\nbuild: {commands: [a]}")
    assert caught.value.hint == "build belongs under phases: indent it more."
    with pytest.raises(BuildspecError) as caught:
        parse("version: 0.2\nname: {{ cookiecutter.name }}\n{% if x %}")
    assert "template" in caught.value.hint


def test_what_is_not_done_is_said() -> None:
    spec = parse(
        "version: 0.2\nproxy: {logs: yes}\nbatch: {build-list: []}\nartefacts: {}\n"
        "env: {git-credential-helper: yes}\n"
        "phases: {build: {commands: [a], post_build: {commands: [b]}, artifacts: {}}}"
    )
    text = "\n".join(spec.notes)
    for word in ("proxy:", "Did you mean artifacts?"):
        assert word in text
    assert "phases.build.post_build: no such key here; ignored. It belongs under phases." in text
    assert "phases.build.artifacts: no such key here; ignored. It belongs to the top of the file." in text


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("env: {variabels: {}}", "env.variabels: no such key in a buildspec; ignored. Did you mean variables?"),
        ("commands: [a]", "commands: no such key here; ignored. It belongs to a phase."),
        ("exported-variables: [A]", "exported-variables: no such key here; ignored. It belongs under env."),
        ("proxy: {log: yes}", "proxy.log: no such key in a buildspec; ignored. Did you mean logs?"),
        ("cache: {path: a}", "cache.path: no such key in a buildspec; ignored. Did you mean paths?"),
        ("cache: {fallback-keys: [a]}", "cache.fallback-keys: ignored without cache.key"),
        (
            "batch: {build-lists: []}",
            "batch.build-lists: no such key in a buildspec; ignored. Did you mean build-list?",
        ),
        ("reports: {unit: {file: a}}", "reports.unit.file: no such key in a buildspec; ignored. Did you mean files?"),
        ("reports: {u: {files: a, file-format: Junitt}}", "file-format: Junitt is no format. Did you mean JUNITXML?"),
        ("reports: {u: {files: a, file-format: LCOV}}", "LCOV is read here, CodeBuild does not know it"),
        ("artifacts: {files: a, secondary-artifacts: {b: {file: c, files: d}}}", "secondary-artifacts.b.file: no such"),
        ("env: {variables: {CODEBUILD_X: 1}}", "env.variables.CODEBUILD_X: names that begin with CODEBUILD_"),
    ],
)
def test_notes_name_the_place_and_the_nearest_key(text: str, note: str) -> None:
    spec = parse(f"version: 0.2\n{text}\nphases: {{build: {{commands: [a]}}}}")
    assert note in "\n".join(spec.notes)


def test_a_key_of_0_2_in_0_1() -> None:
    spec = parse("version: 0.1\nreports: {u: {files: a}}\nphases: {build: {commands: [a]}}")
    assert "reports: a key of version 0.2 in a buildspec of version 0.1" in spec.notes


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *[("", "JUNITXML"), ("JunitXml", "JUNITXML"), ("junit", "JUNITXML"), ("VisualStudioTrx", "VISUALSTUDIOTRX")],
        *[("cobertura-xml", "COBERTURAXML"), ("lcov", "LCOV"), ("NUnit3Xml", "NUNIT3XML")],
    ],
)
def test_report_formats_in_any_spelling(word: str, expected: str) -> None:
    given = f"reports: {{u: {{files: [a, b], file-format: '{word}', base-directory: out, discard-paths: yes}}}}"
    spec = parse(f"version: 0.2\n{given}\nphases: {{build: {{commands: [a]}}}}")
    assert spec.reports == {"u": ReportFiles(("a", "b"), expected, "out", discard_paths=True)}


def test_the_cache_section() -> None:
    given = "cache: {paths: 'a/**/*', key: 'k-$(codebuild-hash-files a)', fallback-keys: [k-, k], action: save}"
    spec = parse(f"version: 0.2\n{given}\nphases: {{build: {{commands: [a]}}}}")
    assert spec.cache == Cache(("a/**/*",), "k-$(codebuild-hash-files a)", ("k-", "k"), "save")


def test_the_environment_of_0_1() -> None:
    spec = parse("version: 0.1\nenvironment_variables: {plaintext: {A: b}}\nphases: {build: {commands: [a]}}")
    assert spec.environment.variables == {"A": "b"}
    assert not spec.carries


WORDS = st.sampled_from(
    [
        *("version", "phases", "build", "install", "commands", "finally", "env", "variables", "artifacts", "files"),
        *("secondary-artifacts", "cache", "paths", "key", "reports", "file-format", "batch", "build-list", "<<"),
        *("runtime-versions", "on-failure", "proxy", "exported-variables", "RETRY-5", "CONTINUE", "a"),
    ]
)
LEAVES = st.one_of(WORDS, st.text(max_size=5), st.integers(), st.booleans(), st.none())
TREES = st.recursive(
    LEAVES, lambda some: st.one_of(st.lists(some, max_size=4), st.dictionaries(WORDS, some, max_size=5)), max_leaves=20
)
SHAPES = st.dictionaries(WORDS, TREES, max_size=6).map(lambda found: json.dumps({"version": 0.2, **found}))


@settings(max_examples=100, deadline=None)
@given(st.one_of(SHAPES, st.text("version: 02\n-[]{}&*a<>|#'\"\t,phases", max_size=80)))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text).version in ("0.1", "0.2")
    except BuildspecError as error:
        assert str(error)
