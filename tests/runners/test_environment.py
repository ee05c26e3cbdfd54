"""What of the user's environment reaches a build."""

from __future__ import annotations

from engine.runners.environment import decisive, host_environment, is_sensitive, is_shell_name

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
    assert not is_sensitive("KEYBOARD")
    assert is_shell_name("_A1")
    assert not is_shell_name("CODEBUILD_SRC_DIR_my-app")
    assert not is_shell_name("1A")
