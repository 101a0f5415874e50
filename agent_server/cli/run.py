"""`agent-server run`: a plan, wave by wave. Each wave is shown and approved before anything of it starts."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from agent_server.analysis.estimates.costs import basis, cost_of, in_words, total
from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.facts import VerifyFacts
from agent_server.analysis.picture import count
from agent_server.analysis.rules.wording import listed
from agent_server.cli.configuration import user_settings
from agent_server.cli.main import UsageError
from agent_server.cli.plans import PlanFile, read_plan
from agent_server.cli.progress import RunDisplay
from agent_server.execution.approval import NotLaunchable, summary
from agent_server.execution.executor import Executor
from agent_server.execution.lifecycle import RunState
from agent_server.execution.record import RunRecord
from agent_server.execution.ticking import NotTicked, tick
from agent_server.settings import Settings

Approve = Callable[[str], bool]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plan", type=Path, metavar="PLAN", help="a plan file (`*.plan.md`)")
    parser.add_argument("--approve", action="store_true", help="approve every wave in advance, as it will be shown")
    parser.add_argument("--one-wave", action="store_true", help="stop after the first wave")
    parser.add_argument("--agent", help="who plays the agents, where the plan does not say: `anthropic` or `replay`")
    parser.add_argument("--transcripts", type=Path, help="the folder of transcripts for `replay`")
    parser.add_argument("--speed", type=speed, help="recorded seconds per second for `replay`")
    parser.add_argument(
        "--isolation",
        choices=("auto", "overlay", "worktree", "copy"),
        default="auto",
        help="how agents are kept apart",
    )
    parser.set_defaults(handler=run)


def speed(text: str) -> float:
    """The value of `--speed`: recorded seconds per second."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"it takes a number above 0, not {text}")
    return value


def run(options: argparse.Namespace) -> int:
    """Run the plan; 0 when everything landed, 1 when something did not."""
    settings = _settings(options)
    approve = _yes if options.approve else _ask
    console = Console()
    done = asyncio.run(run_plan(options.plan, settings, approve, console, one_wave=options.one_wave))
    if done.complete:
        console.print("Every task of the plan is done.")
    return 0 if done.complete or (options.one_wave and done.landed) else 1


@dataclass(frozen=True, slots=True)
class PlanRun:
    """What `run_plan` did: the record of each wave that it ran, and whether no task of the plan is left."""

    records: tuple[RunRecord, ...]
    complete: bool

    @property
    def landed(self) -> bool:
        """Whether waves ran, and all of them landed."""
        return bool(self.records) and all(record.state is RunState.LANDED for record in self.records)


async def run_plan(
    path: Path, settings: Settings, approve: Approve, console: Console, *, one_wave: bool = False
) -> PlanRun:
    """Run the plan at `path` wave by wave, until one does not land; `approve` is asked before each."""
    plan = read_plan(path, settings)
    executor = Executor(plan.root, settings.execution, os.environ)
    records: list[RunRecord] = []
    try:
        for message in await executor.recover():
            console.print(message, markup=False)
        while plan.analysis.schedule.waves and not (one_wave and records):
            record = await _run_wave(executor, plan, approve, console)
            if record is None:
                break
            records.append(record)
            if record.state is not RunState.LANDED:
                break
            tick(path, record)
            plan = read_plan(path, settings)
    except (NotLaunchable, NotTicked) as error:
        console.print(str(error), style="red", markup=False)
    finally:
        await executor.close()
    return PlanRun(tuple(records), not plan.analysis.schedule.waves and not plan.analysis.schedule.unscheduled)


async def _run_wave(executor: Executor, plan: PlanFile, approve: Approve, console: Console) -> RunRecord | None:
    approval = executor.propose(plan.name, plan.analysis, 1)
    console.print(summary(approval), markup=False, highlight=False)
    if not approve("Launch?"):
        console.print("Nothing was started.")
        return None
    executor.approve(approval)
    running = executor.launch(plan.name, plan.analysis)
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, running.cancel)
    try:
        with RunDisplay(console) as display:
            running.watch(display.update)
            display.update(running.progress)
            record = await running.wait()
            display.update(running.progress)
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGINT)
    _conclude(record, console)
    used = spent(record, plan.analysis.settings.prices)
    if used:
        console.print(used, markup=False, highlight=False)
    return record


def spent(record: RunRecord, prices: Mapping[str, Price]) -> str:
    """What the run's agents used, in words; empty where they only played transcripts."""
    facts = [task for task in record.facts().tasks.values() if task.tokens.total]
    if not facts:
        return ""
    cost = total(cost_of(task.tokens, task.model, prices) for task in facts)
    dated = basis(cost)
    return f"The agents used {in_words(cost)}{f' ({dated})' if dated else ''}."


def _conclude(record: RunRecord, console: Console) -> None:
    for name, task in record.tasks.items():
        if task.message:
            console.print(f"{name}: {task.message}", markup=False)
        for path in task.undeclared:
            console.print(f"{name} wrote `{path}`, which is not in its write set. It was not landed.", markup=False)
    if record.verify and not record.verify.passed:
        for words in (record.verify.output.rstrip(), _cause(record.verify)):
            if words:
                console.print(words, markup=False, highlight=False)
    if record.state is RunState.LANDED:
        paths = sorted({path for name in record.landed for path in record.tasks[name].changed})
        checked = f"`{record.verify.command}` passed; " if record.verify else ""
        console.print(f"{checked}landed {count(len(paths), 'file')} ({record.isolation}):", markup=False)
        for path in paths:
            console.print(f"  {path}", markup=False, highlight=False)
    else:
        console.print(record.problem, style="red", markup=False)


def _cause(verify: VerifyFacts) -> str:
    """What is known of why a verification failed; empty where nothing is."""
    words = []
    if verify.base_fails:
        words.append("It fails in the workspace as it is, too, without any task's work.")
    elif verify.failing:
        together = " together" if len(verify.failing) > 1 else ""
        words.append(f"It fails with the work of {listed(verify.failing)}{together}.")
    if verify.passing:
        words.append(f"With the work of {listed(verify.passing)} alone it passes.")
    return " ".join(words)


def _settings(options: argparse.Namespace) -> Settings:
    settings = user_settings()
    given = {
        "agent": options.agent,
        "transcripts": options.transcripts,
        "speed": options.speed,
        "isolation": None if options.isolation == "auto" else options.isolation,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(settings, execution=replace(settings.execution, **chosen))


def _yes(_: str) -> bool:
    return True


def _ask(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("There is nobody to ask for approval here. Read what would run, then pass `--approve`.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
