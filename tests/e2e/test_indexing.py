"""Indexing behind the first diagnostics, over stdio: shown where it takes a while, and over when the server is."""

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent_server.lsp.indexing import LEAST_FILES
from tests.e2e.raw_client import DEADLINE, RawClient
from tests.e2e.site import Site

PLAN = "# Work\n\n## one: Rename the quartz\n\nRename the quartz of the mineral cabinet.\n"
PROGRESS = {"window": {"workDoneProgress": True}}


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


async def test_progress_begins_and_ends(client: RawClient, root: Path) -> None:
    await client.initialize(root, **PROGRESS)
    client.open(root / "work.plan.md")
    end = await client.until(lambda message: is_progress(message, "end"))
    first = next(message for message in client.received if message.get("method") == "textDocument/publishDiagnostics")
    begin = next(message for message in client.received if is_progress(message, "begin"))
    assert begin["params"]["value"]["title"] == "Indexing"
    assert begin["params"]["token"] == end["params"]["token"]
    assert client.received.index(first) < client.received.index(begin)
    assert await client.stop() == 0


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
    await client.initialize(root, **PROGRESS)
    client.open(root / "work.plan.md")
    await client.until(lambda message: is_progress(message, "end"))
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
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


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
