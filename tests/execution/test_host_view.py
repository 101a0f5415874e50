"""What reaches a command of the user's environment, and what of the host."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.programs import Program
from agent_server.execution.sandboxes.host_view import command_environment, mounts, scrubbed
from agent_server.execution.state import StateDirectory, state_directories_beside
from tests.execution.trees import plant

WORDS = st.sampled_from(
    ["API", "KEY", "TOKEN", "SECRET", "PASSWORD", "AWS", "LC", "CI", "PATH", "HOME", "LANG", "AUTH"]
)


@given(name=st.lists(WORDS, min_size=1, max_size=4).map("_".join))
def test_no_variable_with_a_secrets_name_passes(name: str) -> None:
    if {"KEY", "TOKEN", "SECRET", "PASSWORD", "AUTH"} & set(name.split("_")):
        assert scrubbed({name: "x"}) == {}


@pytest.mark.parametrize(
    "name", ["PATH", "LANG", "LC_ALL", "TERM", "TZ", "SSL_CERT_FILE", "https_proxy", "CI", "JAVA_HOME"]
)
def test_what_a_build_needs_passes(name: str) -> None:
    assert scrubbed({name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    "name", ["ANTHROPIC_API_KEY", "GH_TOKEN", "LD_PRELOAD", "PYTHONPATH", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR"]
)
def test_what_it_does_not_need_stays(name: str) -> None:
    assert scrubbed({name: "value"}) == {}


def test_an_address_with_a_login_stays() -> None:
    assert scrubbed({"HTTP_PROXY": "http://user:word@proxy:3128"}) == {}
    assert scrubbed({"HTTP_PROXY": "http://proxy:3128"}) == {"HTTP_PROXY": "http://proxy:3128"}


def test_version_managers_are_told_where_they_are_when_home_moves(tmp_path: Path) -> None:
    home = plant(tmp_path / "home", {".rustup/settings.toml": "", ".pyenv/version": ""})
    environ = {"HOME": str(home), "PYENV_ROOT": "/opt/pyenv"}
    moved = command_environment(environ, tmp_path / "private", tmp_path)
    assert moved["HOME"] == str(tmp_path / "private")
    assert moved["RUSTUP_HOME"] == str(home / ".rustup")
    assert moved["PYENV_ROOT"] == "/opt/pyenv"
    assert "RUSTUP_HOME" not in command_environment(environ, home, tmp_path)


def shown(environ: dict[str, str], workspace: Path, tmp_path: Path) -> set[str]:
    """What is put back below the hidden home, relative to that."""
    arguments = mounts(
        Program((), environ), workspace, [tmp_path / "state"], tmp_path / "private", tmp_path / "private"
    )
    places = [arguments[at + 2] for at, each in enumerate(arguments) if each == "--ro-bind-try"]
    return {place.removeprefix(environ["HOME"] + "/") for place in places if place.startswith(environ["HOME"])}


def test_what_is_kept_about_other_workspaces_is_hidden_too(tmp_path: Path) -> None:
    environ = {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    for name in ("one", "two", "state/tools"):
        (tmp_path / name).mkdir(parents=True)
    one, two = (StateDirectory.for_workspace(tmp_path / name, environ).root for name in ("one", "two"))
    arguments = mounts(Program((), {}), tmp_path / "one", state_directories_beside(one), tmp_path, tmp_path)
    masked = {arguments[at + 1] for at, each in enumerate(arguments) if each == "--tmpfs"}
    assert {str(one), str(two)} <= masked
    assert str(tmp_path / "state/tools") not in masked


def test_programs_on_the_path_are_seen_with_their_libraries_and_nothing_beside_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    plant(
        home,
        {
            ".local/bin/x": "",
            ".local/lib/x": "",
            ".local/share/keyrings/x": "",
            ".docker/bin/x": "",
            ".docker/config.json": "",
        },
    )
    environ = {"HOME": str(home), "PATH": f"{home}/.local/bin:{home}/.docker/bin:relative:/usr/bin:{home}:/"}
    seen = shown(environ, tmp_path / "workspace", tmp_path)
    assert {".local/bin", ".local/lib", ".docker/bin"} <= seen
    assert not {place for place in seen if place.startswith((".local/share/keyrings", ".docker/config"))}
    assert not {".local", ".local/share", ".docker", ""} & seen


def test_what_lies_in_the_workspace_is_left_to_the_sandbox(tmp_path: Path) -> None:
    home = tmp_path / "home"
    plant(home, {"project/.venv/bin/x": "", "project/.venv/pyvenv.cfg": f"home = {home}/.pyenv/versions/3/bin\n"})
    plant(home, {".pyenv/versions/3/bin/python": ""})
    environ = {"HOME": str(home), "PATH": f"{home}/project/.venv/bin"}
    seen = shown(environ, home / "project", tmp_path)
    assert not {place for place in seen if place.startswith("project")}
    assert any(".pyenv/versions/3".startswith(place) for place in seen)
