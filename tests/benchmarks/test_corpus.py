"""Plans that people wrote: how long reading and analysing takes, and the table of what is in them.

Run with `AGENT_SERVER_CORPUS=folder pytest tests/benchmarks/test_corpus.py --benchmark-enable -s`. All times are of the
processor. Machines differ, so what is asserted are ratios.
"""

import pytest
from rich.console import Console

from agent_server.analysis.statistics import statistics
from agent_server.plan.formats import is_plan
from tests.benchmarks.processor_time import seconds
from tests.corpus.plans import corpus, needs_corpus

pytestmark = pytest.mark.usefixtures("only_when_asked")

GOAL_OF_PATHS = 30.0
"""What it takes at most to tell which paths may be plans, of a look at how they end."""

GOAL_OF_ANALYSES = 60.0
"""What an analysis takes at most, of the reading of its text."""


def tell(words: str) -> None:
    Console(soft_wrap=True).print(words, markup=False, highlight=False)


def test_a_large_workspace_is_looked_through_quickly() -> None:
    names = ("a.ts", "index.js", "README.md", "package.json", "data.py", "style.css", "x.go", "tasks.md")
    paths = [f"src/part{number % 97}/deep/folder/{names[number % len(names)]}" for number in range(50_000)]
    least = min(seconds(lambda: [path for path in paths if path.lower().endswith(".plan.md")]) for _ in range(5))
    ours = min(seconds(lambda: [path for path in paths if is_plan(path)]) for _ in range(5))
    tell(f"{len(paths):,} paths: {ours * 1000:.0f} ms, {ours / least:.1f} times a look at how they end")
    assert ours / least < GOAL_OF_PATHS


@needs_corpus
def test_all_plans_are_analysed_quickly() -> None:
    from agent_server.cli.outputs.counts import (
        in_words,
    )  # late: where it is imported, `agent_server.cli.main` is a module

    reading = seconds(lambda: [plan.reader.parse(plan.text) for plan in corpus() if plan.reader is not None])
    analyses = []
    analysing = seconds(lambda: analyses.extend(filter(None, (plan.analysis() for plan in corpus()))))
    tell(f"{len(analyses)} plans: read in {reading:.1f} s, read and analysed in {analysing:.1f} s")
    tell("\n".join(in_words(statistics(analyses))))
    assert analysing / reading < GOAL_OF_ANALYSES
