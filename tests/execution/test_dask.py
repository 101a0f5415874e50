"""Waves whose agents work on Dask workers: real ones, which are killed, frozen and blindfolded."""

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.backend import Denied, Event, Outcome, OutcomeKind, Retrying, Said
from agent_server.agents.backends import backend_named
from agent_server.agents.brief import brief_for
from agent_server.agents.replay import ReplayBackend
from agent_server.agents.transcript import UsedTool, parse_transcript
from agent_server.execution.changes.changes import change_set, content_of
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.run import Run
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import StateDirectory
from agent_server.execution.workplaces import dask as dask_workplace
from agent_server.execution.workplaces import workplace_for
from agent_server.execution.workplaces.model import Assignment
from agent_server.settings import ExecutionSettings
from tests.execution.dask_cluster import Cluster, cluster, processes_with, until
from tests.execution.plans import analysed
from tests.execution.trees import plant, read

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")

PLAN = "wave.plan.md"
STALLS = 100_000.0


def wave(tasks: str) -> str:
    """A plan of independent tasks, whose names are single letters."""
    return "# Wave\n\n" + "".join(
        f"## {task}: Work on {task}\n- writes: `{task}.txt`, `{task}/`\n\nDo what is needed.\n\n" for task in tasks
    )


class Site:
    """A workspace, its state, and transcripts for the agents of a plan in which each task writes what is named so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.workspace = self.home / "workspace"
        self.transcripts = folder / "transcripts"
        self.transcripts.mkdir(exist_ok=True)
        self.environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(self.home / "state"), "ANTHROPIC_API_KEY": "sk-own"}
        plant(self.workspace, {"kept.txt": "mine\n", "c/old.txt": "old\n", "d.txt": "to go\n", "run.sh": "echo\n"})
        self.state = StateDirectory.for_workspace(self.workspace, self.environ)
        self._executors: list[Executor] = []

    def script(self, task: str, *lines: Mapping[str, object], seconds: float = 0.0) -> None:
        """What the agent of the task does, and how long it goes on behind that."""
        all_lines = [
            {"version": 1, "task": task},
            *({"at": 0, **line} for line in lines),
            {"at": seconds, "end": "done"},
        ]
        passing = self.transcripts / "passing"
        passing.write_text("".join(f"{json.dumps(line)}\n" for line in all_lines))
        passing.replace(self.transcripts / f"{task}.jsonl")

    def launch(self, tasks: str, scheduler: str | None, record: Path | None = None) -> Run:
        """Start a wave of these tasks."""
        settings = ExecutionSettings(agent="replay", transcripts=self.transcripts, scheduler=scheduler, record=record)
        executor = Executor(self.workspace, settings, self.environ)
        self._executors.append(executor)
        analysis = analysed(self.workspace, wave(tasks))
        executor.approve(executor.propose(PLAN, analysis, 1))
        return executor.launch(PLAN, analysis)

    def events(self, run: Run, task: str) -> list[Event]:
        return [each.event for each in self._executors[-1].records().events(run.id, task).events]

    async def close(self) -> None:
        for executor in self._executors:
            await executor.close()

    def sandboxes(self) -> list[int]:
        """The processes that sandboxes of this workspace consist of."""
        return processes_with(str(self.state.sandboxes))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler on a busy machine is given the time that it needs."""
    monkeypatch.setattr(dask_workplace, "_CONNECT_SECONDS", 60.0)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    found = Site(tmp_path)
    yield found
    await found.close()


@pytest.fixture(scope="module")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("pair")) as found:
        yield found


@pytest.fixture
async def pair(_pair: Cluster) -> Cluster:
    """At least two workers, of a cluster that tests share."""
    if not _pair.address:
        await _pair.begin()
    await _pair.hire(2 - _pair.living)
    return _pair


def write(path: str, text: str) -> dict[str, object]:
    return {"tool": "write", "input": {"path": path, "content": text}}


def states(record: RunRecord) -> dict[str, str]:
    return {name: task.state.value for name, task in record.tasks.items()}


async def said(run: Run, task: str, words: str = "Wait") -> None:
    """Wait until the agent says that."""
    await until(lambda: run.progress.activity.get(task) == words)


def worker_of(site: Site, found: Cluster) -> subprocess.Popen[bytes]:
    """The worker at which the only agent works: the keeper of its sandbox is its child."""
    parents = set(map(parent_of, site.sandboxes()))
    [worker] = [each for each in found.workers if each.pid in parents]
    return worker


