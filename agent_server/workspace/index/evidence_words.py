"""What the words of a workspace say for its files: BM25 of a task's words, and the names and files that it spells."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice
from json import dumps
from math import log, sqrt
from sqlite3 import Connection

from agent_server.analysis.likelihood.score import Evidence
from agent_server.analysis.tree import Tree

MOST_HOLDERS = 25_000
"""How many pairs of a word and a file are looked at for one task; the task's rarest words come first."""

MOST_BY_WORDS = 150
MOST_BY_IDENTIFIERS = 60
"""How many files these signals may bring up."""

MOST_IDENTIFIERS = 40
"""How many spelled names of one task are looked up, the first ones first."""

MOST_NAMESAKES = 10
"""A file name that more files have is none to go by."""

_PATH, _NAMES, _TEXT, _OFTEN, _MOSTLY = (1 << place for place in range(5))
_COLUMNS = {"path": _PATH, "names": _NAMES, "text": _TEXT, "often": _OFTEN, "mostly": _MOSTLY}
_HOLDERS = "SELECT doc, col FROM lexical_holders WHERE term = ? AND col <> 'words'"


@dataclass(slots=True)
class _Word:
    """One word of the task: how much it counts, and the columns (as bits) of the files that hold it, by their ids."""

    term: str
    weight: float
    holders: dict[int, int]
    rarity: float = 0.0
    path_rarity: float = 0.0


def match_words(connection: Connection, tree: Tree, files: dict[str, Evidence], weights: Mapping[str, float]) -> None:
    """BM25 of the task's words, apart for paths, names and texts: what a path says is worth more than a text."""
    count, total = connection.execute("SELECT count(*), total(length) FROM lexical_files").fetchone()
    found = list(_looked_up(connection, weights, count))
    rough: dict[int, float] = defaultdict(float)
    for word in found:
        worth = [word.weight * _rough(word, columns) for columns in range(2 * _MOSTLY)]
        for number, columns in word.holders.items():
            rough[number] += worth[columns]
    best = nlargest(MOST_BY_WORDS, rough, key=rough.__getitem__)
    average = total / count if count else 1.0
    sums = {}
    for number, path, length in _files_of(connection, best):
        if path in tree:
            evidence = files.setdefault(path, Evidence(length=length))
            sums[path] = _bm25(evidence, found, number, length / average if average else 1.0)
    largest = [max(column, default=0.0) or 1.0 for column in zip(*sums.values(), strict=True)]
    sayable = sum(word.weight * word.rarity for word in found) or 1.0
    for path, (of_path, of_names, of_text, covered) in sums.items():
        evidence = files[path]
        evidence.path, evidence.names = of_path / largest[0], of_names / largest[1]
        evidence.text, evidence.covered = of_text / largest[2], covered / sayable


def _looked_up(connection: Connection, weights: Mapping[str, float], count: int) -> Iterator[_Word]:
    """The words that some file has, the rarest first, until there is too much to look at."""
    known = []
    for term, weight in weights.items():
        row = connection.execute("SELECT doc FROM lexical_terms WHERE term = ?", (term,)).fetchone()
        if row:
            known.append((row[0], term, weight))
    left = MOST_HOLDERS
    for holding, term, weight in sorted(known):
        left -= holding
        if left < 0:
            return
        holders: dict[int, int] = {}
        for number, column in connection.execute(_HOLDERS, (term,)):
            holders[number] = holders.get(number, 0) | _COLUMNS[column]
        in_paths = sum(map(_PATH.__and__, holders.values()))  # `_PATH` is 1
        yield _Word(term, weight, holders, rarity(holding, count), rarity(in_paths, count))


def rarity(holding: int, count: int) -> float:
    """The inverse document frequency, as BM25 has it."""
    return log(1 + (count - holding + 0.5) / (holding + 0.5))


