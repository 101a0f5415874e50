"""`agent-server demo`: a bad plan, a good plan, and the good one carried out, on a small site of its own.

It needs no key and no network: recorded transcripts play the agents. Everything else is real: the sandboxes, the build
that verifies, the landing.

With `--only-files` it makes the site and says where. Whoever opens that folder in an editor launches there themselves,
and the same agents play: see `agent_server.demo.folders`.
"""

import argparse
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from agent_server.analysis.picture import minutes
from agent_server.cli import waves
from agent_server.cli.agent_options import speed
from agent_server.cli.configuration import user_settings
from agent_server.cli.main import UsageError
from agent_server.cli.outputs.lines import in_words
from agent_server.cli.plans import read_plan
from agent_server.cli.run import Choices, run_plan
from agent_server.cli.terminal import interrupts
from agent_server.demo.folders import note_demo
from agent_server.demo.material import DemoPaths, materialise, transcripts_folder
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.outcomes import INTERRUPTED, NOT_DONE
from agent_server.execution.state import StateError
from agent_server.settings import Settings

_SPEED = 60.0
_NEW = ""
"""What `--only-files` stands for without a folder."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--speed", type=speed, default=_SPEED, help="recorded seconds per second (default: 60)")
    parser.add_argument("--folder", type=Path, help="where to put the site (default: a new temporary folder)")
    parser.add_argument(
        "--only-files",
        nargs="?",
        const=_NEW,
        metavar="FOLDER",
        help="make the site there for an editor, run nothing, and print the folder last (default: a temporary folder)",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what --only-files prints")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Show the demo; 0 when its wave landed, or its files are made."""
    if options.only_files is not None:
        return _only_files(options)
    if options.format != "text":
        raise UsageError("`--format json` goes with `--only-files`.")
    demo = _made(options.folder)
    console = Console(highlight=False)
    console.print(f"A small knowledge site is in {demo.root}.", soft_wrap=True)
    if demo.no_git:
        console.print(demo.no_git)
    settings = _settings(options.speed)

    console.print(Rule("A plan as people write it first", align="left"))
    bad = read_plan(demo.bad_plan, settings)
    found = in_words([replace(bad, path=Path(bad.name))], colour=True)
    console.print(Text.from_ansi(found), soft_wrap=True)

    console.print(Rule("The same work, planned so that it can run at once", align="left"))
    good = read_plan(demo.good_plan, settings)
    console.print(waves.in_words(good.analysis), markup=False)
    console.print()

    done = interrupts.run(run_plan(demo.good_plan, settings, Choices(approve=lambda _: True), console))
    if done.is_interrupted:
        return INTERRUPTED
    if not done.landed:
        return NOT_DONE
    _measured(console, done.records, good.analysis.schedule.sequential_minutes, options.speed)
    console.print(f"Look at it: cd {demo.root} && git status && python3 build.py", soft_wrap=True)
    console.print(f"Take it back: agent-server undo {demo.good_plan}", soft_wrap=True)
    return 0


def _only_files(options: argparse.Namespace) -> int:
    """Make the files, and note that recorded agents play there."""
    chosen = Path(options.only_files) if options.only_files else None
    demo = _made(chosen or options.folder)
    try:
        note_demo(demo.root, os.environ)
    except (StateError, OSError) as error:
        raise UsageError(f"The demo's files are in {demo.root}, but no agents will play there. {error}") from None
    root = demo.root.resolve()
    if options.format == "json":
        paths = {"folder": root, "plan": root / demo.good_plan.name, "firstTry": root / demo.bad_plan.name}
        print(json.dumps({name: str(path) for name, path in paths.items()}))
        return 0
    if demo.no_git:
        print(demo.no_git)
    print(f"Open this folder in your editor, then {demo.bad_plan.name} in it: recorded agents play there, with no key.")
    print(root)
    return 0


def _made(folder: Path | None) -> DemoPaths:
    try:
        return materialise(folder or Path(tempfile.mkdtemp(prefix="agent-server-demo-")) / "site")
    except OSError as error:
        raise UsageError(str(error)) from None


def _settings(speed: float) -> Settings:
    """The user's settings, with transcripts in the agents' place."""
    settings = user_settings()
    played = replace(settings.execution, agent="replay", transcripts=transcripts_folder(), speed=speed)
    return replace(settings, execution=played)


def _measured(console: Console, records: tuple[RunRecord, ...], sequential: float, speed: float) -> None:
    """Say what was gained. Agents' time is scaled back to recorded time; all else counts as it was measured."""
    seconds = sum(
        spent * (speed if phase == RunState.RUNNING else 1.0)
        for record in records
        for phase, spent in record.seconds.items()
    )
    parallel = seconds / 60
    console.print(
        f"[bold]{minutes(sequential)} of recorded work, one agent after another, took {minutes(parallel)} "
        f"side by side[/], build and landing included: {sequential / parallel:.1f}x."
    )
