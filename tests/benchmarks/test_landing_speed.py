"""The benchmark of landings runs; with `--benchmark-enable -s` its goal is held, too."""

from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.landing import FILES, GOAL_SECONDS, Scale, change_set_in, main, measured


def test_all_ways_land_and_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path)], Scale(rounds=2, changed=20, files=50))
    rows = [line.split(" | ")[0].strip("| ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert rows[2:] == [
        "written in place",
        "renamed, each durable",
        "landed",
        "undone",
        "committed",
        "`git merge --ff-only`",
        "drift",
    ]
    assert list(tmp_path.iterdir()) == []


def test_the_change_set_is_as_large_as_the_goal_says(tmp_path: Path) -> None:
    _, changes = change_set_in(tmp_path, FILES)
    assert len({change.kind for change in changes}) == 3
    assert len(changes) == 212


@pytest.mark.usefixtures("only_when_asked")
def test_landing_keeps_to_its_goal(tmp_path: Path) -> None:
    assert median(measured(tmp_path, Scale())["landed"]) <= GOAL_SECONDS
