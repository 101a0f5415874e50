"""Edits of large plans in the formats of others, against reading and analysing the same plan from scratch in one run.

Run with `pytest tests/benchmarks/test_large_checklists.py --benchmark-enable -s`. All times are of the processor. From
scratch means: with all that is remembered of words, so without what an editor pays but once. A frame is 16 ms; machines
differ, so what is asserted are ratios.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from statistics import median
from time import process_time

import pytest
from rich.console import Console
from rich.table import Table

from agent_server.analysis.incremental import Analyser
from agent_server.analysis.tree import Tree
from agent_server.plan.formats import reader_for
from agent_server.plan.formats.reader import Reader
from agent_server.plan.model import Plan, Task
from tests.benchmarks.large_checklists import checklist, folder_of_tasks, list_in_json, workspace
from tests.benchmarks.processor_time import milliseconds, seconds

pytestmark = pytest.mark.usefixtures("as_a_server")

ROUNDS = 5

GOAL = {"a word": 0.12, "a path": 0.12, "a line below": 0.08, "a new task": 0.35, "done": 0.22}
"""What an edit takes at most, of a reading and analysis from scratch, by what is typed."""

GOAL_OF_DONE = 0.7
"""What a folder of tasks of which nine in ten are done takes at most when it is new, of the same with all open."""

Edit = tuple[str, str]
"""What is typed, and the text then."""


def reader_of(path: str) -> Reader:
    reader = reader_for(path)
    assert reader is not None
    return reader


def edits_of_checklist(plan: Plan) -> Iterator[Edit]:
    text, number = plan.text, middle(plan, lambda task: task.parallel is None)
    start, home = plan.tasks.places[number], plan.tasks.homes[number]
    end = start + home.span.end
    assert home.status_span is not None
    yield "a word", inserted(text, start + home.title_span.start + len(home.title.split()[0]), " soon")
    yield "a path", inserted(text, start + home.title_span.end, " and src/other/new.py")
    yield "a line below", inserted(text, end, "  - With care.\n")
    yield "a new task", inserted(text, end, "- [ ] T9999 Create src/other/new.py\n")
    yield "done", inserted(text, start + home.status_span.start, "x", 1)


def edits_of_list(plan: Plan) -> Iterator[Edit]:
    number = middle(plan, lambda task: bool(task.instructions))
    start, home = plan.tasks.places[number], plan.tasks.homes[number]
    yield "a word", inserted(plan.text, start + home.instructions_span.start, "Soon: ")
    yield "a path", inserted(plan.text, start + home.instructions_span.start, "Create src/other/new.py. ")


def middle(plan: Plan, wanted: Callable[[Task], bool]) -> int:
    """The number of such an open task in the middle of the plan."""
    numbers = [number for number, home in enumerate(plan.tasks.homes) if home.is_open and wanted(home)]
    return numbers[len(numbers) // 2]


def inserted(text: str, at: int, new: str, instead: int = 0) -> str:
    return text[:at] + new + text[at + instead :]


@pytest.mark.parametrize(
    ("path", "text", "edits"),
    [
        ("specs/001-all/tasks.md", checklist, edits_of_checklist),
        (".taskmaster/tasks/tasks.json", list_in_json, edits_of_list),
    ],
    ids=["spec-kit", "Task Master"],
)
@pytest.mark.parametrize("tasks", [1000, 5000])
@pytest.mark.timeout(600)
def test_edits(path: str, text: Callable[[int], str], edits: Callable[[Plan], Iterator[Edit]], tasks: int) -> None:
    reader, tree, analyser = reader_of(path), workspace(tasks), Analyser()
    whole = text(tasks)
    first = seconds(lambda: analysed(reader, whole, None, Analyser(), tree))
    scratch = min(seconds(lambda: analysed(reader, whole, None, Analyser(), tree)) for _ in range(2))
    plan, _ = analysed(reader, whole, None, analyser, tree)
    table = Table("typed", "reading", "sources", "analysis", "all", "of from scratch")
    shares: dict[str, float] = {}
    for typed, new in edits(plan):
        found: list[tuple[float, ...]] = []
        for _ in range(ROUNDS):
            for version in (new, whole):  # typed, and taken back
                plan, times = analysed(reader, version, plan, analyser, tree)
                found.append(times)
        stages = [median(stage) for stage in zip(*found, strict=True)]
        shares[typed] = stages[-1] / scratch
        table.add_row(typed, *map(milliseconds, stages), f"{shares[typed]:.1%}")
    told = f"{reader.title}, {tasks:,} tasks: {milliseconds(first)} when new, {milliseconds(scratch)} from scratch"
    Console().print(told, table)
    assert shares == within(shares, GOAL)


def within(shares: Mapping[str, float], goal: Mapping[str, float]) -> dict[str, float]:
    """Those of the shares that reach their goal."""
    return {typed: share for typed, share in shares.items() if share <= goal[typed]}


def analysed(
    reader: Reader, text: str, before: Plan | None, analyser: Analyser, tree: Tree
) -> tuple[Plan, tuple[float, ...]]:
    """The plan, and what reading it, asking for its sources, analysing it, and all of it took."""
    at = [process_time()]
    plan, problems = reader.parse(text, before)
    at.append(process_time())
    analyser.sources_needed(plan, tree)
    at.append(process_time())
    analyser.analyse(plan, problems, tree)
    at.append(process_time())
    return plan, (*(end - start for start, end in pairwise(at)), at[-1] - at[0])


def test_a_folder_of_tasks_that_are_mostly_done() -> None:
    tree, times = workspace(670), dict[str, float]()
    for seed, (called, done) in enumerate({"all open": 0.0, "nine in ten done": 0.9}.items()):
        files = folder_of_tasks(670, seed, done)
        reader = reader_of(files[0][0])
        parse = reader.parse_files
        assert parse is not None
        plan, problems = parse(files, (), None)
        times[called] = seconds(lambda plan=plan, problems=problems: Analyser().analyse(plan, problems, tree))
    table = Table(*times, "of all open")
    share = times["nine in ten done"] / times["all open"]
    table.add_row(*map(milliseconds, times.values()), f"{share:.0%}")
    Console().print(table)
    assert share <= GOAL_OF_DONE
