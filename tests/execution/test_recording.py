"""What agents did in a run, recorded by a setting, and played again."""

import os
from pathlib import Path

from agent_server.execution.executor import Executor
from agent_server.execution.lifecycle import RunState
from agent_server.execution.record import RunRecord
from agent_server.settings import ExecutionSettings, read_settings
from tests.execution.plans import analysed, two_tasks

TRANSCRIPT = """{"version": 1, "task": "%s"}
{"at": 1, "say": "I write it."}
{"at": 2, "tool": "write", "input": {"path": "%s.txt", "content": "played\\n"}}
{"at": 3, "usage": {"input_tokens": 7, "output_tokens": 5}}
{"at": 4, "end": "done"}
"""


async def run(place: Path, settings: ExecutionSettings) -> RunRecord:
    workspace = place / "workspace"
    workspace.mkdir(parents=True)
    executor = Executor(workspace, settings, {**os.environ, "AGENT_SERVER_STATE_DIR": str(place / "state")})
    analysis = analysed(workspace, two_tasks())
    executor.approve(executor.propose("x.plan.md", analysis, 1))
    record = await executor.launch("x.plan.md", analysis).wait()
    await executor.close()
    return record


async def test_a_recorded_run_can_be_played_again(tmp_path: Path) -> None:
    written, recorded = tmp_path / "written", tmp_path / "recorded"
    written.mkdir()
    for task in ("a", "b"):
        (written / f"{task}.jsonl").write_text(TRANSCRIPT % (task, task))
    values = {"agent": "replay", "speed": 1_000, "transcripts": str(written), "record": str(recorded)}
    settings, problems = read_settings(values)
    assert problems == ()
    first = await run(tmp_path / "first", settings.execution)
    assert first.state is RunState.LANDED, first.problem
    assert sorted(path.name for path in recorded.iterdir()) == ["a.jsonl", "b.jsonl"]

    again, _ = read_settings({"agent": "replay", "speed": 1_000, "transcripts": str(recorded)})
    second = await run(tmp_path / "second", again.execution)
    assert second.state is RunState.LANDED, second.problem
    assert (tmp_path / "second/workspace/a.txt").read_text() == "played\n"
    assert second.tasks["a"].tokens == first.tasks["a"].tokens == 12
