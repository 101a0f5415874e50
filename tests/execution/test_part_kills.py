"""Kills while the second part of a run lands, or a run lands as commits: all or nothing, and no edit lost."""

from pathlib import Path

import pytest

from tests.execution.test_landing_kills import driven

pytestmark = pytest.mark.timeout(480)  # hundreds of landings, each synced to a disk that others use


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def test_a_kill_at_any_step_of_a_second_part_leaves_the_first_whole_and_both_can_be_undone(tmp_path: Path) -> None:
    result = driven(str(tmp_path), "parts", driver="parts_driver.py")
    assert result["faults"] == []
    counts = result["counts"]
    assert counts["killed"] > 40
    assert min(counts["old"], counts["new"], counts["conflicts"]) > 5
    assert counts["conflicts"] == counts["undo refused"]
    assert counts["undone"] > 40


def test_a_kill_at_any_step_of_committing_leaves_a_whole_branch_or_none(tmp_path: Path) -> None:
    result = driven(str(tmp_path), "commits", driver="parts_driver.py")
    assert result["faults"] == []
    assert result["fsck"] == ""
    counts = result["counts"]
    assert counts["killed"] > 25
    assert counts["old"] == counts["killed"]
    assert counts["new"] == counts["done"] >= 1
