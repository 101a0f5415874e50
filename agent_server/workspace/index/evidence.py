"""All that the index knows that speaks for a file, for one task: few questions to SQLite, each over few rows."""

from collections import defaultdict
from collections.abc import Iterable
from heapq import nlargest
from sqlite3 import Connection

from agent_server.analysis.likelihood.kinds import kind_of, kinds_of_work, subject_of
from agent_server.analysis.likelihood.score import Evidence, probability
from agent_server.analysis.likelihood.words import identifiers, terms, weighted_terms
from agent_server.analysis.tree import Tree
from agent_server.workspace.index.evidence_past import (
    add_recent,
    count_changes,
    follow_likeliest,
    match_commits,
    match_opening,
)
from agent_server.workspace.index.evidence_words import match_identifiers, match_spelled, match_words

SEEDS = 8
"""How many of the likeliest files may speak for others."""


def gather(connection: Connection, tree: Tree, text: str, *, history: bool) -> dict[str, Evidence]:
    """The existing files that something speaks for, and what. Without `history` its tables are not asked."""
    files: dict[str, Evidence] = {}
    weights = weighted_terms(text)
    match_words(connection, tree, files, weights)
    match_identifiers(connection, tree, files, identifiers(text))
    match_spelled(tree, files, text)
    if history:
        match_commits(connection, tree, files, weights)
        match_opening(connection, tree, files, text)
        add_recent(connection, tree, files)
        count_changes(connection, files)
    asked = kinds_of_work(text.strip().partition("\n")[0])
    for path, evidence in files.items():
        name_terms = frozenset(terms(path.rpartition("/")[2].partition(".")[0]))
        evidence.stem = len(name_terms & weights.keys()) / len(name_terms) if name_terms else 0.0
        evidence.kind, evidence.asked, evidence.remembered = kind_of(path), asked, history
    likeliest = nlargest(SEEDS, ((probability(evidence), path) for path, evidence in files.items()))
    _match_companions(files, likeliest)
    if history:
        follow_likeliest(connection, tree, files, likeliest)
    return files


def _match_companions(files: dict[str, Evidence], likeliest: Iterable[tuple[float, str]]) -> None:
    """A test and what it tests: files of different kinds whose names are about the same."""
    subjects: dict[str, list[str]] = defaultdict(list)
    for path in files:
        subjects[subject_of(path)].append(path)
    for certain, seed in likeliest:
        for path in subjects[subject_of(seed)]:
            if files[path].kind is not files[seed].kind and certain > files[path].companion:
                files[path].companion = certain
                files[path].words["companion"] = (seed,)