def parent_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it was gone before that, or in the middle of it
        return 0
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid")))


async def test_a_wave_lands_as_it_does_here(site: Site, pair: Cluster, tmp_path: Path) -> None:
    site.script("a", {"say": "Hello"}, write("a.txt", "by a\n"), write("a/deep/one.txt", "one\n"))
    site.script(
        "b", write("kept.txt", "spoilt\n"), write("b.txt", "by b\n"), {"usage": {"input_tokens": 7, "output_tokens": 5}}
    )
    site.script("c", {"tool": "edit", "input": {"path": "c/old.txt", "old": "old", "new": "new"}})
    site.script("d", {"tool": "delete", "input": {"path": "d.txt"}})
    before = read(site.workspace)

    def told(run: Run) -> Mapping[str, list[Event]]:
        return {task: site.events(run, task) for task in "abcd"}

    here = site.launch("abcd", None)
    mine = await here.wait()
    assert mine.state is RunState.LANDED, mine.problem
    after, told_here = read(site.workspace), told(here)
    assert after != before
    for path in after.keys() - before.keys():
        (site.workspace / path).unlink()
    plant(site.workspace, before)

    there = site.launch("abcd", pair.address)
    record = await there.wait()
    assert record.state is RunState.LANDED, record.problem
    assert read(site.workspace) == after
    assert told(there) == told_here
    assert any(isinstance(event, Denied) for event in told_here["b"])
    for name, task in record.tasks.items():
        assert (task.changed, task.undeclared, task.used) == (
            mine.tasks[name].changed,
            mine.tasks[name].undeclared,
            mine.tasks[name].used,
        )
    assert not site.sandboxes()
    assert not list(site.state.sandboxes.iterdir())


async def test_what_agents_do_elsewhere_is_recorded_here(site: Site, pair: Cluster, tmp_path: Path) -> None:
    site.script("a", write("a.txt", "by a\n"), {"say": "Done."})
    record = await site.launch("a", pair.address, tmp_path / "recorded").wait()
    assert record.state is RunState.LANDED, record.problem
    text = (tmp_path / "recorded/a.jsonl").read_text()
    assert [moment.what for moment in parse_transcript(text).moments] == [
        UsedTool("write", {"path": "a.txt", "content": "by a\n"}),
        Said("Done."),
        Outcome(OutcomeKind.DONE),
    ]

    (tmp_path / "file").touch()
    site.script("b", write("b.txt", "by b\n"))
    record = await site.launch("b", pair.address, tmp_path / "file").wait()
    assert record.state is RunState.LANDED, record.problem
    assert record.tasks["b"].message.startswith("The transcript could not be written to")


async def test_one_agent_can_be_stopped(site: Site, pair: Cluster) -> None:
    site.script("a", write("a.txt", "by a\n"), {"say": "Wait"}, seconds=STALLS)
    site.script("b", write("b.txt", "by b\n"))
    run = site.launch("ab", pair.address)
    await said(run, "a")
    assert run.cancel("a")
    record = await run.wait()
    assert states(record) == {"a": "cancelled", "b": "held"}
    assert not (site.workspace / "b.txt").exists()
    await until(lambda: not site.sandboxes())  # a slow worker is not waited for by the run


async def test_the_whole_run_can_be_cancelled_with_agents_that_wait_for_a_worker(site: Site, pair: Cluster) -> None:
    tasks = "abcdef"  # and the workers have four places
    for task in tasks:
        site.script(task, {"say": "Wait"}, seconds=STALLS)
    run = site.launch(tasks, pair.address)
    await until(lambda: len(run.progress.activity) == 4)
    assert run.cancel()
    record = await run.wait()
    assert record.state is RunState.CANCELLED
    assert set(states(record).values()) == {"cancelled"}
    await until(lambda: not site.sandboxes())  # a slow worker is not waited for by the run
    for task in tasks:
        site.script(task, write(f"{task}.txt", "again\n"))
    assert (await site.launch(tasks, pair.address).wait()).state is RunState.LANDED


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_an_agent_whose_worker_ends_begins_again_and_lands_once(
    how: signal.Signals, site: Site, pair: Cluster
) -> None:
    site.script("a", write("a.txt", "by the first\n"), write("a/first.txt", "x"), {"say": "Wait"}, seconds=STALLS)
    run = site.launch("a", pair.address)
    await said(run, "a")
    site.script("a", write("a.txt", "by the second\n"))
    processes = site.sandboxes()
    lost = worker_of(site, pair)
    lost.send_signal(how)
    record = await run.wait()
    assert record.state is RunState.LANDED, record.problem
    assert (site.workspace / "a.txt").read_text() == "by the second\n"
    assert not (site.workspace / "a").exists()
    retries = [each for each in site.events(run, "a") if isinstance(each, Retrying)]
    assert retries == [Retrying(1, "The worker was lost")]
    await until(lambda: lost.poll() is not None and not set(processes) & set(site.sandboxes()))
    assert not site.sandboxes()


