"""Records for tests, and what they do to the database from outside."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.plan.model import Budget

PLAN = "two.plan.md"
RUN = "20260101T000000-000001"


def record(run: str = RUN, *tasks: TaskRecord, state: RunState = RunState.RUNNING, plan: str = PLAN) -> RunRecord:
    """A run of the tasks `a`, `b` and so on."""
    named = dict(zip("abcdefgh", tasks, strict=False))
    approved = tuple(ApprovedTask(name, name.upper(), (f"{name}.txt",), "model", "anthropic") for name in named)
    return RunRecord(run, Approval(plan, "", 1, approved, None, Budget()), state, named)


def in_database(path: Path, statement: str, *values: object) -> list[Any]:
    """Do one statement in a database of another process, as it were."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()
