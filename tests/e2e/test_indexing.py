"""Indexing behind the first diagnostics, over stdio: shown where it takes a while, and over when the server is."""

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent_server.lsp.indexing import LEAST_FILES
from tests.e2e.raw_client import DEADLINE, RawClient
from tests.e2e.site import Site

PLAN = "# Work\n\n## one: Rename the quartz\n\nRename the quartz of the mineral cabinet.\n"
PROGRESS = {"window": {"workDoneProgress": True}}


_GIT = """\
#!{python}
import contextlib, os, socket, sys

if "log" in sys.argv:
    with contextlib.suppress(OSError):  # the test has let go of it
        socket.create_connection(("127.0.0.1", {port})).recv(1)
os.execv({git!r}, ["git", *sys.argv[1:]])
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A Git that tells of no commit before it was released. `path` is the PATH on which it comes first."""

    path: str
    listening: socket.socket

    def release(self) -> None:
        self.listening.close()


@pytest.fixture
def held_history(root: Path, tmp_path: Path) -> Iterator[Held]:
    """A history of the workspace that is read last, and not before the test says so: till then it is indexed."""
    for words in (("init", "--quiet"), ("commit", "--quiet", "--allow-empty", "--message", "Begin")):
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *words], cwd=root, check=True)
    held = Held(f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", socket.create_server(("127.0.0.1", 0)))
    (tmp_path / "bin").mkdir()
    port = held.listening.getsockname()[1]
    (tmp_path / "bin/git").write_text(_GIT.format(python=sys.executable, port=port, git=shutil.which("git")))
    (tmp_path / "bin/git").chmod(0o755)
    yield held
    held.release()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "many"
    for number in range(LEAST_FILES + 50):
        file = root / f"pkg{number % 5}" / f"quartz{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"from pkg{number % 3} import quartz{number - 1}\n")
    (root / "work.plan.md").write_text(PLAN)
    return root.resolve()


def is_progress(message: Mapping[str, Any], kind: str) -> bool:
    return message.get("method") == "$/progress" and message["params"]["value"]["kind"] == kind


def indexed_files() -> int:
    """How many files the only index holds that is there."""
    (database,) = Path(os.environ["AGENT_SERVER_CACHE_DIR"]).rglob("index.sqlite")
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM file").fetchone()[0])


async def test_progress_begins_and_ends(root: Path, site: Site, held_history: Held) -> None:
    client = await RawClient.start({**site.env, "PATH": held_history.path}, "--standalone")
    try:
        await client.initialize(root, **PROGRESS)
        uri = client.open(root / "work.plan.md")
        await client.diagnostics(uri, lambda codes: True)  # which waits for no index
        begin = await client.until(lambda message: is_progress(message, "begin"))
        assert begin["params"]["value"]["title"] == "Indexing"
        held_history.release()
        end = await client.until(lambda message: is_progress(message, "end"))
        assert begin["params"]["token"] == end["params"]["token"]
        assert await client.stop() == 0
    finally:
        await client.kill()


@pytest.mark.parametrize("attitude", ["errors", "silent"])
async def test_a_client_that_wants_no_progress_gets_answers_all_the_same(
    client: RawClient, root: Path, attitude: str
) -> None:
    getattr(client, attitude).add("window/workDoneProgress/create")
    await client.initialize(root, **PROGRESS)
    client.open(root / "work.plan.md")
    await client.until(lambda message: message.get("method") == "window/workDoneProgress/create")
    await until_indexed(LEAST_FILES + 51)
    assert client.of("$/progress") == []
    assert await client.stop() == 0


async def test_a_client_that_cannot_show_progress_is_not_asked(client: RawClient, root: Path) -> None:
    await client.initialize(root)
    client.open(root / "work.plan.md")
    await until_indexed(LEAST_FILES + 51)
    assert client.of("window/workDoneProgress/create") == []
    assert await client.stop() == 0


async def test_a_server_that_is_killed_leaves_no_process(client: RawClient, root: Path) -> None:
    await client.initialize(root)
    client.open(root / "work.plan.md")
    await until_indexed(LEAST_FILES + 51)
    workers = children_of(client.process.pid)
    assert workers
    await client.kill()
    async with asyncio.timeout(DEADLINE):
        while any(map(is_running, workers)):  # noqa: ASYNC110  # nobody tells of it
            await asyncio.sleep(0.01)


async def until_indexed(files: int) -> None:
    async with asyncio.timeout(DEADLINE):
        while True:  # nobody tells of it
            try:
                if indexed_files() == files:
                    return
            except (ValueError, sqlite3.Error):
                pass  # it is being made
            await asyncio.sleep(0.02)


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread that has just ended
            found += map(int, (task / "children").read_text().split())
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def site(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site's environment, with a cache of its own."""
    monkeypatch.setenv("AGENT_SERVER_CACHE_DIR", str(tmp_path / "cache"))
    return Site(
        site.root,
        site.good_plan,
        site.bad_plan,
        {**site.env, "AGENT_SERVER_CACHE_DIR": str(tmp_path / "cache")},
        site.options,
    )