async def test_an_agent_that_loses_two_workers_is_given_up(site: Site, pair: Cluster) -> None:
    await pair.hire(3 - pair.living)
    site.script("a", write("a.txt", "by a\n"), {"say": "First"}, seconds=STALLS)
    run = site.launch("a", pair.address)
    await said(run, "a", "First")
    site.script("a", write("a.txt", "by a\n"), {"say": "Second"}, seconds=STALLS)
    first = worker_of(site, pair)
    first.kill()
    await said(run, "a", "Second")
    await until(lambda: first.pid not in map(parent_of, site.sandboxes()))
    worker_of(site, pair).kill()
    record = await run.wait()
    assert record.state is RunState.HELD
    assert "lost, twice" in record.tasks["a"].message
    assert not (site.workspace / "a.txt").exists()
    await until(lambda: not site.sandboxes())


async def test_a_worker_that_was_only_out_of_reach_brings_in_nothing(site: Site, tmp_path: Path) -> None:
    impatient = {
        "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "3s",
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    }
    with cluster(tmp_path / "cluster", impatient) as found:
        await found.begin(workers=2)
        site.script("a", write("a.txt", "by the first\n"), {"say": "Wait"}, seconds=STALLS)
        run = site.launch("a", found.address)
        await said(run, "a")
        site.script("a", write("a.txt", "by the second\n"), {"say": "Also wait"}, seconds=STALLS)
        frozen = worker_of(site, found)
        frozen.send_signal(signal.SIGSTOP)
        await said(run, "a", "Also wait")
        frozen.send_signal(signal.SIGCONT)
        await until(lambda: frozen.poll() is not None)
        run.cancel("a")
        assert states(await run.wait()) == {"a": "cancelled"}
        await until(lambda: not site.sandboxes())
        assert not list(site.state.sandboxes.iterdir())


DAEMON = """
import asyncio, os, sys
from pathlib import Path
from tests.execution.test_dask import Site, said

async def main():
    site = Site(Path(sys.argv[1]))
    run = site.launch("a", sys.argv[2])
    await said(run, "a")
    print("there", flush=True)
    await run.wait()

asyncio.run(main())
"""


