"""Runs whose workspace moves on before they land, and runs that land as commits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.executor import Executor
from agent_server.execution.landing.commits import landed_branch
from agent_server.execution.records.record import RunRecord, RunStore
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import Progress
from tests.execution.agents import PLAN, Agents, ended, states, writing
from tests.execution.plans import analysed, two_tasks
from tests.execution.repositories import git

LINES = "".join(f"line {number}\n" for number in range(20))
TEXT = two_tasks(verify="true").replace("`a.txt`", "`kept.txt`")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "kept.txt").write_text(LINES)
    return root


@pytest.fixture
def agents() -> Agents:
    agents = Agents()
    agents.scripts["a"] = writing({"kept.txt": LINES.replace("line 1\n", "the agent's\n")})
    return agents


async def launched(executor: Executor, workspace: Path, text: str, watch: Callable[[Progress], None]) -> RunRecord:
    analysis = analysed(workspace, text)
    executor.approve(executor.propose(PLAN, analysis))
    run = executor.launch(PLAN, analysis)
    run.watch(watch)
    return await ended(run)


class Editor:
    """A user who edits a file each time that a verification begins, `times` times at most."""

    def __init__(self, path: Path, text: Callable[[int], str], times: int = 1) -> None:
        self.path = path
        self.text = text
        self.times = times
        self.seen: list[RunState] = []

    def __call__(self, progress: Progress) -> None:
        state = progress.record.state
        if not self.seen or self.seen[-1] is not state:
            self.seen.append(state)
            if state is RunState.VERIFYING and self.seen.count(state) <= self.times:
                self.path.write_text(self.text(self.seen.count(state)))


async def test_what_the_user_changed_meanwhile_is_verified_too(executor: Executor, workspace: Path) -> None:
    (workspace / "check.sh").write_text("true\n")
    editor = Editor(workspace / "check.sh", lambda _: "exit 1\n")
    record = await launched(executor, workspace, TEXT.replace('"true"', '"sh check.sh"'), editor)
    assert record.state is RunState.HELD
    assert "failed on the combined result" in record.problem
    assert editor.seen.count(RunState.VERIFYING) == 2
    assert (workspace / "kept.txt").read_text() == LINES


async def test_what_both_changed_is_merged_and_verified_again(executor: Executor, workspace: Path) -> None:
    editor = Editor(workspace / "kept.txt", lambda _: LINES.replace("line 18\n", "the user's\n"))
    record = await launched(executor, workspace, TEXT, editor)
    assert record.state is RunState.LANDED, record.problem
    assert editor.seen.count(RunState.VERIFYING) == 2
    both = LINES.replace("line 1\n", "the agent's\n").replace("line 18\n", "the user's\n")
    assert (workspace / "kept.txt").read_text() == both
    await executor.undo(PLAN)
    assert (workspace / "kept.txt").read_text() == LINES.replace("line 18\n", "the user's\n")


async def test_what_contradicts_the_users_change_is_held(executor: Executor, workspace: Path) -> None:
    editor = Editor(workspace / "kept.txt", lambda _: LINES.replace("line 1\n", "the user's\n"))
    record = await launched(executor, workspace, TEXT, editor)
    assert (record.state, states(record)) == (RunState.HELD, {"a": "held", "b": "held"})
    assert "`kept.txt` changed since the wave began, in the same lines. Nothing landed." in record.problem
    assert not (workspace / "b.txt").exists()


async def test_a_workspace_that_never_rests_keeps_nobody_from_landing(executor: Executor, workspace: Path) -> None:
    editor = Editor(workspace / "log", lambda turn: f"turn {turn}\n", times=100)
    record = await launched(executor, workspace, TEXT, editor)
    assert record.state is RunState.LANDED, record.problem
    assert editor.seen.count(RunState.VERIFYING) == 3


async def test_a_run_lands_as_commits_and_is_undone_with_its_branch(
    executor: Executor, later: Executor, workspace: Path
) -> None:
    git(workspace, "init", "-q", "-b", "main")
    git(workspace, "config", "user.name", "The User")
    git(workspace, "config", "user.email", "user@example.com")
    git(workspace, "add", "kept.txt")
    git(workspace, "commit", "-qm", "Begin")
    record = await launched(executor, workspace, TEXT.replace("---\n", "---\nland: commit\n", 1), lambda _: None)
    assert record.state is RunState.LANDED, record.problem
    assert record.branch == f"agent-server/the-{record.id}"
    assert git(workspace, "log", "--format=%s", record.branch).splitlines() == [
        "Write the file b",
        "Write the file a",
        "Begin",
    ]
    assert (workspace / "kept.txt").read_text() == LINES
    assert not (workspace / "b.txt").exists()
    store = RunStore(executor._state().runs)
    tasks = {name: replace(task, state=TaskState.VERIFYING, landing="") for name, task in record.tasks.items()}
    store.save(replace(record, state=RunState.LANDING, tasks=tasks, landings=(), branch="", commits={}))
    assert await later.recover() == ()
    assert store.load(record.id) == record
    assert (await executor.undo(PLAN)).state is RunState.UNDONE
    assert landed_branch(workspace, record.id, plan=PLAN) is None
    with pytest.raises(NotLaunchable, match="nothing to undo"):
        await executor.undo(PLAN)


async def test_what_cannot_be_committed_is_held(executor: Executor, workspace: Path) -> None:
    record = await launched(executor, workspace, TEXT.replace("---\n", "---\nland: commit\n", 1), lambda _: None)
    assert record.state is RunState.HELD
    assert (workspace / "kept.txt").read_text() == LINES
