"""The answers to an analysis's questions, from what is indexed and how the workspace's modules lie."""

from agent_server.analysis.questions import Answer, Definers, Importers, Importing, Likely, Naming, Question
from agent_server.workspace.index import lexical
from agent_server.workspace.index.importers import importers
from agent_server.workspace.index.likely import likely
from agent_server.workspace.index.store import Store
from agent_server.workspace.index.surroundings import Surroundings


def answer(question: Question, store: Store, around: Surroundings) -> Answer:
    """What the index says. Raises `BrokenStore` and `UnusableStore`."""
    match question:
        case Importers(path):
            return importers(path, store, around)
        case Importing(beginning):
            rows = store.rows(_IMPORTING, (beginning, f"{beginning}\U0010ffff"))
            return tuple(path for (path,) in rows if path in around.tree)
        case Definers(name):
            rows = store.rows("SELECT path FROM export JOIN file ON id = file WHERE name = ? ORDER BY path", (name,))
            return tuple(path for (path,) in rows if path in around.tree)
        case Naming(words):
            with store.reading() as connection:
                return tuple(path for path in lexical.naming(connection, words) if path in around.tree)
        case Likely():
            with store.reading() as connection:
                return likely(connection, around.tree, question)


_IMPORTING = """
SELECT DISTINCT file.path FROM module JOIN import ON import.module = module.id JOIN file ON file.id = import.file
WHERE module.text >= ? AND module.text < ? ORDER BY file.path
"""
