"""The frozen base: a faithful copy of the workspace, brought up to date by copying what changed."""

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_server.execution.sandboxes import mirror
from agent_server.execution.sandboxes.mirror import MirrorCancelledError, MirrorError, held, synchronise
from agent_server.execution.state import STATE_VARIABLE, StateDirectory
from tests.execution.hosts import SMALL_DISK, run_on_host
from tests.execution.trees import Link, Program, plant, read

Sync = Callable[[], int]


@pytest.fixture
def sync(state: StateDirectory) -> Iterator[Sync]:
    """Synchronises the mirror; the number of files that were copied."""
    with held(state):
        yield lambda: synchronise(state, None, threading.Event())


def until_settled(sync: Sync) -> None:
    """Synchronise until every file is old enough to be trusted by its times alone."""
    while sync():
        pass


def test_all_files_are_there_but_gits(live: Path, state: StateDirectory, sync: Sync) -> None:
    assert sync() == 10
    assert read(state.mirror) == read(live)
    assert ".env" in read(state.mirror)
    assert not (state.mirror / ".git").exists()


def test_modes_and_times_are_kept(live: Path, state: StateDirectory, sync: Sync) -> None:
    (live / "README.md").chmod(0o640)
    os.utime(live / "README.md", ns=(1, 1_234_567_891_234_567_891))
    os.utime(live / "link", ns=(1, 987_654_321), follow_symlinks=False)
    os.utime(live / "src", ns=(1, 123_456_789))
    (live / "run.sh").chmod(0o4755)
    sync()
    for path in ("README.md", "link", "src"):
        assert (state.mirror / path).lstat().st_mtime_ns == (live / path).lstat().st_mtime_ns
    assert stat.S_IMODE((state.mirror / "README.md").stat().st_mode) == 0o640
    assert stat.S_IMODE((state.mirror / "run.sh").stat().st_mode) == 0o755


def test_nothing_is_copied_twice(sync: Sync) -> None:
    until_settled(sync)
    assert sync() == 0


@pytest.mark.parametrize(
    "edit",
    [
        lambda live: plant(live, {"src/main.py": "print('other')\n"}),
        lambda live: plant(live, {"link": Link("src/main.py")}),
        lambda live: plant(live, {"new/file": "new", "new/program": Program("new")}),
        lambda live: (live / "src/main.py").unlink(),
        lambda live: (live / "README.md").rename(live / "renamed"),
        lambda live: (live / "src/deep").rename(live / "moved"),
        lambda live: (live / "run.sh").chmod(0o644),
        lambda live: ((live / "empty").unlink(), plant(live, {"empty/file": "in a directory now"})),
        lambda live: ((live / "link").unlink(), plant(live, {"link": "a file now"})),
    ],
    ids=["modify", "retarget", "create", "delete", "rename", "move", "mode", "file-to-directory", "link-to-file"],
)
def test_each_edit_arrives(edit: Callable[[Path], object], live: Path, state: StateDirectory, sync: Sync) -> None:
    until_settled(sync)
    edit(live)
    sync()
    assert read(state.mirror) == read(live)


