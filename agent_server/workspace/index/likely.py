"""Which existing files would a task write? Answered from the words of all sources and from git's memory."""

from heapq import nlargest
from sqlite3 import Connection

from agent_server.analysis.likelihood.reasons import because
from agent_server.analysis.likelihood.score import probability
from agent_server.analysis.likelihood.words import spellings
from agent_server.analysis.questions import Likelihood, Likely
from agent_server.analysis.tree import Tree
from agent_server.workspace.index.evidence import gather

MOST_ANSWERS = 10
LEAST_PROBABILITY = 0.05
"""Files that are less likely are not told."""

LEAST_COMMITS = 20
"""A shorter past shows no habits, and is not asked."""


def likely(connection: Connection, tree: Tree, question: Likely) -> tuple[Likelihood, ...]:
    """The files that a task of this text would write, likeliest first: at most 10, none under 5 percent.

    The tables of `lexical.create` have to exist. Where `history.refresh` was never called, the past says nothing.
    """
    return tuple(found for found in ranked(connection, tree, question.text) if found.probability >= LEAST_PROBABILITY)


def ranked(connection: Connection, tree: Tree, text: str) -> list[Likelihood]:
    """The ten likeliest files, however unlikely they are."""
    files = gather(connection, tree, text, history=_has_history(connection))
    likelihoods = {path: probability(evidence) for path, evidence in files.items()}
    best = nlargest(MOST_ANSWERS, sorted(files), key=likelihoods.__getitem__)
    spelling = spellings(text)
    return [Likelihood(path, likelihoods[path], because(files[path], spelling)) for path in best]


def _has_history(connection: Connection) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'history_commits'").fetchone()
    if not tables[0]:
        return False
    (commits,) = connection.execute("SELECT count(*) FROM history_commits").fetchone()
    return bool(commits >= LEAST_COMMITS)
