"""Kills landings of which a part has landed before, and landings as commits. Run by `test_part_kills`.

    python parts_driver.py FOLDER parts
    python parts_driver.py FOLDER commits

At each step in turn the landing is killed, twice, in processes forked for that; once the user saves a file shortly
before. Prints what happened, as JSON: `faults` must be empty, and the counts show that the cases came up.
"""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.landing.commits import CannotCommit, TaskCommit, land_commits, landed_branch, undo_commits
from agent_server.execution.landing.landing import Lander, LandingConflict
from tests.execution.landing_driver import KilledAt, Step
from tests.execution.repositories import git, repository, tree_of
from tests.execution.trees import Program, Tree, plant, read

OLD: Tree = {
    "a/one": "old\n",
    "a/two": "old\n",
    "a/gone": "gone\n",
    "b/one": "old\n",
    "b/two": "old\n",
    "mine": "mine\n",
}
FIRST: Tree = {"a/one": "new\n", "a/two": Program("new\n"), "a/made": "new\n"}
SECOND: Tree = {"b/one": "new\n", "b/two": "new\n", "b/deep/made": "new\n"}
GONE = "a/gone"
RUN = "20260101T000000-abcdef"


def apart(act: Callable[[], object]) -> str:
    """Act in a process of its own: `done`, `killed` or `refused`."""
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except (LandingConflict, CannotCommit):
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return {0: "done", 3: "refused"}[os.WEXITSTATUS(status)]


def saving(kill: KilledAt, at: int, place: Path) -> Step:
    """A step function by which the user saves a file at that step, and that then kills."""

    def step(name: str) -> None:
        if kill.seen == at:
            place.write_text("the user's\n")
        kill(name)

    return step


def rounds() -> Iterator[tuple[int, str]]:
    """Which step kills, and which file the user saves shortly before, if any."""
    for step in range(1_000):
        yield step, ("a/one", "b/one", "mine")[step % 3]
        yield step, ""


def parts(folder: Path) -> dict[str, object]:
    """Land the first part; kill the landing of the second; recover; take both back."""
    changes = _changes(folder)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    live = folder / "live"
    for step, edited in rounds():
        shutil.rmtree(live, ignore_errors=True)
        shutil.rmtree(folder / "landing", ignore_errors=True)
        plant(live, OLD)
        Lander(live, folder / "landing").land(RUN, changes[0])
        kill = KilledAt(step)
        told = saving(kill, max(0, step - 2), live / edited) if edited else kill
        ended = apart(lambda told=told: Lander(live, folder / "landing", told).land(f"{RUN}.2", changes[1]))
        counts[ended] += 1
        lander = Lander(live, folder / "landing")
        lander.recover()
        saved = {edited: "the user's\n"} if edited and (live / edited).read_text() == "the user's\n" else {}
        landed = lander.has_landed(f"{RUN}.2")
        counts["new" if landed else "old"] += 1
        wanted = {**OLD, **FIRST, **(SECOND if landed else {}), **saved}
        del wanted[GONE]
        if read(live) != wanted:
            faults.append(f"step {step}, {edited or 'no edit'}: {read(live)}")
        faults += _undone(lander, live, landed=landed, saved=saved, counts=counts)
        if ended == "done" and not edited:
            break
    return {"faults": faults, "counts": counts}


def _undone(lander: Lander, live: Path, *, landed: bool, saved: Tree, counts: Counter[str]) -> list[str]:
    """Undo what landed, the last part first; one whose file the user saved since must stay."""
    wanted = dict(read(live))
    for run, part in ((f"{RUN}.2", SECOND), (RUN, FIRST)):
        if run == RUN or landed:
            if saved.keys() & part.keys():
                counts["undo refused"] += 1
            else:
                counts["undone"] += 1
                wanted = {path: what for path, what in wanted.items() if path in OLD or path not in part}
                wanted |= {path: OLD[path] for path in part if path in OLD}
                wanted |= {GONE: OLD[GONE]} if run == RUN else {}
            try:
                lander.undo(run)
            except LandingConflict:
                counts["conflicts"] += 1
    found = read(live)
    return [] if found == wanted else [f"undone to {found}"]


def commits(folder: Path) -> dict[str, object]:
    """Kill landings as commits; the branch is whole or not there, and all else is as the user left it."""
    changes = _changes(folder)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    root = repository(folder / "live", OLD)
    whole = {path: _told(what) for path, what in {**OLD, **FIRST, **SECOND}.items() if path != GONE}
    tasks = [TaskCommit("a", "First", changes[0]), TaskCommit("b", "Second", changes[1])]
    for step, edited in rounds():
        before = _state(root)
        kill = KilledAt(step)
        told = saving(kill, max(0, step - 2), root / edited) if edited else kill
        ended = apart(
            lambda told=told: land_commits(root, RUN, tasks, plan="x.plan.md", folder=folder / "index", step=told)
        )
        counts[ended] += 1
        if edited:
            before = ({**before[0], edited: "the user's\n"}, *before[1:])
        if _state(root) != before:
            faults.append(f"step {step}, {edited or 'no edit'}: files, index or HEAD changed")
        branch = landed_branch(root, RUN, plan="x.plan.md")
        counts["new" if branch else "old"] += 1
        if branch is not None:
            if tree_of(root, branch.commit) != whole or git(root, "rev-list", "--count", branch.commit) != "3":
                faults.append(f"step {step}: half a branch")
            undo_commits(root, branch)
        elif ended == "done":
            faults.append(f"step {step}: done, and no branch")
        plant(root, OLD)
        if ended == "done" and not edited:
            break
    return {"faults": faults, "counts": counts, "fsck": git(root, "fsck", "--strict", "--no-dangling")}


def _state(root: Path) -> tuple[dict[str, object], str, bytes]:
    return {**read(root)}, git(root, "rev-parse", "HEAD"), (root / ".git/index").read_bytes()


def _told(what: object) -> tuple[str, str]:
    return ("100755", what.text) if isinstance(what, Program) else ("100644", str(what))


def _changes(folder: Path) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    base, after = plant(folder / "base", OLD), plant(folder / "after", {**FIRST, **SECOND})
    first, second = (
        change_set(base, {path: after / path for path in part} | dict.fromkeys(gone), folder / "store")
        for part, gone in ((FIRST, [GONE]), (SECOND, []))
    )
    return first, second


if __name__ == "__main__":
    json.dump({"parts": parts, "commits": commits}[sys.argv[2]](Path(sys.argv[1])), sys.stdout)
