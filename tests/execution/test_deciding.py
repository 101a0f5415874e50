"""What people decide about a run that has stopped, over real sandboxes, here and in the next process."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.backend import Outcome, OutcomeKind, Used
from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import NotLaunchable, StaleApproval
from agent_server.execution.changes.review import hunk_id, hunks, only
from agent_server.execution.executor import Executor
from agent_server.execution.landing.landing import Lander
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import GOING_ON, RunState
from agent_server.execution.runs.next_steps import Step, Way, next_steps
from tests.execution.agents import DONE, PLAN, Agents, ended, ending, states, writing
from tests.execution.plans import analysed, two_tasks
from tests.execution.records import in_database

FAILED = Outcome(OutcomeKind.ERROR, "The model is away.")
FAILING = two_tasks(verify="! grep -q bad *.txt")

Launch = Callable[..., Awaitable[RunRecord]]
Next = Callable[[], Awaitable[Executor]]


@pytest.fixture
def launch(executor: Executor, workspace: Path) -> Launch:
    async def run(text: str = two_tasks()) -> RunRecord:
        analysis = analysed(workspace, text)
        executor.approve(executor.propose(PLAN, analysis))
        return await ended(executor.launch(PLAN, analysis))

    return run


async def test_a_failed_task_is_tried_again_and_the_others_work_is_kept(
    launch: Launch, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    record = await launch()
    assert states(record) == {"a": "failed", "b": "held"}
    agents.scripts.clear()
    agents.briefs.clear()
    again = await ended(later.retry(PLAN, analysed(workspace, two_tasks()), comment="Mind the gap."))
    assert again.state is RunState.LANDED, again.problem
    assert again.id == record.id
    assert agents.order == ["a"]
    assert "Mind the gap." in agents.briefs[0].prompt
    assert "The model is away." in agents.briefs[0].prompt
    assert (again.tasks["a"].attempt, again.tasks["b"].attempt) == (2, 1)
    assert (again.tasks["a"].comment, again.tasks["b"].comment) == ("Mind the gap.", "")
    assert (workspace / "a.txt").read_text() == "by a\n"
    assert (workspace / "b.txt").read_text() == "by b\n"


async def test_a_task_that_is_done_can_be_tried_again_by_name(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    record = await launch(FAILING)
    assert (record.state, states(record)) == (RunState.HELD, {"a": "held", "b": "held"})
    with pytest.raises(NotLaunchable, match="Name those"):
        executor.retry(PLAN, analysed(workspace, FAILING))
    agents.scripts.clear()
    again = await ended(executor.retry(PLAN, analysed(workspace, FAILING), ["a"]))
    assert again.state is RunState.LANDED, again.problem
    assert "failed on the combined result" in agents.briefs[-1].prompt
    assert (workspace / "a.txt").read_text() == "by a\n"


async def test_it_is_noted_when_each_agent_began_on_the_clock_of_the_run(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    """The time for which a run is held does not count; a retry begins behind what was, its siblings stay."""
    agents.scripts["a"] = ending(FAILED)
    first = await launch(FAILING)
    assert first.state is RunState.HELD
    before, spent = first.tasks, sum(first.seconds.values())
    assert all(task.began is not None and 0 < task.began <= spent for task in before.values())
    run = executor.retry(PLAN, analysed(workspace, FAILING), ["a"])
    assert run.record.tasks["a"].began is None
    again = await ended(run)
    began = again.tasks["a"].began
    assert began is not None
    assert spent < began < sum(again.seconds.values())
    assert again.tasks["b"].began == before["b"].began
    assert later.last_record(PLAN) == again


async def test_a_retry_that_fails_keeps_the_others_work(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    await launch()
    again = await ended(executor.retry(PLAN, analysed(workspace, two_tasks())))
    assert again.state is RunState.HELD
    assert states(again) == {"a": "failed", "b": "held"}
    assert not (workspace / "b.txt").exists()


async def test_a_retry_that_is_cancelled_keeps_the_others_work(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    await launch()
    run = executor.retry(PLAN, analysed(workspace, two_tasks()))
    assert run.cancel()
    again = await ended(run)
    assert again.state is RunState.CANCELLED
    assert states(again) == {"a": "cancelled", "b": "held"}
    landed = await ended(later.land(PLAN, unverified=True))
    assert landed.state is RunState.LANDED
    assert states(landed) == {"a": "cancelled", "b": "landed"}
    assert landed.landed == ("b",)
    assert (workspace / "b.txt").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [("`a.txt`", "`a*.txt`"), ("- writes: `a.txt`\n", "- writes: `a.txt`\n- model: claude-opus-5-5\n")],
)
async def test_a_retry_keeps_to_what_was_approved(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents, old: str, new: str
) -> None:
    agents.scripts["a"] = ending(FAILED)
    await launch()
    with pytest.raises(StaleApproval, match="not what was approved"):
        executor.retry(PLAN, analysed(workspace, two_tasks().replace(old, new)))
    with pytest.raises(StaleApproval, match="limits"):
        executor.retry(PLAN, analysed(workspace, two_tasks()), settings=replace(executor.settings, turns=7))
    with pytest.raises(StaleApproval, match="no open task"):
        executor.retry(PLAN, analysed(workspace, two_tasks().replace("## a:", "## c:")))
    told = two_tasks().replace("Write the text", "Write a better text")
    agents.scripts.clear()
    assert (await ended(executor.retry(PLAN, analysed(workspace, told)))).state is RunState.LANDED
    assert "a better text" in agents.briefs[-1].prompt


async def test_the_passing_part_lands_and_the_rest_is_still_held(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    record = await launch(FAILING)
    part = await ended(executor.land(PLAN, tasks=["b"]))
    assert part.state is RunState.HELD
    assert states(part) == {"a": "held", "b": "landed"}
    assert part.landings == (record.id,)
    assert "`a`" in part.problem
    assert not (workspace / "a.txt").exists()
    assert (workspace / "b.txt").read_text() == "by b\n"
    still = await ended(later.land(PLAN))
    assert (still.state, states(still)) == (RunState.HELD, {"a": "held", "b": "landed"})
    whole = await ended(later.land(PLAN, unverified=True))
    assert (whole.state, states(whole)) == (RunState.LANDED, {"a": "landed", "b": "landed"})
    assert whole.landings == (record.id, f"{record.id}.2")
    assert (workspace / "a.txt").read_text() == "bad\n"


async def test_each_landing_is_undone_as_a_whole_the_last_one_first(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    await launch(FAILING)
    await ended(executor.land(PLAN, tasks=["b"]))
    await ended(executor.land(PLAN, unverified=True))
    assert (workspace / "a.txt").exists()
    first = await executor.undo(PLAN)
    assert (first.state, states(first)) == (RunState.LANDED, {"a": "undone", "b": "landed"})
    assert not (workspace / "a.txt").exists()
    assert executor.facts(PLAN).tasks["a"].state.value == "undone"
    second = await later.undo(PLAN)
    assert (second.state, states(second)) == (RunState.UNDONE, {"a": "undone", "b": "undone"})
    assert not (workspace / "b.txt").exists()
    with pytest.raises(NotLaunchable, match="nothing to undo"):
        await later.undo(PLAN)


async def test_an_undo_that_was_killed_before_it_could_say_so_is_found_by_the_next_server(
    launch: Launch, executor: Executor, later: Executor, workspace: Path
) -> None:
    record = await launch()
    assert record.state is RunState.LANDED
    state = executor._state()
    Lander(workspace, state.landing).undo(record.id)
    assert not (workspace / "a.txt").exists()
    assert await later.recover() == ()
    found = later.records().latest(PLAN)
    assert found is not None
    assert (found.state, states(found)) == (RunState.UNDONE, {"a": "undone", "b": "undone"})


async def test_while_work_is_on_its_way_its_run_is_recorded_as_one_that_goes_on(
    launch: Launch, executor: Executor, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    await launch(FAILING)
    run = executor.land(PLAN, unverified=True)
    seen: list[tuple[RunState, set[TaskState]]] = []
    run.watch(lambda progress: seen.append((progress.record.state, {t.state for t in progress.record.tasks.values()})))
    assert (await ended(run)).state is RunState.LANDED
    on_its_way = [state for state, tasks in seen if TaskState.VERIFYING in tasks]
    assert on_its_way
    assert set(on_its_way) <= GOING_ON  # or a server that is killed there leaves what nobody can land any more


async def test_a_landing_is_not_undone_where_its_files_were_changed_since(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    await launch()
    (workspace / "a.txt").write_text("mine now\n")
    with pytest.raises(NotLaunchable, match=r"Nothing was undone: `a\.txt` changed since it landed"):
        await executor.undo(PLAN)
    assert (workspace / "a.txt").read_text() == "mine now\n"
    assert (workspace / "b.txt").exists()
    assert executor.facts(PLAN).tasks["a"].state.value == "landed"
    (workspace / "a.txt").write_text("by a\n")
    assert (await executor.undo(PLAN)).state is RunState.UNDONE


async def test_what_is_discarded_never_lands(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    record = await launch()
    assert (await executor.discard(PLAN, record.id)).state is RunState.DISCARDED
    for each in (executor, later):
        with pytest.raises(NotLaunchable, match="was discarded"):
            each.land(PLAN, unverified=True)
        with pytest.raises(NotLaunchable, match="was discarded"):
            each.retry(PLAN, analysed(workspace, two_tasks()))
    assert not (workspace / "b.txt").exists()


async def test_a_repair_works_on_what_all_made_and_lands_with_it(
    launch: Launch, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n", "kept.txt": "spoilt\n"})
    await launch(FAILING)
    seen: list[str] = []

    async def mend(_brief: object, root: Path, _emit: object) -> Outcome:
        seen.extend(sorted(path.name for path in root.iterdir()))
        (root / "a.txt").write_text("good\n")
        (root / "b.txt").unlink()
        (root / "kept.txt").write_text("spoilt\n")
        return DONE

    agents.scripts = {"repair": mend}
    record = await ended(later.repair(PLAN, analysed(workspace, FAILING)))
    assert record.state is RunState.LANDED, record.problem
    assert seen == ["a.txt", "b.txt", "kept.txt"]
    assert states(record) == {"a": "landed", "b": "landed", "repair": "landed"}
    assert record.tasks["repair"].undeclared == ("kept.txt",)
    assert (workspace / "a.txt").read_text() == "good\n"
    assert not (workspace / "b.txt").exists()
    assert (workspace / "kept.txt").read_text() == "mine\n"


async def test_a_repair_that_does_not_help_is_given_up_by_the_next(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    await launch(FAILING)
    agents.scripts = {"repair": ending(FAILED), "repair-2": writing({"a.txt": "good\n"})}
    first = await ended(executor.repair(PLAN, analysed(workspace, FAILING)))
    assert states(first) == {"a": "held", "b": "held", "repair": "failed"}
    assert first.verify is not None
    second = await ended(executor.repair(PLAN, analysed(workspace, FAILING)))
    assert second.state is RunState.LANDED, second.problem
    assert states(second) == {"a": "landed", "b": "landed", "repair": "discarded", "repair-2": "landed"}
    assert (workspace / "a.txt").read_text() == "good\n"


async def test_a_task_that_is_tried_again_takes_its_repair_with_it(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts = {"a": writing({"a.txt": "bad\n"}), "repair": writing({"b.txt": "also bad\n"})}
    await launch(FAILING)
    first = await ended(executor.repair(PLAN, analysed(workspace, FAILING)))
    assert states(first) == {"a": "held", "b": "held", "repair": "held"}
    with pytest.raises(NotLaunchable, match="was built on"):
        executor.land(PLAN, tasks=["repair"])
    agents.scripts = {}
    again = await ended(executor.retry(PLAN, analysed(workspace, FAILING), ["a"]))
    assert again.state is RunState.LANDED, again.problem
    assert states(again) == {"a": "landed", "b": "landed", "repair": "discarded"}
    assert (workspace / "b.txt").read_text() == "by b\n"


async def test_decisions_that_have_no_object_are_refused_in_words(
    launch: Launch, executor: Executor, workspace: Path
) -> None:
    analysis = analysed(workspace, two_tasks())
    with pytest.raises(NotLaunchable, match="has not been run"):
        executor.land(PLAN)
    await launch()
    for decide in (
        lambda: executor.land(PLAN),
        lambda: executor.retry(PLAN, analysis),
        lambda: executor.repair(PLAN, analysis),
    ):
        with pytest.raises(NotLaunchable, match="has landed"):
            decide()
    with pytest.raises(NotLaunchable, match="has landed"):
        await executor.discard(PLAN)
    with pytest.raises(NotLaunchable, match="no such run"):
        await executor.undo(PLAN, "20260101T000000-abcdef")


async def test_a_run_that_used_up_its_budget_is_not_tried_again(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    async def spend(_brief: object, _root: Path, emit: Callable[[Used], None]) -> Outcome:
        emit(Used(11_000, 0))
        return FAILED

    agents.scripts["a"] = spend  # type: ignore[assignment]  # it emits nothing else
    text = two_tasks(budget="10k tokens")
    record = await launch(text)
    assert record.state is RunState.HELD
    with pytest.raises(NotLaunchable, match="budget of 10,000 tokens is used up"):
        executor.retry(PLAN, analysed(workspace, text))


async def test_what_was_kept_and_cannot_be_read_is_not_landed(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    record = await launch()
    store = executor.records()
    store.save_changes(record.id, "b", ())
    with pytest.raises(NotLaunchable, match="cannot be read any more"):
        later.land(PLAN)
    assert not (workspace / "b.txt").exists()


LINES = "".join(f"{number}\n" for number in range(40))


async def held_with(launch: Launch, workspace: Path, agents: Agents, files: dict[str, str]) -> RunRecord:
    """A run that failed to verify, in which `a` wrote these files over others of 40 lines."""
    for name in files:
        (workspace / name).write_text(LINES)
    agents.scripts["a"] = writing({**files, "a.txt": "bad\n"})
    return await launch(FAILING.replace("`a.txt`", "`a*.txt`"))


async def test_a_file_and_hunks_are_left_out_of_what_lands(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    mended = LINES.replace("\n3\n", "\nthree\n").replace("\n30\n", "\nthirty\n")
    record = await held_with(launch, workspace, agents, {"ab.txt": mended})
    store = executor.records()
    (change,) = only(store.changes(record.id, "a"), ["ab.txt"])
    first, second = hunks(change)
    await executor.drop(PLAN, "a", "ab.txt", [hunk_id(first)])
    (left,) = only(store.changes(record.id, "a"), ["ab.txt"])
    assert [hunk_id(hunk) for hunk in hunks(left)] == [hunk_id(second)]
    with pytest.raises(NotLaunchable, match="not what was shown any more"):
        await later.drop(PLAN, "a", "ab.txt", [hunk_id(first)])
    after = await later.drop(PLAN, "a", "a.txt")
    assert after.tasks["a"].changed == ("ab.txt",)
    assert (after.state, states(after)) == (RunState.HELD, {"a": "held", "b": "held"})
    landed = await ended(later.land(PLAN))
    assert landed.state is RunState.LANDED, landed.problem
    assert (workspace / "ab.txt").read_text() == LINES.replace("\n30\n", "\nthirty\n")
    assert not (workspace / "a.txt").exists()


async def test_what_was_found_guilty_lands_again_with_all_once_something_of_it_is_left_out(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    record = await held_with(launch, workspace, agents, {"ab.txt": LINES + "more\n"})
    assert not any(step.way is Way.LAND and step.whole for step in next_steps(record))
    after = await executor.drop(PLAN, "a", "a.txt")
    assert after.verify is None
    assert "not verified yet" in after.problem
    assert Step(Way.LAND, ("a", "b")) in next_steps(after)


async def test_what_is_left_out_here_does_not_land_here(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    await held_with(launch, workspace, agents, {"ab.txt": LINES + "more\n"})
    await executor.drop(PLAN, "a", "a.txt")
    assert (await ended(executor.land(PLAN))).state is RunState.LANDED
    assert (workspace / "ab.txt").read_text() == LINES + "more\n"
    assert not (workspace / "a.txt").exists()


async def test_what_was_undeclared_is_still_known_when_something_is_left_out(
    launch: Launch, executor: Executor, workspace: Path, agents: Agents
) -> None:
    record = await held_with(launch, workspace, agents, {"ab.txt": "x\n", "kept.txt": "spoilt\n"})
    await executor.drop(PLAN, "a", "ab.txt")
    outside = executor.records().undeclared(record.id, "a")
    assert [(each.path, each.before and each.before.read_text()) for each in outside] == [("kept.txt", LINES)]


@pytest.mark.parametrize(
    ("task", "path", "hunks", "told"),
    [
        ("a", "b.txt", None, "would not change `b.txt`"),
        ("c", "a.txt", None, "has no task `c`"),
        ("b", "b.txt", None, "Nothing of `b` would be left"),
        ("a", "ab.txt", ["0"], "not what was shown any more"),
    ],
)
async def test_what_cannot_be_left_out_is_refused_in_words(
    launch: Launch,
    executor: Executor,
    workspace: Path,
    agents: Agents,
    task: str,
    path: str,
    hunks: list[str],
    told: str,
) -> None:
    record = await held_with(launch, workspace, agents, {"ab.txt": LINES + "more\n"})
    with pytest.raises(NotLaunchable, match=told):
        await executor.drop(PLAN, task, path, hunks)
    assert [each.path for each in executor.records().changes(record.id, "a")] == ["a.txt", "ab.txt"]


async def test_nothing_is_left_out_of_what_has_landed(launch: Launch, executor: Executor) -> None:
    await launch()
    with pytest.raises(NotLaunchable, match="has landed"):
        await executor.drop(PLAN, "a", "a.txt")


async def test_what_another_process_discarded_is_not_landed_here(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    await launch()
    assert executor.facts(PLAN).tasks["b"].state.value == "held"
    await later.discard(PLAN)
    assert executor.facts(PLAN).tasks["b"].state.value == "discarded"
    with pytest.raises(NotLaunchable, match="was discarded"):
        executor.land(PLAN, unverified=True)
    assert not (workspace / "b.txt").exists()


async def test_what_another_process_had_made_anew_is_what_lands_here(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    await launch(FAILING)
    agents.scripts["a"] = writing({"a.txt": "better\n", "b.txt": "not its own\n"})
    agents.scripts["b"] = writing({"b.txt": "bad\n"})
    again = await ended(later.retry(PLAN, analysed(workspace, FAILING), ["a", "b"]))
    assert again.state is RunState.HELD
    landed = await ended(executor.land(PLAN, unverified=True))
    assert (landed.state, landed.tasks["a"].attempt) == (RunState.LANDED, 2)
    assert ((workspace / "a.txt").read_text(), (workspace / "b.txt").read_text()) == ("better\n", "bad\n")
    assert (await later.undo(PLAN)).state is RunState.UNDONE
    with pytest.raises(NotLaunchable, match="nothing to undo"):
        await executor.undo(PLAN)


async def test_a_run_of_another_process_is_the_last_one_here_too(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = ending(FAILED)
    first = await launch()
    analysis = analysed(workspace, two_tasks())
    later.approve(later.propose(PLAN, analysis))
    second = await ended(later.launch(PLAN, analysis))
    assert (await executor.discard(PLAN, first.id)).id == first.id
    assert (await executor.discard(PLAN)).id == second.id


async def test_what_could_not_be_written_is_known_here_alone(
    launch: Launch, executor: Executor, agents: Agents, workspace: Path, tmp_path: Path
) -> None:
    await launch()
    (database,) = tmp_path.glob("state/*/state.db")
    in_database(database, "CREATE TRIGGER full BEFORE INSERT ON run BEGIN SELECT RAISE(FAIL, 'there is no room'); END")
    agents.briefs.clear()
    analysis = analysed(workspace, two_tasks().replace("## a:", "## c:").replace("`a.txt`", "`c.txt`"))
    executor.approve(executor.propose(PLAN, analysis))
    record = await ended(executor.launch(PLAN, analysis))
    assert record.state is RunState.FAILED
    assert record.problem.startswith("The run stopped: The record of the run cannot be written (")
    assert record.problem.endswith("there is no room). Nothing landed.")
    assert agents.briefs == []
    with pytest.raises(NotLaunchable, match="there is no room"):
        await executor.discard(PLAN)
    in_database(database, "DROP TRIGGER full")
    assert (await executor.discard(PLAN)).id == record.id


async def test_nothing_is_launched_where_nothing_can_be_recorded(
    launch: Launch, executor: Executor, agents: Agents, workspace: Path, tmp_path: Path
) -> None:
    await launch()
    (database,) = tmp_path.glob("state/*/state.db")
    in_database(database, "PRAGMA user_version = 99")
    analysis = analysed(workspace, two_tasks())
    executor.approve(executor.propose(PLAN, analysis))
    agents.briefs.clear()
    for decide in (lambda: executor.launch(PLAN, analysis), lambda: executor.retry(PLAN, analysis)):
        with pytest.raises(NotLaunchable, match="written by a newer Agent Server"):
            decide()
    with pytest.raises(NotLaunchable, match="written by a newer Agent Server"):
        await executor.undo(PLAN)
    assert agents.briefs == []
    assert executor.approved(PLAN) is not None


async def test_a_decision_is_carried_out_also_where_whoever_made_it_gives_up(
    launch: Launch, executor: Executor, later: Executor, workspace: Path
) -> None:
    await launch()
    asking = asyncio.ensure_future(executor.undo(PLAN))
    while not asking.done():
        await asyncio.sleep(0)
        asking.cancel()
    assert asking.cancelled()
    assert not (workspace / "a.txt").exists()
    with pytest.raises(NotLaunchable, match="nothing to undo"):
        await later.undo(PLAN)


async def test_a_decision_is_written_down_before_the_workspace_is_closed(
    launch: Launch, executor: Executor, later: Executor, workspace: Path
) -> None:
    await launch()
    go_on = threading.Event()
    executor._disk.submit(go_on.wait, 60)  # what is decided is written down behind this
    asking = asyncio.ensure_future(executor.undo(PLAN))
    while executor._state()._lock is None:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0)
    with pytest.raises(NotLaunchable, match="being done at the moment"):
        executor.land(PLAN)
    closing = asyncio.ensure_future(executor.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert (await asking).state is RunState.UNDONE
    with pytest.raises(NotLaunchable, match="being closed"):
        executor.land(PLAN)
    with pytest.raises(NotLaunchable, match="nothing to undo"):
        await later.undo(PLAN)


async def test_what_another_process_decides_is_news_here_once(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents, tmp_path: Path
) -> None:
    assert await later.catch_up() is None
    assert later.facts(PLAN).run == ""
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    record = await launch(FAILING)
    assert await executor.catch_up() is None
    assert await later.catch_up() == (PLAN,)
    assert later.last_run(PLAN) is None  # nothing was launched there
    told = later.last_progress(PLAN)
    assert told is not None
    assert told.record == record
    assert [change.path for change in told.changes["b"]] == ["b.txt"]
    assert later.facts(PLAN).run == record.id
    for file in tmp_path.glob("state/*/state.db*"):
        os.utime(file, (1, 1))  # nothing is being written
    moment = await executor.moment()
    assert await executor.moment() == moment
    await ended(later.land(PLAN, tasks=["b"]))
    assert await executor.moment() != moment
    assert executor.facts(PLAN).tasks["b"].state.value == "landed"  # that is no news less
    assert await executor.catch_up() == (PLAN,)
    run = executor.last_run(PLAN)
    assert run is not None
    assert states(run.record) == {"a": "held", "b": "landed"}
    assert await executor.catch_up() is None
    assert set(run.harvests) == {"a"}


async def test_an_earlier_run_is_decided_about_by_its_id(
    launch: Launch, executor: Executor, later: Executor, workspace: Path, agents: Agents
) -> None:
    agents.scripts["a"] = writing({"a.txt": "bad\n"})
    first = await launch(FAILING)
    second = await launch(FAILING)
    landed = await ended(later.land(PLAN, tasks=["b"], run=first.id))
    assert (landed.id, states(landed)) == (first.id, {"a": "held", "b": "landed"})
    with pytest.raises(NotLaunchable, match="no such run"):
        later.land(PLAN, run="20010101T000000-000000")
    assert (await later.discard(PLAN)).id == second.id
    agents.scripts.clear()
    again = await ended(executor.retry(PLAN, analysed(workspace, FAILING), ["a"], run=first.id))
    assert (again.id, again.state) == (first.id, RunState.LANDED)
