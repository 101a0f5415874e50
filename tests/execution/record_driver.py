"""A process that writes records, to be killed or starved: `python record_driver.py RUNS RUN TIMES`.

It saves a run again and again, each time with one number in every task and in an event, and tells the number. With
TIMES `starved` it can make no file larger than 64 KB, and tells what came of it; with `forever` it waits to be killed.
"""

import resource
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from agent_server.agents.backend import Said
from agent_server.execution.records.record import DatabaseError, RunStore, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from tests.execution.records import record

TASKS = 8


def main(runs: str, run: str, times: str) -> None:
    store = RunStore(Path(runs))
    first = record(run, *(TaskRecord() for _ in range(TASKS)))
    store.save(first)
    if times == "starved":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
    for number in range(int(times)) if times.isdecimal() else count():
        state = (RunState.RUNNING, RunState.VERIFYING)[number % 2]
        tasks = {name: replace(task, tokens=number, message="x" * 2_000) for name, task in first.tasks.items()}
        store.append(run, "a", number, Said(str(number)))
        try:
            store.save(replace(first, state=state, tasks=tasks, problem=str(number)))
        except DatabaseError as error:
            tell(f"refused: {error.strerror}")
            break
        tell(str(number))


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


main(*sys.argv[1:])