def test_an_edit_that_keeps_size_and_time_arrives(live: Path, state: StateDirectory, sync: Sync) -> None:
    until_settled(sync)
    before = (live / "README.md").stat()
    (live / "README.md").write_text("read ME\n")
    os.utime(live / "README.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sync() == 1
    assert (state.mirror / "README.md").read_text() == "read ME\n"


def test_a_mirror_that_somebody_damaged_is_mended(live: Path, state: StateDirectory, sync: Sync) -> None:
    until_settled(sync)
    (state.mirror / "README.md").write_text("damaged")
    (state.mirror / "stray").write_text("stray")
    (state.mirror / "src/main.py").unlink()
    sync()
    assert read(state.mirror) == read(live)


def test_sockets_and_pipes_are_left_out(
    live: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch, sync: Sync
) -> None:
    os.mkfifo(live / "pipe")
    monkeypatch.chdir(live)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        sync()
    assert not os.path.lexists(state.mirror / "pipe")
    assert not os.path.lexists(state.mirror / "socket")


def test_names_that_are_not_utf_8_are_copied(live: Path, state: StateDirectory, sync: Sync) -> None:
    name = os.fsdecode(b"caf\xe9")
    (live / name).write_text("latin 1")
    until_settled(sync)
    assert (state.mirror / name).read_text() == "latin 1"


@pytest.mark.parametrize("name", [".agent-server/landing/x", "src/.git/config", ".GIT/config", "sub/.git"])
def test_our_own_folder_and_gits_are_left_out(name: str, live: Path, state: StateDirectory, sync: Sync) -> None:
    plant(live, {name: "not to be seen"})
    sync()
    assert not (state.mirror / name).exists()


def test_a_state_directory_inside_the_workspace_does_not_copy_itself(live: Path) -> None:
    state = StateDirectory.for_workspace(live, {STATE_VARIABLE: str(live / "ours")})
    with held(state):
        synchronise(state, None, threading.Event())
        synchronise(state, None, threading.Event())
    assert not list((state.mirror / "ours").iterdir())


def test_a_file_that_changes_while_it_is_copied_is_copied_again(
    live: Path, state: StateDirectory, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, edits = mirror.copy_bytes, iter(["first edit\n", "second edit\n"])

    def copy_while_the_user_saves(source: str, target: str) -> os.stat_result:
        found = copy(source, target)
        if source.endswith("README.md") and (edit := next(edits, None)):
            Path(source).write_text(edit)
        return found

    monkeypatch.setattr(mirror, "copy_bytes", copy_while_the_user_saves)
    sync()
    assert (state.mirror / "README.md").read_text() == "second edit\n"


def test_a_file_that_never_rests_does_not_hold_up_the_wave(
    live: Path, state: StateDirectory, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = mirror.copy_bytes

    def copy_while_the_log_grows(source: str, target: str) -> os.stat_result:
        found = copy(source, target)
        if source.endswith("README.md"):
            with Path(source).open("a") as log:
                log.write("line\n")
        return found

    monkeypatch.setattr(mirror, "copy_bytes", copy_while_the_log_grows)
    sync()
    monkeypatch.undo()
    sync()
    assert read(state.mirror) == read(live)


def test_progress_is_told_in_files(state: StateDirectory) -> None:
    told: list[tuple[int, int]] = []
    with held(state):
        synchronise(state, lambda done, total: told.append((done, total)), threading.Event())
    assert told[0] == (0, 10)
    assert told[-1] == (10, 10)


def test_it_can_be_called_off_and_done_later(live: Path, state: StateDirectory, sync: Sync) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(MirrorCancelledError):
        synchronise(state, None, cancelled)
    sync()
    assert read(state.mirror) == read(live)


def test_nobody_else_may_touch_a_mirror_that_is_held(
    state: StateDirectory, live: Path, environ: dict[str, str]
) -> None:
    with held(state):
        with pytest.raises(MirrorError, match=f"process {os.getpid()}"), held(state):
            pass
        with pytest.raises(MirrorError), held(StateDirectory.for_workspace(live, environ)):
            pass
    with held(state):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(live: Path, sync: Sync) -> None:
    (live / "src/main.py").chmod(0)
    with pytest.raises(MirrorError, match=r"src/main\.py` may not be read"):
        sync()


FILL = """
import sys, threading
from pathlib import Path
from agent_server.execution.sandboxes.mirror import MirrorError, held, synchronise
from agent_server.execution.state import STATE_VARIABLE, StateDirectory
from tests.execution.trees import plant, read

disk, live = map(Path, sys.argv[1:])
state = StateDirectory.for_workspace(plant(live, {"large": "x" * 3_000_000}), {STATE_VARIABLE: str(disk / "state")})
with held(state):
    try:
        synchronise(state, None, threading.Event())
    except MirrorError as error:
        print(error)
    (live / "large").unlink()
    synchronise(state, None, threading.Event())
print(read(state.mirror) == read(live))
"""


def test_a_full_disk_says_what_to_do_and_the_next_time_goes_well(live: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    told = run_on_host(SMALL_DISK, FILL, disk, live).splitlines()
    assert told[0].startswith(f"The disk is full: there is no room for the copy of the workspace in `{disk}/state/")
    assert STATE_VARIABLE in told[0]
    assert told[1] == "True"
