"""How well the files of a task are predicted, on the past of real projects: prints the page `prediction.md`.

    python -m tests.benchmarks.prediction REPOSITORY... > tests/benchmarks/prediction.md

Each REPOSITORY is a git directory with full history, bare or not, in a folder named `owner+name`.
"""

import re
import sqlite3
import subprocess
import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest
from itertools import chain, combinations, groupby, pairwise
from operator import itemgetter
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from agent_server.analysis.likelihood.pairs import pair_score
from agent_server.analysis.likelihood.words import terms, weighted_terms
from agent_server.analysis.questions import Likelihood
from agent_server.analysis.tree import Tree
from agent_server.languages import read_source
from agent_server.workspace.contents import MAX_FILE_BYTES, decode
from agent_server.workspace.index import history, lexical
from agent_server.workspace.index.likely import ranked
from tests.benchmarks.prediction_history import Blobs, files_at, git, git_directory, plans

MOST_TASKS = 250
"""How many of the newest tasks of each repository are looked at."""

DEVELOPMENT = (
    "pallets/flask",
    "spf13/cobra",
    "BurntSushi/ripgrep",
    "expressjs/express",
    "google/gson",
    "pydantic/pydantic",
    "withastro/starlight",
    "charmbracelet/bubbletea",
)
"""The weights were fitted on these. All others are held out."""

_WORD = re.compile(r"\w+")
_BANDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


class Bm25:
    """The baseline: SQLite's own BM25 over one document a file: its path (three times), names and text."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT UNIQUE)")
        self._connection.execute("CREATE VIRTUAL TABLE words USING fts5 (path, names, text, tokenize='ascii')")

    def put(self, path: str, text: str, names: Iterable[str]) -> None:
        """Indexes a file."""
        self.remove(path)
        number = self._connection.execute("INSERT INTO files (path) VALUES (?)", (path,)).lastrowid
        columns = (" ".join(chain.from_iterable(map(_terms, told))) for told in ((path,), names, _WORD.findall(text)))
        self._connection.execute("INSERT INTO words (rowid, path, names, text) VALUES (?, ?, ?, ?)", (number, *columns))

    def remove(self, path: str) -> None:
        """Forgets a file."""
        for (number,) in self._connection.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchall():
            self._connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
            self._connection.execute("DELETE FROM files WHERE id = ?", (number,))

    def ranked(self, text: str) -> list[Likelihood]:
        """The ten best files. For pairs, a place is worth 0.7 through its number: no curve over scores did better."""
        scores: dict[str, float] = defaultdict(float)
        for weight, asked in groupby(weighted_terms(text).items(), key=itemgetter(1)):
            rows = self._connection.execute(
                "SELECT files.path, bm25(words, 3, 1, 1) FROM words JOIN files ON files.id = words.rowid "
                "WHERE words MATCH ?",
                (" OR ".join(f'"{term}"' for term, _ in asked),),
            )
            for path, score in rows:
                scores[path] -= weight * score
        best = nlargest(10, sorted(scores), key=scores.__getitem__)
        return [Likelihood(path, 0.7 / place, "BM25") for place, path in enumerate(best, 1)]


@lru_cache(maxsize=1 << 16)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(terms(word))


@dataclass(slots=True)
class Outcome:
    """What was told of one task, by one method, and what was true."""

    plan: int
    truth: frozenset[str]
    told: list[Likelihood]

    @property
    def probabilities(self) -> dict[str, float]:
        """What was told, by path."""
        return {found.path: found.probability for found in self.told}

    @property
    def recall(self) -> float:
        """How many of the true files are among the ten told."""
        return len(self.truth.intersection(found.path for found in self.told)) / len(self.truth)

    @property
    def reciprocal_rank(self) -> float:
        """One through the place of the first true file; 0 where none of the ten is."""
        places = (place for place, found in enumerate(self.told, 1) if found.path in self.truth)
        return 1 / next(places, float("inf"))


@dataclass(slots=True)
class Replay:
    """One repository's past, indexed as a server would, commit by commit. Its own work tree, its objects borrowed."""

    repository: Path
    root: Path
    connection: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:", isolation_level=None))
    bm25: Bm25 = field(default_factory=Bm25)
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lexical.create(self.connection)
        subprocess.run(["git", "init", "--quiet", self.root], check=True)
        objects = self.repository.resolve() / "objects"
        (self.root / ".git/objects/info/alternates").write_text(f"{objects}\n")

    def remember(self, commit: str) -> None:
        """Makes `commit` the newest one that history knows."""
        subprocess.run(["git", "-C", self.root, "update-ref", "--no-deref", "HEAD", commit], check=True)
        history.refresh(self.connection, self.root)

    def check_out(self, commit: str, blobs: Blobs) -> None:
        """Indexes the files of `commit`: those that changed since the last one."""
        files = files_at(self.repository, commit)
        for path in self.files.keys() - files.keys():
            lexical.remove(self.connection, path)
            self.bm25.remove(path)
        for path, blob in files.items():
            if self.files.get(path) != blob:
                self._put(path, blobs.read(blob))
        self.files = files

    def _put(self, path: str, data: bytes) -> None:
        text = (decode(data) if len(data) <= MAX_FILE_BYTES else None) or ""
        source = read_source(path, text)
        names = source.exports if source else ()
        lexical.put(self.connection, path, text, names)
        self.bm25.put(path, text, names)