def _rough(word: _Word, columns: int) -> float:
    """Enough of BM25 to tell which files are worth the rest of it."""
    in_path = 3 * word.path_rarity if columns & _PATH else 0.0
    return in_path + word.rarity * ((columns & _NAMES > 0) + (columns & _TEXT > 0) + 0.5 * (columns & _OFTEN > 0))


def _bm25(evidence: Evidence, found: Sequence[_Word], number: int, length: float) -> tuple[float, float, float, float]:
    """The sums for path, names and text, and what of the task the text covers. `length` is relative to the average."""
    of_path = of_names = of_text = covered = 0.0
    said = []
    about = []
    for word in found:
        columns = word.holders.get(number, 0)
        if columns & _PATH:
            of_path += word.weight * word.path_rarity
            said.append((word.weight * word.path_rarity, word.term))
        if columns & _NAMES:
            of_names += word.weight * word.rarity
        if columns & _TEXT:
            times = 15.0 if columns & _MOSTLY else 5.0 if columns & _OFTEN else 1.3
            covered += word.weight * word.rarity
            of_text += word.weight * word.rarity * 2.2 * times / (times + 1.2 * (0.25 + 0.75 * length))
            about.append((word.weight * word.rarity, word.term))
    evidence.words["path"] = tuple(term for _, term in nlargest(2, said))
    evidence.words["text"] = tuple(term for _, term in nlargest(2, about))
    return of_path, of_names, of_text, covered


def match_identifiers(
    connection: Connection, tree: Tree, files: dict[str, Evidence], spelled: Mapping[str, str]
) -> None:
    """Names that the task spells as code (by their lower case): who defines them, and who has them at all."""
    (count,) = connection.execute("SELECT count(*) FROM lexical_files").fetchone()
    holds: dict[int, tuple[float, str]] = {}
    defines: dict[int, tuple[float, str]] = {}
    total = 0.0
    for name, spelling in islice(spelled.items(), MOST_IDENTIFIERS):
        rows = connection.execute("SELECT doc, col FROM lexical_holders WHERE term = ? LIMIT 20000", (name,)).fetchall()
        holders = [number for number, column in rows if column == "words"]
        definers = [number for number, column in rows if column == "names"]
        rare = rarity(len(holders), count) if holders else 0.0
        total += rare
        for number in holders if len(holders) <= max(20, count // 5) else ():
            holds[number] = (holds.get(number, (0.0, ""))[0] + rare, spelling)
        for number in definers[:20]:
            defines[number] = (defines.get(number, (0.0, ""))[0] + rare / sqrt(len(definers)), spelling)
    best = {*nlargest(MOST_BY_IDENTIFIERS, holds, key=holds.__getitem__), *defines}
    for number, path, length in _files_of(connection, best):
        if path in tree:
            evidence = files.setdefault(path, Evidence(length=length))
            evidence.holds = _share("holds", evidence, holds.get(number), total)
            evidence.defines = _share("defines", evidence, defines.get(number), total)


def _share(signal: str, evidence: Evidence, found: tuple[float, str] | None, total: float) -> float:
    if found is None or not total:
        return 0.0
    evidence.words[signal] = (found[1],)
    return min(1.0, found[0] / total)


def match_spelled(tree: Tree, files: dict[str, Evidence], text: str) -> None:
    """Files that the task names by their path or their name."""
    for word in dict.fromkeys(word.strip("`'\"()[]{}<>,;:!?*.") for word in text.split()):
        if "." not in word:
            continue
        named = [path for path in tree.named(word.rpartition("/")[2]) if f"/{path}".endswith(f"/{word}")]
        for path in named if len(named) <= MOST_NAMESAKES else ():
            files.setdefault(path, Evidence()).spelled = True


def _files_of(connection: Connection, numbers: Iterable[int]) -> list[tuple[int, str, int]]:
    return connection.execute(
        "SELECT id, path, length FROM lexical_files WHERE id IN (SELECT value FROM json_each(?))",
        (dumps(list(numbers)),),
    ).fetchall()
