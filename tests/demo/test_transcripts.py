"""The recorded work, played with the real tools on the real site."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from agent_server.agents.backend import OutcomeKind
from agent_server.agents.transcript import Transcript, parse_transcript
from agent_server.demo.material import DemoPaths, transcripts, transcripts_folder
from agent_server.plan.model import Plan

Build = Callable[[Path], CompletedProcess[str]]
Play = Callable[[Iterable[str]], Awaitable[Any]]

TASKS = ("data", "hub", "entry", "check", "nav")


@pytest.fixture(scope="module")
def recorded() -> Mapping[str, Transcript]:
    return {task: parse_transcript(path.read_text("utf-8")) for task, path in transcripts().items()}


def test_each_takes_the_minutes_that_the_plan_expects(recorded: Mapping[str, Transcript], good_plan: Plan) -> None:
    for task in good_plan.tasks:
        assert recorded[task.id].task == task.id
        assert recorded[task.id].moments[-1].at == recorded[task.id].seconds == pytest.approx((task.minutes or 0) * 60)


def test_together_they_are_45_minutes_and_none_takes_ten(recorded: Mapping[str, Transcript]) -> None:
    assert sum(each.seconds for each in recorded.values()) == pytest.approx(45 * 60)
    assert max(each.seconds for each in recorded.values()) < 9.5 * 60


def test_others_of_a_task_lie_in_a_folder_of_its_name() -> None:
    others = {
        path.relative_to(transcripts_folder()).parent.name: path for path in transcripts_folder().glob("*/*.jsonl")
    }
    assert others.keys() == {"nav", "integrate-navigation", "integrate-style"}
    for task, path in others.items():
        read = parse_transcript(path.read_text("utf-8"))
        assert (read.task, read.moments[-1].at) == (task, read.seconds)


async def test_all_five_together_make_a_site_that_builds(demo: DemoPaths, build: Build, play: Play) -> None:
    played = await play(TASKS)
    assert {outcome.kind for outcome in played.outcomes} == {OutcomeKind.DONE}
    assert played.failures == []
    built = build(demo.root)
    assert built.returncode == 0, built.stderr
    assert built.stdout == "Built 37 pages for 3 wikis into `out/`. Every link holds.\n"


async def test_the_order_in_which_they_land_does_not_matter(demo: DemoPaths, build: Build, play: Play) -> None:
    await play(reversed(TASKS))
    assert build(demo.root).returncode == 0


async def test_each_agent_writes_without_the_work_of_the_others(demo: DemoPaths, play: Play) -> None:
    for task in TASKS:
        assert (await play([task])).failures == []


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("data", "error: Broken import in data/__init__.py, line 3: No module named 'data.clay_wiki'."),
        ("hub", "error: Broken link to /clay-wiki/index.html from /clay-wiki/bisque-firing.html and 35 more"),
        ("entry", "error: Broken link to /clay-wiki/bisque-firing.html from /clay-wiki/index.html and 1 more"),
        ("check", "error: The wiki `clay_wiki` has no check: write checks/clay_wiki.py."),
        ("nav", "error: The wiki `clay_wiki` is not in the navigation: add it to `MENU` of navigation.py."),
    ],
)
async def test_without_any_one_of_them_the_build_fails_and_says_why(
    demo: DemoPaths, build: Build, play: Play, left_out: str, message: str
) -> None:
    await play(task for task in TASKS if task != left_out)
    built = build(demo.root)
    assert built.returncode == 1
    assert message in built.stderr


async def test_the_build_notices_a_missing_entry(demo: DemoPaths, build: Build, play: Play) -> None:
    await play(TASKS)
    data = demo.root / "data/clay_wiki.py"
    head, raku = data.read_text("utf-8").split('        Entry(\n            title="Raku"')
    data.write_text(head + raku[raku.index('""",\n        ),\n') + len('""",\n        ),\n') :], "utf-8")
    assert "error: The clay wiki should have 17 entries, and has 16." in build(demo.root).stderr
