"""The benchmark of predicted writes runs, on a history made here; its figures are in `prediction.md`."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.prediction import average_precision, main, outcomes
from tests.benchmarks.prediction_history import files_at, git_directory, plans

SUBJECTS = ("parser", "printer", "schedule")


def git(root: Path, *arguments: str, author: str = "Ada") -> None:
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author), ("EMAIL", "a@b"))
    }
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True, env=environment)


def commit(root: Path, message: str, path: str, author: str = "Ada") -> None:
    place = root / path
    place.parent.mkdir(exist_ok=True)
    place.write_text((place.read_text() if place.exists() else "") + f"{message}\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message, author=author)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "ada+plans"
    root.mkdir()
    git(root, "init", "--quiet")
    for number in range(24):
        subject = SUBJECTS[number % 3]
        commit(root, f"Let the {subject} count to {number}", f"plan/{subject}.py")
    commit(root, "Bump left-pad from 1 to 2", "plan/parser.py", author="dependabot[bot]")
    commit(root, "Release 2.0 of the plans", "plan/parser.py")
    commit(root, "Typo", "plan/parser.py")
    return root


def test_tasks_are_commits_to_existing_files_and_plans_hold_ten(repository: Path) -> None:
    found = plans(git_directory(repository), 250)
    assert [len(plan) for plan in found] == [10, 10]
    assert found[-1][-1].text == "Let the schedule count to 23"
    assert all(task.files <= files_at(git_directory(repository), task.parent).keys() for plan in found for task in plan)


def test_files_are_found_by_their_subjects(repository: Path) -> None:
    alone, summed = outcomes(git_directory(repository), 250)
    assert all(outcome.recall == 1.0 for outcome in (*alone, *summed))
    assert all(outcome.told[0].path in outcome.truth for outcome in summed)


def test_the_page_names_the_repository_and_both_methods(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(repository)])
    page = capsys.readouterr().out
    assert "| ada/plans |" in page
    assert "BM25: recall@10" in page
    assert str(repository) not in page


def test_average_precision_is_one_for_a_perfect_order_and_less_for_another() -> None:
    assert average_precision([(0.9, True), (0.8, True), (0.1, False)]) == 1.0
    assert average_precision([(0.9, False), (0.8, True), (0.1, True)]) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert average_precision([]) == 0.0
