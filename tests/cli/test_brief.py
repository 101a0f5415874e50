from pathlib import Path

import pytest

from agent_server.cli import main

PLAN = """\
# Kiln

## log: Write the log
- writes: `log.py`

Write it.

## page: Build the page
- writes: `page.py`
- agent: claude

Build it.
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "kiln.plan.md"
    path.write_text(PLAN)
    return path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["log"], "There is no shell"),
        (["page"], "You are in a sandbox"),
        (["page", "--agent", "anthropic"], "There is no shell"),
        (["log", "--agent", "codex"], "You are in a sandbox"),
    ],
)
def test_it_shows_what_the_agent_of_a_task_is_told(
    plan: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["brief", str(plan), *arguments]) == 0
    told = capsys.readouterr().out
    assert words in told
    assert f"- `{arguments[0]}.py` (new)" in told
    assert ("Build it." in told) == (arguments[0] == "page")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pag"], "The plan has no task `pag`. Did you mean `page`?"),
        (["zz"], "The plan has no task `zz`. `agent-server waves` shows its tasks."),
        (["page", "--agent", "cluade"], "There is no agent named `cluade`. Did you mean `claude`?"),
    ],
)
def test_what_there_is_not_is_said(
    plan: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["brief", str(plan), *arguments]) == 2
    assert capsys.readouterr().err == f"agent-server: {words}\n"
