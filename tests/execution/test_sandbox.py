"""Sandboxes, by the same tests for each isolation: exact change lists, and commands that can reach nothing else."""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import uuid
import venv
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, content_before, content_of
from agent_server.execution.sandboxes import mirror
from agent_server.execution.sandboxes import sandbox as sandboxes
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import Isolation, Sandbox, SandboxError
from agent_server.execution.sandboxes.overlay_sandbox import OverlaySandbox
from agent_server.execution.sandboxes.sandbox import Base, freeze, probe
from agent_server.execution.state import STATE_VARIABLE, StateDirectory
from tests.agents.limits import LongLimits
from tests.execution.hosts import DISK_THAT_IS_AN_OVERLAY, NO_NAMESPACES, run_on_host
from tests.execution.trees import Link, Program, plant, read

CREATE, MODIFY, DELETE = ChangeKind
FILE, EXECUTABLE, SYMLINK = FileType
NOT_UTF_8 = os.fsdecode(b"caf\xe9 \xff")
Edit = Callable[[Path], object]
Listed = dict[str, tuple[ChangeKind, FileType]]


@pytest.fixture
async def sandbox(base: Base) -> Sandbox:
    return await base.fork("task")


def listed(changes: tuple[Change, ...]) -> Listed:
    return {change.path: (change.kind, change.type) for change in changes}


def sh(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script)


# What changed.


def delete_and_recreate(text: str) -> Edit:
    def edit(root: Path) -> None:
        (root / "README.md").unlink()
        (root / "README.md").write_text(text)

    return edit


def replace_directory(root: Path) -> None:
    shutil.rmtree(root / "src/deep")
    plant(root, {"src/deep/er/two.py": "TWO = 2\n", "src/deep/new.py": "NEW = 0\n"})


def directory_to_file(root: Path) -> None:
    shutil.rmtree(root / "src/deep")
    plant(root, {"src/deep": "a file\n"})


def file_to_directory(root: Path) -> None:
    (root / "README.md").unlink()
    plant(root, {"README.md/part": "a part\n"})


def touch_all(root: Path) -> None:
    for path in read(root):
        os.utime(root / path, (1, 1), follow_symlinks=False)


def rewrite_in_place_with_the_same_size_and_time(root: Path) -> None:
    before = (root / "README.md").stat()
    (root / "README.md").write_text("READ ME\n")
    os.utime(root / "README.md", ns=(before.st_atime_ns, before.st_mtime_ns))


