"""Agent Server beside other language servers: how long each takes in one run, in turns, so that noise hits all alike.

`python -m tests.benchmarks.language_servers [NAME...]` compares all servers, or those of these names, and writes
`language_servers.md`. `test_language_servers.py` holds us to our goals, as ratios of one run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from tests.benchmarks.contenders import EVERYONE, FLOOR, OURS, RUFF, Contender, Document, LeftOut, Sizes, contenders
from tests.benchmarks.processes import Family, Memory, cpu_of, memory_of, settle
from tests.benchmarks.timed_client import ServerLeft, TimedClient

REPORT = Path(__file__).with_suffix(".md")
SIZES = Sizes(small=9, large=1000, files=10_000)
SMALL, LARGE = "small", "large"

START, START_CPU, FORWARDER_CPU = "start", "start, CPU", "forwarder, CPU"
OPEN_SMALL, EDIT_SMALL, OPEN_LARGE, EDIT_LARGE = f"open, {SMALL}", f"edit, {SMALL}", f"open, {LARGE}", f"edit, {LARGE}"
EDIT_SMALL_CPU, EDIT_LARGE_CPU = f"{EDIT_SMALL}, CPU", f"{EDIT_LARGE}, CPU"
HOVER, COMPLETION = "hover", "completion"

GOAL_OF_RUFF = 1.0
"""What half of our edits of a thousand tasks take at most, of ruff's edits of as many lines."""

GOAL_OF_FLOOR = 3.0
"""What they take at most, of a server's that says the same without a thought."""

GOAL_OF_FORWARDER = 0.06
"""Seconds of the processor that the forwarder takes at most, up to the answer to `initialize`."""

MOST_MEGABYTES = 0.1
"""What the daemon grows by at most, for one client more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured. `block` edits or requests of one server follow each other before it is the next one's turn.

    Edits that only warm a server up are not counted.
    """

    sizes: Sizes = SIZES
    starts: int = 20
    opens: int = 12
    warming: int = 20
    edits: int = 200
    requests: int = 100
    block: int = 10
    clients: int = 20


class Spread(NamedTuple):
    """The half and the 95th percentile of a measure."""

    p50: float
    p95: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        if len(figures) == 1:
            return cls(figures[0], figures[0])
        cuts = quantiles(figures, n=20, method="inclusive")
        return cls(cuts[9], cuts[18])


@dataclass(frozen=True, slots=True)
class Daemon:
    """What further clients cost that come to a daemon.

    `per_client` is what the daemon grows by for each, in megabytes, and `per_plan` when each has the small plan open,
    too. `forwarder` is what the process takes that its editor starts, and `python_cpu` the seconds of the processor
    that Python takes to its first statement.
    """

    per_client: float
    per_plan: float
    forwarder: Memory
    python_cpu: Spread


