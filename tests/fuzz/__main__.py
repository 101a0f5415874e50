"""Hostile messages by the hundred thousand: `python -m tests.fuzz --messages 100000 --seed 1`.

Every session has a seed of its own, `SEED/NUMBER`, so that one that failed can be played alone: `--only SEED/NUMBER`.
"""

import argparse
import asyncio
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from tests.fuzz.driver import PATIENCE, Connect, log_faults, over_socket, over_stdio, play
from tests.fuzz.material import ENTRY, logs, planted, surroundings
from tests.fuzz.sessions import Material, Session, session

_LENGTHS = (40, 150, 400, 400, 1_200)
# A session of at least so many messages may not make the server's memory grow by more than this factor, after a third
# of them; by then everything that it needs is loaded.
_LONG = 1_000
_MOST_GROWTH = 1.4
_SHOWN = 800  # characters of a fault


@dataclass(slots=True)
class Summary:
    """What a whole run came to. `resident` is the server's memory in bytes at the end of each session left politely."""

    sessions: int = 0
    messages: int = 0
    said: int = 0
    faults: list[str] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)


def sessions(seed: int, messages: int, material: Material) -> Iterator[Session]:
    """Sessions of that many messages in all."""
    number = 0
    while messages > 0:
        name = f"{seed}/{number}"
        made = session(name, material, min(messages, length_of(name)))
        yield made
        messages -= len(made.steps)
        number += 1


def length_of(name: str) -> int:
    """How many messages the session of that seed is to have."""
    return Random(f"{name}, length").choice(_LENGTHS)


class _News:
    """What servers write to their logs from one look to the next."""

    def __init__(self, logs: Sequence[Path]) -> None:
        self._seen = dict.fromkeys(logs, 0)

    def read(self) -> str:
        news = ""
        for log, seen in self._seen.items():
            written = log.read_text("utf-8", "replace") if log.exists() else ""
            news += written[seen if seen <= len(written) else 0 :]  # a log begins anew when it is long
            self._seen[log] = len(written)
        return news


async def fuzz(
    made: Iterator[Session],
    connect: Connect,
    logs: Sequence[Path],
    patience: float = PATIENCE,
    say: Callable[[str], object] = lambda _: None,
) -> Summary:
    """Play sessions one after the other. `logs` are where servers log; `say` is told how each session went."""
    summary, news = Summary(), _News(logs)
    for each in made:
        began = time.monotonic()
        played = await play(each, connect, patience)
        summary.sessions += 1
        summary.messages += len(each.steps)
        summary.said += played.said
        summary.resident += [played.resident] if played.resident else []
        found = [*played.faults, *log_faults(news.read())]
        if len(each.steps) >= _LONG and played.growth > _MOST_GROWTH:
            found.append(f"the server's memory grew by a factor of {played.growth:.2f}")
        summary.faults += [f"session {each.seed}: {fault}" for fault in found]
        memory = f"{played.resident >> 20} MB" if played.resident else "-"
        say(f"{each.seed}: {len(each.steps)} messages, {each.ending.name}, {time.monotonic() - began:.1f} s, {memory}")
        for fault in found:
            say(f"  {fault[:_SHOWN]}")
    early = len(summary.resident) // 3
    if early and max(summary.resident[early:]) > _MOST_GROWTH * max(summary.resident[:early]):
        summary.faults.append(f"the server's memory grew from session to session: {summary.resident}")
    return summary


def main() -> int:
    """Run the fuzzer; 1 where it found anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="SEED/NUMBER", help="play this one session")
    parser.add_argument("--length", type=int, help="with --only: play so many of its messages")
    parser.add_argument("--command", default=shlex.join((*ENTRY, "lsp")), help="a server on standard input and output")
    parser.add_argument("--socket", type=Path, help="play against the server that listens there")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds to wait for what is owed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        material = planted(folder / "workspace")
        made = sessions(options.seed, options.messages, material)
        if options.only:
            made = iter([session(options.only, material, options.length or length_of(options.only))])
        with surroundings(folder) as environ:
            written = logs(folder, environ)
            connect = over_stdio(shlex.split(options.command), environ, folder / "workspace", written[0])
            if options.socket:
                connect = over_socket(options.socket)
            began = time.monotonic()
            summary = asyncio.run(fuzz(made, connect, written, options.patience, partial(print, flush=True)))
            took = time.monotonic() - began
    memory = max(summary.resident, default=0) >> 20
    print(
        f"{summary.sessions} sessions, {summary.messages:,} messages, {summary.said:,} back, {took:.0f} s, {memory} MB"
    )
    print(f"{len(summary.faults)} faults")
    return 1 if summary.faults else 0


if __name__ == "__main__":
    sys.exit(main())