EDITS: dict[str, tuple[Edit, Listed]] = {
    "nothing": (lambda root: None, {}),
    "create": (lambda root: plant(root, {"new.txt": "new"}), {"new.txt": (CREATE, FILE)}),
    "create-deep": (lambda root: plant(root, {"a/b/c.txt": "new"}), {"a/b/c.txt": (CREATE, FILE)}),
    "create-program": (lambda root: plant(root, {"new": Program("new")}), {"new": (CREATE, EXECUTABLE)}),
    "create-empty": (lambda root: plant(root, {"new": ""}), {"new": (CREATE, FILE)}),
    "create-binary": (lambda root: (root / "new").write_bytes(bytes(range(256))), {"new": (CREATE, FILE)}),
    "modify": (lambda root: plant(root, {"README.md": "other"}), {"README.md": (MODIFY, FILE)}),
    "modify-in-place": (lambda root: (root / "src/main.py").write_text("x"), {"src/main.py": (MODIFY, FILE)}),
    "modify-slyly": (rewrite_in_place_with_the_same_size_and_time, {"README.md": (MODIFY, FILE)}),
    "truncate": (lambda root: os.truncate(root / "README.md", 0), {"README.md": (MODIFY, FILE)}),
    "delete": (lambda root: (root / "README.md").unlink(), {"README.md": (DELETE, FILE)}),
    "delete-link": (lambda root: (root / "link").unlink(), {"link": (DELETE, SYMLINK)}),
    "delete-directory": (
        lambda root: shutil.rmtree(root / "src/deep"),
        {
            "src/deep/er/one.py": (DELETE, FILE),
            "src/deep/er/two.py": (DELETE, FILE),
            "src/deep/three.py": (DELETE, FILE),
        },
    ),
    "rename": (
        lambda root: (root / "run.sh").rename(root / "start.sh"),
        {"run.sh": (DELETE, EXECUTABLE), "start.sh": (CREATE, EXECUTABLE)},
    ),
    "move-directory": (
        lambda root: shutil.move(root / "src/deep/er", root / "er"),
        {
            "src/deep/er/one.py": (DELETE, FILE),
            "src/deep/er/two.py": (DELETE, FILE),
            "er/one.py": (CREATE, FILE),
            "er/two.py": (CREATE, FILE),
        },
    ),
    "case-only-rename": (
        lambda root: (root / "README.md").rename(root / "readme.md"),
        {"README.md": (DELETE, FILE), "readme.md": (CREATE, FILE)},
    ),
    "make-executable": (lambda root: (root / "README.md").chmod(0o755), {"README.md": (MODIFY, EXECUTABLE)}),
    "make-plain": (lambda root: (root / "run.sh").chmod(0o644), {"run.sh": (MODIFY, FILE)}),
    "other-permissions": (lambda root: (root / "README.md").chmod(0o600), {}),
    "link-create": (lambda root: plant(root, {"new": Link("README.md")}), {"new": (CREATE, SYMLINK)}),
    "link-outside": (lambda root: plant(root, {"new": Link("/etc/passwd")}), {"new": (CREATE, SYMLINK)}),
    "link-retarget": (lambda root: plant(root, {"link": Link("run.sh")}), {"link": (MODIFY, SYMLINK)}),
    "link-to-file": (lambda root: plant(root, {"link": "text"}), {"link": (MODIFY, FILE)}),
    "file-to-link": (lambda root: plant(root, {"run.sh": Link("empty")}), {"run.sh": (MODIFY, SYMLINK)}),
    "file-to-directory": (file_to_directory, {"README.md": (DELETE, FILE), "README.md/part": (CREATE, FILE)}),
    "directory-to-file": (
        directory_to_file,
        {
            "src/deep": (CREATE, FILE),
            "src/deep/er/one.py": (DELETE, FILE),
            "src/deep/er/two.py": (DELETE, FILE),
            "src/deep/three.py": (DELETE, FILE),
        },
    ),
    "directory-replaced": (
        replace_directory,
        {
            "src/deep/new.py": (CREATE, FILE),
            "src/deep/er/one.py": (DELETE, FILE),
            "src/deep/three.py": (DELETE, FILE),
        },
    ),
    "recreate-other": (delete_and_recreate("other"), {"README.md": (MODIFY, FILE)}),
    "recreate-same": (delete_and_recreate("Read me\n"), {}),
    "touch": (touch_all, {}),
    "create-and-delete": (lambda root: (plant(root, {"new": "x"}), (root / "new").unlink()), {}),
    "empty-directory": (lambda root: (root / "new/deeper").mkdir(parents=True), {}),
    "hard-link": (lambda root: os.link(root / "README.md", root / "same"), {"same": (CREATE, FILE)}),
    "not-utf-8": (lambda root: plant(root, {NOT_UTF_8: "latin 1"}), {NOT_UTF_8: (CREATE, FILE)}),
    "odd-names": (
        lambda root: plant(root, {"a\nb": "", "*?[x]": "", " ": ""}),
        dict.fromkeys(["a\nb", "*?[x]", " "], (CREATE, FILE)),
    ),
}


@pytest.mark.parametrize("name", EDITS)
async def test_the_change_list_is_exact(name: str, base: Base, tmp_path: Path) -> None:
    edit, expected = EDITS[name]
    sandbox = await base.fork(name)
    edit(sandbox.root)
    changes = await sandbox.changes(tmp_path / "store")
    assert listed(changes) == expected
    assert sandbox.left_out == ()
    for change in changes:
        place = sandbox.root / change.path
        if change.kind is DELETE:
            assert change.new is change.content is None
        else:
            written = os.fsencode(place.readlink()) if place.is_symlink() else place.read_bytes()
            assert content_of(change) == written


@pytest.mark.parametrize("name", EDITS)
async def test_a_change_set_written_into_another_sandbox_is_read_back_the_same(
    name: str, base: Base, tmp_path: Path
) -> None:
    edit, _ = EDITS[name]
    first, second = await base.fork("first"), await base.fork("second")
    edit(first.root)
    changes = await first.changes(tmp_path / "store")
    await second.apply(changes)
    assert await second.changes(tmp_path / "store") == changes
    assert read(second.root) == read(first.root)


