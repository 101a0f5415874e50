"""Whole runs over real sandboxes, with agents that work, cheat, crash and stall."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from agent_server.agents.backend import Brief, Denied, Emit, Outcome, OutcomeKind, Said, Used, Workbench
from agent_server.analysis import rules
from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.changes.changes import ChangeKind
from agent_server.execution.executor import Executor
from agent_server.execution.landing.landing import Lander
from agent_server.execution.records.record import RunRecord, RunStore, new_run_id
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.run import Progress
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.mirror import held
from agent_server.execution.state import StateDirectory
from agent_server.plan.model import Landing
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed, skip_unless_possible, two_tasks
from tests.execution.records import in_database

PLAN = "two.plan.md"
Script = Callable[[Brief, Path, Emit], Awaitable[Outcome]]


async def write_own_file(brief: Brief, root: Path, emit: Emit) -> Outcome:
    emit(Said(f"Writing for {brief.task}"))
    (root / f"{brief.task}.txt").write_text(f"by {brief.task}\n")
    return Outcome(OutcomeKind.DONE)


class Scripted:
    """A backend whose agents are functions; tasks without one of their own write their file and are done."""

    name = "scripted"
    runs = ""
    problem = ""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self.scripts = scripts

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        return await self.scripts.get(brief.task, write_own_file)(brief, workbench.root, emit)


Launch = Callable[..., Awaitable[RunRecord]]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "kept.txt").write_text("mine\n")
    return root


@pytest.fixture
def agents() -> Scripted:
    return Scripted({})


@pytest.fixture(params=list(Isolation))
async def executor(
    request: pytest.FixtureRequest, workspace: Path, tmp_path: Path, agents: Scripted
) -> AsyncIterator[Executor]:
    settings = ExecutionSettings(agent="scripted", isolation=request.param, verify_minutes=1)
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"), "ANTHROPIC_API_KEY": "sk-secret"}
    await skip_unless_possible(request.param, workspace, environ)
    executor = Executor(workspace, settings, environ, find_backend=lambda *_: agents)
    yield executor
    await executor.close()


@pytest.fixture
def launch(executor: Executor, workspace: Path, agents: Scripted) -> Launch:
    async def run(
        text: str = two_tasks(), watch: Callable[[Progress], None] = lambda _: None, **scripts: Script
    ) -> RunRecord:
        agents.scripts = scripts
        analysis = analysed(workspace, text)
        executor.approve(executor.propose(PLAN, analysis, 1))
        started = executor.launch(PLAN, analysis)
        started.watch(watch)
        return await started.wait()

    return run


def states(record: RunRecord) -> dict[str, str]:
    return {name: task.state.value for name, task in record.tasks.items()}


async def test_a_verified_wave_lands_whole(launch: Launch, workspace: Path, executor: Executor) -> None:
    seen: list[Progress] = []
    record = await launch(watch=seen.append)
    assert record.state is RunState.LANDED, record.problem
    assert (workspace / "a.txt").read_text() == "by a\n"
    assert (workspace / "b.txt").read_text() == "by b\n"
    assert (workspace / "kept.txt").read_text() == "mine\n"
    assert record.isolation == executor.settings.isolation
    percents = [progress.percent for progress in seen]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert executor.facts(PLAN).tasks["a"].state is TaskState.LANDED


async def test_progress_tells_the_time_that_was_worked_and_the_files_that_changed(launch: Launch) -> None:
    seen: list[Progress] = []
    await launch(watch=seen.append)
    for before, after in pairwise(seen):
        assert before.seconds <= after.seconds
        assert before.worked["a"] <= after.worked["a"]
        assert set(before.changes["a"]) <= set(after.changes["a"])
    first, last = seen[0], seen[-1]
    assert first.seconds_left is not None
    assert (first.worked["a"], first.changes["a"]) == (0.0, ())
    assert last.seconds_left is None
    assert 0 < last.worked["a"] == last.record.tasks["a"].seconds < last.seconds
    assert [(change.path, change.kind) for change in last.changes["a"]] == [("a.txt", ChangeKind.CREATE)]


async def test_nothing_touches_the_workspace_before_the_landing(launch: Launch, workspace: Path) -> None:
    both_wrote = asyncio.Barrier(2)

    async def look(brief: Brief, root: Path, emit: Emit) -> Outcome:
        await write_own_file(brief, root, emit)
        await both_wrote.wait()
        assert sorted(path.name for path in workspace.iterdir()) == ["kept.txt"]
        other = {"a": "b", "b": "a"}[brief.task]
        assert not (root / f"{other}.txt").exists()
        return Outcome(OutcomeKind.DONE)

    assert (await launch(a=look, b=look)).state is RunState.LANDED


async def test_what_was_not_declared_is_reported_and_never_lands(
    launch: Launch, workspace: Path, executor: Executor
) -> None:
    async def stray(brief: Brief, root: Path, emit: Emit) -> Outcome:
        (root / "kept.txt").write_text("spoilt\n")
        (root / "b.txt").write_text("not mine\n")
        emit(Denied("write", "../../outside.txt", "It lies outside the workspace."))
        return await write_own_file(brief, root, emit)

    record = await launch(a=stray)
    assert record.state is RunState.LANDED, record.problem
    assert record.tasks["a"].undeclared == ("../../outside.txt", "b.txt", "kept.txt")
    assert (workspace / "kept.txt").read_text() == "mine\n"
    assert (workspace / "b.txt").read_text() == "by b\n"
    analysis = analysed(workspace, two_tasks())
    with_facts = replace(analysis, facts=executor.facts(PLAN))
    assert "undeclared-write" in {found.code for found in rules.run(with_facts)}


async def test_a_fault_in_a_backend_takes_nobody_else_down(launch: Launch) -> None:
    async def burst(brief: Brief, root: Path, emit: Emit) -> Outcome:
        raise ZeroDivisionError

    record = await launch(a=burst)
    assert states(record) == {"a": "failed", "b": "held"}
    assert "ZeroDivisionError" in record.tasks["a"].message


async def test_a_fault_of_our_own_never_passes_for_work_that_is_done(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    def burst(*_: object) -> None:
        raise ZeroDivisionError

    async def break_the_ledger(brief: Brief, root: Path, emit: Emit) -> Outcome:
        assert executor.current is not None
        executor.current._ledger.harvested = burst  # type: ignore[method-assign]  # as a fault in it would be
        return await write_own_file(brief, root, emit)

    record = await launch(a=break_the_ledger)
    assert record.state is RunState.FAILED
    assert "a fault of its own: ZeroDivisionError" in record.problem
    assert states(record)["a"] == "failed"
    assert not (workspace / "b.txt").exists()
    assert left_behind(executor) == []


@pytest.mark.parametrize(
    "outcome",
    [Outcome(OutcomeKind.ERROR, "The model is away."), Outcome(OutcomeKind.REFUSED), Outcome(OutcomeKind.MAX_TURNS)],
)
async def test_a_failing_agent_holds_the_wave_and_spares_its_siblings(
    launch: Launch, workspace: Path, outcome: Outcome
) -> None:
    async def fail(brief: Brief, root: Path, emit: Emit) -> Outcome:
        await write_own_file(brief, root, emit)
        return outcome

    record = await launch(a=fail)
    assert record.state is RunState.HELD
    assert states(record) == {"a": "failed", "b": "held"}
    assert record.tasks["a"].message
    assert record.tasks["b"].changed == ("b.txt",)
    assert not (workspace / "b.txt").exists()


async def test_a_build_that_fails_lands_nothing_and_keeps_its_output(launch: Launch, workspace: Path) -> None:
    record = await launch(two_tasks(verify="cat a.txt; echo the roof leaks >&2; exit 3"))
    assert record.state is RunState.HELD
    assert states(record) == {"a": "held", "b": "held"}
    assert record.verify is not None
    assert "by a" in record.verify.output
    assert "the roof leaks" in record.verify.output
    assert "failed on the combined result" in record.problem
    assert not (workspace / "a.txt").exists()


async def test_the_build_sees_no_key_and_what_it_writes_is_not_kept(launch: Launch, workspace: Path) -> None:
    record = await launch(two_tasks(verify='touch built; test -z \\"$ANTHROPIC_API_KEY\\"'))
    assert record.state is RunState.LANDED, record.problem
    assert not (workspace / "built").exists()


async def test_a_task_must_pass_its_own_verification_alone(launch: Launch, workspace: Path) -> None:
    text = two_tasks().replace("- writes: `b.txt`\n", "- writes: `b.txt`\n- verify: test -f a.txt\n")
    record = await launch(text)
    assert record.state is RunState.HELD
    assert "`b` must pass alone" in record.problem


async def test_one_agent_can_be_stopped(launch: Launch, executor: Executor) -> None:
    async def stall(brief: Brief, root: Path, emit: Emit) -> Outcome:
        assert executor.current is not None
        assert executor.current.cancel("a")
        await asyncio.Event().wait()
        raise AssertionError

    record = await launch(a=stall)
    assert record.state is RunState.HELD
    assert states(record) == {"a": "cancelled", "b": "held"}


async def test_the_whole_run_can_be_cancelled(launch: Launch, executor: Executor, workspace: Path) -> None:
    async def stall(brief: Brief, root: Path, emit: Emit) -> Outcome:
        assert executor.current is not None
        assert executor.current.cancel()
        await asyncio.Event().wait()
        raise AssertionError

    record = await launch(a=stall, b=stall)
    assert record.state is RunState.CANCELLED
    assert states(record) == {"a": "cancelled", "b": "cancelled"}
    assert not (workspace / "a.txt").exists()
    assert (await launch()).state is RunState.LANDED


async def test_the_waves_tokens_are_bounded(launch: Launch) -> None:
    async def spend(brief: Brief, root: Path, emit: Emit) -> Outcome:
        while True:
            emit(Used(4_000, 100))
            await asyncio.sleep(0)

    record = await launch(two_tasks(budget="10k tokens"), a=spend, b=spend)
    assert record.state is RunState.HELD
    assert "budget of 10,000 tokens" in record.tasks["a"].message


async def test_people_are_warned_before_the_waves_money_is_used_up_and_then_it_stops(launch: Launch) -> None:
    async def spend(brief: Brief, root: Path, emit: Emit) -> Outcome:
        while True:
            emit(Used(10_000, 0, usd=0.4))
            await asyncio.sleep(0)

    seen: list[str] = []
    record = await launch(two_tasks(budget="2 USD"), lambda progress: seen.append(progress.message), a=spend)
    assert record.state is RunState.HELD
    assert record.tasks["a"].state is TaskState.CANCELLED
    assert "budget of 2 USD is used up" in record.tasks["a"].message
    assert record.tasks["a"].usd == pytest.approx(2.4)
    assert "80% of the wave's budget of 2 USD is used" in seen


async def test_money_is_what_the_tokens_cost_where_an_agent_says_nothing(launch: Launch) -> None:
    async def spend(brief: Brief, root: Path, emit: Emit) -> Outcome:
        while True:
            emit(Used(0, 10_000))
            await asyncio.sleep(0)

    text = two_tasks(budget="1 USD").replace("- writes: `a.txt`\n", "- writes: `a.txt`\n- model: claude-opus-5-5\n")
    record = await launch(text, a=spend)
    assert record.tasks["a"].used.output == 60_000  # at 20 USD a million
    assert "budget of 1 USD" in record.tasks["a"].message


async def test_a_file_that_changed_meanwhile_is_not_overwritten(
    launch: Launch, workspace: Path, executor: Executor
) -> None:
    async def meanwhile(brief: Brief, root: Path, emit: Emit) -> Outcome:
        (workspace / "a.txt").write_text("the user was faster\n")
        return await write_own_file(brief, root, emit)

    record = await launch(a=meanwhile)
    assert record.state is RunState.HELD
    assert "a.txt" in record.problem
    assert (workspace / "a.txt").read_text() == "the user was faster\n"
    assert not (workspace / "b.txt").exists()

    (workspace / "a.txt").unlink()
    again = await executor.land(PLAN).wait()
    assert again.state is RunState.LANDED, again.problem
    assert (workspace / "a.txt").read_text() == "by a\n"


async def test_a_file_with_unsaved_changes_is_not_overwritten(
    launch: Launch, workspace: Path, executor: Executor
) -> None:
    executor._unsaved = lambda: frozenset({"a.txt"})
    record = await launch()
    assert record.state is RunState.HELD
    assert "`a.txt` has unsaved changes in an editor" in record.problem
    assert not (workspace / "b.txt").exists()


async def test_nothing_starts_without_an_approval(executor: Executor, workspace: Path) -> None:
    with pytest.raises(NotLaunchable, match="Nothing is approved"):
        executor.launch(PLAN, analysed(workspace, two_tasks()))


async def test_an_approval_is_good_for_one_run(launch: Launch, executor: Executor, workspace: Path) -> None:
    await launch()
    with pytest.raises(NotLaunchable, match="Nothing is approved"):
        executor.launch(PLAN, analysed(workspace, two_tasks()))


async def test_two_runs_of_one_workspace_do_not_overlap(launch: Launch, executor: Executor, tmp_path: Path) -> None:
    async def meanwhile(brief: Brief, root: Path, emit: Emit) -> Outcome:
        other = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
        analysis = analysed(executor.root, two_tasks())
        other.approve(other.propose(PLAN, analysis, 1))
        with pytest.raises(NotLaunchable, match="Try again"):
            other.launch(PLAN, analysis)
        await other.close()
        return await write_own_file(brief, root, emit)

    assert (await launch(a=meanwhile)).state is RunState.LANDED


async def test_the_record_outlives_the_process(launch: Launch, executor: Executor) -> None:
    async def fail(brief: Brief, root: Path, emit: Emit) -> Outcome:
        return Outcome(OutcomeKind.ERROR, "The model is away.")

    await launch(a=fail)
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    assert later.facts(PLAN) == executor.facts(PLAN)
    assert later.facts(PLAN).tasks["a"].message == "The model is away."
    await later.close()


def left_behind(executor: Executor) -> list[str]:
    """The sandboxes that are still there, and whether somebody still holds the workspace or its mirror."""
    state = StateDirectory.for_workspace(executor.root, executor._environ)
    state.lock()
    state.unlock()
    with held(state):
        return [folder.name for folder in state.sandboxes.iterdir()]


async def test_a_run_can_be_cancelled_before_its_first_step(executor: Executor, workspace: Path) -> None:
    analysis = analysed(workspace, two_tasks())
    executor.approve(executor.propose(PLAN, analysis, 1))
    run = executor.launch(PLAN, analysis)
    assert run.cancel()
    record = await run.wait()
    assert record.state is RunState.CANCELLED
    assert states(record) == {"a": "cancelled", "b": "cancelled"}
    assert left_behind(executor) == []


@pytest.mark.parametrize("steps", range(0, 60, 4))
async def test_a_run_that_is_cancelled_anywhere_again_and_again_ends_cleanly(
    steps: int, launch: Launch, executor: Executor, workspace: Path
) -> None:
    seen = 0

    def impatient(progress: Progress) -> None:
        nonlocal seen
        seen += 1
        if seen > steps and executor.current is not None:
            executor.current.cancel()
            executor.current.cancel("a")

    record = await launch(watch=impatient)
    assert record.state in (RunState.CANCELLED, RunState.HELD, RunState.LANDED)
    assert (workspace / "a.txt").exists() == (workspace / "b.txt").exists() == (record.state is RunState.LANDED)
    assert left_behind(executor) == []
    assert not executor.current or not executor.current.cancel()


async def test_a_run_survives_the_end_of_the_event_loops_patience(launch: Launch, executor: Executor) -> None:
    async def stall(brief: Brief, root: Path, emit: Emit) -> Outcome:
        mine = {asyncio.current_task()}
        for _ in range(2):
            for task in asyncio.all_tasks() - mine - {me}:
                task.cancel()
            await asyncio.sleep(0)
        await asyncio.Event().wait()
        raise AssertionError

    me = asyncio.current_task()
    record = await launch(a=stall)
    assert record.state is RunState.CANCELLED
    assert left_behind(executor) == []


async def test_a_watcher_that_fails_does_no_harm(launch: Launch) -> None:
    def burst(progress: Progress) -> None:
        raise ZeroDivisionError

    assert (await launch(watch=burst)).state is RunState.LANDED


async def test_the_waves_minutes_are_bounded_over_all_attempts(
    launch: Launch, executor: Executor, workspace: Path, agents: Scripted
) -> None:
    async def fail(brief: Brief, root: Path, emit: Emit) -> Outcome:
        return Outcome(OutcomeKind.ERROR)

    async def stall(brief: Brief, root: Path, emit: Emit) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    text = two_tasks(budget="10 min")
    assert states(await launch(text, a=fail)) == {"a": "failed", "b": "held"}
    in_database(executor._state().root / "state.db", "UPDATE phase SET seconds = 599.9 WHERE phase = 'running'")
    agents.scripts = {"a": stall}
    record = await executor.retry(PLAN, analysed(workspace, text)).wait()
    assert record.state is RunState.HELD
    assert states(record) == {"a": "cancelled", "b": "held"}
    assert "budget of 10 minutes" in record.tasks["a"].message


async def test_agents_that_change_nothing_are_done_all_the_same(launch: Launch) -> None:
    async def look(brief: Brief, root: Path, emit: Emit) -> Outcome:
        return Outcome(OutcomeKind.DONE)

    record = await launch(two_tasks(verify="true"), a=look, b=look)
    assert record.state is RunState.LANDED
    assert record.tasks["a"].changed == ()


async def test_what_a_build_prints_is_kept_as_text_that_no_terminal_obeys(launch: Launch) -> None:
    script = r"printf '\\033[31mred\\033[0m \\033]0;title\\007\\000\\377end\\r\\n10%%\\r20%%\\n'; exit 1"
    record = await launch(two_tasks(verify=script))
    assert record.verify is not None
    assert record.verify.output == "red \N{REPLACEMENT CHARACTER}end\n20%\n"


async def test_a_build_that_prints_without_end_keeps_the_loop_free(launch: Launch) -> None:
    heard = 0

    def listen(progress: Progress) -> None:
        nonlocal heard
        heard += progress.message.startswith("Verifying: y")

    record = await launch(two_tasks(verify="yes | head -c 5000000"), watch=listen)
    assert record.state is RunState.LANDED, record.problem
    assert record.verify is not None
    assert len(record.verify.output) <= 8_000
    assert heard < 1_000


async def test_a_build_that_hangs_is_stopped_with_the_daemons_it_started(launch: Launch, executor: Executor) -> None:
    executor.settings = replace(executor.settings, verify_minutes=0.02)
    record = await launch(two_tasks(verify="sleep 1000 & sleep 1000"))
    assert record.state is RunState.HELD
    assert record.verify is not None
    assert "the limit that `verify_minutes` sets" in record.verify.output
    assert left_behind(executor) == []


CONTRACT = """# Contract

