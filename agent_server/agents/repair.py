"""The brief of an agent that mends what a whole wave made: it did not pass its verification."""

from collections.abc import Sequence
from functools import reduce

from agent_server.agents.backend import Brief, Limits
from agent_server.agents.brief import brief_for
from agent_server.analysis.facts import VerifyFacts
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.model import Analysis

_HOW_TO_WORK = """\
Several agents have carried out tasks of a plan, each without seeing the others' work. What they made lies in your \
workspace, all of it together, and it does not pass its verification. Mend that, and nothing else: find out what is \
wrong, and make the smallest change that makes the command below pass as its authors meant it. Do not weaken a test or \
a check to that end.

Change only the files that the tasks were given. Nobody can answer questions. When all is done, end with a few \
sentences: what was wrong, and what you changed."""


def repair_brief(analysis: Analysis, tasks: Sequence[str], facts: VerifyFacts, limits: Limits) -> Brief:
    """The brief of one more agent over what `tasks` made, which may write what any of them may.

    `facts` is the verification that failed. Its model is that of the first task.
    """
    briefs = [brief_for(analysis, name, limits) for name in tasks]
    parts = [
        _HOW_TO_WORK,
        f"# The plan: {analysis.plan.title}" if analysis.plan.title else "# The plan",
        analysis.plan.context.strip(),
        f"# What fails\n\n`{facts.command}` printed, at its end:\n\n{facts.output.strip()}",
        *(_told(analysis, name) for name in tasks),
    ]
    return Brief(
        task="repair",
        title="Repair what the verification found",
        prompt="\n\n".join(part for part in parts if part) + "\n",
        writes=reduce(PathSet.union, (brief.writes for brief in briefs)),
        model=briefs[0].model,
        tier=briefs[0].tier,
        limits=limits,
    )


def _told(analysis: Analysis, name: str) -> str:
    task = analysis.tasks[name].task
    files = ", ".join(f"`{item.text}`" for item in task.writes) or "the files that it names"
    return f"## What one task was: {task.title}\n\nIts files: {files}\n\n{task.instructions.strip()}"