async def test_changes_can_be_read_again_and_again(sandbox: Sandbox, tmp_path: Path) -> None:
    plant(sandbox.root, {"one": "1"})
    first = await sandbox.changes(tmp_path / "store")
    plant(sandbox.root, {"two": "2"})
    assert listed(await sandbox.changes(tmp_path / "store")) == listed(first) | {"two": (CREATE, FILE)}


async def test_what_never_lands_is_told_apart(sandbox: Sandbox, tmp_path: Path) -> None:
    plant(sandbox.root, {".git/hooks/pre-commit": Program("x"), "sub/.GIT/config": "x", ".agent-server/landing/x": "x"})
    os.mkfifo(sandbox.root / "pipe")
    (sandbox.root / "README.md").unlink()
    os.mkfifo(sandbox.root / "README.md")
    assert listed(await sandbox.changes(tmp_path / "store")) == {"README.md": (DELETE, FILE)}
    assert sandbox.left_out == (".agent-server", ".git", "README.md", "pipe", "sub/.GIT")


# Keeping apart.


async def test_sandboxes_see_the_base_and_neither_each_other_nor_later_edits(base: Base, live: Path) -> None:
    first, second = await base.fork("first"), await base.fork("second")
    before = read(live)
    plant(first.root, {"README.md": "first"})
    plant(live, {"README.md": "edited by the user"})
    assert read(second.root) == before
    assert (await base.fork("third")).root != second.root
    assert (live / "README.md").read_text() == "edited by the user"


async def test_many_sandboxes_are_made_at_once(base: Base, live: Path, tmp_path: Path) -> None:
    sandboxes = await asyncio.gather(*(base.fork(f"task-{number}") for number in range(6)))
    for number, sandbox in enumerate(sandboxes):
        assert read(sandbox.root) == read(live)
        plant(sandbox.root, {f"{number}": "mine"})
    for number, sandbox in enumerate(sandboxes):
        assert listed(await sandbox.changes(tmp_path / f"{number}")) == {f"{number}": (CREATE, FILE)}


async def test_a_fork_over_changes_tells_only_what_came_later(base: Base, tmp_path: Path) -> None:
    first = await base.fork("first")
    plant(first.root, {"README.md": "first", "new": "first", "src/main.py": "first"})
    (first.root / "empty").unlink()
    over = await first.changes(tmp_path / "store")
    await first.close()

    second = await base.fork("second", over)
    assert await second.changes(tmp_path / "later") == ()
    plant(second.root, {"README.md": "Read me\n", "empty": "second"})  # the first is as it was before all
    (second.root / "new").unlink()
    changes = await second.changes(tmp_path / "later")
    assert listed(changes) == {"README.md": (MODIFY, FILE), "empty": (CREATE, FILE), "new": (DELETE, FILE)}
    assert [content_before(change) for change in changes] == [b"first", b"", b"first"]
    assert changes[0].base == {change.path: change.new for change in over}["README.md"]


async def test_a_fork_over_changes_that_leave_the_tree_is_refused_and_leaves_nothing(
    base: Base, state: StateDirectory
) -> None:
    with pytest.raises(SandboxError, match="is not written"):
        await base.fork("task", [Change("../out", CREATE, FILE, None, "file-", None)])
    assert not list(state.sandboxes.iterdir())


