"""Landings that are killed: at every step, and at random ones while the user edits. Never a lost byte, never a half."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(480)  # hundreds of landings, each synced to a disk that others use
MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: a process that is killed loses nothing there either, and nobody waits for a disk."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="agent-server-landing-", dir=MEMORY) as place:
        yield Path(place)


def driven(*arguments: str, driver: str = "landing_driver.py") -> dict[str, Any]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(Path(__file__).with_name(driver)), *arguments]
    result: dict[str, Any] = json.loads(subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE).stdout)
    return result


def test_a_kill_at_any_step_of_landing_and_of_recovery_leaves_all_old_or_all_new(folder: Path) -> None:
    result = driven(str(folder), "every-step")
    assert result["faults"] == []
    assert result["steps"] > 40
    assert min(result["counts"]["old"], result["counts"]["new"]) > 10
    assert result["counts"]["kills in recovery"] > 100


def test_a_kill_at_any_step_of_going_back_leaves_all_old_and_the_users_file_in_place(folder: Path) -> None:
    result = driven(str(folder), "every-step-edited")
    assert result["faults"] == []
    assert result["steps"] > 50
    assert result["counts"]["old"] > 150
    assert result["counts"]["kills in recovery"] > 150


@pytest.mark.parametrize("seed", [1, 2])
def test_200_kills_with_edits_of_the_user_lose_no_byte(seed: int, folder: Path) -> None:
    result = driven(str(folder), "random", str(seed), "200")
    assert result["faults"] == []
    counts = result["counts"]
    assert counts["kills"] == 200
    assert counts["edits"] > 100
    assert min(counts["old"], counts["new"], counts["conflicts"], counts["kills in recovery"]) > 10
