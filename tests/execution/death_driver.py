"""A server in the middle of a wave, to be killed there. Run by `test_death`.

    python death_driver.py WORKSPACE ISOLATION MOMENT

MOMENT is `agents` (they have written and go on), `commands` (they run commands), `programs` (they are programs, which
they talk to), or `verify` (the build runs). Prints
`there` when that is so, and goes on for ever. Or it is `landing`: then it kills itself when half of the files have
landed.

    python death_driver.py WORKSPACE ISOLATION starts SEED KILLS

Makes sandboxes and runs commands in them, one after the other, in a process forked for that which is killed at a random
moment; so many times.
"""

import asyncio
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import cast

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.agents.programs import Program
from agent_server.execution import executor as executor_module
from agent_server.execution.executor import Executor
from agent_server.execution.landing.journal import Step
from agent_server.execution.landing.landing import Lander
from agent_server.execution.runs.run import Progress
from agent_server.execution.sandboxes.isolation import Isolation, Sandbox
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import StateDirectory
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed, two_tasks

PLAN = "two.plan.md"
BUILD = ("sh", "build.sh")


def tell() -> None:
    sys.stdout.write("there\n")
    sys.stdout.flush()


class Agents:
    """Agents that write their file, and then are done only where the build is to run."""

    name = "scripted"
    runs = ""
    problem = ""

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.there = asyncio.Barrier(2)
        self.commands = 0

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        (workbench.root / f"{brief.task}.txt").write_text(f"by {brief.task}\n")
        if self.moment == "commands":
            await cast("Sandbox", workbench).execute(
                BUILD, env=os.environ, timeout=1000, on_output=lambda _: self.started()
            )
        if self.moment == "programs":
            async with workbench.program(Program(BUILD, os.environ)) as running:
                await running.output.readline()
                self.started()
                await running.output.readline()
        if self.moment == "agents":
            await self.there.wait()
            tell()
            await asyncio.Event().wait()
        return Outcome(OutcomeKind.DONE)

    def started(self) -> None:
        self.commands += 1
        if self.commands == 2:
            tell()


def watch(progress: Progress) -> None:
    if progress.message == "Verifying: started":
        tell()


def die_at_second_file() -> Step:
    created = 0

    def step(name: str) -> None:
        nonlocal created
        created += name == "create"
        if created == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


async def main(root: Path, isolation: Isolation, moment: str) -> None:
    if moment == "landing":
        executor_module.Lander = partial(Lander, step=die_at_second_file())
    settings = ExecutionSettings(agent="scripted", isolation=isolation)
    agents = Agents(moment)
    executor = Executor(root, settings, os.environ, find_backend=lambda *_: agents)
    analysis = analysed(root, two_tasks(verify="true" if moment == "landing" else " ".join(BUILD)))
    executor.approve(executor.propose(PLAN, analysis, 1))
    run = executor.launch(PLAN, analysis)
    run.watch(watch)
    await run.wait()


async def start_and_start(root: Path, isolation: Isolation) -> None:
    async with await freeze(root, StateDirectory.for_workspace(root, os.environ), prefer=isolation) as base:
        while True:
            sandbox = await base.fork("task")
            await sandbox.execute(("true",), env=os.environ, timeout=1000)


def kill_starts(root: Path, isolation: Isolation, chance: random.Random, kills: int) -> None:
    for _ in range(kills):
        pid = os.fork()
        if pid == 0:
            asyncio.run(start_and_start(root, isolation))
        time.sleep(chance.uniform(0.05, 0.4))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    place, kind, when = Path(sys.argv[1]), Isolation(sys.argv[2]), sys.argv[3]
    if when == "starts":
        kill_starts(place, kind, random.Random(int(sys.argv[4])), int(sys.argv[5]))
    else:
        asyncio.run(main(place, kind, when))
