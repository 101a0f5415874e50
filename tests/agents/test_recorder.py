import asyncio
import shutil
from pathlib import Path

import pytest

from agent_server.agents.backend import Brief, Event, Outcome, OutcomeKind, Said, Used
from agent_server.agents.replay import ReplayBackend
from agent_server.agents.tools import Toolbox
from agent_server.agents.transcript import Recorder, UsedTool, parse_transcript, transcript_path
from tests.agents.workbench import Workbench, brief, contents


class Worker:
    """An agent that does what it is made with."""

    name = "worker"

    def __init__(self, *steps: Said | Used | UsedTool) -> None:
        self.steps = steps

    async def work(self, brief: Brief, tools: Toolbox) -> Outcome:
        for step in self.steps:
            if isinstance(step, UsedTool):
                await tools.use(step.name, step.given)
            else:
                tools.emit(step)
        return Outcome(OutcomeKind.DONE, f"Did {brief.title}.")


async def test_what_was_recorded_plays_to_the_same_files_and_events(workspace: Path, tmp_path: Path) -> None:
    again = shutil.copytree(workspace, tmp_path / "again")
    worker = Worker(
        Said("Zuerst lese ich. \u2028 😀"),
        UsedTool("read", {"path": "src/nav.tsx"}),
        Used(100, 20),
        UsedTool("edit", {"path": "src/nav.tsx", "old": "'home'", "new": "'home', 'wiki'"}),
        UsedTool("write", {"path": "pages/wiki/page.tsx", "content": "wiki\r\n"}),
        UsedTool("write", {"path": "../outside/secret.txt", "content": "mine"}),
        UsedTool("write", {"path": "src/data.ts", "content": "mine"}),
        UsedTool("delete", {"path": "README.md"}),
        UsedTool("write", {"path": "src/nav.tsx", "content": "\ud800"}),
    )
    given = brief("src/nav.tsx", "pages/**", "README.md")
    recorded: list[Event] = []
    played: list[Event] = []
    first = await Recorder(worker, tmp_path / "transcripts").run(given, Workbench(workspace), recorded.append)
    second = await ReplayBackend(tmp_path / "transcripts", 1000).run(given, Workbench(again), played.append)
    assert first == second == Outcome(OutcomeKind.DONE, "Did Build the navigation.")
    assert played == recorded
    assert contents(again) == contents(workspace)
    assert (again / "pages/wiki/page.tsx").read_bytes() == b"wiki\r\n"


async def test_times_count_from_the_start(workspace: Path, tmp_path: Path) -> None:
    ticks = iter([100.0, 103.0, 112.5, 120.0])
    worker = Worker(Said("a"), Said("b"))
    await Recorder(worker, tmp_path, clock=lambda: next(ticks)).run(brief(), Workbench(workspace), lambda _: None)
    transcript = parse_transcript((tmp_path / "nav.jsonl").read_text())
    assert (transcript.task, transcript.model, transcript.seconds) == ("nav", "claude-sonnet-5-5", 20.0)
    assert [moment.at for moment in transcript.moments] == [3.0, 12.5, 20.0]


async def test_a_cancelled_run_is_recorded_up_to_there(workspace: Path, tmp_path: Path) -> None:
    class Waiter(Worker):
        async def work(self, brief: Brief, tools: Toolbox) -> Outcome:
            await super().work(brief, tools)
            await asyncio.Event().wait()
            raise AssertionError

    said = asyncio.Event()
    recorder = Recorder(Waiter(Said("a")), tmp_path)
    work = asyncio.create_task(recorder.run(brief(), Workbench(workspace), lambda _: said.set()))
    await said.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    moments = parse_transcript((tmp_path / "nav.jsonl").read_text()).moments
    assert [moment.what for moment in moments] == [Said("a"), Outcome(OutcomeKind.CANCELLED)]


async def test_a_transcript_that_cannot_be_written_takes_nothing_from_the_work(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    given = brief("src/nav.tsx")
    worker = Worker(UsedTool("write", {"path": "src/nav.tsx", "content": "new"}))
    outcome = await Recorder(worker, tmp_path / "file").run(given, Workbench(workspace), lambda _: None)
    assert outcome.kind is OutcomeKind.DONE
    assert "The transcript could not be written" in outcome.message
    assert (workspace / "src/nav.tsx").read_text() == "new"


IDS = ("1.1", "T-001", "bd-a3f8", "..", ".", "", "a/b", "a-b", "a\\b", "a\0b", "/etc/x", "🦊", "T001" * 80, "\ud800")


def test_whatever_an_id_is_its_transcript_lies_in_the_folder(tmp_path: Path) -> None:
    paths = {transcript_path(tmp_path, task) for task in IDS}
    assert len(paths) == len(IDS)
    for path in paths:
        assert path.parent == tmp_path
        path.write_text("")
    assert transcript_path(tmp_path, "T001").name == "T001.jsonl"
