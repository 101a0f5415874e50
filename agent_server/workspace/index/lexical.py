"""The words of every source, to find the files that a text is about: SQLite's full-text index with our own words.

FTS5 keeps, for each word, the files that have it in their path, in the names they define, as a whole word of their
text, and as a part of one (once, often, or all the time: that is as much as ranking needs to know, in a fifth of the
space of positions). It is contentless: what must be known to take a file out again lies beside it, compressed.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from sqlite3 import Connection

from agent_server.analysis.likelihood.kinds import Kind, kind_of
from agent_server.analysis.likelihood.words import LONGEST_WORD, terms, words

MOST_WORDS = 20_000
"""How many different words of one file are kept. A file with more is data."""

_WORD = re.compile(r"\w+")

OFTEN, MOSTLY = 3, 10
"""So many times a word occurs to stand in these columns too."""

MOST_DEFINITIONS = 2000
"""How many of them are kept of one file."""

# With a receiver, as Go has it: `func (p *Parser) Parse`.
_DEFINITION = re.compile(
    r"\b(?:def|class|func|fun|fn|struct|enum|trait|interface|type|function|const|mod|module|object|record)[ \t]{1,8}"
    r"(?:\([^()\n]{0,80}\)[ \t]{0,8})?([A-Za-z_]\w{1,63})"
)

# The `ascii` tokenizer takes every character beyond ASCII as a letter, so no word of ours is ever split again.
_TABLES = """
CREATE TABLE IF NOT EXISTS lexical_files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, length INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lexical_bags (id INTEGER PRIMARY KEY, bag BLOB NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5 (
    path, names, words, text, often, mostly,
    content='', columnsize=0, detail=column, tokenize="ascii tokenchars '_'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_holders USING fts5vocab ('lexical', 'instance');
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_terms USING fts5vocab ('lexical', 'row');
"""
_INSERT = "INSERT INTO lexical (rowid, path, names, words, text, often, mostly) VALUES (?, ?, ?, ?, ?, ?, ?)"
_DELETE = (
    "INSERT INTO lexical (lexical, rowid, path, names, words, text, often, mostly) "
    "VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)"
)


def create(connection: Connection) -> None:
    """Makes the tables where they are missing."""
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)


def put(connection: Connection, path: str, text: str, names: Iterable[str]) -> None:
    """Indexes the file `path`, in place of what was known of it. `names` are what it is known to define.

    What looks like a definition counts too: it serves languages that are not parsed, and names that are not exported.

    A file that holds no text is found by its path alone: give it an empty text.
    """
    remove(connection, path)
    if not _storable(path):
        return
    columns, length = _columns(path, text, names)
    row = connection.execute("INSERT INTO lexical_files (path, length) VALUES (?, ?)", (path, length))
    bag = zlib.compress("\n".join(columns).encode(), 1)
    connection.execute("INSERT INTO lexical_bags VALUES (?, ?)", (row.lastrowid, bag))
    connection.execute(_INSERT, (row.lastrowid, *columns))


def remove(connection: Connection, path: str) -> None:
    """Forgets the file `path`; nothing happens where it is not known."""
    if not _storable(path):
        return
    found = connection.execute("SELECT id, bag FROM lexical_files JOIN lexical_bags USING (id) WHERE path = ?", (path,))
    for number, bag in found.fetchall():
        connection.execute(_DELETE, (number, *zlib.decompress(bag).decode().split("\n")))
        connection.execute("DELETE FROM lexical_files WHERE id = ?", (number,))
        connection.execute("DELETE FROM lexical_bags WHERE id = ?", (number,))


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


def _columns(path: str, text: str, names: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """What is indexed of a file, a string of different words for each column, and how many words its text has."""
    found = dict(islice(Counter(_WORD.findall(text)).items(), MOST_WORDS))
    counts: dict[str, int] = {}
    for word, times in found.items():
        for term in _terms(word):
            counts[term] = counts.get(term, 0) + times
    names = dict.fromkeys(chain(names, _definitions(path, text)))
    columns = (
        _joined(_terms(path)),
        _joined(chain((name.lower() for name in names), chain.from_iterable(map(_terms, names)))),
        _joined(word.lower() for word in found if len(word) <= LONGEST_WORD),
        " ".join(counts),
        " ".join(term for term, times in counts.items() if times >= OFTEN),
        " ".join(term for term, times in counts.items() if times >= MOSTLY),
    )
    return columns, sum(counts.values())


def _definitions(path: str, text: str) -> Iterator[str]:
    """The names that follow a word of definition, in code; prose has such words too."""
    if kind_of(path) in (Kind.SOURCE, Kind.TEST):
        yield from islice((found[1] for found in _DEFINITION.finditer(text)), MOST_DEFINITIONS)


def _joined(words: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(words))


@lru_cache(maxsize=1 << 16)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(terms(word))


def _storable(path: str) -> bool:
    """Whether SQLite can hold the path: a file name that is not UTF-8 is no word of anybody's text either."""
    return path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path)