## a: Make the module
- writes: `a.py`
- exports: `VALUE`

Write it.

## b: Use the module
- writes: `b.py`
- imports: `a`

Write it.
"""


async def test_what_broke_its_contract_cannot_be_landed_again(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    async def forget(brief: Brief, root: Path, emit: Emit) -> Outcome:
        (root / f"{brief.task}.py").write_text("OTHER = 1\n")
        return Outcome(OutcomeKind.DONE)

    record = await launch(CONTRACT, a=forget, b=forget)
    assert record.state is RunState.HELD
    assert "does not define `VALUE`" in record.problem
    assert [(each.module, each.path, each.names) for each in record.contracts] == [("a", "a.py", ("VALUE",))]
    stored = RunStore(executor._state().runs).load(record.id)
    assert stored is not None
    assert stored.contracts == record.contracts
    again = await executor.land(PLAN).wait()
    assert again.state is RunState.HELD
    assert "does not define `VALUE`" in again.problem
    assert not (workspace / "a.py").exists()


async def test_a_record_that_cannot_be_written_keeps_the_wave_from_landing(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    def lose_the_file() -> None:
        database = executor._state().root / "state.db"
        database.rename(database.with_name("away"))
        database.mkdir()

    async def spoil(brief: Brief, root: Path, emit: Emit) -> Outcome:
        # In the thread that writes: no record is half written, and all that follow meet a folder.
        await asyncio.to_thread(executor._disk.submit(lose_the_file).result)
        return await write_own_file(brief, root, emit)

    record = await launch(a=spoil)
    assert record.state is not RunState.LANDED
    assert not (workspace / "a.txt").exists()
    assert "The record of the run cannot be written" in record.problem


async def test_files_below_a_link_that_leaves_the_workspace_are_never_landed(
    launch: Launch, workspace: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (workspace / "out").symlink_to(outside)

    async def replace_link(brief: Brief, root: Path, emit: Emit) -> Outcome:
        (root / "out").unlink()
        (root / "out").mkdir()
        (root / "out/x.txt").write_text("x")
        return Outcome(OutcomeKind.DONE)

    record = await launch(two_tasks(verify="true").replace("`a.txt`", "`out/x.txt`"), a=replace_link)
    assert record.state is RunState.HELD
    assert "out/x.txt" in record.problem
    assert list(outside.iterdir()) == []
    assert (workspace / "out").is_symlink()


async def test_a_plans_last_run_is_known_whatever_ran_since(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    assert executor.facts(PLAN).tasks == {}

    async def meanwhile(brief: Brief, root: Path, emit: Emit) -> Outcome:
        (workspace / "a.txt").write_text("the user was faster\n")
        return await write_own_file(brief, root, emit)

    assert (await launch(a=meanwhile)).state is RunState.HELD
    other = two_tasks(verify="true").replace("a.txt", "c.txt").replace("b.txt", "d.txt")
    analysis = analysed(workspace, other)
    executor._find_backend("", executor.settings, {}).scripts = {}  # type: ignore[attr-defined]  # the fixture's own
    executor.approve(executor.propose("other.plan.md", analysis, 1))
    await executor.launch("other.plan.md", analysis).wait()
    assert executor.facts(PLAN).tasks["a"].state is TaskState.HELD
    (workspace / "a.txt").unlink()
    assert (await executor.land(PLAN).wait()).state is RunState.LANDED


async def test_runs_are_told_in_the_order_of_their_launch_also_within_one_second(
    launch: Launch, executor: Executor, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = iter(f"20260101T000000-{number:06x}" for number in (9, 7, 8, 5))
    monkeypatch.setattr("agent_server.execution.executor.new_run_id", lambda: next(ids))
    plans = [PLAN, "other.plan.md", PLAN, "last.plan.md"]
    for plan in plans:
        analysis = analysed(workspace, two_tasks(verify="true"))
        executor.approve(executor.propose(plan, analysis, 1))
        assert (await executor.launch(plan, analysis).wait()).state is RunState.LANDED
        for name in ("a.txt", "b.txt"):
            (workspace / name).unlink()
    assert [run.record.approval.plan for run in executor.runs] == ["other.plan.md", PLAN, "last.plan.md"]


async def test_an_approval_is_not_lost_because_the_workspace_is_busy(executor: Executor, workspace: Path) -> None:
    analysis = analysed(workspace, two_tasks())
    executor.approve(executor.propose(PLAN, analysis, 1))
    other = StateDirectory.for_workspace(workspace, executor._environ)
    other.lock()
    with pytest.raises(NotLaunchable, match="Try again"):
        executor.launch(PLAN, analysis)
    other.unlock()
    assert (await executor.launch(PLAN, analysis).wait()).state is RunState.LANDED


async def test_a_run_that_the_server_left_is_closed_and_told_of_once(launch: Launch, executor: Executor) -> None:
    record = await launch()
    store = RunStore(executor._state().runs)
    tasks = {name: replace(task, state=TaskState.RUNNING) for name, task in record.tasks.items()}
    store.save(replace(record, id=new_run_id(), state=RunState.RUNNING, tasks=tasks))
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    (told,) = await later.recover()
    assert told.startswith(f"The server stopped in the middle of wave 1 of `{PLAN}`.")
    assert later.facts(PLAN).tasks["a"].state is TaskState.FAILED
    assert await later.recover() == ()
    await later.close()


async def test_a_landing_that_was_complete_when_the_server_died_counts_as_landed(
    launch: Launch, executor: Executor
) -> None:
    record = await launch()
    store = RunStore(executor._state().runs)
    tasks = {name: replace(task, state=TaskState.VERIFYING) for name, task in record.tasks.items()}
    store.save(replace(record, state=RunState.LANDING, tasks=tasks, landings=()))
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    assert later.facts(PLAN).tasks["a"].state is TaskState.VERIFYING
    assert await later.recover() == ()
    assert later.facts(PLAN).tasks["a"].state is TaskState.LANDED
    await later.close()


async def test_a_branch_that_cannot_be_looked_up_keeps_no_run_from_being_closed(
    launch: Launch, executor: Executor
) -> None:
    record = await launch()
    tasks = {name: replace(task, state=TaskState.VERIFYING) for name, task in record.tasks.items()}
    approval = replace(record.approval, land=Landing.COMMIT)  # and the workspace is no repository (any more)
    cut_short = replace(record, approval=approval, state=RunState.LANDING, tasks=tasks, landings=())
    store = RunStore(executor._state().runs)
    for each in (cut_short, replace(cut_short, id=new_run_id(), state=RunState.VERIFYING)):
        store.save(each)
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    assert len(await later.recover()) == 2
    assert [each.state for each in store.recent(2)] == [RunState.HELD, RunState.HELD]
    await later.close()


async def test_what_was_undone_when_the_server_died_counts_as_undone(launch: Launch, executor: Executor) -> None:
    record = await launch()
    state = executor._state()
    Lander(state.workspace, state.landing).undo(record.id)
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    assert later.facts(PLAN).tasks["a"].state is TaskState.LANDED
    assert await later.recover() == ()
    assert later.facts(PLAN).tasks["a"].state is TaskState.UNDONE
    await later.close()


@pytest.mark.parametrize("damage", ["approval = '[]'", "approval = '{'", "state = 'flying'", "landings = '7'"])
async def test_a_damaged_record_is_as_none(damage: str, launch: Launch, executor: Executor) -> None:
    await launch()
    in_database(executor._state().root / "state.db", f"UPDATE run SET {damage}")
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    assert await later.recover() == ()
    assert later.facts(PLAN).tasks == {}
    await later.close()


async def test_a_damaged_file_is_put_aside_and_told_of_once(launch: Launch, executor: Executor) -> None:
    await launch()
    place = executor._state().root
    (place / "damaged").write_bytes(b"nothing of ours" * 1_000)
    for log in place.glob("state.db-*"):
        log.unlink()  # all that was written is still in there
    (place / "damaged").replace(place / "state.db")  # who has the file open keeps what was there
    later = Executor(executor.root, executor.settings, executor._environ, find_backend=executor._find_backend)
    (told,) = await later.recover()
    assert "The record of earlier runs was damaged. It is kept in" in told
    (kept,) = place.glob("state.damaged-*.db")
    assert kept.read_bytes() == b"nothing of ours" * 1_000
    assert await later.recover() == ()
    await later.close()


def test_every_tasks_changes_have_a_folder_of_their_own(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    names = ["a", "A", "a/b", "a-b", "..", ".", "", "a" * 300, "ünïcode", "\ud800", "nul\0"]
    folders = [store.changes_folder("run", name) for name in names]
    assert len({str(folder).lower() for folder in folders}) == len(names)
    assert {folder.parent for folder in folders} == {tmp_path / "run/changes"}
    for folder in folders:
        folder.mkdir(parents=True)


async def test_a_landing_that_could_not_be_noted_has_landed_and_can_be_undone(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    full = True

    def step(name: str) -> None:
        if full and name == "enter landed":
            raise OSError(errno.ENOSPC, "No space left on device", "journal")

    async def fill_disk(brief: Brief, root: Path, emit: Emit) -> Outcome:
        run = executor.current
        assert run is not None
        state = executor._state()
        run._conditions = replace(run._conditions, lander=Lander(state.workspace, state.landing, step))
        return await write_own_file(brief, root, emit)

    record = await launch(a=fill_disk)
    assert record.state is RunState.LANDED, record.problem
    assert (workspace / "a.txt").read_text() == "by a\n"
    full = False
    (workspace / "a.txt").write_text("mine now\n")
    with pytest.raises(NotLaunchable, match=r"`a\.txt` changed since it landed"):
        await executor.undo(PLAN)
    (workspace / "a.txt").write_text("by a\n")
    assert (await executor.undo(PLAN)).state is RunState.UNDONE
    assert not (workspace / "a.txt").exists()


async def test_a_failed_verification_tells_what_fails_where_and_what_would_pass(
    launch: Launch, executor: Executor
) -> None:
    record = await launch(two_tasks(verify="test ! -f b.txt || { echo b.txt:1:1: error: leaks; exit 1; }"))
    verify = executor.facts(PLAN).verify
    assert verify is not None
    assert [(each.path, each.line, each.message, each.tasks) for each in verify.problems] == [
        ("b.txt", 0, "leaks", ("b",))
    ]
    assert (verify.failing, verify.is_smallest, verify.passing) == (("b",), True, ("a",))
    stored = executor.records().load(record.id)
    assert stored is not None
    assert stored.verify == verify