@pytest.mark.parametrize(
    "path", ["../out", "/out", "a/../../out", ".git/hooks/x", "a/.GIT./x", ".git::$DATA", "a//b", "", "x\0y", "."]
)
async def test_a_change_set_cannot_leave_the_sandbox(path: str, sandbox: Sandbox, tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.write_text("x")
    with pytest.raises(SandboxError, match="is not written"):
        await sandbox.apply([Change(path, CREATE, FILE, None, "file-", content)])
    assert not (sandbox.root.parent / "out").exists()


async def test_a_change_set_is_not_written_through_a_link(sandbox: Sandbox, tmp_path: Path) -> None:
    outside, content = tmp_path / "outside", tmp_path / "content"
    outside.mkdir()
    content.write_text("x")
    plant(sandbox.root, {"way": Link(str(outside))})
    with pytest.raises(SandboxError, match="way/out"):
        await sandbox.apply([Change("way/out", CREATE, FILE, None, "file-", content)])
    assert not list(outside.iterdir())


# Commands.


async def test_a_command_answers_with_status_and_output(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    lines: list[str] = []
    completed = await sandbox.execute(
        sh("echo one; echo two >&2; printf 'thr\\303\\251\\377'; exit 7"),
        env=environ,
        timeout=30,
        on_output=lines.append,
    )
    assert (completed.exit_status, completed.timed_out) == (7, False)
    assert completed.output == "one\ntwo\nthré\ufffd"
    assert lines == ["one", "two", "thré\ufffd"]


async def test_a_command_sees_and_changes_the_tree(
    sandbox: Sandbox, environ: Mapping[str, str], tmp_path: Path
) -> None:
    plant(sandbox.root, {"input": "from the agent\n"})
    completed = await sandbox.execute(sh("cat input; cp input output; rm README.md"), env=environ, timeout=30)
    assert completed.output == "from the agent\n"
    assert listed(await sandbox.changes(tmp_path / "store")) == {
        "README.md": (DELETE, FILE),
        "input": (CREATE, FILE),
        "output": (CREATE, FILE),
    }
    assert (sandbox.root / "output").read_text() == "from the agent\n"


async def test_arguments_reach_a_command_as_they_are(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    odd = ["a b", "$HOME", "'\"", "two\nlines", "", "-n"]
    program = "import sys; print(sys.argv[1:])"
    completed = await sandbox.execute((sys.executable, "-c", program, *odd), env=environ, timeout=30)
    assert completed.output == f"{odd}\n"


async def test_a_missing_command_is_an_ordinary_failure(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    completed = await sandbox.execute(("no-such-command",), env=environ, timeout=30)
    assert completed.exit_status == 127
    assert "no-such-command" in completed.output


async def test_a_command_that_a_signal_ends_has_a_shells_status(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    completed = await sandbox.execute(sh("kill -TERM $$"), env=environ, timeout=30)
    assert completed.exit_status == 128 + signal.SIGTERM


async def test_only_the_tail_of_much_output_is_kept(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    counted: list[str] = []
    completed = await sandbox.execute(
        sh("seq 200000; printf %030000d 7"), env=environ, timeout=60, on_output=counted.append
    )
    assert len(completed.output) == 200_000
    assert completed.output.endswith("0007")
    assert counted[:200_000] == [str(number) for number in range(1, 200_001)]
    assert "".join(counted[200_000:]) == f"{7:030000d}"


async def test_neither_keys_nor_the_users_home_reach_a_command(
    sandbox: Sandbox, environ: Mapping[str, str], tmp_path: Path
) -> None:
    home = plant(tmp_path / "home", {".ssh/id_ed25519": "private"})
    given_environ = {
        **environ,
        "HOME": str(home),
        "ANTHROPIC_API_KEY": "sk-very-secret",
        "GITHUB_TOKEN": "gh-very-secret",
        "HTTPS_PROXY": "http://user:password@proxy:1",
        "LANG": "C.UTF-8",
        "SOMETHING_ELSE": "x",
    }
    completed = await sandbox.execute(sh("env; ls -A $HOME; touch $HOME/x"), env=given_environ, timeout=30)
    assert "LANG=C.UTF-8\n" in completed.output
    for hidden in ("sk-very-secret", "gh-very-secret", "password", "SOMETHING_ELSE", ".ssh"):
        assert hidden not in completed.output
    assert completed.exit_status == 0
    assert not (home / "x").exists()


async def test_temporary_files_are_private_and_go_with_the_sandbox(base: Base, environ: Mapping[str, str]) -> None:
    first, second = await base.fork("first"), await base.fork("second")
    name = uuid.uuid4().hex
    await first.execute(sh(f"echo x > $TMPDIR/{name}"), env=environ, timeout=30)
    assert (await first.execute(sh(f"cat $TMPDIR/{name}"), env=environ, timeout=30)).output == "x\n"
    assert (await second.execute(sh(f"cat $TMPDIR/{name}"), env=environ, timeout=30)).exit_status != 0


def processes_with(mark: str) -> list[int]:
    """The processes whose command line holds `mark`, other than this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # nobody tells when a process is gone
            await asyncio.sleep(0.01)


def sleeping(mark: str) -> str:
    """A script that leaves a process in the background and waits for another, both to be found by `mark`."""
    return f"sh -c 'sleep 1000; : {mark} behind' & echo started; sh -c 'sleep 1000; : {mark} in front'"


async def test_a_command_that_runs_out_of_time_is_killed_with_all_its_processes(
    sandbox: Sandbox, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, limits = uuid.uuid4().hex, LongLimits(monkeypatch)
    completed = await sandbox.execute(
        sh(sleeping(mark)), env=environ, timeout=limits.LEAST, on_output=lambda _: limits.reach()
    )
    assert completed.timed_out
    assert completed.exit_status == 128 + signal.SIGKILL
    assert completed.output == "started\n"
    await until(lambda: not processes_with(mark))


async def test_a_cancelled_command_is_killed_with_all_its_processes(
    sandbox: Sandbox, environ: Mapping[str, str]
) -> None:
    mark = uuid.uuid4().hex
    started = asyncio.Event()
    running = asyncio.create_task(
        sandbox.execute(sh(sleeping(mark)), env=environ, timeout=1000, on_output=lambda _: started.set())
    )
    await started.wait()
    assert processes_with(mark)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: not processes_with(mark))
    assert (await sandbox.execute(sh("echo still of use"), env=environ, timeout=30)).output == "still of use\n"


async def test_nothing_that_a_command_started_outlives_it(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    mark = uuid.uuid4().hex
    completed = await sandbox.execute(sh(f"sh -c 'sleep 1000; : {mark}' & echo done"), env=environ, timeout=30)
    assert completed.output == "done\n"
    assert not completed.timed_out
    await until(lambda: not processes_with(mark))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")
async def test_a_process_that_leaves_its_session_and_its_parent_dies_too(
    sandbox: Sandbox, environ: Mapping[str, str]
) -> None:
    mark = uuid.uuid4().hex
    leave = f"import os, time; os.fork() and os._exit(0); os.setsid(); os.chdir('/'); time.sleep(1000) # {mark}"
    await sandbox.execute(("env", "-i", sys.executable, "-c", leave), env=environ, timeout=30)
    assert not processes_with(mark)


# What only an overlay can do.


@pytest.fixture
async def overlay(live: Path, state: StateDirectory) -> AsyncIterator[Sandbox]:
    try:
        base = await freeze(live, state, prefer=Isolation.OVERLAY)
    except SandboxError as refusal:
        pytest.skip(str(refusal))
    async with base:
        yield await base.fork("task")


async def test_in_an_overlay_a_command_runs_at_the_workspaces_own_path(
    overlay: Sandbox, live: Path, environ: Mapping[str, str]
) -> None:
    plant(overlay.root, {"README.md": "the agent's"})
    completed = await overlay.execute(sh(f"pwd; cat {live}/README.md"), env=environ, timeout=30)
    assert completed.output == f"{live}\nthe agent's"
    assert (live / "README.md").read_text() == "Read me\n"


async def test_in_an_overlay_a_command_cannot_write_outside(
    overlay: Sandbox, environ: Mapping[str, str], tmp_path: Path, state: StateDirectory
) -> None:
    outside = plant(tmp_path / "outside", {"file": "untouched"})
    script = f"echo x > {outside}/file; echo x > /etc/agent-server-was-here; echo x > {state.mirror}/README.md; true"
    await overlay.execute(sh(script), env=environ, timeout=30)
    assert (outside / "file").read_text() == "untouched"
    assert not Path("/etc/agent-server-was-here").exists()
    assert (state.mirror / "README.md").read_text() == "Read me\n"


async def test_in_an_overlay_other_processes_cannot_be_seen(overlay: Sandbox, environ: Mapping[str, str]) -> None:
    completed = await overlay.execute(sh(f"ls /proc; kill -0 {os.getpid()}"), env=environ, timeout=30)
    assert str(os.getpid()) not in completed.output.split("\n")
    assert completed.exit_status != 0


async def test_in_an_overlay_a_command_has_no_power_over_the_kernel_or_its_own_walls(
    overlay: Sandbox, environ: Mapping[str, str]
) -> None:
    script = (
        "grep CapEff /proc/self/status; find /proc/sys -writable -type f 2>/dev/null | head -1; "
        "umount -l /home 2>/dev/null && echo unveiled; mount -t tmpfs none /mnt 2>/dev/null && echo mounted; true"
    )
    completed = await overlay.execute(sh(script), env=environ, timeout=30)
    assert completed.output.split() == ["CapEff:", "0" * 16]


async def test_in_an_overlay_services_of_the_host_cannot_be_reached_by_their_sockets(
    overlay: Sandbox, environ: Mapping[str, str], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(str(tmp_path / "service"))
        service.listen()
        connect = f"import socket; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'service')!r})"
        completed = await overlay.execute((sys.executable, "-c", connect), env=environ, timeout=30)
    assert "FileNotFoundError" in completed.output


async def test_in_an_overlay_tools_that_the_user_installed_below_home_work(
    overlay: Sandbox, environ: Mapping[str, str], tmp_path: Path
) -> None:
    home = plant(
        tmp_path / "home",
        {
            ".pyenv/shims/tool": Program('#!/bin/sh\nexec "$HOME/.pyenv/versions/1/bin/tool"\n'),
            ".pyenv/versions/1/bin/tool": Program("#!/bin/sh\necho the tool\n"),
            ".fly/bin/fly": Program('#!/bin/sh\ncat "$HOME/.fly/config"\n'),
            ".fly/config": "the login",
        },
    )
    path = f"{home}/.pyenv/shims:{home}/.fly/bin:{environ['PATH']}"
    completed = await overlay.execute(
        sh("tool; fly; touch $HOME/.pyenv/x"), env={**environ, "HOME": str(home), "PATH": path}, timeout=30
    )
    assert completed.output.startswith("the tool\n")
    assert "the login" not in completed.output
    assert not (home / ".pyenv/x").exists()


async def test_in_an_overlay_the_home_shows_nothing_but_the_workspace_in_it(
    overlay: Sandbox, live: Path, environ: Mapping[str, str], tmp_path: Path
) -> None:
    plant(tmp_path, {".netrc": "login", "other project/file": "x"})
    completed = await overlay.execute(
        sh("ls -A $HOME; cat README.md"), env={**environ, "HOME": str(tmp_path)}, timeout=30
    )
    assert completed.output == f"{live.name}\nRead me\n"


@pytest.mark.parametrize("home", ["", "/", "/no/such/home", "workspace"])
async def test_in_an_overlay_there_is_always_a_home_to_write_to(
    home: str, overlay: Sandbox, live: Path, environ: Mapping[str, str], tmp_path: Path
) -> None:
    outside = {**environ, "HOME": str(live) if home == "workspace" else home}
    completed = await overlay.execute(sh("echo x > $HOME/file && echo $HOME"), env=outside, timeout=30)
    assert completed.output == "/tmp/home\n"
    assert await overlay.changes(tmp_path / "store") == ()


async def test_in_an_overlay_a_virtual_environment_works_wherever_it_and_its_python_lie(
    overlay: Sandbox, environ: Mapping[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    venv.create(home / "somewhere/env")
    path = f"{home}/somewhere/env/bin:{environ['PATH']}"
    completed = await overlay.execute(
        ("python", "-c", "import sys, json; print(sys.prefix)"),
        env={**environ, "HOME": str(home), "PATH": path},
        timeout=30,
    )
    assert completed.output == f"{home}/somewhere/env\n"


async def test_a_state_directory_with_an_odd_name_works(live: Path, tmp_path: Path) -> None:
    state = StateDirectory.for_workspace(live, {STATE_VARIABLE: str(tmp_path / "a:b,c=d e\\f")})
    async with await freeze(live, state) as base:
        assert read((await base.fork("task")).root) == read(live)


async def test_an_overlay_is_not_mounted_anew_while_a_file_in_it_is_open(
    overlay: Sandbox, environ: Mapping[str, str]
) -> None:
    with (overlay.root / "README.md").open(), pytest.raises(SandboxError, match="still open"):
        await overlay.execute(sh("true"), env=environ, timeout=30)
    assert (await overlay.execute(sh("true"), env=environ, timeout=30)).exit_status == 0


# The base.


async def test_a_base_cannot_be_frozen_twice_at_a_time(
    base: Base, live: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxes, "_PATIENCE", 0.0)
    with pytest.raises(SandboxError, match="in use"):
        await freeze(live, state)
    await base.close()
    async with await freeze(live, state, prefer=base.isolation):
        pass


async def test_who_cleans_up_behind_the_last_run_is_waited_for(live: Path, state: StateDirectory) -> None:
    with mirror.held(state):
        freezing = asyncio.ensure_future(freeze(live, state, prefer=Isolation.COPY))
        ended, _ = await asyncio.wait([freezing], timeout=0.05)
        assert not ended
    async with await freezing as base:
        assert read(base.root) == read(live)


async def test_closing_the_base_leaves_nothing_behind(base: Base, state: StateDirectory) -> None:
    sandbox = await base.fork("../odd name")
    plant(sandbox.root, {"locked/away": "x"})
    (sandbox.root / "locked").chmod(0)
    await base.close()
    await base.close()
    await sandbox.close()
    assert not list(state.sandboxes.iterdir())


async def test_a_sandbox_that_is_retired_is_gone_with_the_base_and_others_go_on(
    base: Base, state: StateDirectory, environ: Mapping[str, str]
) -> None:
    retired, other = await base.fork("retired"), await base.fork("other")
    base.retire(retired)
    assert (await other.execute(sh("touch made"), env=environ, timeout=30)).exit_status == 0
    assert (other.root / "made").exists()
    await base.close()
    assert not list(state.sandboxes.iterdir())


async def test_nothing_but_closing_is_left_after_a_last_command(
    base: Base, state: StateDirectory, environ: Mapping[str, str]
) -> None:
    sandbox = await base.fork("task")
    completed = await sandbox.execute(
        sh("mkdir locked; touch locked/a; chmod 0 locked"), env=environ, timeout=30, keep=False
    )
    assert completed.exit_status == 0
    await sandbox.close()
    assert not list(state.sandboxes.iterdir())


async def test_a_base_that_was_frozen_before_proves_its_overlays_no_second_time(
    live: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await freeze(live, state) as first:
        found = first.isolation
    if found is not Isolation.OVERLAY:
        pytest.skip("this host has no overlays")

    async def prove(*_: object) -> None:
        raise SandboxError("No.")

    monkeypatch.setattr(sandboxes, "_try_overlay", prove)
    async with await freeze(live, state) as second:
        assert second.isolation is Isolation.OVERLAY
        monkeypatch.setattr(OverlaySandbox, "open", prove)
        with pytest.raises(SandboxError, match="No"):
            await second.fork("task")
    async with await freeze(live, state) as third:  # what was found out no longer holds
        assert third.isolation is Isolation.COPY


async def test_a_later_base_has_what_the_user_did_meanwhile(base: Base, live: Path, state: StateDirectory) -> None:
    await base.close()
    plant(live, {"README.md": "edited", "new": "new"})
    async with await freeze(live, state, prefer=base.isolation) as later:
        assert read((await later.fork("task")).root) == read(live)


async def test_what_a_killed_run_left_behind_is_removed(live: Path, state: StateDirectory) -> None:
    plant(state.sandboxes, {"old/upper/file": "x"})
    (state.sandboxes / "old/upper").chmod(0)
    async with await freeze(live, state, prefer=Isolation.COPY):
        assert not list(state.sandboxes.iterdir())


async def test_what_is_still_being_written_there_is_removed_when_that_has_ended(
    live: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter(range(9))

    def remove(folder: Path) -> None:
        if next(refusals, None) is not None:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(folder))
        remove_tree(folder)

    plant(state.sandboxes, {"old/upper/file": "x"})
    monkeypatch.setattr(sandboxes, "remove_tree", remove)
    monkeypatch.setattr(sandboxes, "_CLEARING_PAUSE", 0.001)
    async with await freeze(live, state, prefer=Isolation.COPY):
        assert not list(state.sandboxes.iterdir())


async def test_the_choice_of_isolation_has_a_reason(state: StateDirectory) -> None:
    found = await probe(state)
    assert found.reason.startswith("Agents work in")
    assert (found.bwrap is None) == (found.isolation is Isolation.COPY)
    assert not list(state.sandboxes.iterdir())


FALL_BACK = """
import asyncio, os, sys
from pathlib import Path
from agent_server.execution.sandboxes.sandbox import Isolation, SandboxError, freeze
from agent_server.execution.state import STATE_VARIABLE, StateDirectory

async def main():
    place, live = map(Path, sys.argv[1:])
    state = StateDirectory.for_workspace(live, {STATE_VARIABLE: str(place / "state")})
    async with await freeze(live, state) as base:
        sandbox = await base.fork("task")
        completed = await sandbox.execute(("cat", "README.md"), env=os.environ, timeout=30)
        print(base.isolation.value, completed.output.strip(), base.reason, sep="|")
    try:
        await freeze(live, state, prefer=Isolation.OVERLAY)
    except SandboxError as error:
        print(error)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no overlays in the first place")
@pytest.mark.parametrize("host", [NO_NAMESPACES, DISK_THAT_IS_AN_OVERLAY], ids=["no-namespaces", "disk-is-an-overlay"])
def test_where_no_overlay_is_possible_agents_work_in_copies_and_the_reason_is_told(
    host: str, live: Path, tmp_path: Path
) -> None:
    (tmp_path / "place").mkdir()
    chosen, refusal = run_on_host(host, FALL_BACK, tmp_path / "place", live).splitlines()
    isolation, output, reason = chosen.split("|")
    assert (isolation, output) == ("copy", "Read me")
    assert reason == refusal
    assert reason.startswith("Agents work in copies of the workspace, for it cannot be overlaid here (`")


async def test_a_state_directory_of_another_workspace_is_refused(tmp_path: Path, state: StateDirectory) -> None:
    with pytest.raises(SandboxError, match="is the state directory of"):
        await freeze(tmp_path, state)


DAEMON = """
import asyncio, os, sys
from pathlib import Path
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import StateDirectory

async def main():
    live = Path(sys.argv[1])
    base = await freeze(live, StateDirectory.for_workspace(live, os.environ))
    idle, busy = await base.fork("idle"), await base.fork("busy")
    print(base.isolation.value, flush=True)
    tell = lambda line: print(line, flush=True)
    await busy.execute(("sh", "-c", sys.argv[2]), env=os.environ, timeout=1000, on_output=tell)

asyncio.run(main())
"""


async def test_when_the_daemon_is_killed_its_overlays_and_commands_die(
    live: Path, state: StateDirectory, environ: Mapping[str, str]
) -> None:
    mark = uuid.uuid4().hex
    arguments = [sys.executable, "-c", DAEMON, str(live), sleeping(mark)]
    with subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        daemon.stdout.readline()
        assert daemon.stdout.readline() == "started\n"
        daemon.kill()
    await until(lambda: not processes_with(mark) and not processes_with(str(state.sandboxes)))
    async with await freeze(live, state) as base:
        assert read((await base.fork("again")).root) == read(live)


def test_the_mode_of_the_workspaces_own_folder_is_kept(live: Path, state: StateDirectory) -> None:
    live.chmod(0o750)

    async def mode() -> int:
        async with await freeze(live, state) as base:
            return stat.S_IMODE((await base.fork("task")).root.stat().st_mode)

    assert asyncio.run(mode()) == 0o750


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no overlays")
async def test_a_start_that_is_cancelled_at_any_moment_leaves_no_process(live: Path, state: StateDirectory) -> None:
    try:
        base = await freeze(live, state, prefer=Isolation.OVERLAY)
    except SandboxError as refusal:
        pytest.skip(str(refusal))
    async with base:
        for turns in range(40):
            opening = asyncio.ensure_future(base.fork("brief"))
            for _ in range(turns):
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
    assert processes_that_name(str(state.sandboxes)) == []


def processes_that_name(text: str) -> list[str]:
    """The command lines of living processes that hold `text`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.append((folder / "cmdline").read_bytes().decode(errors="replace"))
    return [line for line in found if text in line]


@pytest.mark.parametrize("base", [Isolation.OVERLAY], indirect=True)
async def test_the_root_of_a_sandbox_whose_holder_was_killed_is_never_that_of_another_process(sandbox: Sandbox) -> None:
    last = Path("/proc/sys/kernel/ns_last_pid")
    if not os.access(last, os.W_OK):
        pytest.skip("this user may not choose the number of a process")
    root = sandbox.root
    number = int(Path(*root.parts[:5]).readlink().name)
    os.kill(number, signal.SIGKILL)
    while Path(f"/proc/{number}").exists():  # noqa: ASYNC110  # nothing tells when a number is free
        await asyncio.sleep(0.01)
    # The next process to be started gets the holder's number. Where somebody else on the machine was faster, theirs may
    # keep it for good; it will do as well.
    while True:
        last.write_text(str(number - 1))
        other = await asyncio.create_subprocess_exec("sleep", "1000")
        if Path(f"/proc/{number}/root{Path.home()}").exists():
            break
        other.kill()
        await other.wait()
    with pytest.raises((FileNotFoundError, ProcessLookupError)):
        root.stat()
    other.kill()
    await other.wait()
