"""500 agents in one process: `pytest tests/benchmarks/test_many_agents.py --benchmark-enable -s`."""

import json
import subprocess
import sys

import pytest

from tests.benchmarks.many_agents import AGENTS

MOST_MEGABYTES = 2.0


def test_an_agent_takes_little_memory(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("benchmark_disable") and not request.config.getoption("benchmark_enable"):
        pytest.skip("a benchmark: pass --benchmark-enable")
    # In a process of its own, whose peak is of these agents alone.
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.many_agents"], capture_output=True, text=True, check=True
    )
    figures = json.loads(done.stdout)
    sys.stdout.write("\n" + done.stdout)
    assert (figures["done"], figures["written"]) == (AGENTS, AGENTS)
    assert figures["mb_each"] <= MOST_MEGABYTES
