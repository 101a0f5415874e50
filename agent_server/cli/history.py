"""`agent-server history`: the runs of a plan, or of all plans of a workspace, the newest first."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent_server.analysis.estimates import costs
from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.picture import minutes
from agent_server.cli.configuration import user_settings
from agent_server.cli.main import UsageError
from agent_server.cli.recorded import files_of, minutes_of, of_folder, of_run_or_plan
from agent_server.execution.records.record import RunRecord, began
from agent_server.execution.runs.budget import run_cost
from agent_server.execution.state import StateError
from agent_server.plan.visible import visible

_HEADINGS = ("RUN", "WHEN", "PLAN", "WAVE", "STATE", "TASKS", "FILES", "TOKENS", "MONEY", "TIME")
_NUMBERS = frozenset({"WAVE", "TASKS", "FILES", "TOKENS", "MONEY", "TIME"})
_WIDEST_PLAN = 60


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "plan",
        nargs="?",
        metavar="RUN|PLAN",
        help="a plan file, or any run of it (default: all plans of this workspace)",
    )
    parser.add_argument("-n", "--runs", type=int, default=20, metavar="N", help="the last N runs (default: 20)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people, or for programs")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the runs; the exit status is 0, also where there is none."""
    recorded, plan = (of_folder(Path()), None) if options.plan is None else of_run_or_plan(options.plan)
    prices = user_settings().analysis.prices
    try:
        records = list(recorded.store.recent(max(0, options.runs), plan))
    except StateError as error:
        raise UsageError(str(error)) from None
    finally:
        recorded.store.close()
    if options.format == "json":
        runs = [as_json(record, prices) for record in records]
        print(json.dumps({"version": 1, "workspace": str(recorded.root), "runs": runs}, indent=1))
    elif not records:
        print(
            f"No plan of `{visible(str(recorded.root))}` has run yet." if plan is None else "This plan has not run yet."
        )
    else:
        print(table([_HEADINGS, *(_row(record, prices) for record in records)]))
    return 0


def as_json(record: RunRecord, prices: Mapping[str, Price]) -> dict[str, Any]:
    """One run for programs. Times are in UTC; `usd` is null where no price is known."""
    cost = run_cost(record, prices)
    return {
        "run": record.id,
        "began": began(record.id).isoformat(),
        "plan": record.approval.plan,
        "wave": record.approval.wave,
        "stream": record.approval.stream,
        "state": record.state.value,
        "problem": record.problem,
        "tasks": {name: task.state.value for name, task in record.tasks.items()},
        "files": files_of(record.tasks.values()),
        "tokens": cost.tokens,
        "usd": cost.usd,
        "minutes": round(minutes_of(record), 2),
    }


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts as columns; the first row is their headings."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if heading in _NUMBERS else cell.ljust(width)
            for heading, cell, width in zip(rows[0], row, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _row(record: RunRecord, prices: Mapping[str, Price]) -> tuple[str, ...]:
    cost = run_cost(record, prices)
    return (
        record.id,
        f"{began(record.id).astimezone():%Y-%m-%d %H:%M}",
        visible(record.approval.plan, _WIDEST_PLAN),
        "all" if record.approval.stream else str(record.approval.wave),
        record.state.word,
        str(len(record.tasks)),
        str(files_of(record.tasks.values())),
        costs.tokens(cost.tokens).removesuffix(" tokens") if cost.tokens else "-",
        costs.usd(cost.usd) if cost.usd else "-",
        minutes(minutes_of(record)),
    )