async def test_agents_stop_when_the_daemon_is_killed(site: Site, pair: Cluster) -> None:
    site.script("a", write("a.txt", "by a\n"), {"say": "Wait"}, seconds=STALLS)
    environ = {**site.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", DAEMON, str(site.folder), pair.address]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert await asyncio.to_thread(daemon.stdout.readline) == "there\n"
        assert site.sandboxes()
        daemon.kill()
    await until(lambda: not site.sandboxes())
    site.script("a", write("a.txt", "again\n"))
    assert (await site.launch("a", pair.address).wait()).state is RunState.LANDED


# The base.


async def test_a_worker_that_does_not_see_the_base_is_sent_it_once(site: Site, tmp_path: Path) -> None:
    elsewhere = (
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs tmpfs "$0" && exec "$@"',
    )
    blind = (*elsewhere, str(site.home))
    if subprocess.run([*blind, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this host cannot play another")
    with cluster(tmp_path / "cluster") as found:
        await found.begin()
        await found.hire(before=blind)
        site.script("a", {"tool": "read", "input": {"path": "kept.txt"}}, write("a.txt", "by a\n"))
        site.script("b", {"tool": "edit", "input": {"path": "b.txt", "old": "there", "new": "here"}})
        (site.workspace / "b.txt").write_text("I was there\n")
        record = await site.launch("ab", found.address).wait()
        assert record.state is RunState.LANDED, record.problem
        assert (site.workspace / "b.txt").read_text() == "I was here\n"
        copies = list((tmp_path / "cluster").glob("worker-0/**/agent-server/*/mirror"))
        assert [read(each) for each in copies] == [
            {
                "kept.txt": "mine\n",
                "c/old.txt": "old\n",
                "d.txt": "to go\n",
                "run.sh": "echo\n",
                "b.txt": "I was there\n",
            }
        ]
        assert not list(site.state.sandboxes.iterdir())


async def test_no_key_goes_to_a_worker(site: Site) -> None:
    analysis = analysed(site.workspace, wave("a"))
    executor = Executor(site.workspace, ExecutionSettings(), site.environ)
    approval = executor.propose(PLAN, analysis, 1)
    backend = backend_named("anthropic", executor.settings, site.environ)
    assert b"sk-own" in pickle.dumps(backend)
    assignment = Assignment(approval.tasks[0], brief_for(analysis, "a"), backend, 60.0)
    async with await freeze(site.workspace, site.state, prefer=Isolation.COPY) as base:
        workplace = dask_workplace.DaskWorkplace(base, site.state, executor.settings)
        order = pickle.dumps(workplace._order(assignment, ()))
    assert b"Do what is needed." in order
    assert b"sk-own" not in order


async def test_an_agent_finds_what_it_inherits_and_brings_in_only_its_own(
    site: Site, pair: Cluster, tmp_path: Path
) -> None:
    site.script("a", {"tool": "edit", "input": {"path": "a/one.txt", "old": "1", "new": "2"}}, write("a.txt", "by a\n"))
    analysis = analysed(site.workspace, wave("a"))
    settings = ExecutionSettings(agent="replay", transcripts=site.transcripts, scheduler=pair.address)
    executor = Executor(site.workspace, settings, site.environ)
    approved = executor.propose(PLAN, analysis, 1).tasks[0]
    backend = ReplayBackend(site.transcripts)
    assignment = Assignment(approved, brief_for(analysis, "a"), backend, 60.0)
    new = plant(tmp_path / "new", {"a/one.txt": "1\n", "b/two.txt": "2\n"})
    inherited = change_set(site.workspace, {each: new / each for each in ("a/one.txt", "b/two.txt")}, tmp_path / "old")
    found = []
    for chosen in (settings, replace(settings, scheduler=None)):
        async with (
            await freeze(site.workspace, site.state) as base,
            workplace_for(chosen, site.state)(base) as workplace,
        ):
            outcome, changes = await workplace.carry_out(
                assignment, inherited, tmp_path / "store", lambda: None, lambda _: None
            )
        assert outcome.kind is OutcomeKind.DONE, outcome.message
        found.append(changes)
    assert found[0] == found[1]
    assert [(change.path, content_of(change)) for change in found[0]] == [("a.txt", b"by a\n"), ("a/one.txt", b"2\n")]


# What may be missing.


async def refused(site: Site, scheduler: str) -> str:
    site.script("a", write("a.txt", "by a\n"))
    record = await site.launch("a", scheduler).wait()
    assert record.state is RunState.FAILED
    return record.problem


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "tls://127.0.0.1:1"])
async def test_a_scheduler_that_does_not_answer_is_told(
    address: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workplace, "_CONNECT_SECONDS", 0.3)
    problem = await refused(site, address)
    assert problem.startswith(f"The run stopped: No Dask scheduler answers at `{address}`")


async def test_dask_that_is_not_installed_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "Install `agent-server[dask]`" in await refused(site, "tcp://127.0.0.1:1")


async def test_a_scheduler_without_workers_is_told_and_one_that_loses_them(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workplace, "_LOOK_SECONDS", 0.1)
    with cluster(tmp_path / "cluster") as found:
        await found.begin()
        command = f"dask worker {found.address} --host 127.0.0.1"
        assert f"has no workers. Start one: `{command}`." in await refused(site, found.address)
        await found.hire()
        site.script("a", write("a.txt", "by a\n"), {"say": "Wait"}, seconds=STALLS)
        run = site.launch("a", found.address)
        await said(run, "a")
        worker_of(site, found).kill()
        record = await run.wait()
        assert states(record) == {"a": "failed"}
        assert "has no workers any more" in record.tasks["a"].message


async def test_a_scheduler_that_goes_away_ends_the_attempts(site: Site, tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster") as found:
        await found.begin(workers=1)
        site.script("a", write("a.txt", "by a\n"), {"say": "Wait"}, seconds=STALLS)
        run = site.launch("a", found.address)
        await said(run, "a")
        found.end()
        record = await run.wait()
        assert states(record) == {"a": "failed"}
        assert "went away" in record.tasks["a"].message
        await until(lambda: not site.sandboxes())
