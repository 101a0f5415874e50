"""Tasks that begin as soon as what they wait for has passed, over real sandboxes."""

import asyncio
from pathlib import Path

import pytest

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind
from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import Progress
from tests.execution.agents import DONE, PLAN, Agents, ended, ending, states, writing
from tests.execution.plans import analysed

FAILED = Outcome(OutcomeKind.ERROR, "The model is away.")


def plan(verify: str = "true", agents: int = 5, **tasks: str) -> str:
    """A plan of tasks that each write `<task>.txt`, with further fields."""
    sections = (
        f"## {name}: Write it\n- writes:\n  - `{name}.txt`\n{fields}\n\nDo.\n" for name, fields in tasks.items()
    )
    return f'---\nverify: "{verify}"\nagents: {agents}\n---\n# Stream\n\n' + "\n".join(sections)


async def streamed(executor: Executor, workspace: Path, text: str) -> RunRecord:
    analysis = analysed(workspace, text)
    executor.approve(executor.propose(PLAN, analysis, stream=True))
    return await ended(executor.launch(PLAN, analysis))


async def test_a_task_begins_with_the_work_of_those_that_it_waits_for_and_may_change_it(
    executor: Executor, workspace: Path, agents: Agents
) -> None:
    seen: dict[str, list[str]] = {}

    async def go_on(brief: Brief, root: Path, _emit: Emit) -> Outcome:
        seen[brief.task] = sorted(path.name for path in root.iterdir())
        (root / "a.txt").write_text((root / "a.txt").read_text() + f"then {brief.task}\n")
        return DONE

    async def take_back(_brief: Brief, root: Path, _emit: Emit) -> Outcome:
        (root / "kept.txt").write_text("mine\n")
        (root / "d.txt").write_text("by d\n")
        return DONE

    text = plan(
        a="  - `kept.txt`",
        b="  - `a.txt`\n- needs: a",
        c="  - `a.txt`\n- needs: a",
        d="  - `kept.txt`\n- needs: c",
    )
    agents.scripts = {"a": writing({"a.txt": "by a\n", "kept.txt": "by a\n"}), "b": go_on, "c": go_on, "d": take_back}
    record = await streamed(executor, workspace, text)
    assert record.state is RunState.LANDED, record.problem
    one, other = (task for task in agents.order if task in {"b", "c"})
    assert seen == {"b": ["a.txt", "kept.txt"], "c": ["a.txt", "kept.txt"]}
    assert (workspace / "a.txt").read_text() == f"by a\nthen {one}\nthen {other}\n"
    assert (workspace / "kept.txt").read_text() == "mine\n"
    assert (record.tasks["c"].changed, record.tasks["d"].changed) == (("a.txt",), ("d.txt", "kept.txt"))
    undone = await executor.undo(PLAN)
    assert undone.state is RunState.UNDONE
    assert sorted(path.name for path in workspace.iterdir()) == ["kept.txt"]


async def test_nobody_waits_for_tasks_that_they_do_not_depend_on(
    executor: Executor, workspace: Path, agents: Agents
) -> None:
    both, later = asyncio.Barrier(2), asyncio.Event()

    async def wait_for_b(brief: Brief, root: Path, emit: Emit) -> Outcome:
        await both.wait()
        return await writing({"a.txt": "by a\n"})(brief, root, emit)

    async def wait_for_c(_brief: Brief, _root: Path, _emit: Emit) -> Outcome:
        await both.wait()
        await later.wait()
        return DONE

    async def tell(_brief: Brief, _root: Path, _emit: Emit) -> Outcome:
        later.set()
        return DONE

    agents.scripts = {"a": wait_for_b, "b": wait_for_c, "c": tell}
    record = await streamed(executor, workspace, plan(a="", b="", c="- needs: a"))
    assert record.state is RunState.LANDED, record.problem
    assert set(agents.order[:2]) == {"a", "b"}


async def test_a_task_whose_predecessor_failed_is_not_started_and_can_be_tried_again(
    executor: Executor, workspace: Path, agents: Agents
) -> None:
    text = plan(a="", b="- needs: a", c="- needs: b", d="")
    agents.scripts = {"a": ending(FAILED)}
    record = await streamed(executor, workspace, text)
    assert record.state is RunState.HELD
    assert states(record) == {"a": "failed", "b": "cancelled", "c": "cancelled", "d": "held"}
    assert record.tasks["b"].message == "Not started: it waits for `a`, which did not get done."
    assert "`b`, which" in record.tasks["c"].message
    assert set(agents.order) == {"a", "d"}
    agents.scripts = {}
    agents.briefs.clear()
    again = await ended(executor.retry(PLAN, analysed(workspace, text)))
    assert again.state is RunState.LANDED, again.problem
    assert agents.order == ["a", "b", "c"]


