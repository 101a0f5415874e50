"""Verification: change sets over the frozen base, in a scratch sandbox, and the project's own command there.

Where the command fails, its output is read for problems at files, and it is run again over parts of the wave: so the
tasks that fail together are known, and a part that passes without them.
"""

import logging
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent_server.agents.threads import in_thread, to_its_end
from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.build_output.problems import problems_in
from agent_server.analysis.facts import VerifyFacts
from agent_server.execution.changes.changes import Change, ChangeKind
from agent_server.execution.runs.bisection import Tasks, Verdict, smallest_failing
from agent_server.execution.sandboxes.sandbox import Base, SandboxError
from agent_server.plan.visible import is_invisible, visible

# What a terminal takes for commands: colours, titles, moves of the cursor.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
KEPT_OUTPUT = 8_000
"""What is kept of a command's output for the plan and the record; the whole of it is streamed while it runs."""

MOST_BUILDS = 24
"""How often a command that failed is run again at most, to find out why."""

# A build takes all processors that it gets; whoever works at this machine goes before it.
_KINDLY = ("nice", "-n", "10")
_DIGITS = re.compile(r"\d+")
_SHOWN_TASKS = 200  # characters

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verification:
    """One command to run over change sets. `environ` is the user's; the sandbox passes on only what a build needs.

    `seconds` is how long it may take. Without `network` it reaches no host. `root` is where the workspace stands and
    `paths` are its files: in these, and in what the change sets hold, the output is searched for problems. With
    `bisect`, the tasks that fail together are sought where it fails.
    """

    command: str
    seconds: float
    environ: Mapping[str, str]
    network: bool = True
    root: str = ""
    paths: Collection[str] = ()
    bisect: bool = True


@dataclass(frozen=True, slots=True)
class Combined:
    """The work of several tasks. `changes` tells what some of them change together.

    `relies_on` says of a task without whose work its own cannot be built.
    """

    tasks: Sequence[str]
    changes: Callable[[Tasks], Sequence[Change]]
    relies_on: Mapping[str, Tasks] = field(default_factory=dict)


async def verified(
    base: Base, name: str, combined: Combined, wanted: Verification, tell: Callable[[str], None]
) -> VerifyFacts:
    """Run the command over the work of all tasks; where that fails, find out which of them fail together.

    Every build has a fresh fork of `base` called `name`; `tell` is handed the lines of all. All builds that seek the
    cause may take as long as one may, together, and there are at most `MOST_BUILDS`; after one that ran out of time
    there are none. Raises `SandboxError` where the first build cannot be made.
    """
    began = time.monotonic()
    tasks = combined.tasks
    facts, timed_out = await _built(base, name, combined.changes(frozenset(tasks)), wanted, tell)
    if facts.passed:
        return facts
    took = max(time.monotonic() - began, wanted.seconds / MOST_BUILDS)
    facts = replace(facts, problems=_with_writers(facts.problems, combined))
    if not wanted.bisect or timed_out:
        return facts
    try:
        search = _Search(base, name, combined, wanted, tell, facts, time.monotonic() + wanted.seconds)
        found = await smallest_failing(
            tasks, search.build, most=int(wanted.seconds / took), relies_on=combined.relies_on
        )
    except SandboxError as error:
        _log.warning("The cause of a failed verification cannot be sought: %s", error)
        return facts
    return replace(
        facts,
        failing=found.failing if found.is_smallest or len(found.failing) < len(tasks) else (),
        is_smallest=found.is_smallest,
        passing=found.passing,
        base_fails=found.base_fails,
        passed_again=found.passed_again,
    )


async def _built(
    base: Base, name: str, changes: Sequence[Change], wanted: Verification, on_output: Callable[[str], None]
) -> tuple[VerifyFacts, bool]:
    """Run the command once over `changes` on a fresh fork of `base` called `name`. Nothing that it writes is kept.

    Returns how it ended, and whether it ran out of time. Raises `SandboxError`.
    """
    sandbox = await base.fork(name)
    place = str(sandbox.place)
    try:
        await sandbox.apply(changes)
        completed = await sandbox.execute(
            (*_KINDLY, "sh", "-c", wanted.command),
            env=wanted.environ,
            timeout=wanted.seconds,
            on_output=on_output,
            network=wanted.network,
            keep=False,
        )
    finally:
        await to_its_end(sandbox.close())
    output = _readable(completed.output)
    passed = completed.exit_status == 0 and not completed.timed_out
    problems = () if passed else await in_thread(_problems, output, {place, wanted.root} - {""}, changes, wanted.paths)
    output = output[-KEPT_OUTPUT:]
    if completed.timed_out:
        output += f"\nStopped after {wanted.seconds / 60:g} minutes, the limit that `verify_minutes` sets."
    return VerifyFacts(wanted.command, passed, output, problems), completed.timed_out


@dataclass(frozen=True, slots=True)
class _Search:
    """Builds of parts of the work, to see whether they fail as the `whole` did; `ends` is of the monotonic clock."""

    base: Base
    name: str
    combined: Combined
    wanted: Verification
    tell: Callable[[str], None]
    whole: VerifyFacts
    ends: float

    async def build(self, chosen: Tasks) -> Verdict | None:
        """How the build of these tasks' work ends; None where time runs out: a part may hang, or take longer."""
        left = self.ends - time.monotonic()
        if left <= 0:
            return None
        names = ", ".join(task for task in self.combined.tasks if task in chosen)
        which = f"with {visible(names, _SHOWN_TASKS)} alone" if names else "without the work of any task"
        self.tell(f"seeking the cause {which}")
        wanted = replace(self.wanted, seconds=min(left, self.wanted.seconds))
        facts, timed_out = await _built(self.base, self.name, self.combined.changes(chosen), wanted, self.tell)
        if timed_out:
            return None
        if facts.passed:
            return Verdict.PASSES
        return Verdict.FAILS if _signs(self.whole) & _signs(facts) else Verdict.FAILS_OTHERWISE


def _signs(facts: VerifyFacts) -> frozenset[tuple[str, str]]:
    """By what a failure is known again: its problems, or the last line that was printed, but for its numbers."""
    if facts.problems:
        return frozenset((each.path, each.message) for each in facts.problems)
    last = next((line.strip() for line in reversed(facts.output.splitlines()) if line.strip()), "")
    return frozenset({("", _DIGITS.sub("0", last))})


def _problems(
    output: str, roots: Collection[str], changes: Sequence[Change], paths: Collection[str]
) -> tuple[BuildProblem, ...]:
    """What the output says is wrong with the workspace's files as they are with the changes."""
    known = {*paths, *(change.path for change in changes)}
    known -= {change.path for change in changes if change.kind is ChangeKind.DELETE}
    return problems_in(output, roots, known)


def _with_writers(problems: Sequence[BuildProblem], combined: Combined) -> tuple[BuildProblem, ...]:
    """The problems, each with the tasks that wrote the file."""
    written = {task: {change.path for change in combined.changes(frozenset((task,)))} for task in combined.tasks}
    return tuple(
        replace(each, tasks=tuple(task for task in combined.tasks if each.path in written[task])) for each in problems
    )


def _readable(output: str) -> str:
    """Output as text for a person: what commands a terminal is taken out, and of a line written anew the last stays."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPES.sub("", output).split("\n"))
    return "\n".join("".join(each for each in line if each == "\t" or not is_invisible(each)) for line in lines)
