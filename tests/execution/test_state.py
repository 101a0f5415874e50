"""Where we keep what is ours, and who may use it at a time."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_server.execution import file_lock
from agent_server.execution.state import STATE_VARIABLE, StateDirectory, StateError, WorkspaceBusyError

HOLDER = """
import sys
from pathlib import Path
from agent_server.execution.state import StateDirectory
StateDirectory.for_workspace(Path(sys.argv[1]), {sys.argv[2]: sys.argv[3]}).lock()
print("locked", flush=True)
sys.stdin.read()
"""


def test_each_workspace_has_folders_of_its_own_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {STATE_VARIABLE: str(tmp_path / "state")}
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = StateDirectory.for_workspace(tmp_path / "one", environ)
    two = StateDirectory.for_workspace(tmp_path / "two", environ)
    assert one.root.parent == two.root.parent == tmp_path / "state"
    assert one.root != two.root
    for folder in (one.root, one.mirror, one.sandboxes, one.runs, one.landing):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_workspace_reached_through_a_link_is_the_same_workspace(live: Path, environ: Mapping[str, str]) -> None:
    link = live.parent / "link to it"
    link.symlink_to(live)
    direct, through = (StateDirectory.for_workspace(root, environ) for root in (live, link))
    assert through.root == direct.root
    assert through.workspace == live


def test_by_default_it_lies_in_the_platforms_place(live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert tmp_path in StateDirectory.for_workspace(live, {}).root.parents


def test_a_folder_that_others_can_read_is_closed_to_them(
    state: StateDirectory, live: Path, environ: dict[str, str]
) -> None:
    state.root.chmod(0o755)
    StateDirectory.for_workspace(live, environ)
    assert stat.S_IMODE(state.root.stat().st_mode) == 0o700


def test_a_link_in_its_place_is_refused(state: StateDirectory, live: Path, environ: dict[str, str]) -> None:
    state.root.rename(state.root.parent / "elsewhere")
    state.root.symlink_to(state.root.parent / "elsewhere")
    with pytest.raises(StateError, match="no symbolic link"):
        StateDirectory.for_workspace(live, environ)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused(state: StateDirectory, live: Path, environ: dict[str, str]) -> None:
    os.chown(state.root, 65534, 65534)
    with pytest.raises(StateError, match="another user"):
        StateDirectory.for_workspace(live, environ)


def test_a_place_that_cannot_be_made_is_named(live: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=rf"Not a directory.*`{STATE_VARIABLE}`"):
        StateDirectory.for_workspace(live, {STATE_VARIABLE: str(tmp_path / "file" / "state")})


def test_the_landing_folder_moves_into_the_workspace_when_the_state_is_on_another_file_system(
    live: Path, tmp_path: Path
) -> None:
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system to write to")
    folder = other / f"agent-server-test-{os.getpid()}"
    try:
        state = StateDirectory.for_workspace(live, {STATE_VARIABLE: str(folder)})
        assert state.landing == live / ".agent-server" / "landing"
        assert (live / ".agent-server" / ".gitignore").read_text() == "*\n"
    finally:
        subprocess.run(["rm", "-r", folder], check=True)


def test_a_workspace_is_claimed_by_one_holder_at_a_time(
    state: StateDirectory, live: Path, environ: dict[str, str]
) -> None:
    other = StateDirectory.for_workspace(live, environ)
    state.lock()
    with pytest.raises(WorkspaceBusyError) as refusal:
        other.lock()
    assert refusal.value.pid == os.getpid()
    state.unlock()
    other.lock()
    other.unlock()


def test_what_is_given_back_is_free_at_once_also_while_a_program_is_being_started(tmp_path: Path) -> None:
    """Until it runs, a program that another thread starts has a copy of all that is open here."""
    lock = file_lock.take(tmp_path / "lock")
    with subprocess.Popen(["sleep", "1000"], pass_fds=[lock]) as starting:
        try:
            file_lock.give_back(lock)
            file_lock.give_back(file_lock.take(tmp_path / "lock"))
        finally:
            starting.kill()


def test_the_claim_of_another_process_names_it_and_ends_with_it_however_it_ends(
    state: StateDirectory, live: Path
) -> None:
    arguments = [sys.executable, "-c", HOLDER, str(live), STATE_VARIABLE, str(state.root.parent)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(WorkspaceBusyError, match=f"process {holder.pid},"):
            state.lock()
        holder.send_signal(signal.SIGKILL)
    state.lock()
    state.unlock()
