"""A thousand kills: `python -m tests.chaos --kills 1000 --seed 1`.

Waves and streams are run over a workspace that its user goes on editing, and somebody in them is killed with SIGKILL:
the server, an agent, the build, the server in its landing or while it writes its record, the process that starts
programs, or the next day's server that lands what is held, tries again, discards or undoes. Then the next server
recovers, which is now and then killed as well. Prints a table; exit status 1 where any byte was lost, anything half
landed, a process, a mount or a file was left, or fewer were killed than asked for. Linux only. Rounds in which the
victim was gone before the kill do not count as kills; all victims are killed as often.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent_server.execution.sandboxes.isolation import Isolation
from tests.chaos.rounds import VICTIMS, Chaos, Round

_ENDS = ("before", "landed", "held", "cancelled", "failed", "discarded", "undone")
_COLUMNS = ("rounds", "kills", *_ENDS, "edits", "rekilled", "refused", "faults")
# `rekilled` are recoveries that were killed in their turn; `refused` are decisions that were, as they may be.
_WIDTH = 130
_MOST_ROUNDS = 8  # for each kill; of some victims most are gone before the kill


@dataclass(frozen=True)
class Choice:
    """Who is killed, and where."""

    seed: int
    isolations: Sequence[Isolation]
    victims: Sequence[str]


def work(folder: Path, seed: int, kills: int, choice: Choice) -> list[Round]:
    """Rounds in a workspace of their own, until there were so many kills: next is who was killed least so far."""
    chaos = Chaos(folder, seed, choice.isolations)
    rounds: list[Round] = []
    killed = Counter(dict.fromkeys(choice.victims, 0))
    while killed.total() < kills and len(rounds) < _MOST_ROUNDS * kills:
        victim = min(choice.victims, key=killed.__getitem__)
        rounds.append(chaos.play(victim))
        killed[victim] += rounds[-1].killed
    return rounds


def spread(folder: Path, kills: int, choice: Choice, workers: int) -> list[Round]:
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
            rounds = work(place, choice.seed * 1000 + number, share, choice)
            with os.fdopen(writable, "w") as told:
                json.dump([astuple(each) for each in rounds], told)
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
            counts.update({"rekilled": each.recoveries_killed, "refused": each.refused, "faults": len(each.faults)})
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
    parser.add_argument("--isolation", type=Isolation, nargs="+", choices=list(Isolation), default=list(Isolation))
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        choice = Choice(options.seed, options.isolation, options.victims)
        rounds = spread(folder, options.kills, choice, options.workers)
    console = Console(width=_WIDTH)
    console.print(shown(rounds))
    faults = [fault for each in rounds for fault in each.faults]
    for fault in faults:
        console.print(fault, markup=False, highlight=False)
    kills, edits = sum(each.killed for each in rounds), sum(each.edits for each in rounds)
    console.print(
        f"seed {options.seed}, {', '.join(options.isolation)}: {kills:,} kills, {edits:,} edits of the user, "
        f"{len(faults)} faults, {time.monotonic() - began:.0f} s"
    )
    return 1 if faults or kills < options.kills else 0


if __name__ == "__main__":
    sys.exit(main())
