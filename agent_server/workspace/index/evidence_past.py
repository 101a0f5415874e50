"""What git's memory says for the files of a workspace: commits like the task, habits, and what changes together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest
from itertools import islice
from json import dumps
from math import sqrt
from sqlite3 import Connection

from agent_server.analysis.likelihood.kinds import kind_of
from agent_server.analysis.likelihood.score import Evidence, fading
from agent_server.analysis.likelihood.words import terms
from agent_server.analysis.tree import Tree
from agent_server.workspace.index.evidence_words import rarity

MOST_BY_PAST = 100
MOST_RECENT = 40
MOST_BY_OPENING = 20
MOST_TOGETHER = 60
"""How many files each of these signals may bring up."""

LIKE_COMMITS = 100
OPENING_COMMITS = 150
SEED_COMMITS = 60
"""How many commits are asked about."""


def match_commits(connection: Connection, tree: Tree, files: dict[str, Evidence], weights: Mapping[str, float]) -> None:
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
        whole = rarities[term] = weight * rarity(len(places[term]), count) if rows else 0.0
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


def match_opening(connection: Connection, tree: Tree, files: dict[str, Evidence], text: str) -> None:
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


def add_recent(connection: Connection, tree: Tree, files: dict[str, Evidence]) -> None:
    """Brings up the files that change all the time: what speaks for them is noted by the other signals."""
    rows = connection.execute("SELECT path FROM history_paths ORDER BY recent DESC LIMIT ?", (MOST_RECENT,))
    for (path,) in rows:
        if path in tree:
            files.setdefault(path, Evidence())


def count_changes(connection: Connection, files: dict[str, Evidence]) -> None:
    """How often each file changed, in all and of late."""
    (commits,) = connection.execute("SELECT count(*) FROM history_commits").fetchone()
    total = sum(map(fading, range(commits)))
    rows = connection.execute(
        "SELECT path, changes, recent FROM history_paths WHERE path IN (SELECT value FROM json_each(?))",
        (_listed(files),),
    )
    for path, changes, recent in rows:
        files[path].changes, files[path].recent = changes, recent / total


def follow_likeliest(
    connection: Connection, tree: Tree, files: dict[str, Evidence], likeliest: Iterable[tuple[float, str]]
) -> None:
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


def _ages(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    return dict(
        connection.execute(
            "SELECT id, age FROM history_commits WHERE id IN (SELECT value FROM json_each(?))", (_listed(numbers),)
        ).fetchall()
    )


def _changed(connection: Connection, numbers: Iterable[int]) -> dict[int, list[str]]:
    """The paths that each of these commits changed, as they are called today."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = connection.execute(
        "SELECT commit_id, history_paths.path FROM history_changes "
        "JOIN history_paths ON history_paths.id = history_changes.path "
        "WHERE commit_id IN (SELECT value FROM json_each(?))",
        (_listed(numbers),),
    )
    for number, path in rows:
        found[number].append(path)
    return found


def _listed(values: Iterable[int] | Iterable[str]) -> str:
    return dumps(list(values))
