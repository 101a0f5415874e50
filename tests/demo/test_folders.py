"""The folder that `demo --only-files` makes, and which folders are one."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.cli import main
from agent_server.demo.folders import SPEED, VERIFY, settings_in
from agent_server.demo.material import BAD_PLAN, GOOD_PLAN, materialise
from agent_server.settings import ExecutionSettings, Settings, read_settings

THEIRS = replace(Settings(), execution=ExecutionSettings(agent="claude", scheduler="tcp://far:8786"))


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    environ = {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path / "home")}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def test_the_folder_is_printed_last_and_as_json(
    tmp_path: Path, environ: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = (tmp_path / "a").resolve()
    assert main(["demo", "--only-files", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(folder)
    other = folder.with_name("b")
    assert main(["demo", "--only-files", str(other), "--format", "json"]) == 0
    paths = {"folder": other, "plan": other / GOOD_PLAN, "firstTry": other / BAD_PLAN}
    assert json.loads(capsys.readouterr().out) == {name: str(path) for name, path in paths.items()}
    for each in (folder, other):
        assert settings_in(each, environ, THEIRS).execution.agent == "replay"
    assert main(["demo", "--only-files", str(folder)]) == 2
    assert "not empty" in capsys.readouterr().err


def test_no_other_folder_is_a_demo(tmp_path: Path, environ: Mapping[str, str]) -> None:
    """Neither one with the same files, nor one that has taken the demo's place."""
    assert main(["demo", "--only-files", str(tmp_path / "demo")]) == 0
    copy = materialise(tmp_path / "copy").root.resolve()
    (tmp_path / "demo").rename(tmp_path / "moved")
    taken = materialise(tmp_path / "demo").root.resolve()
    for root in (copy, taken):
        assert settings_in(root, environ, THEIRS) is THEIRS


def test_recorded_agents_play_here_and_what_the_user_has_set_of_how_stays(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    assert main(["demo", "--only-files", str(tmp_path / "demo")]) == 0
    found = settings_in(tmp_path / "demo", environ, THEIRS)
    assert (found.execution.agent, found.execution.scheduler, found.execution.speed) == ("replay", None, SPEED)
    assert found.analysis.verify == VERIFY
    chosen, _ = read_settings({"speed": 2, "verify": "true"})
    found = settings_in(tmp_path / "demo", environ, chosen)
    assert (found.execution.speed, found.analysis.verify) == (2, "true")
