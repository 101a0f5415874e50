"""Which analyses of a project are kept: an edit of one plan, and an answer to it, leave those of all others alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import DEFAULT_SETTINGS
from agent_server.lsp.project import Listener, Project
from tests.e2e.raw_client import DEADLINE
from tests.lsp.test_schedule import task

PLAN = "# P\n\n" + task("a", "writes: a.py", "reads: b.py")


class Nobody:
    """A session that is told everything and does nothing."""

    def __init__(self) -> None:
        self.edited: list[str] = []

    def __getattr__(self, name: str) -> object:
        return lambda *_, **__: None

    def document_edited(self, _project: Project, plan: str) -> None:
        self.edited.append(plan)


@pytest.fixture
async def project(tmp_path: Path) -> AsyncIterator[Project]:
    root = tmp_path / "w"
    root.mkdir()
    for name in ("one", "two"):
        (root / f"{name}.plan.md").write_text(PLAN)
    (root / "b.py").write_text("b = 1\n")
    project = Project(root, {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path)})
    project.open()
    await project.ready.wait()
    yield project
    await project.close()


async def analysed(project: Project, name: str) -> Analysis:
    def work() -> Analysis:
        text = project.text_of(name)
        assert text is not None
        found = project.analyse(name, text, DEFAULT_SETTINGS)
        assert found is not None
        return found

    return await project.worker.run(work)


def listening() -> tuple[Nobody, Listener]:
    nobody = Nobody()
    return nobody, nobody  # type: ignore[return-value]  # `__getattr__` stands for the rest


async def test_an_edit_analyses_its_plan_alone_and_tells_the_other_editors(project: Project) -> None:
    one, two = await analysed(project, "one.plan.md"), await analysed(project, "two.plan.md")
    (writer, by), (other, watching) = listening(), listening()
    project.attach(by)
    project.attach(watching)
    path, before = project.root / "one.plan.md", project.revision
    project.open_document(by, path, PLAN)
    project.open_document(by, path, PLAN.replace("Do a.", "Do it."))
    assert (await analysed(project, "one.plan.md")).plan.tasks[0].instructions == "Do it."
    assert (writer.edited, other.edited) == ([], ["one.plan.md"] * 2)
    assert await analysed(project, "one.plan.md") is not one
    project.close_document(by, path)
    assert (await analysed(project, "one.plan.md")).plan.tasks[0].instructions == "Do a."
    assert await analysed(project, "two.plan.md") is two
    assert project.revision == before


async def test_where_nothing_is_another_an_analysis_stays_the_same_object(project: Project) -> None:
    one = await analysed(project, "one.plan.md")
    project.touch()
    assert await analysed(project, "one.plan.md") is one
    changed = project.revision
    (project.root / "b.py").unlink()
    project.files_changed([project.root / "b.py"])
    async with asyncio.timeout(DEADLINE):
        while project.revision == changed:  # noqa: ASYNC110  # the project tells its sessions, and has none
            await asyncio.sleep(0.01)
    assert await analysed(project, "one.plan.md") is not one