async def test_nothing_is_built_on_work_that_does_not_pass(executor: Executor, workspace: Path, agents: Agents) -> None:
    text = plan(verify="! grep -q bad *.txt", a="", b="- needs: a", c="- verify: grep -q good c.txt", d="- needs: c")
    agents.scripts = {"a": writing({"a.txt": "bad\n"})}
    record = await streamed(executor, workspace, text)
    assert record.state is RunState.HELD
    assert states(record) == {"a": "held", "b": "cancelled", "c": "held", "d": "cancelled"}
    assert "failed on the combined result" in record.tasks["a"].message
    assert "which `c` must pass alone, failed" in record.tasks["c"].message
    assert set(agents.order) == {"a", "c"}
    agents.scripts = {"c": writing({"c.txt": "good\n"})}
    agents.briefs.clear()
    again = await ended(executor.retry(PLAN, analysed(workspace, text)))
    assert again.state is RunState.LANDED, again.problem
    assert sorted(agents.order) == ["a", "b", "c", "d"]


async def test_what_is_made_beside_a_task_is_waited_for_before_it_is_checked(
    executor: Executor, workspace: Path, agents: Agents
) -> None:
    async def be_last(_brief: Brief, root: Path, _emit: Emit) -> Outcome:
        assert executor.current is not None
        other_is_done = asyncio.Event()

        def look(progress: Progress) -> None:
            if progress.record.tasks["b"].state is TaskState.FINISHED:
                other_is_done.set()

        executor.current.watch(look)
        look(executor.current.progress)
        await other_is_done.wait()
        (root / "m.py").write_text("VALUE = 1\n")
        return DONE

    text = (
        '---\nverify: "test ! -e b.py || test -e m.py"\n---\n# Contract\n\n'
        "## m: Make it\n- writes: `m.py`\n- exports: `VALUE`\n\nWrite it.\n\n"
        "## b: Use it\n- writes: `b.py`\n- imports: `m`\n\nWrite it.\n\n"
        "## c: Go on\n- writes: `c.txt`\n- needs: b\n\nWrite it.\n"
    )
    agents.scripts = {"m": be_last, "b": writing({"b.py": "from m import VALUE\n"})}
    record = await streamed(executor, workspace, text)
    assert [(each.task, each.producer) for each in record.contracts] == [("b", "m")]
    assert record.state is RunState.LANDED, record.problem


async def test_as_many_agents_work_at_once_as_the_plan_allows(
    executor: Executor, workspace: Path, agents: Agents
) -> None:
    two = asyncio.Barrier(2)

    async def meet(_brief: Brief, _root: Path, _emit: Emit) -> Outcome:
        await two.wait()
        return DONE

    agents.scripts = dict.fromkeys("abcd", meet)
    record = await streamed(executor, workspace, plan(agents=2, a="", b="", c="", d="- needs: a"))
    assert record.state is RunState.LANDED, record.problem
    assert agents.most == 2


async def test_a_task_can_be_stopped_before_it_begins(executor: Executor, workspace: Path, agents: Agents) -> None:
    async def stop_the_next(brief: Brief, root: Path, emit: Emit) -> Outcome:
        assert executor.current is not None
        assert executor.current.cancel("b")
        assert not executor.current.cancel("b")
        return await writing({"a.txt": "by a\n"})(brief, root, emit)

    agents.scripts = {"a": stop_the_next}
    record = await streamed(executor, workspace, plan(a="", b="- needs: a", c="- needs: b"))
    assert states(record) == {"a": "held", "b": "cancelled", "c": "cancelled"}
    assert record.tasks["b"].message == "Stopped."
    assert agents.order == ["a"]


async def test_a_stream_can_be_cancelled_while_a_check_runs(
    executor: Executor, workspace: Path, agents: Agents
) -> None:
    analysis = analysed(workspace, plan(verify="sleep 60", a="", b="- needs: a"))
    executor.approve(executor.propose(PLAN, analysis, stream=True))
    run = executor.launch(PLAN, analysis)
    run.watch(lambda progress: progress.message == "Verifying: sleep 60" and run.cancel() and None)
    record = await ended(run)
    assert record.state is RunState.CANCELLED
    assert states(record) == {"a": "held", "b": "cancelled"}
    assert not (workspace / "a.txt").exists()


async def test_only_a_part_that_stands_on_its_own_can_land(executor: Executor, workspace: Path, agents: Agents) -> None:
    text = plan(a="", b="- needs: a", c="")
    agents.scripts = {"c": ending(FAILED)}
    await streamed(executor, workspace, text)
    with pytest.raises(NotLaunchable, match="`b` was built on `a`"):
        executor.land(PLAN, tasks=["b"])
    part = await ended(executor.land(PLAN, tasks=["a"]))
    assert states(part) == {"a": "landed", "b": "held", "c": "failed"}
    whole = await ended(executor.land(PLAN))
    assert (whole.state, states(whole)) == (RunState.LANDED, {"a": "landed", "b": "landed", "c": "failed"})
