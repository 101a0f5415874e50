"""`agent-server show`: how a run stands, what each of its tasks did, and what can be done about it now."""

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from agent_server.analysis.estimates import costs
from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.picture import count, minutes
from agent_server.cli import history
from agent_server.cli.configuration import user_settings
from agent_server.cli.main import UsageError
from agent_server.cli.next_commands import commands_in_words, next_commands
from agent_server.cli.outcome import cause, what_ran
from agent_server.cli.recorded import Found, find, minutes_of
from agent_server.execution.changes.changes import Change, ChangeKind
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord
from agent_server.execution.runs.budget import task_cost
from agent_server.execution.state import StateError
from agent_server.plan.visible import visible, visible_lines

_KINDS: Mapping[ChangeKind, str] = {
    ChangeKind.CREATE: "created",
    ChangeKind.MODIFY: "changed",
    ChangeKind.DELETE: "deleted",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "run", metavar="RUN|PLAN", help="a run's id (see `history`) or its beginning, or a plan file: its last run"
    )
    parser.add_argument("task", nargs="?", metavar="TASK", help="one task of it, with all its attempts")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people, or for programs")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the run; the exit status is 0."""
    prices = user_settings().analysis.prices
    try:
        found = find(options.run)
        if options.task is not None and options.task not in found.record.tasks:
            raise UsageError(f"Run `{found.record.id}` has no task `{visible(options.task)}`.")
        try:
            if options.format == "json":
                print(json.dumps(as_json(found, options.task, prices), indent=1))
            else:
                print("\n".join(in_words(found, options.task, prices)))
        finally:
            found.store.close()
    except StateError as error:
        raise UsageError(str(error)) from None
    return 0


def as_json(found: Found, only: str | None, prices: Mapping[str, Price]) -> dict[str, Any]:
    """The run for programs, or one task of it: as in `history`, and what each attempt did."""
    record = found.record
    verify = record.verify
    return {
        **history.as_json(record, prices),
        "version": 1,
        "workspace": str(found.root),
        "isolation": record.isolation,
        "branch": record.branch,
        "landings": list(record.landings),
        "tasks": {name: _task_json(found.store, record, name) for name in record.tasks if only in {None, name}},
        "verify": verify and {"command": verify.command, "passed": verify.passed, "output": verify.output},
        "next": [command for command, _ in next_commands(record, found.target)],
    }


def in_words(found: Found, only: str | None, prices: Mapping[str, Price]) -> Iterator[str]:
    """The run for people, line by line. What plans and agents say cannot pass for words of ours."""
    record = found.record
    how = f", {record.isolation}" if record.isolation else ""
    yield f"Run {record.id}: {what_ran(record)}"
    yield f"{record.state.word}{how}, {minutes(minutes_of(record))}"
    if record.problem:
        yield visible(record.problem)
    if record.branch:
        yield f"On branch {visible(record.branch)}"
    for name in record.tasks:
        if only in {None, name}:
            yield ""
            yield from _task_words(found.store, record, name, prices, all_attempts=only is not None)
    yield from _verify_words(record)
    commands = tuple(commands_in_words(record, found.target))
    if commands:
        yield ""
        yield from commands


def _task_words(
    store: RunStore, record: RunRecord, name: str, prices: Mapping[str, Price], *, all_attempts: bool
) -> Iterator[str]:
    task = record.tasks[name]
    yield f"{visible(name)}: {', '.join(_facts(record, name, task, prices))}"
    if all_attempts:
        for attempt in store.attempts(record.id, name)[:-1]:
            yield f"  attempt {attempt.attempt}: {attempt.state.word}, {minutes(attempt.seconds / 60)}"
            yield from _what_it_did(attempt, store.changes(record.id, name, attempt.attempt), "    ")
        if task.attempt > 1:
            yield f"  attempt {task.attempt}:"
    yield from _what_it_did(task, store.changes(record.id, name), "  ")


def _facts(record: RunRecord, name: str, task: TaskRecord, prices: Mapping[str, Price]) -> Iterator[str]:
    yield task.state.word
    if task.attempt > 1:
        yield f"attempt {task.attempt}"
    yield count(len(task.changed), "file")
    if task.tokens:
        yield costs.tokens(task.tokens)
    approved = next((each for each in record.approval.tasks if each.id == name), None)
    cost = task_cost(approved, task, prices) if approved else None
    if cost is not None and cost.usd:
        yield costs.usd(cost.usd)
    yield minutes(task.seconds / 60)


def _what_it_did(task: TaskRecord, changes: tuple[Change, ...], indent: str) -> Iterator[str]:
    if task.comment:
        yield f"{indent}it was told: {visible(task.comment)}"
    if task.message:
        yield f"{indent}{visible(task.message)}"
    yield from (f"{indent}{_KINDS[change.kind]} {visible(change.path)}" for change in changes)
    yield from (f"{indent}not landed, it may not write there: {visible(path)}" for path in task.undeclared)


def _verify_words(record: RunRecord) -> Iterator[str]:
    verify = record.verify
    if verify is None:
        return
    yield ""
    yield f"{visible(verify.command)}: {'passed' if verify.passed else 'failed'}"
    if not verify.passed:
        yield from (f"  | {line}" for line in visible_lines(verify.output.rstrip()).split("\n"))
        if words := cause(verify):
            yield words


def _task_json(store: RunStore, record: RunRecord, name: str) -> dict[str, Any]:
    attempts = store.attempts(record.id, name)
    return {
        "state": record.tasks[name].state.value,
        "attempts": [_attempt_json(store, record.id, name, attempt) for attempt in attempts],
    }


def _attempt_json(store: RunStore, run: str, name: str, task: TaskRecord) -> dict[str, Any]:
    changes = store.changes(run, name, task.attempt)
    return {
        "attempt": task.attempt,
        "state": task.state.value,
        "message": task.message,
        "comment": task.comment,
        "files": [{"path": change.path, "kind": _KINDS[change.kind]} for change in changes],
        "undeclared": list(task.undeclared),
        "tokens": task.tokens,
        "usd": task.usd,
        "minutes": round(task.seconds / 60, 2),
    }
