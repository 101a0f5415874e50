"""Workspaces that are Git repositories, with submodules, filters and attributes: what sandboxes hold of them."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import StateDirectory
from tests.execution.repositories import NOTHING_LATER
from tests.execution.trees import Program, plant, read

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"


def git(folder: Path, *arguments: str) -> None:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *NOTHING_LATER, *arguments], cwd=folder, env=environ, check=True, capture_output=True)


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A repository with a submodule, a repository within, files of LFS, and a filter, a hook and attributes that harm.

    Whoever runs the filter or a hook makes a file called `ran` beside the workspace.
    """
    harm = Program(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    other = plant(tmp_path / "other", {"library.py": "LIBRARY = 1\n"})
    root = plant(
        tmp_path / "workspace",
        {
            "README.md": "Read me\n",
            "windows.txt": "one\r\ntwo\r\n",
            "ident.txt": "$Id$\n",
            "wide.txt": "\ufefftext\n",
            "large.bin": POINTER,
            ".gitignore": "*.log\n.env\n",
        },
    )
    for folder in (other, root):
        git(folder, "init", "--quiet")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", "first")
    git(root, "submodule", "--quiet", "add", str(other), "vendor/other")
    git(root, "commit", "--quiet", "-m", "second")
    plant(
        root,
        {
            ".gitattributes": "[attr]big filter=harm\n* text eol=lf ident working-tree-encoding=UTF-16\n*.bin big\n",
            "build.log": "ignored",
            ".env": "SECRET=1\n",
            "untracked.bin": "new\r\n",
            "README.md": "Modified\n",
            ".git/hooks/post-checkout": harm,
            ".git/hooks/post-index-change": harm,
            "within/.git/HEAD": "ref: refs/heads/main\n",
            "within/file": "inside",
        },
    )
    for name in ("clean", "smudge", "process"):
        git(root, "config", f"filter.harm.{name}", f"touch {tmp_path}/ran; false")
    git(root, "config", "filter.harm.required", "true")
    git(root, "config", "core.fsmonitor", f"touch {tmp_path}/ran")
    return root


@pytest.fixture(params=list(Isolation))
def isolation(request: pytest.FixtureRequest) -> Isolation:
    return Isolation(request.param)


def bytes_below(folder: Path) -> dict[str, str]:
    """The digests of all files below `folder`."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_all_files_are_there_byte_for_byte_and_no_git(
    isolation: Isolation, live: Path, state: StateDirectory, tmp_path: Path
) -> None:
    before = bytes_below(live)
    try:
        base = await freeze(live, state, prefer=isolation)
    except SandboxError as refusal:
        pytest.skip(str(refusal))
    async with base:
        sandbox = await base.fork("task")
        found = read(sandbox.root)
        assert found == {path: what for path, what in read(live).items() if not path.endswith("/.git")}
        assert {"vendor/other/library.py", "within/file", ".env", "build.log", "untracked.bin"} <= found.keys()
        assert not list(sandbox.root.rglob(".git"))
        assert found["large.bin"] == POINTER
        assert await sandbox.changes(tmp_path / "store") == ()

        plant(
            sandbox.root,
            {
                "vendor/other/library.py": "LIBRARY = 2\n",
                "large.bin": "the real thing\r\n",
                "vendor/other/.git": f"gitdir: {live}/.git\n",
                "within/.git/config": "[core]\n",
            },
        )
        changes = await sandbox.changes(tmp_path / "store")
        assert [change.path for change in changes] == ["large.bin", "vendor/other/library.py"]
        assert sandbox.left_out == ("vendor/other/.git", "within/.git")
    assert bytes_below(live) == before
    assert not (tmp_path / "ran").exists()


async def test_neither_the_users_settings_of_git_nor_their_environment_count(
    live: Path, state: StateDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = Program(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    harm = plant(tmp_path / "harm", {"post-checkout": hook, "post-index-change": hook})
    config = f'[core]\n hooksPath = {harm}\n autocrlf = true\n fsmonitor = "touch {tmp_path}/ran"\n'
    monkeypatch.setenv("HOME", str(plant(tmp_path / "home", {".gitconfig": config})))
    monkeypatch.setenv("GIT_DIR", str(live / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(live / ".git/index"))
    before = bytes_below(live)
    async with await freeze(live, state, prefer=Isolation.WORKTREE) as base:
        found = read((await base.fork("task")).root)
    assert found["windows.txt"] == "one\r\ntwo\r\n"
    assert bytes_below(live) == before
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "damage",
    [
        {"index.lock": "", "objects/pack/tmp_pack_abc": "half"},
        {"index": "no index"},
        {"HEAD": "", "config": "[core"},
        {"config": "[filter"},
    ],
    ids=["locked", "index", "head-and-config", "config"],
)
async def test_a_shadow_repository_that_a_kill_left_is_mended(
    damage: dict[str, str], live: Path, state: StateDirectory
) -> None:
    for _ in range(2):
        async with await freeze(live, state, prefer=Isolation.WORKTREE) as base:
            found = read((await base.fork("task")).root)
        plant(state.root / "shadow.git", damage)
        plant(live, {"README.md": "edited"})
    async with await freeze(live, state, prefer=Isolation.WORKTREE) as base:
        assert read((await base.fork("task")).root) == {**found, "README.md": "edited"}
    assert not (state.root / "shadow.git/objects/pack/tmp_pack_abc").exists()


async def test_old_versions_of_files_are_not_gathered_for_ever(
    live: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_server.execution.sandboxes.shadow_repository._MOST_PACKS", 2)
    for number in range(5):
        plant(live, {"README.md": f"edit {number}"})
        async with await freeze(live, state, prefer=Isolation.WORKTREE) as base:
            assert read((await base.fork("task")).root)["README.md"] == f"edit {number}"
    assert len(list((state.root / "shadow.git/objects/pack").glob("*.pack"))) <= 3


async def test_without_git_or_with_that_of_the_workspace_worktrees_are_refused(
    live: Path, state: StateDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(live, {"git": Program(f"#!/bin/sh\ntouch {tmp_path}/ran\n")})
    monkeypatch.chdir(live)
    monkeypatch.setenv("PATH", "/nowhere:.")
    with pytest.raises(SandboxError, match="Worktrees need Git"):
        await freeze(live, state, prefer=Isolation.WORKTREE)
    assert not (tmp_path / "ran").exists()
