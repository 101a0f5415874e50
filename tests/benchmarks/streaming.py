"""How long whole plans take in a stream and wave by wave, in one run, beside what a simulation says of both.

    python -m tests.benchmarks.streaming FOLDER > tests/benchmarks/streaming.md

The agents are transcripts of known length; sandboxes, checks, landings and records are real. FOLDER is on the disk to
be used; what is made in it is removed again.
"""

import asyncio
import heapq
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from platform import python_version
from statistics import median
from tempfile import TemporaryDirectory

from agent_server.analysis.model import Analysis
from agent_server.analysis.scheduling.streaming import predecessors
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.ready import ReadySet
from agent_server.execution.ticking import tick
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed

VERIFY = "python3 -m compileall -q tasks"
AGENTS = 5
_PLAN = "steps.plan.md"
GOAL = 1.05
"""What a plan takes at most, of what its simulation takes."""

ABOUT = f"""\
# In a stream, and wave by wave

Made by `python -m tests.benchmarks.streaming FOLDER`, both ways in turn in one run; {{processors}} processors, of which
other work wanted {{load:.0f}}; {{system}}, Python {{python}}. Times are seconds, from the first launch to the last
landing; waves are approved at once, which no person does.

- **Plans:** `fan`: a task that four of different length wait for, and a chain behind one of them. `diamond`: a short
  way and a long way from one task to another. `chains`: three independent chains of three, whose long tasks lie at
  different places. Up to {AGENTS} agents; each writes one module in the last moment of its transcript.
- **Verification:** `{VERIFY}`, over the work of a wave; in a stream over that of each task
  that another waits for, one at a time, and once over all.
- **Simulated:** the same tasks without sandboxes, records and landings: agents take as long as their transcripts,
  and a verification as long as the median of those of the waves.
- **Longest way:** the longest chain of agents alone. Nothing can take less.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One task: how many seconds its agent takes, and for whom it waits."""

    seconds: float
    needs: tuple[str, ...] = ()


Steps = Mapping[str, Step]

PLANS: Mapping[str, Steps] = {
    "fan": {
        "root": Step(1.5),
        "short": Step(1.0, ("root",)),
        "middle": Step(2.0, ("root",)),
        "long": Step(4.0, ("root",)),
        "other": Step(3.0, ("root",)),
        "second": Step(3.0, ("short",)),
        "third": Step(2.0, ("second",)),
    },
    "diamond": {
        "top": Step(1.0),
        "quick": Step(1.0, ("top",)),
        "slow": Step(4.0, ("top",)),
        "further": Step(4.0, ("quick",)),
        "bottom": Step(1.5, ("slow", "further")),
    },
    "chains": {
        "a1": Step(4.0),
        "a2": Step(1.0, ("a1",)),
        "a3": Step(1.0, ("a2",)),
        "b1": Step(1.0),
        "b2": Step(4.0, ("b1",)),
        "b3": Step(1.0, ("b2",)),
        "c1": Step(1.0),
        "c2": Step(1.0, ("c1",)),
        "c3": Step(4.0, ("c2",)),
    },
}


@dataclass(frozen=True, slots=True)
class Took:
    """One plan, in seconds. `verification` is the median of the waves' verifications."""

    longest_way: float
    verification: float
    waves: float
    simulated_waves: float
    stream: float
    simulated_stream: float

    @property
    def gain(self) -> float:
        """What the stream takes of the waves' time."""
        return self.stream / self.waves

    @property
    def overhead(self) -> float:
        """What the stream takes of its simulation's time."""
        return self.stream / self.simulated_stream


def simulated_stream(steps: Steps, after: Mapping[str, Sequence[str]], verification: float) -> float:
    """Seconds that the tasks take where each begins as soon as those of `after` have passed."""
    minutes = {name: step.seconds / 60 for name, step in steps.items()}
    ready = ReadySet(after, minutes, AGENTS, {})
    coming: list[tuple[float, str, bool]] = []  # when, which task, whether it is its check that ends then
    now = 0.0
    while True:
        for name in ready.to_start():
            heapq.heappush(coming, (now + steps[name].seconds, name, False))
        if (name := ready.to_check()) is not None:
            heapq.heappush(coming, (now + verification * ready.is_waited_for(name), name, True))
        if not coming:
            return now + verification
        now, name, is_check = heapq.heappop(coming)
        (ready.passed if is_check else ready.ended)(name)


def simulated_waves(steps: Steps, waves: Iterable[Iterable[str]], verification: float) -> float:
    """Seconds that the tasks take wave by wave."""
    return sum(max(steps[name].seconds for name in wave) + verification for wave in waves)


def longest_way(steps: Steps) -> float:
    """Seconds of the longest chain of agents. Tasks stand behind those that they wait for."""
    ends: dict[str, float] = {}
    for name, step in steps.items():
        ends[name] = step.seconds + max((ends[other] for other in step.needs), default=0.0)
    return max(ends.values())


