"""Agent Server holds its own beside other language servers; the figures of all of them are in `language_servers.md`.

Run with `pytest tests/benchmarks/test_language_servers.py --benchmark-enable -s`. Machines differ, and are busy with
other things, so what is asserted are ratios of processor time in one run, and memory.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.markdown import Markdown

from tests.benchmarks import contenders, processes
from tests.benchmarks.contenders import FLOOR, OURS, PYGLS, RUFF, YAML, Sizes
from tests.benchmarks.language_servers import (
    EDIT_LARGE_CPU,
    FORWARDER_CPU,
    GOAL_OF_FLOOR,
    GOAL_OF_RUFF,
    MOST_MEGABYTES,
    Comparison,
    Daemon,
    Scale,
    compare,
    report,
)

MOST_OF_PYTHON = 6.0
"""What the forwarder takes of the processor at most, of a Python that does nothing: its 60 ms where that takes 10."""

pytestmark = [
    pytest.mark.skipif(not processes.is_supported(), reason="processes are measured through Linux's /proc"),
    pytest.mark.timeout(1800),
]


@pytest.fixture(scope="module")
def comparison(only_when_asked: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comparison]:
    found = compare((OURS, FLOOR, RUFF), Scale(), tmp_path_factory.mktemp("servers").resolve())
    Console(width=120).print(Markdown(report(found)))
    return found


@pytest.fixture
def daemon(comparison: Comparison) -> Daemon:
    found = comparison.figures[OURS].daemon
    assert found, "there is no daemon behind the clients"
    return found


def test_an_edit_takes_no_longer_than_ruffs(comparison: Comparison) -> None:
    ours, ruff = comparison.figures[OURS], comparison.figures[RUFF]
    assert ours.half(EDIT_LARGE_CPU) <= GOAL_OF_RUFF * ruff.half(EDIT_LARGE_CPU)


def test_an_edit_is_near_the_floor(comparison: Comparison) -> None:
    ours, floor = comparison.figures[OURS], comparison.figures[FLOOR]
    assert ours.half(EDIT_LARGE_CPU) <= GOAL_OF_FLOOR * floor.half(EDIT_LARGE_CPU)


def test_the_forwarder_imports_nothing_heavy(comparison: Comparison, daemon: Daemon) -> None:
    assert comparison.figures[OURS].half(FORWARDER_CPU) <= MOST_OF_PYTHON * daemon.python_cpu.p50


def test_a_further_client_takes_next_to_no_memory(daemon: Daemon) -> None:
    assert daemon.per_client <= MOST_MEGABYTES


def test_the_comparison_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "NODE_FOLDER", tmp_path / "nothing")
    scale = Scale(Sizes(small=3, large=12, files=12), starts=1, opens=2, warming=2, edits=4, requests=2, block=2)
    found = compare((FLOOR, PYGLS, RUFF, YAML), scale, tmp_path.resolve())
    floor, pygls, ruff = (found.figures[name] for name in (FLOOR, PYGLS, RUFF))
    assert [each.name for each in found.left_out] == [YAML]
    assert floor.problems == pygls.problems
    assert all(floor.problems.values()), "there is something to publish"
    assert all(len(each.seconds[EDIT_LARGE_CPU]) == 2 and each.memory for each in (floor, pygls, ruff))
    text = report(found)
    assert all(f"| {name} (" in text for name in (FLOOR, PYGLS, RUFF))
    assert f"`{YAML}` was left out: it is used where `npm install" in text
