"""How long it takes to land 212 files, beside ways that promise less, in one run.

    python -m tests.benchmarks.landing FOLDER > tests/benchmarks/landing.md

FOLDER is on the disk to be measured; what is made in it is removed again.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from platform import python_version
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

from agent_server.execution.changes.changes import Change, ChangeKind, change_set, content_of
from agent_server.execution.changes.drift import drift
from agent_server.execution.landing.commits import TaskCommit, land_commits, undo_commits
from agent_server.execution.landing.landing import Lander
from agent_server.execution.sandboxes.mirror import held, synchronise
from agent_server.execution.state import StateDirectory
from tests.execution.repositories import git, repository
from tests.execution.trees import Tree, plant

FILES = 212
ROUNDS = 20
GOAL_SECONDS = 0.5
"""What landing them takes at most, p50."""

LARGE = 50_000
_LINES = 200

ABOUT = f"""\
# Landing

Made by `python -m tests.benchmarks.landing FOLDER`, all ways in turn in one run of {ROUNDS} rounds; {{processors}}
processors, of which other work wanted {{load:.0f}}; {{system}}, Python {{python}}, {{file_system}}. Times are
milliseconds.

- **The change set:** {FILES} files of some 2 kB in 20 folders: a third new, a tenth deleted, the others changed. It is
  landed in the tree, or as two commits; then that is taken back, so each round starts from the same tree.
- **Written in place:** what a script does. A kill leaves half of it, and half a file; a save of the user is lost.
- **Renamed, each durable:** what careful editors do, a file at a time. A kill leaves half of it.
- **`git merge --ff-only`:** with a clean tree, of a branch that holds the same. A kill leaves half of it.
- **Landed:** `Lander.land`: all or nothing, durable, also under kills and the user's saves. **Undone:** `Lander.undo`.
- **Committed:** `land_commits`, two tasks; a process of Git for each content, for the repository's filters.
- **Drift:** the look whether a workspace of {LARGE:,} files has moved on since it was frozen; nothing has.
"""


@dataclass(frozen=True)
class Scale:
    """How much is measured: rounds, files of the change set, files of the large workspace."""

    rounds: int = ROUNDS
    changed: int = FILES
    files: int = LARGE


def change_set_in(folder: Path, changed: int) -> tuple[Tree, tuple[Change, ...]]:
    """The tree before, and the change set."""
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for number in range(changed):
        path = f"src/package{number % 20}/module{number}.py"
        if number % 3:
            old[path] = f"old {number}\n" * _LINES
        if number % 10 != 1 or number % 3 == 0:
            new[path] = f"new {number}\n" * _LINES
    base, after = plant(folder / "base", old), plant(folder / "after", new)
    now = {path: after / path if path in new else None for path in {**old, **new}}
    return old, change_set(base, now, folder / "contents")


def measured(folder: Path, scale: Scale) -> dict[str, list[float]]:
    """Seconds of each way, round by round."""
    old, changes = change_set_in(folder, scale.changed)
    live, before = plant(folder / "live", old), folder / "base"
    lander = Lander(live, folder / "landing")
    root = repository(folder / "repository", old)
    tasks = [TaskCommit(name, name, changes[part]) for name, part in (("a", slice(10)), ("b", slice(10, None)))]
    times: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], object]) -> object:
        began = perf_counter()
        done = act()
        times.setdefault(name, []).append(perf_counter() - began)
        return done

    for number in range(scale.rounds):
        for name, durable in (("written in place", False), ("renamed, each durable", True)):
            timed(name, lambda durable=durable: write(live, changes, durable=durable))
            shutil.rmtree(live)
            shutil.copytree(before, live)
        timed("landed", lambda number=number: lander.land(f"run-{number}", changes))
        timed("undone", lambda number=number: lander.undo(f"run-{number}"))
        lander.forget(f"run-{number}")
        lander.forget(f"run-{number}-undo")
        branch = timed("committed", lambda: land_commits(root, "1", tasks, plan="x.plan.md", folder=folder / "index"))
        head = git(root, "rev-parse", "HEAD")
        timed("`git merge --ff-only`", lambda: git(root, "merge", "-q", "--ff-only", "agent-server/x-1"))
        git(root, "reset", "-q", "--hard", head)
        undo_commits(root, branch)  # type: ignore[arg-type]  # all of it changed, so there is one
    state = frozen(folder, scale.files)
    for _ in range(scale.rounds):
        timed("drift", lambda: drift(state, changes))
    return times


def write(live: Path, changes: Iterable[Change], *, durable: bool) -> None:
    """Land without a promise: file by file."""
    for change in changes:
        place = live / change.path
        if change.kind is ChangeKind.DELETE:
            place.unlink()
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        target = place.with_name(".saved") if durable else place
        with target.open("wb") as file:
            file.write(content_of(change))
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if durable:
            target.rename(place)


def frozen(folder: Path, files: int) -> StateDirectory:
    """A large workspace, and its mirror."""
    for number in range(files):
        place = folder / f"large/p{number % 50}/q{number % 500}/f{number}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(str(number))
    state = StateDirectory.for_workspace(folder / "large", {"AGENT_SERVER_STATE_DIR": str(folder / "state")})
    with held(state):
        synchronise(state, None, Event())
    return state


def report(times: Mapping[str, list[float]], folder: Path) -> str:
    """The page."""
    about = ABOUT.format(
        processors=len(os.sched_getaffinity(0)),
        load=max(0.0, os.getloadavg()[2] - 1),
        system=os.uname().sysname,
        python=python_version(),
        file_system=file_system(folder),
    )
    rows = ["| way | p50 | p95 |", "| --- | --- | --- |"]
    for name, found in times.items():
        parts = quantiles(found, n=20)
        rows.append(f"| {name} | {parts[9] * 1000:.0f} | {parts[18] * 1000:.0f} |")
    return f"{about}\n" + "\n".join(rows) + f"\n\nThe goal for landing is at most {GOAL_SECONDS * 1000:.0f}, p50.\n"


def file_system(folder: Path) -> str:
    """Its type, as Linux tells it: that of the longest mount point that the folder lies below."""
    mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()]
    above = [(len(place), kind) for place, kind in mounts if folder.resolve().is_relative_to(place)]
    return max(above, default=(0, "an unknown file system"))[1]


def main(arguments: Sequence[str], scale: Scale = Scale()) -> None:
    """Measure on the disk of the folder that is named, and print the page."""
    with TemporaryDirectory(dir=arguments[0]) as made:
        sys.stdout.write(report(measured(Path(made), scale), Path(made)))


if __name__ == "__main__":
    main(sys.argv[1:])
