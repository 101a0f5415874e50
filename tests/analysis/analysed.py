"""Small plans in, analyses out: what the tests of this folder share."""

from collections.abc import Mapping
from textwrap import dedent

from agent_server.analysis.analyse import analyse
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.footprints import Footprint, footprint
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import AnalysisSettings
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Plan
from agent_server.plan.native import parse


def plan_of(text: str) -> Plan:
    """The plan that an indented string holds, without front matter and title if it starts with a task."""
    return parse(dedent(text).lstrip("\n"))[0]


def tree_of(*paths: str) -> Tree:
    """A tree of empty files."""
    return Tree(paths, dict.fromkeys(paths, ""))


def analysed(
    text: str,
    files: Mapping[str, str] | tuple[str, ...] = (),
    agents: int = 5,
    settings: AnalysisSettings | None = None,
    facts: RunFacts = NO_FACTS,
) -> Analysis:
    """The analysis of a plan over files, given as paths or as paths with contents."""
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files, "")
    plan, problems = parse(dedent(text).lstrip("\n"))
    return analyse(plan, problems, Tree(contents, contents), settings or AnalysisSettings(agents=agents), facts)


def footprint_of(text: str, *paths: str) -> Footprint:
    """The footprint of the only task of a plan."""
    plan = plan_of(text)
    return footprint(plan.tasks[0], Surroundings(plan), tree_of(*paths))
