"""What a check of a plan knows of earlier runs: the same as whoever runs them, without what a run needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent_server.analysis.facts import NO_FACTS, TaskState
from agent_server.execution.executor import Executor
from agent_server.execution.records.recorded_facts import recorded_facts
from agent_server.settings import ExecutionSettings
from tests.execution.agents import PLAN, Agents, ended, executing
from tests.execution.plans import analysed, two_tasks


async def test_it_is_what_an_executor_tells_of_the_same_runs(tmp_path: Path) -> None:
    root, state = tmp_path / "workspace", tmp_path / "state"
    root.mkdir()
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(state)}
    assert recorded_facts(root, environ, [PLAN]) == {PLAN: NO_FACTS}
    async with executing(root, state, Agents()) as executor:
        analysis = analysed(root, two_tasks())
        executor.approve(executor.propose(PLAN, analysis))
        await ended(executor.launch(PLAN, analysis))
    found = recorded_facts(root, environ, [PLAN, "other.plan.md"])
    later = Executor(root, ExecutionSettings(), environ)
    assert found == {name: later.facts(name) for name in (PLAN, "other.plan.md")}
    assert {task.state for task in found[PLAN].tasks.values()} == {TaskState.LANDED}
    await later.close()


def test_what_cannot_be_read_is_as_if_nothing_had_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").touch()
    environ = {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    assert recorded_facts(tmp_path, environ, [PLAN]) == {PLAN: NO_FACTS}
    assert "cannot be used" in caplog.text


def test_a_check_of_a_plan_that_never_ran_loads_nothing_of_what_runs_plans(tmp_path: Path) -> None:
    (tmp_path / "two.plan.md").write_text(two_tasks())
    heavy = "sqlite3 asyncio ssl pygls lsprotocol anthropic distributed pydantic agent_server.execution.executor"
    code = (
        "import sys; from agent_server.cli.main import main; main(['check', 'two.plan.md']);"
        f"print(*sorted(set({heavy!r}.split()) & sys.modules.keys()), file=sys.stderr)"
    )
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path.cwd()), environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environ
    )
    assert "checked" in done.stdout
    assert done.stderr.strip() == ""
