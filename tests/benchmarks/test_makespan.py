"""Makespan: five agents of known length against their critical path, in the same run.

Run with `pytest tests/benchmarks/test_makespan.py --benchmark-enable -s`. The goal is a ratio of at most 1.02, the
verification apart.
"""

import json
import os
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from agent_server.execution.executor import Executor
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed, skip_unless_possible

LENGTHS = {"a": 8.0, "b": 7.0, "c": 6.5, "d": 6.0, "e": 5.0}
GOAL = 1.02


def plan() -> str:
    tasks = "".join(
        f"## {name}: Write the file {name}\n- writes: `{name}.txt`\n- minutes: {seconds / 60:.4f}\n\nWrite it.\n\n"
        for name, seconds in LENGTHS.items()
    )
    return f"---\nverify: cat a.txt b.txt c.txt d.txt e.txt\nagents: 5\n---\n# Five\n\n{tasks}"


def transcripts(folder: Path) -> Path:
    folder.mkdir()
    for name, seconds in LENGTHS.items():
        lines = [
            {"version": 1, "task": name, "model": "none", "seconds": seconds},
            {"at": 0.5, "tool": "list", "input": {}},
            {"at": seconds - 0.5, "tool": "write", "input": {"path": f"{name}.txt", "content": f"{name}\n"}},
            {"at": seconds, "end": "done"},
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.mark.usefixtures("only_when_asked")
@pytest.mark.parametrize("isolation", Isolation)
async def test_five_agents_take_as_long_as_the_longest(tmp_path: Path, isolation: Isolation) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    settings = ExecutionSettings(agent="replay", transcripts=transcripts(tmp_path / "work"), isolation=isolation)
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    await skip_unless_possible(isolation, root, environ)
    executor = Executor(root, settings, environ)
    analysis = analysed(root, plan())
    executor.approve(executor.propose("five.plan.md", analysis, 1))
    record = await executor.launch("five.plan.md", analysis).wait()
    await executor.close()
    assert record.state is RunState.LANDED, record.problem

    critical = analysis.schedule.critical_minutes * 60
    verifying = record.seconds["verifying"]
    makespan = sum(record.seconds.values())
    ratio = (makespan - verifying) / critical
    table = Table("isolation", "critical path", "verification", "makespan", "ratio", "one by one")
    table.add_row(
        isolation,
        f"{critical:.2f} s",
        f"{verifying:.2f} s",
        f"{makespan:.2f} s",
        f"{ratio:.3f}",
        f"{sum(LENGTHS.values()):.1f} s",
    )
    Console().print(table)
    assert ratio <= GOAL