def outcomes(repository: Path, most_tasks: int) -> tuple[list[Outcome], list[Outcome]]:
    """What BM25 alone, and the sum, tell of the newest tasks of a repository."""
    alone, summed = [], []
    blobs = Blobs(repository)
    with TemporaryDirectory() as root:
        replay = Replay(repository, Path(root))
        for number, plan in enumerate(plans(repository, most_tasks)):
            replay.remember(plan[0].parent)
            for task in plan:
                replay.check_out(task.parent, blobs)
                tree = Tree(replay.files)
                alone.append(Outcome(number, task.files, replay.bm25.ranked(task.text)))
                summed.append(Outcome(number, task.files, ranked(replay.connection, tree, task.text)))
    blobs.close()
    return alone, summed


@dataclass(frozen=True, slots=True)
class Score:
    """The three measures, each from 0 to 1."""

    recall: float
    reciprocal_rank: float
    pairs: float

    def __str__(self) -> str:
        return " | ".join(f"{value:.3f}".removeprefix("0") for value in self.values())

    def values(self) -> tuple[float, float, float]:
        """The measures in the order of the table."""
        return self.recall, self.reciprocal_rank, self.pairs


def score(found: Sequence[Outcome]) -> Score:
    """The measures of one method on one repository."""
    return Score(
        fmean(outcome.recall for outcome in found),
        fmean(outcome.reciprocal_rank for outcome in found),
        average_precision(_pairs(found)),
    )


def _pairs(found: Sequence[Outcome]) -> Iterator[tuple[float, bool]]:
    """For every two tasks of a plan: how likely they are said to write one file, and whether they did."""
    by_plan: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in found:
        by_plan[outcome.plan].append(outcome)
    for plan in by_plan.values():
        for one, other in combinations(plan, 2):
            yield pair_score(one.probabilities, other.probabilities), not one.truth.isdisjoint(other.truth)


