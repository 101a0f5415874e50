"""The benchmark of streams runs; with `--benchmark-enable -s` its goals are held, too."""

import sys
from pathlib import Path

import pytest

from agent_server.analysis.scheduling.streaming import predecessors
from tests.benchmarks.streaming import (
    GOAL,
    PLANS,
    Step,
    Steps,
    longest_way,
    measured,
    plan,
    report,
    simulated_stream,
    simulated_waves,
)
from tests.execution.plans import analysed

SMALL: Steps = {"a": Step(1.0), "b": Step(4.0), "c": Step(3.0, ("a",)), "d": Step(1.0, ("b",))}


def test_a_simulation_counts_agents_and_the_checks_that_others_wait_for() -> None:
    after = {"a": (), "b": (), "c": ("a",), "d": ("b",)}
    assert simulated_waves(SMALL, (("a", "b"), ("c", "d")), 0.5) == 4.0 + 0.5 + 3.0 + 0.5
    assert simulated_stream(SMALL, after, 0.5) == 4.0 + 0.5 + 1.0 + 0.5
    assert longest_way(SMALL) == 5.0


def test_checks_of_a_stream_are_made_one_after_the_other() -> None:
    steps = {"a": Step(1.0), "b": Step(1.0), "c": Step(1.0, ("a", "b"))}
    assert simulated_stream(steps, {"a": (), "b": (), "c": ("a", "b")}, 0.5) == 1.0 + 0.5 + 0.5 + 1.0 + 0.5


@pytest.mark.parametrize("name", PLANS)
def test_the_plans_wait_for_what_they_say(tmp_path: Path, name: str) -> None:
    found = predecessors(analysed(tmp_path, plan(PLANS[name])))
    assert {task: set(others) for task, others in found.items()} == {
        task: set(step.needs) for task, step in PLANS[name].items()
    }


async def test_a_plan_is_run_both_ways(tmp_path: Path) -> None:
    took = await measured(tmp_path, SMALL, speed=100.0)
    assert min(took.waves, took.stream) > took.longest_way == 0.05
    assert took.simulated_stream > took.verification
    assert "| diamond | 5 | 0.05 |" in report({"diamond": took})


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("only_when_asked")
async def test_a_stream_takes_less_than_waves_and_little_more_than_its_simulation(tmp_path: Path) -> None:
    found = {name: await measured(tmp_path / name, steps) for name, steps in PLANS.items()}
    sys.stdout.write(report(found))
    assert all(took.gain < 1 for took in found.values())
    assert all(took.overhead <= GOAL for took in found.values())
