"""The real Claude Code as a command, against a local server. See `real_agents.py`."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.presets import PRESETS
from agent_server.execution.executor import Executor
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.settings import ExecutionSettings
from tests.agents.claude_server import ClaudeServer, writes
from tests.execution.plans import analysed, skip_unless_possible
from tests.execution.real_agents import installed, skipped_unless_wanted
from tests.execution.trees import plant, read

pytestmark = skipped_unless_wanted

PLAN = "real.plan.md"
TEXT = "# Real\n\n## own: Write a file\n- writes: `src/[id]/new.txt`\n- agent: {agent}\n\nWrite it.\n"
FILES = {"src/[id]/new.txt": "declared\n", "other.txt": "undeclared\n"}
ANYWHERE = replace(
    PRESETS["claude"],
    command=tuple("Edit,Write" if word == "Edit(/{write})" else word for word in PRESETS["claude"].command),
)


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Path:
    """The folder that holds `claude`."""
    assert pytestconfig.cache is not None
    return installed("@anthropic-ai/claude-code", pytestconfig.cache)


def environment(programs: Path, place: Path, server: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(place / "home"),
        "AGENT_SERVER_STATE_DIR": str(place / "state"),
        **server,
    }


@pytest.mark.parametrize("isolation", list(Isolation))
@pytest.mark.parametrize("agent", ["claude", "anywhere"])
async def test_its_declared_file_lands_and_the_other_is_reported(
    programs: Path, tmp_path: Path, agent: str, isolation: Isolation
) -> None:
    workspace = plant(tmp_path / "site", {"kept.txt": "kept\n", "CLAUDE.md": "Write well.\n"})
    (tmp_path / "home").mkdir()
    with ClaudeServer() as server:
        server.script(*writes(FILES))
        environ = environment(programs, tmp_path, server.environ)
        await skip_unless_possible(isolation, workspace, environ)
        settings = ExecutionSettings(isolation=isolation, backends={"anywhere": ANYWHERE})
        executor = Executor(workspace, settings, environ)
        analysis = analysed(workspace, TEXT.format(agent=agent))
        executor.approve(executor.propose(PLAN, analysis, 1))
        record = await executor.launch(PLAN, analysis).wait()
        await executor.close()

    task = record.tasks["own"]
    assert record.state is RunState.LANDED, f"{record.problem} {task.message}"
    assert read(workspace) == {"kept.txt": "kept\n", "CLAUDE.md": "Write well.\n", "src/[id]/new.txt": "declared\n"}
    assert task.undeclared == ("other.txt",)
    assert task.message == "All is written."
    assert task.tokens == 3 * 120
    first, second = server.told
    assert "created successfully" in first
    assert second.startswith("Permission to use Write has been denied") is (agent == "claude")
    assert list((tmp_path / "home").iterdir()) == []
    asked = server.requests[0]
    assert "You are in a sandbox" in asked.prompt
    assert "`CLAUDE.md`" in asked.prompt
