"""Whether the workspace has moved on since the base was frozen."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.changes.drift import Drift, drift
from agent_server.execution.landing.landing import Lander
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.sandboxes.mirror import held, synchronise
from agent_server.execution.state import StateDirectory
from tests.execution.trees import Link, Program, Tree, clear, plant

BASE: Tree = {
    "README.md": "read\n",
    "run.sh": Program("run\n"),
    "link": Link("README.md"),
    "src/main.py": "main\n",
    "src/gone.py": "gone\n",
    "data/a": "a\n",
    ".gitignore": "build/\n*.log\n",
    "build/out": "built\n",
    "old.log": "log\n",
}


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    """A workspace whose base is frozen."""
    plant(tmp_path / "workspace", BASE)
    found = StateDirectory.for_workspace(tmp_path / "workspace", {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state")})
    with held(found):
        synchronise(found, None, threading.Event())
    return found


def made(state: StateDirectory, new: Tree, folder: Path) -> tuple[Change, ...]:
    after = plant(folder / "after", new)
    return change_set(state.mirror, {path: after / path for path in new}, folder / "store")


def test_a_workspace_that_rests_has_not_drifted(state: StateDirectory) -> None:
    assert drift(state, ()) == Drift()
    assert not drift(state, ())


@pytest.mark.parametrize("git", [True, False])
def test_what_differs_is_named_and_what_git_ignores_apart(state: StateDirectory, *, git: bool) -> None:
    root = state.workspace
    if git:
        subprocess.run(["git", "init", "-q", root], check=True)
    plant(root, {"README.md": "edited\n", "new/deep.py": "", "build/out": "again\n", "build/more": "", "my.log": ""})
    plant(root, {"link": Link("src/main.py")})
    (root / "run.sh").chmod(0o644)
    for path in ("src/gone.py", "old.log"):
        clear(root, path)
    found = drift(state, ())
    assert found.changed == ("README.md", "link", "new/deep.py", "run.sh", "src/gone.py")
    assert found.ignored == ("build/more", "build/out", "my.log", "old.log")
    assert found


def test_a_tracked_file_counts_whatever_the_ignore_rules_say(state: StateDirectory) -> None:
    subprocess.run(["git", "init", "-q", state.workspace], check=True)
    subprocess.run(["git", "add", "-f", "old.log"], cwd=state.workspace, check=True)
    plant(state.workspace, {"old.log": "more\n"})
    assert drift(state, ()) == Drift(("old.log",))


def test_an_ignored_file_of_the_change_set_counts(state: StateDirectory, tmp_path: Path) -> None:
    changes = made(state, {"build/out": "the agent's\n"}, tmp_path)
    plant(state.workspace, {"build/out": "the user's\n"})
    assert drift(state, changes) == Drift(("build/out",))


def test_a_file_in_the_place_of_a_folder_and_the_other_way_round(state: StateDirectory) -> None:
    clear(state.workspace, "data")
    clear(state.workspace, "README.md")
    plant(state.workspace, {"data": "a file\n", "README.md/inner": "a folder\n"})
    assert drift(state, ()).changed == ("README.md", "README.md/inner", "data", "data/a")


def test_touching_a_file_is_no_drift_and_a_save_within_the_same_time_and_size_is(state: StateDirectory) -> None:
    place = state.workspace / "src/main.py"
    before = place.stat()
    os.utime(state.workspace / "README.md")
    assert not drift(state, ())
    place.write_text("MAIN\n")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert drift(state, ()) == Drift(("src/main.py",))


def test_git_and_our_own_folder_and_pipes_never_count(state: StateDirectory) -> None:
    plant(state.workspace, {".git/HEAD": "x", ".agent-server/landing/x": "", "src/.git/config": ""})
    os.mkfifo(state.workspace / "pipe")
    assert not drift(state, ())


def test_what_the_run_itself_has_landed_has_not_moved(state: StateDirectory, tmp_path: Path) -> None:
    changes = made(state, {"README.md": "new\n", "added.py": "1\n"}, tmp_path)
    Lander(state.workspace, tmp_path / "landing").land("run", changes)
    assert drift(state, ()).changed == ("README.md", "added.py")
    assert not drift(state, (), landed=changes)
    plant(state.workspace, {"added.py": "the user's\n"})
    assert drift(state, (), landed=changes) == Drift(("added.py",))


def test_a_workspace_that_is_gone_is_an_error_and_not_empty(state: StateDirectory, tmp_path: Path) -> None:
    state.workspace.rename(tmp_path / "moved")
    with pytest.raises(SandboxError, match="The workspace cannot be read"):
        drift(state, ())
