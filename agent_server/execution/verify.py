"""Verification: change sets over the frozen base, in a scratch sandbox, and the project's own command there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.facts import VerifyFacts
from agent_server.execution.changes import Change
from agent_server.execution.sandbox import Base
from agent_server.execution.threads import to_its_end
from agent_server.plan.visible import is_invisible

# What a terminal takes for commands: colours, titles, moves of the cursor.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# What is kept of a command's output for the plan and the record; the whole of it is streamed while it runs.
KEPT_OUTPUT = 8_000
# A build takes all processors that it gets; whoever works at this machine goes before it.
_KINDLY = ("nice", "-n", "10")


@dataclass(frozen=True, slots=True)
class Verification:
    """One command to run over change sets. `environ` is the user's; the sandbox passes on only what a build needs."""

    command: str
    seconds: float
    environ: Mapping[str, str]


async def verify(
    base: Base, name: str, changes: Sequence[Change], wanted: Verification, on_output: Callable[[str], None]
) -> VerifyFacts:
    """Run the command over `changes` on a fresh fork of `base` called `name`. Nothing that it writes is kept."""
    sandbox = await base.fork(name)
    try:
        await sandbox.apply(changes)
        completed = await sandbox.execute(
            (*_KINDLY, "sh", "-c", wanted.command), env=wanted.environ, timeout=wanted.seconds, on_output=on_output
        )
    finally:
        await to_its_end(sandbox.close())
    output = _readable(completed.output)[-KEPT_OUTPUT:]
    if completed.timed_out:
        output += f"\nStopped after {wanted.seconds / 60:g} minutes, the limit that `verify_minutes` sets."
    return VerifyFacts(wanted.command, completed.exit_status == 0 and not completed.timed_out, output)


def _readable(output: str) -> str:
    """Output as text for a person: what commands a terminal is taken out, and of a line written anew the last stays."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPES.sub("", output).split("\n"))
    return "\n".join("".join(each for each in line if each == "\t" or not is_invisible(each)) for line in lines)
