"""What the demo hands out: a fresh repository, whatever the machine's Git is set to."""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from agent_server.demo.material import DemoPaths, materialise, transcripts
from agent_server.plan.model import Plan

Build = Callable[[Path], CompletedProcess[str]]

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_folder_is_a_clean_repository_with_one_commit(demo: DemoPaths) -> None:
    assert demo.no_git == ""
    assert git(demo.root, "log", "--format=%an|%s").splitlines() == [
        "Agent Server demo|Two wikis, about wood and about wool"
    ]
    assert git(demo.root, "status", "--porcelain") == ""
    tracked = set(git(demo.root, "ls-files").splitlines())
    assert {".gitignore", "build.py", "data/wood_wiki.py", demo.good_plan.name, demo.bad_plan.name} <= tracked
    assert not any("__pycache__" in path or path == "gitignore" for path in tracked)


def test_what_a_build_makes_is_ignored(demo: DemoPaths, build: Build) -> None:
    assert build(demo.root).returncode == 0
    assert git(demo.root, "status", "--porcelain") == ""


def test_neither_the_users_git_configuration_nor_a_surrounding_repository_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[commit]\n\tgpgsign = true\n[core]\n\texcludesFile = /nowhere\n\tautocrlf = true\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", str(outer / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(outer))
    demo = materialise(outer / "demo")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    assert demo.no_git == ""
    assert len(git(demo.root, "log", "--oneline").splitlines()) == 1
    assert not list((outer / ".git" / "refs" / "heads").iterdir())


def test_without_git_the_demo_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Build
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    demo = materialise(tmp_path / "demo")
    assert (
        demo.no_git == "Git is not installed, so the demo's folder is no repository. Everything else works without it."
    )
    assert build(demo.root).returncode == 0


def test_a_git_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "git"
    broken.write_text("#!/bin/sh\necho 'fatal: out of cheese' >&2\nexit 128\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "has no commit: fatal: out of cheese." in materialise(tmp_path / "demo").no_git


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    materialise(folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(FileExistsError, match="is not empty"):
        materialise(folder)
    assert sorted(folder.rglob("*")) == before


def test_every_task_of_the_good_plan_has_its_transcript(good_plan: Plan) -> None:
    assert set(transcripts()) == {task.id for task in good_plan.tasks}


def test_the_wheel_carries_all_of_it(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    package = ROOT / "agent_server/demo"
    files = [path.relative_to(ROOT) for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.as_posix() for path in files} <= packed
    assert "agent_server/demo/site/gitignore" in packed