async def measured(folder: Path, steps: Steps, speed: float = 1.0) -> Took:
    """Run one plan both ways, in workspaces of their own; `speed` is that of the transcripts."""
    first = analysed(_workspace(folder / "waves", steps), plan(steps))
    began = time.monotonic()
    records = await _play(folder / "waves", steps, speed, stream=False)
    waves = time.monotonic() - began
    _workspace(folder / "stream", steps)
    began = time.monotonic()
    await _play(folder / "stream", steps, speed, stream=True)
    stream = time.monotonic() - began
    verification = median(record.seconds[RunState.VERIFYING] for record in records)
    played = {name: Step(step.seconds / speed, step.needs) for name, step in steps.items()}
    return Took(
        longest_way(played),
        verification,
        waves,
        simulated_waves(played, first.schedule.waves, verification),
        stream,
        simulated_stream(played, predecessors(first), verification),
    )


def plan(steps: Steps) -> str:
    """The text of a plan."""
    sections = []
    for name, step in steps.items():
        needs = f"- needs: {', '.join(step.needs)}\n" if step.needs else ""
        fields = f"- writes: `tasks/{name}.py`\n- minutes: {step.seconds / 60:.4f}\n{needs}"
        sections.append(f"## {name}: Write {name}\n{fields}\nWrite it.\n")
    return f"---\nverify: {VERIFY}\nagents: {AGENTS}\n---\n# Steps\n\n" + "\n".join(sections)


def _workspace(folder: Path, steps: Steps) -> Path:
    """A workspace with the plan, beside the transcripts of its agents."""
    root, transcripts = folder / "workspace", folder / "transcripts"
    (root / "tasks").mkdir(parents=True)
    (root / "tasks/__init__.py").touch()
    (root / _PLAN).write_text(plan(steps))
    transcripts.mkdir()
    for name, step in steps.items():
        written = {"path": f"tasks/{name}.py", "content": f"NAME = {name!r}\n"}
        lines: list[dict[str, object]] = [
            {"version": 1, "task": name, "model": "none", "seconds": step.seconds},
            {"at": step.seconds, "tool": "write", "input": written},
            {"at": step.seconds, "end": "done"},
        ]
        (transcripts / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root


async def _play(folder: Path, steps: Steps, speed: float, *, stream: bool) -> list[RunRecord]:
    """Run the whole plan in `folder`, and look whether all of it is there."""
    root = folder / "workspace"
    settings = ExecutionSettings(agent="replay", transcripts=folder / "transcripts", speed=speed)
    executor = Executor(root, settings, {**os.environ, "AGENT_SERVER_STATE_DIR": str(folder / "state")})
    records = []
    while (analysis := _analysis(root)).schedule.waves:
        executor.approve(executor.propose(_PLAN, analysis, stream=stream))
        record = await executor.launch(_PLAN, analysis).wait()
        if record.state is not RunState.LANDED:
            raise RuntimeError(record.problem)
        tick(root / _PLAN, record)
        records.append(record)
    await executor.close()
    missing = [name for name in steps if not (root / f"tasks/{name}.py").exists()]
    if missing or (stream and len(records) > 1):
        raise RuntimeError(f"{len(records)} runs, without {missing}")
    return records


def _analysis(root: Path) -> Analysis:
    return analysed(root, (root / _PLAN).read_text())


def report(found: Mapping[str, Took]) -> str:
    """The page."""
    about = ABOUT.format(
        processors=len(os.sched_getaffinity(0)),
        load=max(0.0, os.getloadavg()[0]),
        system=os.uname().sysname,
        python=python_version(),
    )
    columns = (
        *("plan", "tasks", "longest way", "verification", "waves", "simulated waves", "stream", "simulated stream"),
        *("stream of waves", "simulated", "stream of its simulation"),
    )
    rows = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    for name, took in found.items():
        times = (took.longest_way, took.verification, took.waves, took.simulated_waves, took.stream)
        seconds = " | ".join(f"{each:.2f}" for each in (*times, took.simulated_stream))
        gain = f"{took.gain:.2f} | {took.simulated_stream / took.simulated_waves:.2f}"
        rows.append(f"| {name} | {len(PLANS[name])} | {seconds} | {gain} | {took.overhead:.3f} |")
    return f"{about}\n" + "\n".join(rows) + f"\n\nThe goal for the last column is at most {GOAL}.\n"


def main(arguments: Sequence[str]) -> None:
    """Measure on the disk of the folder that is named, and print the page."""
    with TemporaryDirectory(dir=arguments[0]) as made:
        found = {name: asyncio.run(measured(Path(made) / name, steps)) for name, steps in PLANS.items()}
    sys.stdout.write(report(found))


if __name__ == "__main__":
    main(sys.argv[1:])
