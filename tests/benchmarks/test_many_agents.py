"""500 agents in one process, and 100 sandboxes: `pytest tests/benchmarks/test_many_agents.py --benchmark-enable -s`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent_server.execution.sandboxes.isolation import Isolation
from tests.benchmarks.many_agents import AGENTS
from tests.benchmarks.many_sandboxes import below, measure, megabytes
from tests.execution.plans import skip_unless_possible

MOST_MEGABYTES = 2.0


@pytest.mark.usefixtures("only_when_asked")
def test_an_agent_takes_little_memory_and_so_does_its_sandbox() -> None:
    figures, sandboxes = measured_apart("many_agents"), measured_apart("many_sandboxes")
    assert (figures["done"], figures["written"]) == (AGENTS, AGENTS)
    assert figures["mb_each"] + sandboxes["server_mb_each"] + sandboxes["processes_mb_each"] <= MOST_MEGABYTES


def measured_apart(module: str) -> dict[str, float]:
    """What a benchmark measures in a process of its own, whose memory is of what it measures alone."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}"], capture_output=True, text=True, check=True
    )
    sys.stdout.write("\n" + done.stdout)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def test_processes_of_processes_count() -> None:
    command = ["sh", "-c", "sh -c 'echo; read _; :'; :"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = list(below(os.getpid()))
        assert process.pid in found
        assert len(list(below(process.pid))) == 1
        assert megabytes(found) > 0
        process.communicate(b"\n")


async def test_sandboxes_are_measured(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    await skip_unless_possible(Isolation.OVERLAY, tmp_path / "workspace", environ)
    figures = await measure(2)
    assert figures["processes_each"] >= 1
    assert figures["processes_mb_each"] > 0
