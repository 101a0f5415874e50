"""A thousand kills: `python -m tests.chaos --kills 1000 --seed 1`.

Waves are run over a workspace that its user goes on editing, and somebody in them is killed with SIGKILL: the server,
an agent, the build, the server in its landing, the process that starts programs. Then the next server recovers, which
is now and then killed as well. Prints a table; exit status 1 where any byte was lost, anything half landed, or a
process or mount was left. Linux only. Rounds in which the victim was gone before the kill do not count as kills.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent_server.execution.isolation import Isolation
from tests.chaos.rounds import VICTIMS, Chaos, Round

_COLUMNS = (
    "rounds",
    "kills",
    "before",
    "landed",
    "held",
    "cancelled",
    "failed",
    "edits",
    "rekilled",
    "faults",
)

# `rekilled` are recoveries that were killed in their turn.
_WIDTH = 120


def work(folder: Path, seed: int, kills: int, isolation: Isolation) -> list[Round]:
    """Rounds in a workspace of their own, until there were so many kills."""
    chaos = Chaos(folder, seed, isolation)
    rounds: list[Round] = []
    while sum(each.killed for each in rounds) < kills:
        rounds.append(chaos.play(VICTIMS[len(rounds) % len(VICTIMS)]))
    return rounds


def spread(folder: Path, seed: int, kills: int, isolation: Isolation, workers: int) -> list[Round]:
    """The same in several processes, each with its own workspace and seed."""
    reading, pids = [], []
    for number in range(workers):
        readable, writable = os.pipe()
        share = kills // workers + (number < kills % workers)
        pid = os.fork()
        if pid == 0:
            os.close(readable)
            place = folder / str(number)
            place.mkdir()
            rounds = work(place, seed * 1000 + number, share, isolation)
            with os.fdopen(writable, "w") as told:
                json.dump([[r.victim, r.killed, r.end, r.edits, r.recoveries_killed, r.faults] for r in rounds], told)
            os._exit(0)
        os.close(writable)
        reading.append(readable)
        pids.append(pid)
    rounds = []
    for readable, pid in zip(reading, pids, strict=True):
        with os.fdopen(readable) as told:
            rounds += [Round(*each) for each in json.loads(told.read() or "null") or []]
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("a worker failed; what it said stands above")
    return rounds


def shown(rounds: list[Round]) -> Table:
    """The table: a row for each victim, and one for all."""
    found: dict[str, Counter[str]] = {}
    for each in rounds:
        for row in (each.victim, "all"):
            counts = found.setdefault(row, Counter())
            counts.update({"rounds": 1, "kills": each.killed, each.end: 1, "edits": each.edits})
            counts.update({"rekilled": each.recoveries_killed, "faults": len(each.faults)})
    table = Table("victim", *_COLUMNS)
    for victim in (*VICTIMS, "all"):
        counts = found.get(victim, Counter())
        table.add_row(victim, *(f"{counts[column]:,}" for column in _COLUMNS))
    return table


def main() -> int:
    """Run it; 1 where there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--isolation", type=Isolation, choices=list(Isolation), default=Isolation.OVERLAY)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        rounds = spread(folder, options.seed, options.kills, options.isolation, options.workers)
    console = Console(width=_WIDTH)
    console.print(shown(rounds))
    faults = [fault for each in rounds for fault in each.faults]
    for fault in faults:
        console.print(fault, markup=False, highlight=False)
    kills, edits = sum(each.killed for each in rounds), sum(each.edits for each in rounds)
    console.print(
        f"seed {options.seed}, {options.isolation.value}: {kills:,} kills, {edits:,} edits of the user, "
        f"{len(faults)} faults, {time.monotonic() - began:.0f} s"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
