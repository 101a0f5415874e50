"""`agent-server land`: land what a run holds, or a part of it, verified once more over the workspace as it is."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from agent_server.cli.configuration import user_settings
from agent_server.cli.deciding import add_run, add_tasks, decide, has_landed_more
from agent_server.cli.main import UsageError
from agent_server.cli.recorded import Found, find
from agent_server.cli.runner import Runner
from agent_server.cli.terminal import prompts, selection
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.changes.changes import Change
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.next_steps import held
from agent_server.plan.visible import visible
from agent_server.workspace.paths import relative


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_run(parser)
    add_tasks(parser, "a task whose work lands (default: all that is held)")
    parser.add_argument("--unverified", action="store_true", help="land it as it is, without verifying it once more")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--only",
        action="append",
        metavar="PATH",
        help="land this file, or what is in this folder, and give up what the tasks changed elsewhere",
    )
    part.add_argument("-p", "--patch", action="store_true", help="choose file by file, and hunk by hunk")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Land; 0 when it landed, 1 when it did not."""
    if options.patch and not prompts.is_somebody_there():
        raise UsageError("`--patch` asks about each piece, and there is nobody to ask here. `--only` names paths.")
    found = find(options.run)

    async def land(runner: Runner, record: RunRecord) -> RunRecord:
        tasks = options.tasks
        if options.only or options.patch:
            changes = _changes(runner, record, tasks)
            picked = (
                selection.by_paths(changes, _paths(found, changes, options.only))
                if options.only
                else selection.by_asking(changes, runner.console)
            )
            record, tasks = await runner.leave_out(record, picked.left_out), picked.tasks
            if not tasks:
                raise NotLaunchable("Nothing was chosen, so nothing landed.")
        return await runner.land(record, tasks, unverified=options.unverified)

    return decide(found, user_settings(), land, has_landed_more(found.record))


def _changes(runner: Runner, record: RunRecord, tasks: Sequence[str] | None) -> selection.Changes:
    """What may be chosen from: what the tasks would change, or all that are held."""
    work = held(record)
    if tasks is not None and (unknown := next((name for name in tasks if name not in work), None)) is not None:
        raise NotLaunchable(f"`{visible(unknown)}` holds nothing that could land.")
    if not work:
        raise NotLaunchable("This run holds nothing that could land. Try its tasks again.")
    return {name: changes for name, changes in runner.changes(record).items() if name in (tasks or work)}


def _paths(found: Found, changes: selection.Changes, wanted: Sequence[str]) -> list[str]:
    """The paths as change sets name them: those of the workspace, or else of this folder. Raises `UsageError`."""
    every = [change for each in changes.values() for change in each]
    return [_path(found, every, path) for path in wanted]


def _path(found: Found, changes: Sequence[Change], wanted: str) -> str:
    for path in (wanted.rstrip("/"), relative(found.root, Path(wanted).absolute())):
        if path and any(change.path == path or change.path.startswith(f"{path}/") for change in changes):
            return path
    raise UsageError(f"Nothing that is held changes `{visible(wanted)}`. `agent-server diff` shows what is held.")
