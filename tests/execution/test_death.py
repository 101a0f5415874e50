"""A server that is killed in the middle of a wave: nothing of it lives on, and the next one says what happened."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.analysis import rules
from agent_server.execution.executor import Executor
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import StateDirectory
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed, skip_unless_possible, two_tasks
from tests.execution.trees import read

DRIVER = Path(__file__).with_name("death_driver.py")
PLAN = "two.plan.md"
# A daemon as the textbook has it: no parent, no session, no folder, no open file, and here no environment either.
DAEMON = (
    "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); os.chdir(chr(47)); "
    "os.closerange(0, 99); time.sleep(1000)"
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")


def processes_with(text: str) -> list[int]:
    """The living processes whose command line holds `text`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def processes_that_mount(folder: Path) -> list[int]:
    """The living processes that have something mounted that lies in `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(folder) in (process / "mountinfo").read_text():
                found.append(int(process.name))
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # nobody tells when a process is gone
            await asyncio.sleep(0.01)


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"), "PYTHONPATH": path}


@pytest.fixture
def workspace(tmp_path: Path, mark: str) -> Path:
    """A workspace whose build leaves a child, a grandchild and a daemon behind, and waits."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "kept.txt").write_text("mine\n")
    (root / "build.sh").write_text(
        f"sh -c 'sleep 1000; : {mark} behind' &\n"
        f"(setsid sh -c 'sleep 1000; : {mark} apart' &)\n"
        f"env -i {sys.executable} -c '{DAEMON} # {mark}'\n"
        f"echo started\nsh -c 'sleep 1000; : {mark} in front'\n"
    )
    return root


@pytest.fixture(params=list(Isolation))
async def isolation(request: pytest.FixtureRequest, workspace: Path, environ: Mapping[str, str]) -> Isolation:
    await skip_unless_possible(request.param, workspace, environ)
    return Isolation(request.param)


@pytest.fixture
def state(workspace: Path, environ: Mapping[str, str]) -> StateDirectory:
    return StateDirectory.for_workspace(workspace, environ)


@contextmanager
def server(
    root: Path, isolation: Isolation, moment: str, environ: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(DRIVER), str(root), isolation.value, moment]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(root: Path, isolation: Isolation, moment: str, environ: Mapping[str, str]) -> None:
    """Let a server come to that moment of a run, and kill it."""
    with server(root, isolation, moment, environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"


class Writers:
    name = "scripted"
    runs = ""
    problem = ""

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        (workbench.root / f"{brief.task}.txt").write_text(f"by {brief.task}\n")
        return Outcome(OutcomeKind.DONE)


def next_server(root: Path, isolation: Isolation, environ: Mapping[str, str]) -> Executor:
    settings = ExecutionSettings(agent="scripted", isolation=isolation)
    return Executor(root, settings, environ, find_backend=lambda *_: Writers())


@pytest.mark.parametrize("moment", ["agents", "commands", "programs", "verify"])
async def test_nothing_outlives_a_server_that_is_killed(
    moment: str, isolation: Isolation, workspace: Path, environ: Mapping[str, str], state: StateDirectory, mark: str
) -> None:
    with server(workspace, isolation, moment, environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        builds = {"agents": 0, "commands": 2, "programs": 2, "verify": 1}[moment]
        await until(lambda: len(processes_with(mark)) >= 4 * builds)
        assert processes_with(str(state.sandboxes))
        assert bool(processes_that_mount(state.root)) == (isolation is Isolation.OVERLAY)
    await until(lambda: not processes_with(mark) and not processes_with(str(state.sandboxes)))
    await until(lambda: not processes_that_mount(state.root))


@pytest.mark.parametrize("moment", ["agents", "verify"])
async def test_the_next_server_says_what_happened_cleans_up_and_can_launch(
    moment: str, isolation: Isolation, workspace: Path, environ: Mapping[str, str], state: StateDirectory
) -> None:
    killed(workspace, isolation, moment, environ)
    assert list(state.sandboxes.iterdir())
    executor = next_server(workspace, isolation, environ)
    [said] = await executor.recover()
    assert said.startswith(f"The server stopped in the middle of wave 1 of `{PLAN}`.")
    assert list(state.sandboxes.iterdir()) == []
    assert not (workspace / "a.txt").exists()

    facts = executor.facts(PLAN)
    analysis = analysed(workspace, two_tasks(verify="true"))
    found = {each.code: each.message for each in rules.run(replace(analysis, facts=facts))}
    if moment == "agents":
        assert "Nothing of it has landed" in said
        assert {task.state.value for task in facts.tasks.values()} == {"failed"}
        assert all("server stopped" in task.message for task in facts.tasks.values())
        assert "server stopped" in found["task-failed"]
    else:
        assert "What `a`, `b` made is held" in said
        assert {task.state.value for task in facts.tasks.values()} == {"held"}
        assert "server stopped" in found["not-landed"]
        landed = await executor.land(PLAN, unverified=True).wait()
        assert landed.state is RunState.LANDED, landed.problem
        assert (workspace / "a.txt").read_text() == "by a\n"

    executor.approve(executor.propose(PLAN, analysis, 1))
    record = await executor.launch(PLAN, analysis).wait()
    assert record.state is RunState.LANDED, record.problem
    assert (workspace / "a.txt").read_text() == "by a\n"
    await executor.close()


RECOVER = """
import asyncio, os, sys
from pathlib import Path
from agent_server.execution.executor import Executor
from agent_server.settings import ExecutionSettings

async def main():
    executor = Executor(Path(sys.argv[1]), ExecutionSettings(), os.environ)
    print("ready", flush=True)
    sys.stdin.readline()
    print(*await executor.recover(), sep="; ")
    await executor.close()

asyncio.run(main())
"""


async def test_of_two_servers_that_start_at_once_after_a_death_one_recovers(
    workspace: Path, environ: Mapping[str, str]
) -> None:
    with server(workspace, Isolation.COPY, "landing", environ) as process:
        assert process.wait() == -signal.SIGKILL
    assert sorted(path.name for path in workspace.iterdir() if path.suffix == ".txt") == ["a.txt", "kept.txt"]

    command = [sys.executable, "-c", RECOVER, str(workspace)]
    both = [
        subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    said = sorted(each.communicate()[0].strip() for each in both)
    assert [each.returncode for each in both] == [0, 0]
    assert said[0] == ""
    assert "The landing of run" in said[1]
    assert "it is complete now" in said[1]

    assert (workspace / "a.txt").read_text() == "by a\n"
    assert (workspace / "b.txt").read_text() == "by b\n"
    executor = next_server(workspace, Isolation.COPY, environ)
    assert {task.state.value for task in executor.facts(PLAN).tasks.values()} == {"landed"}
    await executor.close()


@pytest.mark.parametrize(
    ("isolation", "kills"), [(Isolation.OVERLAY, 20), (Isolation.WORKTREE, 10)], indirect=["isolation"]
)
async def test_servers_that_are_killed_while_they_start_something_leave_nothing(
    isolation: Isolation, kills: int, workspace: Path, environ: Mapping[str, str], state: StateDirectory
) -> None:
    command = [sys.executable, str(DRIVER), str(workspace), isolation.value, "starts", "1", str(kills)]
    subprocess.run(command, env=environ, check=True)
    await until(lambda: not processes_with(str(state.root)) and not processes_that_mount(state.root))
    async with await freeze(workspace, state, prefer=isolation) as base:
        assert read((await base.fork("after")).root) == read(workspace)
