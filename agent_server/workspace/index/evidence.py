"""What the index knows that speaks for a file, for one task: few questions to SQLite, each over few rows."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice
from math import log, sqrt
from sqlite3 import Connection
from typing import TypeAlias

from agent_server.analysis.likelihood import Evidence, fading, probability
from agent_server.analysis.likelihood_kinds import kind_of, kinds_of_work, subject_of
from agent_server.analysis.likelihood_words import identifiers, terms, weighted_terms
from agent_server.analysis.tree import Tree

MOST_HOLDERS = 25_000
"""How many pairs of a word and a file are looked at for one task; the task's rarest words come first."""

MOST_BY_WORDS = 150
MOST_BY_PAST = 100
MOST_RECENT = 40
MOST_BY_OPENING = 20
MOST_BY_IDENTIFIERS = 60
MOST_TOGETHER = 60
"""How many files each signal may bring up. All signals are then asked about all of them."""

LIKE_COMMITS = 100
OPENING_COMMITS = 150
SEEDS = 8
SEED_COMMITS = 60
"""How many commits, and how many of the likeliest files, the past is asked about."""

Files: TypeAlias = dict[str, Evidence]

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


def gather(connection: Connection, tree: Tree, text: str, *, history: bool) -> Files:
    """The existing files that something speaks for, and what. Without `history` its tables are not asked."""
    files: Files = {}
    weights = weighted_terms(text)
    _match_words(connection, tree, files, weights)
    _match_identifiers(connection, tree, files, identifiers(text))
    _match_spelled(tree, files, text)
    if history:
        _match_commits(connection, tree, files, weights)
        _match_opening(connection, tree, files, text)
        _add_recent(connection, tree, files)
        _count_changes(connection, files)
    asked = kinds_of_work(text.strip().partition("\n")[0])
    for path, evidence in files.items():
        name_terms = frozenset(terms(path.rpartition("/")[2].partition(".")[0]))
        evidence.stem = len(name_terms & weights.keys()) / len(name_terms) if name_terms else 0.0
        evidence.kind, evidence.asked, evidence.remembered = kind_of(path), asked, history
    likeliest = nlargest(SEEDS, ((probability(evidence), path) for path, evidence in files.items()))
    _match_companions(files, likeliest)
    if history:
        _follow_likeliest(connection, tree, files, likeliest)
    return files


def _match_words(connection: Connection, tree: Tree, files: Files, weights: Mapping[str, float]) -> None:
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
        yield _Word(term, weight, holders, _rarity(holding, count), _rarity(in_paths, count))


def _rarity(holding: int, count: int) -> float:
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


