"""Which project a file belongs to, asked in one thread while another one changes the folders."""

from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from agent_server.lsp import open_projects as module
from agent_server.lsp.documents import Documents
from agent_server.lsp.open_projects import OpenProjects
from agent_server.lsp.projects import Projects
from tests.hasty_threads import hasty_threads


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[OpenProjects]:
    (tmp_path / "outer/inner").mkdir(parents=True)
    nobody: Any = None
    opened = OpenProjects(Projects({}), nobody, Documents())
    opened.folders = (tmp_path / "outer",)
    yield opened
    opened.close()


async def test_folders_that_change_while_a_place_is_looked_up_are_not_missed(
    opened: OpenProjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = module.relative

    def change_and_tell(root: Path, path: Path) -> str | None:
        monkeypatch.undo()
        opened.change_folders([tmp_path / "outer/inner"], [])
        return found(root, path)

    plan = tmp_path / "outer/inner/a.plan.md"
    monkeypatch.setattr(module, "relative", change_and_tell)
    opened.root_of(plan)  # either is right, for it changes in this moment
    assert opened.root_of(plan) == tmp_path / "outer/inner"


async def test_a_place_is_told_whenever_folders_change(opened: OpenProjects, tmp_path: Path) -> None:
    plan, faults, stopped = tmp_path / "outer/inner/a.plan.md", list[Exception](), Event()

    def ask() -> None:
        try:
            while not stopped.is_set():
                opened.root_of(plan)
                opened.is_plan(plan)
        except Exception as fault:  # noqa: BLE001  # it is shown below
            faults.append(fault)

    asking = Thread(target=ask)
    with hasty_threads():
        asking.start()
        for _ in range(20_000):
            opened.change_folders([], [])
        stopped.set()
        asking.join()
    assert faults == []
