"""Reading and analysing plans on the disk, for the commands that take them as arguments."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_server.analysis.analyse import analyse, with_sources
from agent_server.analysis.facts import RunFacts
from agent_server.analysis.model import Analysis
from agent_server.analysis.questions import Answer, Question
from agent_server.cli.answering import Answering
from agent_server.cli.finding import Parsed, find_plan
from agent_server.cli.workspaces import Workspaces
from agent_server.execution.records.recorded_facts import recorded_facts
from agent_server.plan.folders import Places, is_folder
from agent_server.plan.text import Encoding, Position
from agent_server.settings import Settings

MOST_ROUNDS = 8
"""An answer may raise another question. So often, at most, a plan is analysed again with what is known then."""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """One plan on the disk, analysed. `name` is its path relative to the workspace, as runs and reports name it.

    Of a plan that is a folder, `path` is the folder, and the name ends with a slash.
    """

    path: Path
    root: Path
    name: str
    analysis: Analysis

    def places(self) -> Callable[[int], tuple[Path, Position]]:
        """What tells in which file an offset of the plan stands, and where in that; characters are code points."""
        places = Places(self.analysis.plan, self.name)

        def of(offset: int) -> tuple[Path, Position]:
            file, position = places.of(offset, Encoding.UTF32)
            return (self.path / file.removeprefix(self.name) if is_folder(self.name) else self.path), position

        return of


def read_plan(path: Path, settings: Settings) -> PlanFile:
    """Read and analyse the plan at `path`, its last run included; raises `UsageError` where it cannot be read."""
    return analysed([find_plan(path, Workspaces(settings))])[0]


def analysed(plans: Sequence[Parsed]) -> list[PlanFile]:
    """Analyse plans, in their order, each workspace's together."""
    found: dict[tuple[Path, str], PlanFile] = {}
    for root in dict.fromkeys(each.workspace.root for each in plans):
        for plan in _of_workspace([each for each in plans if each.workspace.root == root]):
            found[root, plan.name] = plan
    return [found[each.workspace.root, each.name] for each in plans]


def _of_workspace(plans: Sequence[Parsed]) -> list[PlanFile]:
    """The plans of one workspace, analysed until no analysis has a question left that its index can answer."""
    workspace = plans[0].workspace
    facts = recorded_facts(workspace.root, os.environ, [each.name for each in plans])
    files: list[PlanFile | None] = [None] * len(plans)
    with Answering(workspace.files.root, workspace.files.tree, os.environ) as answering:
        for _ in range(MOST_ROUNDS):
            files = [
                _analyse(each, answering.known, facts[each.name])
                if before is None or before.analysis.unanswered
                else before
                for each, before in zip(plans, files, strict=True)
            ]
            done = [each for each in files if each is not None]
            if not answering.answer({question for each in done for question in each.analysis.unanswered}):
                break
    return done


def _analyse(parsed: Parsed, known: Mapping[Question, Answer], facts: RunFacts) -> PlanFile:
    workspace = parsed.workspace
    tree = workspace.files.tree.with_answers(known)
    tree = with_sources(parsed.plan, tree, lambda paths: workspace.files.read(paths).contents)
    analysis = analyse(parsed.plan, parsed.problems, tree, workspace.settings.analysis, facts)
    return PlanFile(parsed.path, workspace.root, parsed.name, analysis)
