import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent_server.agents.backend import (
    Denied,
    Event,
    Limits,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
    ToolStatus,
    Used,
)
from agent_server.agents.replay import ReplayBackend
from tests.agents.workbench import Workbench, brief, contents, of_type

HEADER = {"version": 1, "task": "nav", "model": "claude-sonnet-5-5", "seconds": 512.0}
END = {"at": 512.0, "end": "done"}


def transcript(folder: Path, *lines: dict[str, Any], task: str = "nav") -> Path:
    path = folder / f"{task}.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return folder


class Clock:
    """A clock that only sleeping moves on, apart from what `during` takes."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_a_transcript_is_played_through_the_tools(workspace: Path, tmp_path: Path, events: list[Event]) -> None:
    folder = transcript(
        tmp_path,
        HEADER,
        {"at": 3.0, "say": "I look first."},
        {"at": 3.5, "tool": "read", "input": {"path": "src/nav.tsx"}},
        {"at": 3.5, "usage": {"input_tokens": 1830, "output_tokens": 64}},
        {"at": 9.0, "retry": 1, "reason": "The model is overloaded."},
        {"at": 60.0, "tool": "edit", "input": {"path": "src/nav.tsx", "old": "'home'", "new": "'home', 'wiki'"}},
        {"at": 80.0, "tool": "write", "input": {"path": "src/data.ts", "content": "x"}},
        {**END, "message": "Linked."},
    )
    outcome = await ReplayBackend(folder, speed=10_000).run(brief("src/nav.tsx"), Workbench(workspace), events.append)
    assert outcome == Outcome(OutcomeKind.DONE, "Linked.")
    assert (workspace / "src/nav.tsx").read_text() == "export const nav = ['home', 'wiki'];\n"
    assert (workspace / "src/data.ts").read_text() == "export const data = [];\n"
    assert of_type(events, Said) == [Said("I look first.")]
    assert of_type(events, Used) == [Used(1830, 64)]
    assert of_type(events, Retrying) == [Retrying(1, "The model is overloaded.")]
    assert [denied.path for denied in of_type(events, Denied)] == ["src/data.ts"]
    assert [(call.kind, call.status) for call in of_type(events, ToolCall)] == [
        ("read", ToolStatus.STARTED),
        ("read", ToolStatus.DONE),
        ("edit", ToolStatus.STARTED),
        ("edit", ToolStatus.DONE),
        ("write", ToolStatus.STARTED),
        ("write", ToolStatus.FAILED),
    ]


async def test_what_happens_keeps_its_time_from_the_start_so_that_nothing_adds_up(
    workspace: Path, tmp_path: Path
) -> None:
    clock = Clock()

    def hear(_: Event) -> None:
        clock.now += 0.25  # whoever listens takes a quarter of a second

    folder = transcript(
        tmp_path,
        HEADER,
        {"at": 10.0, "say": "a"},
        {"at": 20.0, "say": "b"},
        {"at": 21.0, "say": "c"},
        {"at": 22.0, "say": "d"},
        {"at": 512.0, "end": "done"},
    )
    backend = ReplayBackend(folder, speed=10, clock=clock, sleep=clock.sleep)
    await backend.run(brief(), Workbench(workspace), hear)
    assert clock.slept == pytest.approx([1.0, 0.75, 0.0, 0.0, 48.45])
    assert clock.now == pytest.approx(1000 + 51.2)


async def test_the_end_is_the_recorded_one(workspace: Path, tmp_path: Path) -> None:
    end = {"at": 1.0, "end": "error", "message": "The connection broke.", "retryable": True}
    outcome = await ReplayBackend(transcript(tmp_path, HEADER, end), 1000).run(brief(), Workbench(workspace), print)
    assert outcome == Outcome(OutcomeKind.ERROR, "The connection broke.", retryable=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "It is empty."),
        ("nonsense\n", "Line 1: it is not JSON."),
        ("[]\n", "Line 1: it is not a JSON object."),
        ('{"version": 2}\n', 'Line 1: the header must say `"version": 1`.'),
        ('{"version": 1}\n', "It has no `end` line; the recording was cut short."),
        ('{"version": 1}\n{"at": 1, "say": "a"}\n', "It has no `end` line; the recording was cut short."),
        ('{"version": 1}\n{"say": "a"}\n', "Line 2: `at` is missing."),
        ('{"version": 1}\n{"at": -1, "say": "a"}\n', "Line 2: `at` must be 0 or more."),
        ('{"version": 1}\n{"at": NaN, "say": "a"}\n', "Line 2: `at` must be 0 or more."),
        (
            '{"version": 1}\n\n{"at": 2, "say": "a"}\n{"at": 1, "end": "done"}\n',
            "Line 4: it happens before the line above it.",
        ),
        ('{"version": 1}\n{"at": 2, "end": "done"}\n{"at": 3, "say": "a"}\n', "Line 3: something follows the end."),
        ('{"version": 1}\n{"at": 2, "end": "well"}\n', "Line 2: 'well' is not a valid OutcomeKind."),
        ('{"version": 1}\n{"at": 2, "tool": "read"}\n', "Line 2: it is none of"),
        ('{"version": 1}\n{"at": 2, "end": "done"', "Line 2: it is not JSON."),
    ],
)
async def test_a_broken_transcript_plays_nothing_and_says_what_is_wrong(
    workspace: Path, tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "nav.jsonl"
    path.write_text(text)
    outcome = await ReplayBackend({"nav": path}, 1000).run(brief("**"), Workbench(workspace), print)
    assert outcome.kind is OutcomeKind.ERROR
    assert outcome.message.startswith(f"The transcript `{path}` cannot be played. {why}")


async def test_a_missing_transcript_is_an_error_that_says_what_to_do(workspace: Path, tmp_path: Path) -> None:
    for backend in (ReplayBackend(tmp_path), ReplayBackend({})):
        outcome = await backend.run(brief(), Workbench(workspace), print)
        assert outcome.kind is OutcomeKind.ERROR
        assert outcome.message.startswith("There is no transcript for the task `nav`")
        assert outcome.message.endswith("or choose another agent.")


async def test_a_task_id_does_not_lead_out_of_the_folder(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    transcript(tmp_path, HEADER, END)
    outcome = await ReplayBackend(tmp_path / "in", 10_000).run(brief(task="../nav"), Workbench(workspace), print)
    assert outcome.kind is OutcomeKind.ERROR


async def test_limits_hold(workspace: Path, tmp_path: Path) -> None:
    usage = {"at": 1.0, "usage": {"input_tokens": 60, "output_tokens": 50}}
    late = {"at": 2.0, "tool": "write", "input": {"path": "src/nav.tsx", "content": "x"}}
    folder = transcript(tmp_path, HEADER, usage, late, END)
    before = contents(workspace)
    for limits, kind in (
        (Limits(tokens=100), OutcomeKind.OVER_BUDGET),
        (Limits(seconds=0.05), OutcomeKind.TIMED_OUT),
    ):
        backend = ReplayBackend(folder, speed=1000 if limits.tokens else 1)
        outcome = await backend.run(brief("src/nav.tsx", limits=limits), Workbench(workspace), print)
        assert outcome.kind is kind
        assert contents(workspace) == before


async def test_it_can_be_cancelled(workspace: Path, tmp_path: Path) -> None:
    said = asyncio.Event()
    folder = transcript(tmp_path, HEADER, {"at": 0, "say": "a"}, END)
    work = asyncio.create_task(ReplayBackend(folder).run(brief(), Workbench(workspace), lambda _: said.set()))
    await said.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_the_speed_is_above_nought(tmp_path: Path, speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        ReplayBackend(tmp_path, speed)


def written(path: str) -> dict[str, Any]:
    return {"at": 1.0, "tool": "write", "input": {"path": path, "content": path}}


@pytest.mark.parametrize(
    ("writes", "made"),
    [
        (("src/nav.tsx", "src/menu.ts"), "src/menu.ts"),
        (("src/nav.tsx",), "src/nav.tsx"),
        (("src/links.ts",), "src/links.ts"),
        (("src/other.ts",), None),
    ],
)
async def test_of_several_transcripts_the_first_is_played_that_keeps_to_what_the_task_may_write(
    workspace: Path, tmp_path: Path, events: list[Event], writes: tuple[str, ...], made: str | None
) -> None:
    folder = transcript(tmp_path, HEADER, written("src/menu.ts"), END)
    (folder / "nav").mkdir()
    transcript(folder / "nav", HEADER, written("src/links.ts"), END, task="a")
    transcript(folder / "nav", HEADER, written("src/nav.tsx"), END, task="b")
    outcome = await ReplayBackend(folder, speed=10_000).run(brief(*writes), Workbench(workspace), events.append)
    assert outcome.kind is OutcomeKind.DONE
    assert bool(of_type(events, Denied)) == (made is None)
    if made is not None:
        assert contents(workspace)[made] == made


async def test_a_task_may_have_transcripts_in_its_folder_alone(
    workspace: Path, tmp_path: Path, events: list[Event]
) -> None:
    (tmp_path / "nav").mkdir()
    transcript(tmp_path / "nav", HEADER, written("src/links.ts"), END, task="any")
    backend = ReplayBackend(tmp_path, speed=10_000)
    assert (await backend.run(brief("src/links.ts"), Workbench(workspace), events.append)).kind is OutcomeKind.DONE
    assert contents(workspace)["src/links.ts"] == "src/links.ts"
