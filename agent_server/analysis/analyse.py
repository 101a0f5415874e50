"""The analysis of one plan over one tree: the one door to this package."""

from collections.abc import Callable, Iterable, Mapping

from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.incremental import Analyser
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import DEFAULT_SETTINGS, AnalysisSettings
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Plan, Problem


def analyse(
    plan: Plan,
    problems: Iterable[Problem],
    tree: Tree,
    settings: AnalysisSettings = DEFAULT_SETTINGS,
    facts: RunFacts = NO_FACTS,
) -> Analysis:
    """Everything that is known of `plan` over `tree`: hazards, waves, models, diagnostics.

    `problems` are the reader's. `tree.contents` should hold the texts that `with_sources` reads; an import that only
    a missing text could predict is waited for. For one version of a plan after the other there is `Analyser`, which
    gives the same answers.
    """
    return Analyser().analyse(plan, problems, tree, settings, facts)


def sources_needed(plan: Plan, tree: Tree) -> frozenset[str]:
    """The existing files whose texts an analysis of `plan` reads: `MOST_SOURCES` at most, and the manifests.

    With those texts it may turn out that others are needed, too: `with_sources` reads them all.
    """
    return Analyser().sources_needed(plan, tree)


def with_sources(plan: Plan, tree: Tree, read: Callable[[frozenset[str]], Mapping[str, str]]) -> Tree:
    """The tree with all texts that an analysis of `plan` reads. `read` gives those of paths, as far as it can."""
    return Analyser().with_sources(plan, tree, read)
