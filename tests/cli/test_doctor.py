"""What `agent-server doctor` says of programs that are agents."""

from pathlib import Path

import pytest

from agent_server.cli import doctor


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, for a user whose settings name two agents."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    (tmp_path / "settings.toml").write_text(
        "[backends]\n"
        'mine = { protocol = "acp", command = ["my-agent", "--acp"] }\n'
        'lost = { protocol = "command", command = ["no-such-agent"] }\n'
    )
    for name in ("my-agent", "gemini"):
        (programs / name).write_text("")
        (programs / name).chmod(0o755)
    return programs


def test_it_tells_which_agents_are_there_and_which_are_not(found: Path, tmp_path: Path) -> None:
    told = [f"{each.verdict} {each.words}" for each in doctor.findings(tmp_path) if each.subject.startswith("Agent")]
    told = [words for words in told if "Python" not in words]
    assert f"ok `gemini` runs {found / 'gemini'}" in told
    assert f"ok `mine` runs {found / 'my-agent'}" in told
    assert "note `lost` of your settings cannot work: there is no `no-such-agent` on PATH." in told
    assert told[-1].startswith("ok that can be installed, and are not on PATH: ")
    assert "`copilot`" in told[-1]
    assert "gemini" not in told[-1]


def test_it_tells_which_sandboxes_there_are_and_on_how_many_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {words for each in doctor.findings(tmp_path) if each.subject == "Sandboxes" for words in [each.words]}
    assert "where they are asked for: `copy`, and `worktree`, which Git writes. Neither holds a program" in told
    assert any("overlay" in words for words in told)
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    (machines,) = (each for each in doctor.findings(tmp_path) if each.subject == "Machines")
    assert (machines.verdict, "agent-server[dask]" in machines.words) == ("ok", True)
    (tmp_path / "settings.toml").write_text('scheduler = "tcp://127.0.0.1:8786"\n')
    (machines,) = (each for each in doctor.findings(tmp_path) if each.subject == "Machines")
    assert machines.verdict == "problem"
    assert "Dask is missing" in machines.words
