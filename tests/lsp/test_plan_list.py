"""A list of plans in the middle of edits."""

import asyncio
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agent_server.lsp.messages import PlansChangedParams, PlansParams
from agent_server.lsp.plan_list import PlanList
from agent_server.lsp.project import Superseded
from agent_server.lsp.snapshot import PlanSnapshot
from tests.e2e.raw_client import DEADLINE
from tests.lsp.cursor import NAME, URI, plan_at
from tests.lsp.test_schedule import FILES, task


class Worker:
    async def run(self, work: partial[Any]) -> Any:
        await asyncio.sleep(0)
        return work()


class Plans:
    """One plan, of which a newer version waits when it is looked at for the first time."""

    def __init__(self, project: Any) -> None:
        self.project = project
        self.looks = 0

    def every_project(self) -> list[Any]:
        return [self.project]

    def names(self, _: Any) -> list[str]:
        return [NAME]

    def named(self, _: Any, _name: str) -> PlanSnapshot:
        self.looks += 1
        if self.looks == 1:
            raise Superseded
        return plan_at("# P\n\n" + task("a", "writes: a.py"), FILES)[0]


async def test_a_plan_that_was_being_edited_is_looked_at_again_and_told() -> None:
    executor = SimpleNamespace(expect_runnable=lambda *_: None, last_progress=lambda _: None)
    root, ready = Path("/w"), asyncio.Event()
    ready.set()
    project = SimpleNamespace(root=root, ready=ready, worker=Worker(), executor=executor, waves={})
    each = SimpleNamespace(project=project)
    projects = SimpleNamespace(folders=(root,), get=lambda _: each)
    told: asyncio.Queue[PlansChangedParams] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    plans: Any = Plans(each)
    listed = PlanList(plans, projects, lambda: None, told.put_nowait, loop.create_task)  # type: ignore[arg-type]
    listed.want(wanted=True)
    assert (await listed.answer(PlansParams())).plans == []
    async with asyncio.timeout(DEADLINE):
        assert (await told.get()).plans == [URI]
    assert [report.uri for report in (await listed.answer(PlansParams())).plans] == [URI]
    listed.close()