@dataclass(slots=True)
class Figures:
    """What was measured of one server: seconds by what was done, and megabytes. `problems` are its diagnostics."""

    contender: Contender
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: Memory | None = None
    problems: dict[str, int] = field(default_factory=dict)
    daemon: Daemon | None = None

    def spread(self, what: str) -> Spread | None:
        """Seconds; None where the server does not do that."""
        return Spread.of(self.seconds[what]) if self.seconds[what] else None

    def half(self, what: str) -> float:
        """Seconds that half of all take at most."""
        return median(self.seconds[what])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run: what was measured of each server, by name, and who was left out."""

    scale: Scale
    figures: dict[str, Figures]
    left_out: tuple[LeftOut, ...]


class Running:
    """A server that is running, with one client, and what has been measured of it so far."""

    def __init__(self, contender: Contender, family: Family) -> None:
        self.contender = contender
        self.family = family
        self.figures = Figures(contender)
        self.client = TimedClient(contender.command, family.environment, contender.answers)
        try:
            self.capabilities = self.client.begin(contender.root)
        except ServerLeft:
            self.client.stop()
            raise

    def start_another(self) -> None:
        """Measure how long one process more takes to answer `initialize`, and what it takes of the processor.

        That is the server itself, or what a daemon that is running already needs for one client more.
        """
        before = self.family.cpu()
        client = TimedClient(self.contender.command, self.family.environment, self.contender.answers)
        taken, _ = client.initialize(self.contender.root)
        forwarder, after = cpu_of(client.process.pid), self.family.cpu()
        client.stop()
        self.figures.seconds[START].append(taken)
        self.figures.seconds[START_CPU].append(after - before)
        self.figures.seconds[FORWARDER_CPU].append(forwarder)

    def document(self, size: str) -> Document:
        return self.contender.large if size == LARGE else self.contender.small

    def open(self, size: str) -> None:
        document = self.document(size)
        taken, found = self.client.open(document.uri, document.language, document.text)
        self.figures.problems[size] = len(found)
        self.figures.seconds[f"open, {size}"].append(taken)

    def close(self, size: str) -> None:
        self.client.close(self.document(size).uri)

    def edit(self, size: str, numbers: range, *, counts: bool) -> None:
        """Type characters at the document's places, and take each back: two numbers that follow are one place."""
        document, before, times = self.document(size), self.family.cpu(), list[float]()
        for number in numbers:
            line, character = document.edits[number // 2 % len(document.edits)]
            end, text = (line, character + number % 2), "" if number % 2 else "x"
            times.append(self.client.change(document.uri, (line, character), end, text))
        if counts:
            self.figures.seconds[f"edit, {size}"] += times
            self.figures.seconds[f"edit, {size}, CPU"].append((self.family.cpu() - before) / len(times))

    def hover(self, numbers: range) -> None:
        document = self.document(LARGE)
        for number in numbers:
            place = document.hovers[number % len(document.hovers)]
            taken, _ = self.client.ask_at("textDocument/hover", document.uri, place)
            self.figures.seconds[HOVER].append(taken)

    def complete(self, numbers: range) -> None:
        """Ask for completions of an unfinished line, which is there for as long as it takes."""
        document = self.document(LARGE)
        if document.unfinished is None or "completionProvider" not in self.capabilities:
            return
        line, text = document.unfinished
        self.client.change(document.uri, (line, 0), (line, 0), f"{text}\n")
        for _ in numbers:
            taken, _ = self.client.ask_at("textDocument/completion", document.uri, (line, len(text)))
            self.figures.seconds[COMPLETION].append(taken)
        self.client.change(document.uri, (line, 0), (line + 1, 0), "")

    def daemon_pids(self, *clients: TimedClient) -> list[int]:
        return self.family.behind(self.client.process.pid, *(client.process.pid for client in clients))

    def measure_daemon(self, scale: Scale) -> None:
        """Have further clients come, if there is a daemon that they can come to.

        It has not worked yet: what work has left free would hold a client more, and nothing would grow.
        """
        if not self.contender.has_daemon or not self.daemon_pids():
            return
        with ExitStack() as stack:
            few = list(self._further_clients(max(1, scale.clients // 5), stack))
            settle([self.family])
            first = memory_of(self.daemon_pids(*few)).rss
            many = list(self._further_clients(scale.clients, stack))
            settle([self.family])
            connected = memory_of(self.daemon_pids(*few, *many)).rss
            small = self.contender.small
            for client in many:
                client.open(small.uri, small.language, small.text)
            settle([self.family])
            opened = memory_of(self.daemon_pids(*few, *many)).rss
            forwarders = memory_of([client.process.pid for client in many])
        self.figures.daemon = Daemon(
            per_client=(connected - first) / len(many),
            per_plan=(opened - first) / len(many),
            forwarder=Memory(forwarders.rss / len(many), forwarders.pss / len(many), 1),
            python_cpu=Spread.of([_cpu_of_python() for _ in range(scale.starts)]),
        )

    def _further_clients(self, number: int, stack: ExitStack) -> Iterator[TimedClient]:
        for _ in range(number):
            client = TimedClient(self.contender.command, self.family.environment, self.contender.answers)
            stack.callback(client.stop)
            client.begin(self.contender.root)
            yield client


def _cpu_of_python() -> float:
    """Seconds that Python takes to its first statement."""
    command = (sys.executable, "-c", "import os; os.write(1, b'.'); os.read(0, 1)")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout
        process.stdout.read(1)
        taken = cpu_of(process.pid)
        process.communicate(b".")
    return taken


def compare(names: Sequence[str], scale: Scale, folder: Path) -> Comparison:
    """Measure the servers of these names. What they need is made in `folder`, and nothing of theirs is left running."""
    payload = folder / "payload.json"
    found, left_out = contenders(names, scale.sizes, folder, payload)
    payload.write_text(json.dumps(_diagnostics_of_ours(scale, folder)))
    running: list[Running] = []
    with ExitStack() as stack:
        for number, contender in enumerate(found):
            family = _family(folder / f"server-{number}", stack)
            try:
                running.append(Running(contender, family))
            except ServerLeft as error:
                left_out.append(LeftOut(contender.name, str(error)))
            else:
                stack.callback(running[-1].client.stop)
        _measure(running, scale)
    return Comparison(scale, {each.contender.name: each.figures for each in running}, tuple(left_out))


def _family(folder: Path, stack: ExitStack) -> Family:
    """The processes of a server, which end with the stack."""
    folder.mkdir()
    family = Family(folder, stack.enter_context(tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True)))
    stack.callback(family.end)
    return family


def _diagnostics_of_ours(scale: Scale, folder: Path) -> dict[str, object]:
    """What Agent Server says of the plans, once it knows the workspace: others say the same without a thought."""
    (ours,), _ = contenders((OURS,), scale.sizes, folder, folder)
    said: dict[str, object] = {}
    with ExitStack() as stack:
        family = _family(folder / "rehearsal", stack)
        client = TimedClient(ours.command, family.environment)
        stack.callback(client.stop)
        client.begin(ours.root)
        for document in (ours.small, ours.large):
            client.open(document.uri, document.language, document.text)
            settle([family])
            client.close(document.uri)
            _, said[document.uri] = client.open(document.uri, document.language, document.text)
    return said


def _measure(running: Sequence[Running], scale: Scale) -> None:
    _settle(running)
    for each in running:
        each.measure_daemon(scale)
    for turn in range(scale.starts):
        for each in _in_turn(running, turn):
            each.start_another()
    _measure_edits(running, scale, SMALL)
    for each in running:
        each.close(SMALL)
    _measure_edits(running, scale, LARGE)
    for turn, numbers in enumerate(_blocks(scale.requests, scale.block)):
        for each in _in_turn(running, turn):
            each.hover(numbers)
            each.complete(numbers)
    _settle(running)
    for each in running:
        each.figures.memory = memory_of(each.family.pids())


def _measure_edits(running: Sequence[Running], scale: Scale, size: str) -> None:
    """Open and close a document, and leave it open in the end, edited."""
    for turn in range(scale.opens):
        for each in _in_turn(running, turn):
            if turn:
                each.close(size)
            each.open(size)
        if not turn:
            _settle(running)  # the first opening sets things going in the background
    for turn, numbers in enumerate(_blocks(scale.warming + scale.edits, scale.block)):
        for each in _in_turn(running, turn):
            each.edit(size, numbers, counts=numbers.start >= scale.warming)


def _blocks(number: int, block: int) -> Iterator[range]:
    return (range(first, min(first + block, number)) for first in range(0, number, block))


def _in_turn(running: Sequence[Running], turn: int) -> Sequence[Running]:
    """All of them, each time from another one on."""
    start = turn % len(running)
    return (*running[start:], *running[:start])


def _settle(running: Sequence[Running]) -> None:
    settle([each.family for each in running])


def report(comparison: Comparison) -> str:
    """The report, in Markdown."""
    scale, figures = comparison.scale, comparison.figures.values()
    head = _HEAD.format(
        scale=scale,
        lines=next(iter(figures)).contender.large.lines,
        processors=os.cpu_count(),
        system=platform.system(),
        python=platform.python_version(),
    )
    texts = [
        "server",
        f"{SMALL} text: lines / problems",
        f"{LARGE} text",
        START,
        START_CPU,
        "memory: RSS / PSS in MB, of processes",
    ]
    times = [OPEN_SMALL, EDIT_SMALL, EDIT_SMALL_CPU, OPEN_LARGE, EDIT_LARGE, EDIT_LARGE_CPU, HOVER, COMPLETION]
    return "\n".join(
        [
            head,
            _table(texts, map(_about, figures)),
            _table(["server", *times], ([_name(each), *_milliseconds_of(each, times)] for each in figures)),
            *(_about_daemon(each, each.daemon, scale) for each in figures if each.daemon),
            *([_goals(comparison.figures)] if OURS in comparison.figures else []),
            *(f"`{each.name}` was left out: {each.reason}.\n" for each in comparison.left_out),
        ]
    )


_HEAD = """\
# Language servers beside each other

Made by `python -m tests.benchmarks.language_servers`, in one run in which all servers run at the same time and take
turns; {processors} processors, {system}, Python {python}. Times are milliseconds, p50 / p95, as the client sees them.

- **Start:** from the start of the process to the answer to `initialize`, {scale.starts} times, on a warm disk. Ours
  comes to a daemon that is running. CPU is that of every process that belongs to the server, daemon included.
- **Open:** from `didOpen` to the diagnostics, {scale.opens} times. The first reads and indexes what the text is about.
- **Edit:** from `didChange`, a character typed or taken back at one of many places, to the diagnostics of that very
  version: {scale.edits} of each server in blocks of {scale.block}, after {scale.warming} to warm up. Most are in prose.
  CPU is that of all of the server's processes, one edit's share of a block's. Other work on the machine adds to times,
  and to the longer ones more; it does not add to CPU.
- **Hover, completion:** in the large text, {scale.requests} times, with no edit in between.
- **Memory:** of all of a server's processes, with the large text open.
- **Texts:** ours is a plan of {scale.sizes.large:,} tasks in {lines:,} lines, over {scale.sizes.files:,} files. The
  floor (`servers/floor.py`) and the pygls server (`servers/minimal_pygls.py`) get the same plans, keep their text, and
  publish the very diagnostics that ours does, without a thought. The Python is the standard library's, less its
  imports; the YAML holds the plan's tasks under a schema. These have folders of their own, with nothing else in them.
- `yaml-language-server` says no versions, and waits for 200 ms after an edit, so the next diagnostics count.
"""


def _name(figures: Figures) -> str:
    version = figures.contender.version
    return f"{figures.contender.name} ({version})" if version else figures.contender.name


def _about(figures: Figures) -> list[str]:
    """The first table's row of one server."""
    documents = {SMALL: figures.contender.small, LARGE: figures.contender.large}
    texts = [f"{document.lines:,} / {figures.problems[size]}" for size, document in documents.items()]
    found = figures.memory
    memory = f"{found.rss:.0f} / {found.pss:.0f}, of {found.processes}" if found else "-"
    return [_name(figures), *texts, *_milliseconds_of(figures, [START, START_CPU]), memory]


def _milliseconds_of(figures: Figures, what: Sequence[str]) -> list[str]:
    return [_milliseconds(figures.spread(each)) for each in what]


def _milliseconds(spread: Spread | None) -> str:
    """`p50 / p95`, with two or three digits that count."""
    if spread is None:
        return "-"
    return " / ".join(f"{1000 * each:.2f}" if each < 0.01 else f"{1000 * each:.0f}" for each in spread)


def _about_daemon(figures: Figures, daemon: Daemon, scale: Scale) -> str:
    return _table(
        ["the daemon of Agent Server", ""],
        [
            ["forwarder, CPU to the answer to `initialize`", f"{_milliseconds(figures.spread(FORWARDER_CPU))} ms"],
            ["a Python that does nothing, CPU to its first statement", f"{_milliseconds(daemon.python_cpu)} ms"],
            [f"daemon, memory for each further client, of {scale.clients}", f"{daemon.per_client:.3f} MB"],
            [
                "the same, with the small plan open, its first analysis and indexing included",
                f"{daemon.per_plan:.3f} MB",
            ],
            ["forwarder, memory: RSS / PSS", f"{daemon.forwarder.rss:.1f} / {daemon.forwarder.pss:.1f} MB"],
        ],
    )


def _goals(figures: Mapping[str, Figures]) -> str:
    """What became of those goals that these servers can tell of."""
    ours, rows = figures[OURS], list[list[str]]()
    for name, most in ((RUFF, GOAL_OF_RUFF), (FLOOR, GOAL_OF_FLOOR)):
        if name in figures:
            time, cpu = (ours.half(what) / figures[name].half(what) for what in (EDIT_LARGE, EDIT_LARGE_CPU))
            goal = f"an edit of the large text, of one of the {name}: {most:.1f}"
            rows.append([goal, f"{time:.1f} of its time, {cpu:.1f} of its CPU"])
    if ours.daemon:
        cpu, megabytes = ours.half(FORWARDER_CPU), ours.daemon.per_client
        rows.append([f"CPU of the forwarder: {1000 * GOAL_OF_FORWARDER:.0f} ms", f"{1000 * cpu:.0f} ms"])
        rows.append([f"memory for each further client: {MOST_MEGABYTES} MB", f"{megabytes:.3f} MB"])
    return _table(["goals of Agent Server, each a most", "found, p50"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(EVERYONE)}; all where none is given"
    )
    parser.add_argument("--to", type=Path, default=REPORT, metavar="FILE", help="where to write the report")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(EVERYONE):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        options.to.write_text(report(compare(options.names or EVERYONE, Scale(), Path(folder).resolve())), "utf-8")
    sys.stdout.write(f"Written to {options.to}.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
