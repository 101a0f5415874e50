"""Memory of many overlays that are open at once: what one adds to this process, and what its own processes take.

`python -m tests.benchmarks.many_sandboxes [SANDBOXES]` prints one JSON object. Memory is the proportional set size: of
pages that several processes share, each has its share. Linux alone tells it, and overlays are there alone.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import STATE_VARIABLE, StateDirectory

SANDBOXES = 100


async def measure(sandboxes: int) -> dict[str, float]:
    """Megabytes and processes a sandbox, against one that is open before."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made) / "workspace"
        root.mkdir()
        (root / "file").write_text("text\n")
        state = StateDirectory.for_workspace(root, {STATE_VARIABLE: str(Path(made) / "state")})
        async with await freeze(root, state, prefer=Isolation.OVERLAY) as base:
            await base.fork("first")  # what the first one loads stays
            own, others = megabytes([os.getpid()]), list(below(os.getpid()))
            before = megabytes(others)
            await asyncio.gather(*(base.fork(f"sandbox-{number}") for number in range(sandboxes)))
            after = list(below(os.getpid()))
            return {
                "sandboxes": sandboxes,
                "server_mb_each": round((megabytes([os.getpid()]) - own) / sandboxes, 3),
                "processes_mb_each": round((megabytes(after) - before) / sandboxes, 3),
                "processes_each": round((len(after) - len(others)) / sandboxes, 1),
            }


def below(process: int) -> Iterator[int]:
    """The processes that a process has started, and those that these have."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):  # threads come and go
            for child in map(int, (thread / "children").read_text().split()):
                yield child
                yield from below(child)


def megabytes(processes: Iterable[int]) -> float:
    """The proportional set size of some processes together."""
    total = 0
    for process in processes:
        with suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in rollup if line.startswith("Pss:")).split()[1])
    return total / 1024


def main() -> None:
    """See the module."""
    sandboxes = int(sys.argv[1]) if len(sys.argv) > 1 else SANDBOXES
    sys.stdout.write(json.dumps(asyncio.run(measure(sandboxes))) + "\n")


if __name__ == "__main__":
    main()
