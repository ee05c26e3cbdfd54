"""What of the user's environment reaches a build."""

from __future__ import annotations

from engine.runners.environment import (
    decisive,
    host_environment,
    is_sensitive,
    is_shell_name,
    is_telling,
    passwords_in,
    telling,
)

USER = {
    "PATH": "/bin",
    "HOME": "/home/u",
    "LC_ALL": "C",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_PROFILE": "prod",
    "CI": "true",
    "GREENROOM_JOBS": "3",
    "NPM_TOKEN": "t",
}


def test_only_what_is_allowed() -> None:
    found = host_environment((), USER)
    assert found == {
        "PATH": "/bin",
        "HOME": "/home/u",
        "LC_ALL": "C",
        "TERM": "dumb",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_names_to_inherit() -> None:
    found = host_environment(("NPM_TOKEN", "NOT_SET"), USER)
    assert found["NPM_TOKEN"] == "t"
    assert "NOT_SET" not in found


def test_inheriting_an_aws_variable_opens_the_users_credentials() -> None:
    found = host_environment(("AWS_PROFILE",), USER)
    assert found["AWS_PROFILE"] == "prod"
    assert "AWS_CONFIG_FILE" not in found
    assert "AWS_SECRET_ACCESS_KEY" not in found


def test_what_decides_a_result() -> None:
    assert decisive(host_environment((), USER)) == {"PATH": "/bin", "LC_ALL": "C"}


def test_names() -> None:
    assert is_sensitive("GITHUB_TOKEN")
    assert is_sensitive("db_password")
    assert is_sensitive("DB_PASS")
    assert is_sensitive("DB_PWD")
    assert not is_sensitive("PWD")
    assert not is_sensitive("OLDPWD")
    assert not is_sensitive("PASSED")
    assert not is_sensitive("KEYBOARD")
    assert is_shell_name("_A1")
    assert not is_shell_name("CODEBUILD_SRC_DIR_my-app")
    assert not is_shell_name("1A")


def test_passwords_in_urls() -> None:
    assert passwords_in("http://me:p%40ss@proxy:3128") == ["p%40ss", "p@ss"]
    assert passwords_in("postgres://u:one@db/x redis://:two@cache") == ["one", "two"]
    assert passwords_in("git@host:x https://host:80/a@b mailto:a@b") == []
    given = {"PASS": "a1b2c3d4", "DB_PASSWORD": "postgres", "URL": "x://u:s3cret99@h", "NAME": "a1b2c3d4e5"}
    assert telling(given) == ["a1b2c3d4", "s3cret99"]
    assert [is_telling(word) for word in ("postgres", "root1", "correct-horse-7")] == [False, False, True]
