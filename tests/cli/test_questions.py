"""What is asked at a terminal: to launch, how a held run goes on, and which pieces land."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.changes.review import hunk_id, hunks
from agent_server.execution.records.record import TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from tests.cli.terminal import terminal
from tests.cli.two_tasks import PLAN, done, last, made
from tests.e2e.raw_client import ENTRY
from tests.execution.agents import states
from tests.execution.records import RUN, record
from tests.execution.trees import plant

LINES = "".join(f"{number}\n" for number in range(40))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return made(tmp_path / "workspace", tmp_path / "settings.toml").parent


async def test_who_is_asked_decides_step_by_step_and_the_run_goes_on(root: Path) -> None:
    async with terminal([*ENTRY, "run", PLAN], root) as shown:
        await shown.until("Launch? [y/N]")
        shown.type("y")
        asked = await shown.until("[v/r/l/p/a/d/q]")
        assert "It fails with the work of `a`. With the work of `b` alone it passes." in asked
        assert "What now?\n  v  look at what it changes" in asked
        shown.type("v")
        assert "+bad a\n" in await shown.until("[v/r/l/p/a/d/q]")
        shown.type("d")
        await shown.until("Give up all that it holds? [y/N]")
        shown.type("no")
        await shown.until("[v/r/l/p/a/d/q]")
        shown.type("l")
        await shown.until("passed; landed 1 file (overlay):\n  b.txt\n")
        await shown.until("[v/r/l/d/q]")
        assert done(root / PLAN) == 1
        shown.type("x")
        await shown.until("[v/r/l/d/q]")
        shown.type("r")
        await shown.until("What should the agent mind? (Enter: nothing)")
        shown.type("mind the gap")
        await shown.until("Every task of the plan is done.")
        assert await shown.status() == 0
    assert (root / "a.txt").read_text() == "better a\n"
    assert done(root / PLAN) == 2


async def test_an_interrupt_leaves_a_run_held_and_pieces_are_chosen_later(root: Path) -> None:
    async with terminal([*ENTRY, "run", PLAN], root) as shown:
        await shown.until("Launch? [y/N]")
        shown.type("y")
        await shown.until("[v/r/l/p/a/d/q]")
        shown.type("r")
        await shown.until("Which of `a` and `b`? (Enter: `a`)")
        shown.type("c")
        await shown.until("Which of `a` and `b`? (Enter: `a`)")
        shown.type("b, a")
        await shown.until("What should the agent mind? (Enter: nothing)")
        await shown.interrupt_until("[v/r/l/p/a/d/q]")
        await shown.interrupt_until(f"agent-server land {PLAN} --unverified")
        assert await shown.status() == 130
    assert last(root).state is RunState.HELD
    async with terminal([*ENTRY, "run", PLAN], root) as shown:
        asked = await shown.until("Launch? [y/N]")
        assert f"Run {last(root).id} of this plan still holds what `a` and `b` made." in asked
        assert await shown.interrupted() == 130
    async with terminal([*ENTRY, "land", PLAN, "-p"], root) as shown:
        assert "new file mode 100644" in await shown.until("Land a.txt [y,n,a,d,q,?]?")
        shown.type("n")
        await shown.until("Land more/1.txt")
        shown.type("y")
        await shown.until("Land more/2.txt")
        shown.type("q")
        await shown.until("landed 1 file (overlay):\n  more/1.txt\n")
        assert await shown.status() == 0
    assert states(last(root)) == {"a": "landed", "b": "held"}


async def test_an_interrupt_stops_the_agents_and_keeps_what_is_done(root: Path) -> None:
    (root / "wait").touch()
    async with terminal([*ENTRY, "run", PLAN], root) as shown:
        await shown.until("Launch? [y/N]")
        shown.type("y")
        await shown.until("1/2 agents done")
        shown.interrupt()
        await shown.until("Stopping the agents. What is done by now is kept.")
        told = await shown.until(f"agent-server land {PLAN}")
        assert "What `a` made is kept, and held." in told
        assert "What now?" not in told
        assert await shown.status() == 130
    assert states(last(root)) == {"a": "held", "b": "cancelled"}


def shown_changes(folder: Path) -> dict[str, Sequence[Change]]:
    old = {"x": LINES, "gone": "1\n"}
    new = {"x": LINES.replace("5\n", "five\n", 1).replace("35\n", "thirty\n"), "new": "new\n"}
    base, after = plant(folder / "base", old), plant(folder / "after", new)
    changes = change_set(base, {path: after / path if path in new else None for path in {*old, *new}}, folder / "store")
    return {"a": changes, "b": changes[:1]}


@pytest.mark.parametrize(
    ("keys", "tasks", "left_out"),
    [
        ("yyyyy", ["a", "b"], {}),
        ("ynyyy", ["a", "b"], {("a", "new"): None}),
        ("yynyn", ["a"], {("a", "x"): [0]}),
        ("yydy", ["a", "b"], {("a", "x"): None}),
        ("yyay", ["a", "b"], {}),
        ("yyyq", ["a"], {("a", "x"): [1]}),
        ("yq", ["a"], {("a", "new"): None, ("a", "x"): None}),
        ("q", [], {}),
        ("", [], {}),
        ("?yyyyy", ["a", "b"], {}),
    ],
)
def test_pieces_are_chosen_as_with_git(
    tmp_path: Path, keys: str, tasks: list[str], left_out: dict[tuple[str, str], list[int] | None]
) -> None:
    from agent_server.cli.terminal import selection

    changes = shown_changes(tmp_path)
    typed: Iterator[str] = iter(keys)
    picked = selection.by_asking(changes, Console(quiet=True), lambda _, at_end: next(typed, at_end))
    ids = [hunk_id(hunk) for change in changes["a"] if change.path == "x" for hunk in hunks(change)]
    wanted = {
        place: None if numbers is None else tuple(ids[number] for number in numbers)
        for place, numbers in left_out.items()
    }
    assert (list(picked.tasks), dict(picked.left_out)) == (tasks, wanted)
    assert next(typed, None) is None


def test_the_commands_that_go_on_follow_from_how_a_run_stands() -> None:
    from agent_server.cli.next_commands import next_commands

    def commands(state: RunState, *tasks: TaskRecord, verify: VerifyFacts | None = None) -> list[str]:
        run = replace(record(RUN, *tasks, state=state), verify=verify)
        return [command.removeprefix("agent-server ") for command, _ in next_commands(run, "X", ("--speed", "2"))]

    held, failed, landed = (
        TaskRecord(state, changed=() if state is TaskState.FAILED else ("x",), landing="t")
        for state in (TaskState.HELD, TaskState.FAILED, TaskState.LANDED)
    )
    anew = "run X --speed 2"
    assert commands(RunState.RUNNING, held, held) == ["status"]
    retry = "retry X --comment ... --speed 2"
    assert commands(RunState.HELD, held, failed) == ["diff X", retry, "land X", "discard X", anew]
    assert commands(RunState.HELD, failed, failed) == [retry, "discard X", anew]
    no = VerifyFacts("make", passed=False, failing=("a",), passing=("b",))
    assert commands(RunState.HELD, held, held, verify=no) == [
        "diff X",
        "retry X --task a --comment ... --speed 2",
        "land X --task b",
        "repair X --speed 2",
        "land X --unverified",
        "discard X",
        anew,
    ]
    done = replace(record(RUN, landed, landed, state=RunState.LANDED), landings=("t",))
    assert [command for command, _ in next_commands(done, RUN)] == [
        f"agent-server {each} {RUN}" for each in ("diff", "undo")
    ]
    assert list(next_commands(record(RUN, TaskRecord(TaskState.DISCARDED), state=RunState.DISCARDED), RUN)) == []
