"""Which existing files would a task write? Answered from the words of all sources and from git's memory."""

from sqlite3 import Connection

from agent_server.analysis.likelihood_words import terms
from agent_server.analysis.questions import Likelihood, Likely
from agent_server.analysis.tree import Tree

MOST_ANSWERS = 10
LEAST_PROBABILITY = 0.05


def likely(connection: Connection, tree: Tree, question: Likely) -> tuple[Likelihood, ...]:
    """The files that a task of this text would write, likeliest first: at most 10, none under 5 percent.

    The tables of `lexical.create` have to exist; those of `history.create` may.
    """
    asked = list(dict.fromkeys(terms(question.text)))
    match = " OR ".join(f'"{term}"' for term in asked)
    if not match:
        return ()
    rows = connection.execute(
        "SELECT lexical_files.path FROM lexical_files JOIN lexical ON lexical.rowid = lexical_files.id "
        "WHERE lexical MATCH ? ORDER BY bm25(lexical, 10, 5, 0, 1) LIMIT 50",
        (f"{{path names text}} : ({match})",),
    )
    found = [path for (path,) in rows if path in tree][:MOST_ANSWERS]
    return tuple(Likelihood(path, 0.5 / place, "its words are like the task's") for place, path in enumerate(found, 1))
