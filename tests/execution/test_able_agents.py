"""A launch whose agents are known to be unable to work is refused before anybody is asked, and before anything runs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agent_server.execution.approval import NotLaunchable
from agent_server.execution.executor import Executor
from agent_server.settings import AgentProgram, ExecutionSettings
from tests.execution.plans import analysed, two_tasks

PLAN = "two.plan.md"
NO_KEY = "The agent `anthropic` cannot work. There is no key for the model. Set `ANTHROPIC_API_KEY`"
Make = Callable[..., Awaitable[Executor]]


def own(command: str, install: str = "") -> dict[str, object]:
    return {"agent": "own", "backends": {"own": AgentProgram("command", (command,), install=install)}}


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes an executor with such settings and environment."""
    async with AsyncExitStack() as stack:

        async def made(environ: dict[str, str] | None = None, **settings: object) -> Executor:
            environ = {"PATH": "/usr/bin:/bin", "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"), **(environ or {})}
            executor = Executor(tmp_path, ExecutionSettings(**settings), environ)  # type: ignore[arg-type]  # a test's own
            stack.push_async_callback(executor.close)
            return executor

        yield made


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, NO_KEY),
        ({"ANTHROPIC_API_KEY": " "}, NO_KEY),
        ({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "localhost"}, "`ANTHROPIC_BASE_URL` is not an address"),
        ({"ANTHROPIC_API_KEY": "k"}, None),
        ({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, None),
    ],
)
async def test_a_model_without_a_key_or_an_address(
    make: Make, tmp_path: Path, environ: dict[str, str], why: str | None
) -> None:
    executor, analysis = await make(environ), analysed(tmp_path, two_tasks())
    executor.expect_runnable(PLAN, analysis)  # nothing is wrong with the plan
    if why is None:
        assert executor.propose(PLAN, analysis).tasks[0].agent == "anthropic"
        return
    with pytest.raises(NotLaunchable) as refused:
        executor.propose(PLAN, analysis)
    assert why in str(refused.value)


async def test_only_agents_that_would_work_now_are_looked_at(make: Make, tmp_path: Path) -> None:
    executor = await make(agent="replay")
    assert executor.propose(PLAN, analysed(tmp_path, two_tasks()))
    later = analysed(
        tmp_path, two_tasks().replace("- writes: `b.txt`\n", "- writes: `b.txt`\n- needs: a\n- agent: aider\n")
    )
    assert executor.propose(PLAN, later)
    with pytest.raises(NotLaunchable, match="The agent `aider` cannot work"):
        executor.propose(PLAN, later, stream=True)


async def test_a_program_that_is_not_there(make: Make, tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    with pytest.raises(NotLaunchable) as refused:
        (await make(**own("no-such-agent", "pipx install it"))).propose(PLAN, analysis)
    assert str(refused.value) == (
        "The agent `own` cannot work. There is no program `no-such-agent` on PATH. Install it with `pipx install it`, "
        "or choose another agent."
    )
    with pytest.raises(NotLaunchable, match="Install it, or choose another agent"):
        (await make(**own("/no/such/agent"))).propose(PLAN, analysis)


async def test_a_program_of_the_workspace_does_not_pass_for_it(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "an-agent").write_text("#!/bin/sh\n")
    (tmp_path / "an-agent").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotLaunchable, match="no program `an-agent`"):
        (await make({"PATH": ".:/bin"}, **own("an-agent"))).propose(PLAN, analysed(tmp_path, two_tasks()))


@pytest.mark.parametrize("command", ["sh", "/bin/sh", "./in-the-tree"])
async def test_a_program_that_may_be_there(make: Make, tmp_path: Path, command: str) -> None:
    """What a relative path names is looked for in the sandbox, where a task before may have put it."""
    assert (await make(**own(command))).propose(PLAN, analysed(tmp_path, two_tasks())).tasks[0].runs == command


async def test_workers_have_keys_and_programs_of_their_own(make: Make, tmp_path: Path) -> None:
    analysis = analysed(tmp_path, two_tasks())
    assert (await make(scheduler="tcp://far:8786")).propose(PLAN, analysis)
    assert (await make(scheduler="tcp://far:8786", **own("no-such-agent"))).propose(PLAN, analysis)


async def test_a_program_that_is_gone_since_is_told_at_the_launch(make: Make, tmp_path: Path) -> None:
    program = tmp_path / "an-agent"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    executor, analysis = await make(**own(str(program))), analysed(tmp_path, two_tasks())
    executor.approve(executor.propose(PLAN, analysis))
    program.unlink()
    with pytest.raises(NotLaunchable, match="There is no program"):
        executor.launch(PLAN, analysis)
    assert executor.current is None
    assert executor.last_record(PLAN) is None