def average_precision(judged: Iterable[tuple[float, bool]]) -> float:
    """The precision at each true pair, the likeliest pairs first, on average."""
    hits, precisions = 0, []
    for place, (_, true) in enumerate(sorted(judged, key=lambda pair: -pair[0]), 1):
        hits += true
        if true:
            precisions.append(hits / place)
    return fmean(precisions) if precisions else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A repository, and how both methods did on it."""

    name: str
    newest: str
    alone: list[Outcome]
    summed: list[Outcome]


def rows(repositories: Iterable[Path], most_tasks: int) -> Iterator[Row]:
    """One row a repository, in the order given."""
    for place in repositories:
        repository = git_directory(place)
        newest = git(repository, "rev-parse", "--short=12", "HEAD").decode().strip()
        yield Row(_name(place), newest, *outcomes(repository, most_tasks))


def _name(place: Path) -> str:
    """`owner/name`, from the folder that is named `owner+name`."""
    named = [part for part in place.resolve().parts if "+" in part]
    return named[-1].replace("+", "/") if named else place.name


def page(found: Sequence[Row]) -> str:
    """The page: what is measured, the tables, and how far the percentages can be trusted."""
    development = [row for row in found if row.name in DEVELOPMENT]
    held_out = [row for row in found if row.name not in DEVELOPMENT]
    parts = [_INTRODUCTION.format(tasks=sum(len(row.summed) for row in found), repositories=len(found))]
    for title, group in (("Development", development), ("Held out", held_out)):
        if group:
            parts += [f"## {title}\n", *_table(group)]
    parts += [
        "## All\n",
        *_table(found, each=False),
        "## Percentages\n",
        _PERCENTAGES,
        *_reliability(development, held_out),
    ]
    return "\n".join(parts)


def _table(group: Sequence[Row], *, each: bool = True) -> Iterator[str]:
    yield "| repository | newest commit | tasks | BM25: recall@10 | MRR | pair AP | sum: recall@10 | MRR | pair AP |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    scores = [(row, score(row.alone), score(row.summed)) for row in group]
    for row, alone, summed in scores if each else ():
        yield f"| {row.name} | `{row.newest}` | {len(row.summed)} | {alone} | {summed} |"
    tasks = sum(len(row.summed) for row in group)
    means = (
        Score(*map(fmean, zip(*(each.values() for each in column), strict=True)))
        for column in zip(*[(alone, summed) for _, alone, summed in scores], strict=True)
    )
    yield f"| **mean of {len(group)}** | | {tasks} | {' | '.join(map(str, means))} |\n"


def _reliability(development: Sequence[Row], held_out: Sequence[Row]) -> Iterator[str]:
    yield "| told | development: files | told on average | written | held out: files | told on average | written |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for low, high in pairwise(_BANDS):
        cells = " | ".join(_reliable(group, low, high) for group in (development, held_out))
        yield f"| {low:.0%} to {min(high, 1):.0%} | {cells} |"


def _reliable(group: Sequence[Row], low: float, high: float) -> str:
    told = [
        (found.probability, found.path in outcome.truth)
        for row in group
        for outcome in row.summed
        for found in outcome.told
        if low <= found.probability < high
    ]
    if not told:
        return "0 | |"
    return f"{len(told)} | {fmean(p for p, _ in told):.0%} | {fmean(true for _, true in told):.0%}"


_INTRODUCTION = """\
# How well the files of a task are predicted

Made by `python -m tests.benchmarks.prediction REPOSITORY... > tests/benchmarks/prediction.md` over clones with full
history (`git clone --bare`, each in a folder named `owner+name`). {tasks} tasks of {repositories} repositories.

- **Task:** a commit; its message is the text, less lines like `Signed-off-by:`. The workspace is the tree of its
  parent. The truth is the files that the commit changed or deleted and that the parent has.
- **Plan:** ten consecutive tasks. The past that may be asked ends where the plan starts: no task is told of another
  one's commit. Commits are in topological order, so all that the past holds are ancestors of the plan's first task.
- **Left out:** merges; commits of no or more than 30 files, or that only add files; messages of less than three words;
  bots' commits and dependency bumps, releases and reverts, which are no work for an agent and too easy to tell. The
  newest 250 commits that are left count. Nothing is left out for what it says.
- **BM25** is the baseline: SQLite FTS5's own `bm25()` over path (weight 3), exported names and text, with the same
  words (identifiers taken apart, endings dropped), those of the title counting more, as in the sum.
- **Sum** is what the server answers: `agent_server/analysis/likelihood/score.py`. Its weights, and the scale that makes
  them percentages, were fitted once, by logistic regression on the development repositories, and are the same for every
  workspace. The repositories, and which of them are held out, were chosen before anything was measured; what the
  signals are, and how two ways to fit them were mixed, was chosen looking at both groups.
- **recall@10:** how many of the true files are among the first ten. **MRR:** one through the place of the first true
  file. **pair AP:** average precision of "these two tasks of a plan write one file", ranked by `pair_score`.
"""

_PERCENTAGES = """\
Of the files told with such a percentage, so many were written:
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the page."""
    parser = ArgumentParser(prog="python -m tests.benchmarks.prediction")
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--tasks", type=int, default=MOST_TASKS, help="how many of each (default: %(default)s)")
    options = parser.parse_args(arguments)
    sys.stdout.write(page(list(rows(options.repositories, options.tasks))) + "\n")


if __name__ == "__main__":
    main()