def _match_identifiers(connection: Connection, tree: Tree, files: Files, spelled: Iterable[str]) -> None:
    """Names that the task spells as code: who defines them, and who has them at all."""
    (count,) = connection.execute("SELECT count(*) FROM lexical_files").fetchone()
    holds: dict[int, float] = defaultdict(float)
    defines: dict[int, tuple[float, str]] = {}
    total = 0.0
    for name in sorted(spelled):
        rows = connection.execute("SELECT doc, col FROM lexical_holders WHERE term = ? LIMIT 20000", (name,)).fetchall()
        holders = [number for number, column in rows if column == "words"]
        if not holders:
            continue
        rarity = _rarity(len(holders), count)
        total += rarity
        if len(holders) <= max(20, count // 5):
            for number in holders:
                holds[number] += rarity
        definers = [number for number, column in rows if column == "names"]
        for number in definers[:20]:
            defines[number] = (defines.get(number, (0.0, ""))[0] + rarity / sqrt(len(definers)), name)
    best = {*nlargest(MOST_BY_IDENTIFIERS, holds, key=holds.__getitem__), *defines}
    for number, path, length in _files_of(connection, best):
        if path in tree:
            evidence = files.setdefault(path, Evidence(length=length))
            evidence.holds = holds.get(number, 0.0) / total
            share, name = defines.get(number, (0.0, ""))
            evidence.defines = min(1.0, share / total)
            evidence.words["defines"] = (name,)


def _match_spelled(tree: Tree, files: Files, text: str) -> None:
    """Files that the task names by their path or their name."""
    for word in dict.fromkeys(word.strip("`'\"()[]{}<>,;:!?*.") for word in text.split()):
        if "." not in word:
            continue
        named = [path for path in tree.named(word.rpartition("/")[2]) if f"/{path}".endswith(f"/{word}")]
        for path in named if len(named) <= 10 else ():
            files.setdefault(path, Evidence()).spelled = True


def _match_commits(connection: Connection, tree: Tree, files: Files, weights: Mapping[str, float]) -> None:
    """The files of the commits whose messages are like the task: each commit votes, near and new ones with more."""
    likeness, common = _like_commits(connection, weights)
    votes: dict[str, float] = defaultdict(float)
    folders: dict[str, float] = defaultdict(float)
    nearest: dict[str, int] = {}
    all_votes = all_folders = 0.0
    changed = _changed(connection, likeness)
    for number, age in _ages(connection, likeness).items():
        paths = changed.get(number, ())
        vote = likeness[number] ** 3 * (0.3 + fading(age))
        all_votes += vote
        folder_vote = likeness[number] ** 2 * (0.3 + fading(age))
        all_folders += folder_vote
        for path in paths:
            votes[path] += vote / sqrt(len(paths))
            if likeness[number] > likeness.get(nearest.get(path, -1), 0.0):
                nearest[path] = number
        for folder in {path.rpartition("/")[0] for path in paths}:
            folders[folder] += folder_vote
    for path in nlargest(MOST_BY_PAST, votes, key=votes.__getitem__):
        if path in tree:
            files.setdefault(path, Evidence()).past = votes[path] / all_votes
            files[path].words["past"] = common[nearest[path]]
    for path, evidence in files.items():
        evidence.folder = folders.get(path.rpartition("/")[0], 0.0) / (all_folders or 1.0)


def _like_commits(
    connection: Connection, weights: Mapping[str, float]
) -> tuple[dict[int, float], dict[int, tuple[str, ...]]]:
    """The commits that are most like the task, how much (0 to 1), and the rarest words that they have in common."""
    (count,) = connection.execute("SELECT count(*) FROM history_commits").fetchone()
    sums: dict[int, float] = defaultdict(float)
    places: dict[str, dict[int, str]] = {}
    rarities: dict[str, float] = {}
    for term, weight in weights.items():
        rows = connection.execute("SELECT doc, col FROM history_holders WHERE term = ?", (term,)).fetchall()
        # A word that stands in both parts of a message counts for its subject, which comes first.
        places[term] = dict(reversed(rows))
        whole = rarities[term] = weight * _rarity(len(places[term]), count) if rows else 0.0
        half = whole / 2
        for number, column in places[term].items():
            sums[number] += whole if column == "subject" else half
    total = sum(rarities.values())
    # A long message shares words with everything.
    for number, length in connection.execute("SELECT id, words / avg(words) OVER () FROM history_commits"):
        if number in sums:
            sums[number] /= 0.8 + 0.2 * length
    best = nlargest(LIKE_COMMITS, sums, key=sums.__getitem__)
    rarest = sorted(weights, key=rarities.__getitem__, reverse=True)
    told = {number: tuple(islice((term for term in rarest if number in places[term]), 2)) for number in best}
    return {number: min(1.0, sums[number] / total) for number in best}, told


def _match_opening(connection: Connection, tree: Tree, files: Files, text: str) -> None:
    """What commits change whose subject has the task's first word: `fix` brings a changelog, `docs` a manual."""
    opening = next(terms(text), None)
    rows = connection.execute(
        "SELECT doc FROM history_holders WHERE term = ? AND col = 'subject' ORDER BY doc DESC LIMIT ?",
        (opening, OPENING_COMMITS),
    )
    ages = _ages(connection, [number for (number,) in rows])
    shares: dict[str, float] = defaultdict(float)
    for number, paths in _changed(connection, ages).items():
        for path in paths:
            shares[path] += fading(ages[number])
    total = sum(map(fading, ages.values()))
    best = set(nlargest(MOST_BY_OPENING, shares, key=shares.__getitem__))
    for path, share in shares.items():
        if path in files or (path in best and path in tree):
            files.setdefault(path, Evidence()).opening = share / (total + 3)
            files[path].words["opening"] = (opening or "",)


def _add_recent(connection: Connection, tree: Tree, files: Files) -> None:
    rows = connection.execute("SELECT path FROM history_paths ORDER BY recent DESC LIMIT ?", (MOST_RECENT,))
    for (path,) in rows:
        if path in tree:
            files.setdefault(path, Evidence())


def _count_changes(connection: Connection, files: Files) -> None:
    (commits,) = connection.execute("SELECT count(*) FROM history_commits").fetchone()
    total = sum(map(fading, range(commits)))
    rows = connection.execute(
        "SELECT path, changes, recent FROM history_paths WHERE path IN (SELECT value FROM json_each(?))",
        (_json(files),),
    )
    for path, changes, recent in rows:
        files[path].changes, files[path].recent = changes, recent / total


def _follow_likeliest(connection: Connection, tree: Tree, files: Files, likeliest: Iterable[tuple[float, str]]) -> None:
    """What changes because something else does: files that went along with the likeliest ones in the past."""
    apart: dict[str, float] = defaultdict(lambda: 1.0)
    partner: dict[str, tuple[float, str]] = {}
    for certain, seed in likeliest:
        for path, share in _went_along(connection, seed):
            apart[path] *= 1.0 - certain * share
            partner[path] = max(partner.get(path, (0.0, "")), (certain * share, seed))
    for path in nlargest(MOST_TOGETHER, apart, key=lambda path: 1.0 - apart[path]):
        if path in tree and path not in files:
            files[path] = Evidence(kind=kind_of(path))
    for path in apart.keys() & files.keys():
        files[path].together = 1.0 - apart[path]
        files[path].words["together"] = (partner[path][1],)


def _match_companions(files: Files, likeliest: Iterable[tuple[float, str]]) -> None:
    """A test and what it tests: files of different kinds whose names are about the same."""
    subjects: dict[str, list[str]] = defaultdict(list)
    for path in files:
        subjects[subject_of(path)].append(path)
    for certain, seed in likeliest:
        for path in subjects[subject_of(seed)]:
            if files[path].kind is not files[seed].kind and certain > files[path].companion:
                files[path].companion = certain
                files[path].words["companion"] = (seed,)


def _went_along(connection: Connection, seed: str) -> Iterator[tuple[str, float]]:
    """The files that changed with `seed`, and the share of its newest commits that changed them too."""
    rows = connection.execute(
        "SELECT commit_id, age FROM history_changes JOIN history_commits ON history_commits.id = commit_id "
        "JOIN history_paths ON history_paths.id = history_changes.path WHERE history_paths.path = ? "
        "ORDER BY age LIMIT ?",
        (seed, SEED_COMMITS),
    )
    ages = dict(rows.fetchall())
    weights: dict[str, float] = defaultdict(float)
    total = 0.5  # a file that changed once has not shown any habit
    for number, paths in _changed(connection, ages).items():
        weight = fading(ages[number]) / sqrt(len(paths))
        total += weight
        for path in paths:
            weights[path] += weight
    weights.pop(seed, None)
    for path, weight in weights.items():
        yield path, weight / total


def _files_of(connection: Connection, numbers: Iterable[int]) -> list[tuple[int, str, int]]:
    return connection.execute(
        "SELECT id, path, length FROM lexical_files WHERE id IN (SELECT value FROM json_each(?))", (_json(numbers),)
    ).fetchall()


def _ages(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    return dict(
        connection.execute(
            "SELECT id, age FROM history_commits WHERE id IN (SELECT value FROM json_each(?))", (_json(numbers),)
        ).fetchall()
    )


def _changed(connection: Connection, numbers: Iterable[int]) -> dict[int, list[str]]:
    """The paths that each of these commits changed, as they are called today."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = connection.execute(
        "SELECT commit_id, history_paths.path FROM history_changes "
        "JOIN history_paths ON history_paths.id = history_changes.path "
        "WHERE commit_id IN (SELECT value FROM json_each(?))",
        (_json(numbers),),
    )
    for number, path in rows:
        found[number].append(path)
    return found


def _json(values: Iterable[int] | Iterable[str]) -> str:
    return json.dumps(list(values))
