"""The words of every source, to find the files that a text is about: SQLite's full-text index with our own words.

FTS5 keeps, for each word, the files that have it in their path, in the names they define, as a whole word of their
text, and as a part of one. It is contentless: what must be known to take a file out again lies beside it, compressed.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice
from sqlite3 import Connection

from agent_server.analysis.likelihood_words import LONGEST_WORD, terms, words

MOST_WORDS = 20_000
"""How many different words of one file are kept. A file with more is data."""

_WORD = re.compile(r"\w+")

# The `ascii` tokenizer takes every character beyond ASCII as a letter, so no word of ours is ever split again.
# The numbers of the columns are known to `likely.py`.
_TABLES = """
CREATE TABLE IF NOT EXISTS lexical_files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, length INTEGER NOT NULL, bag BLOB NOT NULL
);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5 (
    path, names, words, text, content='', columnsize=0, detail=column, tokenize="ascii tokenchars '_'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_holders USING fts5vocab ('lexical', 'instance');
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_terms USING fts5vocab ('lexical', 'row');
"""


def create(connection: Connection) -> None:
    """Makes the tables where they are missing."""
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)


def put(connection: Connection, path: str, text: str, names: Iterable[str]) -> None:
    """Indexes the file `path`, in place of what was known of it. `names` are what it defines.

    A file that holds no text is found by its path alone: give it an empty text.
    """
    remove(connection, path)
    if not _storable(path):
        return
    columns = _columns(path, text, names)
    row = connection.execute(
        "INSERT INTO lexical_files (path, length, bag) VALUES (?, ?, ?)",
        (path, columns[3].count(" ") + 1, zlib.compress("\n".join(columns).encode(), 1)),
    )
    connection.execute(
        "INSERT INTO lexical (rowid, path, names, words, text) VALUES (?, ?, ?, ?, ?)", (row.lastrowid, *columns)
    )


def remove(connection: Connection, path: str) -> None:
    """Forgets the file `path`; nothing happens where it is not known."""
    if not _storable(path):
        return
    known = connection.execute("SELECT id, bag FROM lexical_files WHERE path = ?", (path,)).fetchone()
    if known is None:
        return
    number, bag = known
    columns = zlib.decompress(bag).decode().split("\n")
    connection.execute(
        "INSERT INTO lexical (lexical, rowid, path, names, words, text) VALUES ('delete', ?, ?, ?, ?, ?)",
        (number, *columns),
    )
    connection.execute("DELETE FROM lexical_files WHERE id = ?", (number,))


def naming(connection: Connection, wanted: Sequence[str]) -> tuple[str, ...]:
    """The sorted paths of the files whose text holds all of these words (see `questions.Naming`)."""
    quoted = [f'"{word}"' for text in wanted for word in words(text)]
    if not quoted:
        return ()
    rows = connection.execute(
        "SELECT path FROM lexical_files WHERE id IN (SELECT rowid FROM lexical WHERE lexical MATCH ?) ORDER BY path",
        (f"words : ({' AND '.join(quoted)})",),
    )
    return tuple(path for (path,) in rows)


def _columns(path: str, text: str, names: Iterable[str]) -> tuple[str, str, str, str]:
    """What is indexed of a file, one string of different words for each column."""
    whole = tuple(islice(dict.fromkeys(_WORD.findall(text)), MOST_WORDS))
    names = tuple(names)
    return (
        _joined(_terms(path)),
        _joined(chain((name.lower() for name in names), chain.from_iterable(map(_terms, names)))),
        _joined(word.lower() for word in whole if len(word) <= LONGEST_WORD),
        _joined(chain.from_iterable(map(_terms, whole))),
    )


def _joined(words: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(words))


@lru_cache(maxsize=1 << 16)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(terms(word))


def _storable(path: str) -> bool:
    """Whether SQLite can hold the path: a file name that is not UTF-8 is no word of anybody's text either."""
    return path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path)
