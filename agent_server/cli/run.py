"""`agent-server run`: a plan, wave by wave. Each wave is shown and approved before anything of it starts."""

import argparse
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from agent_server.analysis.model import Analysis
from agent_server.cli.agent_options import add_agent_options, options_given, settings_of
from agent_server.cli.deciding import why_not
from agent_server.cli.next_commands import commands_in_words
from agent_server.cli.plans import PlanFile, read_plan
from agent_server.cli.runner import Runner
from agent_server.cli.terminal import interrupts, prompts
from agent_server.cli.terminal.interrupts import at_once
from agent_server.cli.terminal.what_now import what_now
from agent_server.execution.approval import NotLaunchable, summary
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import STOPPED, RunState
from agent_server.execution.runs.outcomes import DONE, INTERRUPTED, NOT_DONE
from agent_server.execution.ticking import NotTicked
from agent_server.plan.model import Budget, Item, Problem
from agent_server.plan.text import Span
from agent_server.plan.values import budget_of
from agent_server.settings import Settings
from agent_server.workspace.paths import find_root

Approve = Callable[[str], bool]
GoOn = Callable[[Runner, RunRecord], Awaitable[RunRecord]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plan", type=Path, metavar="PLAN", help="a plan in any format, or a folder that holds one")
    parser.add_argument("--approve", action="store_true", help="approve every wave in advance, as it will be shown")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="begin a new run of the plan, with a budget and a branch of its own, where the last one would go on",
    )
    parser.add_argument("--one-wave", action="store_true", help="stop after the first wave")
    parser.add_argument(
        "--stream",
        action="store_true",
        help="let each task begin as soon as what it waits for is done and passes, whatever its wave",
    )
    parser.add_argument(
        "--budget",
        type=budget,
        metavar="AMOUNTS",
        help="the most a wave may use, in the place of the plan's own budget: '5 USD', '2M tokens, 30 min'",
    )
    add_agent_options(parser)
    parser.set_defaults(handler=run)


def budget(text: str) -> Budget:
    """The value of `--budget`: amounts as a plan spells them."""
    problems: list[Problem] = []
    found = budget_of([Item(text, Span(0, len(text)))], problems)
    if problems or found == Budget():
        raise argparse.ArgumentTypeError(f"it takes amounts such as '5 USD', '2M tokens' or '30 min', not {text}")
    return found


def run(options: argparse.Namespace) -> int:
    """Run the plan; 0 when everything landed, 1 when something did not, 130 after Ctrl-C."""
    settings = settings_of(options, find_root(options.plan.absolute()))
    console = Console()
    choices = Choices(
        stream=options.stream,
        budget=options.budget,
        fresh=options.fresh,
        one_wave=options.one_wave,
        approve=_yes if options.approve else prompts.approve,
        go_on=what_now if prompts.is_somebody_there() and not options.approve else None,
    )
    done = interrupts.run(run_plan(options.plan, settings, choices, console))
    if done.complete:
        console.print("Every task of the plan is done.")
    elif done.records and done.records[-1].state in STOPPED:
        print("\n".join(commands_in_words(done.records[-1], str(options.plan), options_given(options))))
    if done.is_interrupted:
        if done.landed and not done.complete:
            command = shlex.join(("agent-server", "run", str(options.plan)))
            print(f"The next wave was not started. `{command}` goes on with it.")
        return INTERRUPTED
    return DONE if done.complete or (options.one_wave and done.landed) else NOT_DONE


@dataclass(frozen=True, slots=True)
class Choices:
    """How a plan is run. `approve` is asked before each wave; `go_on`, if there is one, decides when one is held."""

    approve: Approve
    go_on: GoOn | None = None
    one_wave: bool = False
    fresh: bool = False
    """The first wave begins a new run of the plan; see `execution/runs/series.py`."""
    stream: bool = False
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class PlanRun:
    """What `run_plan` did: the record of each wave that it ran, and whether no task of the plan is left."""

    records: tuple[RunRecord, ...]
    complete: bool
    is_interrupted: bool = False

    @property
    def landed(self) -> bool:
        """Whether waves ran, and all of them landed."""
        return bool(self.records) and all(record.state is RunState.LANDED for record in self.records)


async def run_plan(path: Path, settings: Settings, choices: Choices, console: Console) -> PlanRun:
    """Run the plan at `path` wave by wave, until one does not land."""
    plan = _read(path, settings)
    records: list[RunRecord] = []
    runner = Runner(plan.root, settings, console)
    try:
        async with runner:
            while plan.analysis.schedule.waves and not (choices.one_wave and records):
                record = await _run_wave(runner, plan, choices, fresh=choices.fresh and not records)
                if record is None:
                    break
                records.append(record)
                if record.state is not RunState.LANDED:
                    break
                plan = _read(path, settings)
                if runner.is_interrupted:
                    break
    except (NotLaunchable, NotTicked) as error:
        console.print(why_not(error), style="red", markup=False, highlight=False, soft_wrap=True)
    complete = not plan.analysis.schedule.waves and not plan.analysis.schedule.unscheduled
    return PlanRun(tuple(records), complete, runner.is_interrupted)


def _read(path: Path, settings: Settings) -> PlanFile:
    """The plan. Where it needs an index of a large workspace that takes a while, and Ctrl-C does not wait for it."""
    with at_once():
        return read_plan(path, settings)


async def _run_wave(runner: Runner, plan: PlanFile, choices: Choices, *, fresh: bool) -> RunRecord | None:
    if choices.budget is not None:
        plan = replace(plan, analysis=_with_budget(plan.analysis, choices.budget))
    if line := runner.held_before(plan):
        runner.say(line)
    approval = runner.propose(plan, stream=choices.stream)
    runner.say(summary(approval))
    if not choices.approve("Launch?"):
        runner.say("Nothing was started.")
        return None
    record = await runner.launch(plan, approval, fresh=fresh)
    return record if choices.go_on is None else await choices.go_on(runner, record)


def _with_budget(analysis: Analysis, chosen: Budget) -> Analysis:
    """The analysis of the same plan with another budget, which nothing but an approval looks at."""
    plan = analysis.plan
    return replace(analysis, plan=replace(plan, settings=replace(plan.settings, budget=chosen)))


def _yes(_: str) -> bool:
    return True
