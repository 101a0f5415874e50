"""Edits of a plan of a thousand tasks, and plans of ten thousand, against an analysis from scratch in the same run.

Run with `pytest tests/benchmarks/test_edits.py --benchmark-enable -s`. All times are of the processor. The goals are
ten milliseconds for half of all one-character edits, from the text to the new diagnostics, and two hundred for ten
thousand tasks from scratch. Machines differ, so what is asserted are ratios.
"""

import gc
from collections.abc import Callable, Iterator
from random import Random
from statistics import quantiles
from time import process_time

import pytest
from rich.console import Console
from rich.table import Table

from agent_server.analysis.analyse import analyse
from agent_server.analysis.incremental import Analyser
from agent_server.plan.model import Plan, Task
from agent_server.plan.native import parse
from tests.benchmarks.large_plans import plan_text, workspace

FILES = 10_000
EDITS = 150
KINDS = {"instructions": 75, "title": 10, "fields": 15}
"""Where people type, by weight."""

GOAL_OF_EDITS = 0.10
"""What half of all edits take at most, of an analysis from scratch."""


@pytest.fixture(autouse=True)
def _benchmark(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.config.getoption("benchmark_disable") and not request.config.getoption("benchmark_enable"):
        pytest.skip("a benchmark: pass --benchmark-enable")
    gc.collect()
    gc.freeze()  # As a server does: see `cli/lsp.py`.
    yield
    gc.unfreeze()


def seconds(work: Callable[[], object]) -> float:
    """What the work takes of the processor."""
    start = process_time()
    work()
    return process_time() - start


def place_in(task: Task, kind: str, random: Random) -> int:
    """Where somebody types in that part of the task."""
    items = [item for field in task.fields for item in field.items]
    spans = {"instructions": task.instructions_span, "title": task.title_span, "fields": random.choice(items).span}
    return random.randrange(spans[kind].start + 1, max(spans[kind].end, spans[kind].start + 2))


def test_one_character_edits() -> None:
    random = Random(5)  # the same edits every time
    tree, text = workspace(FILES), plan_text(1000, FILES)
    plan, problems = parse(text)
    analyser = Analyser()
    analyser.analyse(plan, problems, tree)
    scratch = min(seconds(lambda: analyse(*parse(text), tree)) for _ in range(3))
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}

    def edit(text: str) -> Plan:
        new, problems = parse(text, plan)
        analyser.sources_needed(new, tree)
        analyser.analyse(new, problems, tree)
        return new

    for _ in range(EDITS):
        (kind,) = random.choices(list(KINDS), list(KINDS.values()))
        task = random.choice([task for task in plan.tasks if any(field.items for field in task.fields)])
        at = place_in(task, kind, random)
        for version in (f"{text[:at]}x{text[at:]}", text):  # typed, and taken back
            start = process_time()
            plan = edit(version)
            times[kind].append(process_time() - start)

    every = [time for found in times.values() for time in found]
    table = Table("edit of", "edits", "p50", "p95", "p50 of from scratch")
    for kind, found in [*times.items(), ("all", every)]:
        cuts = quantiles(found, n=20)
        half, most = cuts[9], cuts[18]
        table.add_row(kind, str(len(found)), milliseconds(half), milliseconds(most), f"{half / scratch:.1%}")
    Console().print(f"From scratch, with all that can be remembered: {milliseconds(scratch)}", table)
    assert quantiles(every, n=2)[0] <= GOAL_OF_EDITS * scratch


def milliseconds(amount: float) -> str:
    return f"{amount * 1000:.1f} ms"
