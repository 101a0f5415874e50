"""What runs leave for later estimates: read off their records, and learnt from as they end."""

import os
import re
from pathlib import Path

import pytest

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Used, Workbench
from agent_server.analysis.analyse import analyse
from agent_server.analysis.estimates.past_runs import NO_HISTORY, History, PastTask
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import DEFAULT_MODELS, Tier
from agent_server.execution.approval import Approval, ApprovedTask, propose, summary
from agent_server.execution.executor import Executor
from agent_server.execution.records.past_runs import finished, past_tasks
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.state import StateDirectory
from agent_server.plan.model import Budget
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed, two_tasks
from tests.execution.records import in_database

MODEL = DEFAULT_MODELS[Tier.DEFAULT]
PLAN = "two.plan.md"


class Working:
    """A backend whose agents write their file, and use some tokens on it."""

    name = "working"
    runs = ""
    problem = ""

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        emit(Used(1_000, 50, 700, 200))
        emit(Used(2_000, 150, 1_800, 100))
        (workbench.root / f"{brief.task}.txt").write_text("written\n")
        return Outcome(OutcomeKind.DONE)


def environ(place: Path) -> dict[str, str]:
    return {**os.environ, "AGENT_SERVER_STATE_DIR": str(place / "state")}


def executor_of(place: Path, agent: str = "working") -> Executor:
    (place / "workspace").mkdir(exist_ok=True)
    settings = ExecutionSettings(agent=agent, isolation="copy")
    return Executor(place / "workspace", settings, environ(place), find_backend=lambda *_: Working())


def record(run: str, minutes: float, state: TaskState = TaskState.LANDED, agent: str = "anthropic") -> RunRecord:
    task = ApprovedTask("a", "A", ("a.txt",), MODEL, agent)
    approval = Approval(PLAN, "", 1, (task,), None, Budget())
    kept = TaskRecord(state, "", ("a.txt",), (), 0, minutes * 60, Tokens(output=10))
    return RunRecord(run, approval, RunState.LANDED, {"a": kept})


async def landed(executor: Executor, analysis: Analysis) -> RunRecord:
    executor.approve(executor.propose(PLAN, analysis, 1))
    done = await executor.launch(PLAN, analysis).wait()
    assert done.state is RunState.LANDED, done.problem
    return done


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    (tmp_path / "workspace").mkdir()
    return RunStore(StateDirectory.for_workspace(tmp_path / "workspace", environ(tmp_path)).runs)


async def test_a_run_that_ends_is_learnt_from_at_once_and_by_the_next_process(tmp_path: Path) -> None:
    executor = executor_of(tmp_path)
    await executor.recover()
    assert executor.facts(PLAN).history == NO_HISTORY
    done = await landed(executor, analysed(tmp_path / "workspace", two_tasks("true")))
    history = executor.facts(PLAN).history
    assert [(each.plan, each.task, each.files) for each in history.tasks] == [(PLAN, "a", 1), (PLAN, "b", 1)]
    assert {each.tokens for each in history.tasks} == {Tokens(200, 200, 2_500, 300)}
    assert history.tasks[0].minutes == done.tasks["a"].seconds / 60 > 0
    await executor.close()

    later = executor_of(tmp_path)
    assert later.facts(PLAN).history == history
    assert later.facts("another.plan.md").history.plan == "another.plan.md"
    await later.close()


async def test_what_is_learnt_in_one_thread_takes_nothing_from_another(tmp_path: Path) -> None:
    executor = executor_of(tmp_path)
    learnt = (PastTask(PLAN, "a", MODEL, 1, 2.0, Tokens(), ("a.txt",)),)

    class Histories(dict[str, History]):
        """A run ends when something has just been put in."""

        def __setitem__(self, plan: str, history: History) -> None:
            super().__setitem__(plan, history)
            executor._remember(learnt)

    executor._remember(())
    executor._histories = Histories()
    assert executor.facts(PLAN).history == NO_HISTORY
    assert executor.facts(PLAN).history.tasks == learnt
    await executor.close()


async def test_the_next_analysis_goes_by_it(tmp_path: Path) -> None:
    executor = executor_of(tmp_path)
    analysis = analysed(tmp_path / "workspace", two_tasks("true"))
    await landed(executor, analysis)
    again = analyse(analysis.plan, (), analysis.tree, facts=executor.facts(PLAN))
    assert again.tasks["a"].minutes_because == "as its last run took"
    assert again.tasks["a"].cost is not None
    assert again.tasks["a"].cost.because == "as its last run used"
    record = executor.last_record(PLAN)
    assert record is not None
    assert record.tasks["a"].used == record.tasks["a"].unreported == Tokens(200, 200, 2_500, 300)
    await executor.close()


def test_records_are_read_newest_first_whatever_the_clock_said(store: RunStore) -> None:
    for day in (3, 1, 2):
        store.save(record(f"2026010{day}T000000-00000{day}", float(day)))
    assert past_tasks(store) == tuple(
        PastTask(PLAN, "a", MODEL, 1, float(day), Tokens(output=10), ("a.txt",)) for day in (2, 1, 3)
    )
    assert [each.id for each in store.recent(2)] == ["20260102T000000-000002", "20260101T000000-000001"]


@pytest.mark.parametrize(
    "untold",
    [
        record("x", 3.0, TaskState.FAILED),
        record("x", 3.0, TaskState.CANCELLED),
        record("x", 0.0),
        record("x", 3.0, agent="replay"),  # played at any speed
    ],
)
def test_what_did_not_finish_or_was_only_played_tells_nothing(untold: RunRecord) -> None:
    assert list(finished(untold)) == []


def test_a_task_that_finished_in_a_wave_that_did_not_land_counts() -> None:
    assert [each.minutes for each in finished(record("x", 3.0, TaskState.HELD))] == [3.0]


def test_records_that_cannot_be_read_are_passed_over(store: RunStore) -> None:
    store.save(record("20260101T000000-000001", 2.0))
    store.save(record("20260102T000000-000002", 3.0))
    in_database(store.folder.with_name("state.db"), "UPDATE run SET approval = '{' WHERE id LIKE '20260102%'")
    assert [each.minutes for each in past_tasks(store)] == [2.0]


def test_what_a_person_approves_tells_what_it_is_likely_to_cost(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    analysis = analysed(tmp_path / "workspace", two_tasks("true"))
    real = propose(PLAN, analysis, 1, ExecutionSettings(agent="anthropic"))
    assert re.search(r"\nEstimate: about \d+k tokens, 0\.\d\d USD \(prices as of 2026-10-24\)\.$", summary(real))
    assert "Estimate" not in summary(propose(PLAN, analysis, 1, ExecutionSettings(agent="replay")))


async def test_an_estimate_that_moves_makes_no_approval_stale(tmp_path: Path) -> None:
    executor = executor_of(tmp_path)
    analysis = analysed(tmp_path / "workspace", two_tasks("true"))
    approval = executor.propose(PLAN, analysis, 1)
    await landed(executor, analysis)
    (tmp_path / "workspace/a.txt").unlink()
    (tmp_path / "workspace/b.txt").unlink()
    after = analyse(analysis.plan, (), analysis.tree, facts=executor.facts(PLAN))
    assert executor.propose(PLAN, after, 1).estimate != approval.estimate
    assert executor.propose(PLAN, after, 1) == approval
    await executor.close()
