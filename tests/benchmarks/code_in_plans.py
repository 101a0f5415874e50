"""What the code in people's plans says, and what we make of it: prints the page `code_in_plans.md`.

    python -m tests.benchmarks.code_in_plans CORPUS CLONES > tests/benchmarks/code_in_plans.md

CORPUS is a folder of plans with an `index.tsv` that has a line for each: format, repository, path, commit, and the file
in the folder. CLONES holds git directories, bare or not, in folders named `owner+name`, or `owner+name/repo`. A plan
whose project is not there is skipped. Each plan is checked over its project's tree at the commit that the index names;
with `--before`, over the tree that it was written against: that of the commit before the plan was added.

With `--show`, everything that the columns count and that a person should read is printed, too.
"""

import csv
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import combinations
from pathlib import Path
from posixpath import normpath
from tempfile import TemporaryDirectory
from textwrap import dedent

from agent_server.analysis.analyse import analyse, with_sources
from agent_server.analysis.globs.path_sets import BadGlob, PathSet
from agent_server.analysis.model import Analysis, Dependency, Diagnostic
from agent_server.cli.answering import Answering
from agent_server.languages import language_of, read_source
from agent_server.plan.formats import Reader, reader_for, recognised
from agent_server.plan.model import Task
from agent_server.plan.text import Span
from agent_server.workspace.scanning import scan
from tests.benchmarks.prediction_history import Blobs, files_at, git, git_directory

_MOST_ROUNDS = 8

_FENCE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<word>[\w+#-]*)[^\n]*\n(?P<body>.*?)^[ \t]*(?P=fence)[`~]*[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_ENDINGS = {
    **dict.fromkeys(("ts", "typescript", "tsx", "js", "javascript", "jsx", "mjs"), ".tsx"),
    "svelte": ".svelte",
    "vue": ".vue",
    "py": ".py",
    "python": ".py",
    "rs": ".rs",
    "rust": ".rs",
    "go": ".go",
    "java": ".java",
    "kotlin": ".java",
    "kt": ".java",
}
"""What is read of a fence's word: the ending of a file of the language whose imports are spelled so."""

_STATEMENT = re.compile(
    r"^[ \t+]*(?:from\s+[\w.]+\s+import\b|import\s+[\w{*\"'(]|use\s+[\w:]+|export\s+[^\n]*\sfrom\s+[\"'])", re.MULTILINE
)
_ADDED = re.compile(r"\bgit add ([^\n&;|`]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One plan of the corpus."""

    kind: str
    repository: str
    path: str
    commit: str
    file: str


@dataclass(frozen=True, slots=True)
class Link:
    """The code of `task` imports `path`, which another task writes."""

    task: str
    on: str
    path: str
    module: str


@dataclass
class Counts:
    """What one plan gives: the columns of the table."""

    tasks: int = 0
    imports: int = 0
    links: int = 0
    in_order: int = 0
    told: int = 0
    predicted: int = 0
    one_wave: int = 0
    wrong_order: int = 0
    missing: int = 0
    added: int = 0
    held: int = 0
    pairs: int = 0
    lost: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(*[getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)])


@dataclass
class Found:
    """The counts of a plan, and what a person should read of it."""

    counts: Counts = field(default_factory=Counts)
    notes: list[str] = field(default_factory=list)


class CodeInPlan:
    """One plan, analysed over its project, once as it is and once with its fenced code blanked out."""

    def __init__(self, text: str, analysis: Analysis, blanked: Analysis) -> None:
        self.text = text
        self.analysis = analysis
        self.blanked = blanked

    @cached_property
    def fences(self) -> tuple[tuple[Span, str, str], ...]:
        """The fenced blocks: where their bodies stand, the name of a file of their language, and what they say."""
        return tuple(
            (Span(*match.span("body")), f"block{_ENDINGS.get(match['word'].lower(), '')}", dedent(match["body"]))
            for match in _FENCE.finditer(self.text)
        )

    def statements(self) -> int:
        """How many statements of the code import something."""
        return sum(len(_STATEMENT.findall(body)) for _, name, body in self.fences if language_of(name) is not None)

    def links(self) -> Iterator[Link]:
        """Where the code of one open task imports what another one writes, each once.

        Several may write it: then it is the last one before the task that counts, or else the first.
        """
        tasks = [task for task in self.analysis.plan.tasks if task.is_open]
        places = {task.id: at for at, task in enumerate(tasks)}
        written = {task.id: self._written(task) for task in tasks}
        seen = set[tuple[str, str]]()
        for task in tasks:
            own = written[task.id]
            for module, importers in self._imported(task):
                path = next(
                    (path for others in written.values() for path in others if _means(module, path, importers)), None
                )
                if path is None or path in own or (task.id, path) in seen:
                    continue
                seen.add((task.id, path))
                writers = [other.id for other in tasks if path in written[other.id]]
                before = [other for other in writers if places[other] < places[task.id]]
                yield Link(task.id, (before[-1:] or writers)[0], path, module)

    def _written(self, task: Task) -> tuple[str, ...]:
        return tuple(access.path for access in self.analysis.tasks[task.id].writes.entries)

    def _imported(self, task: Task) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What the code of a task imports, and in which files that may stand."""
        for span, name, body in self.fences:
            source = read_source(name, body)
            if source is None or not task.span.overlaps(span):
                continue
            importers = tuple(path for path in self._written(task) if language_of(path) is language_of(name))
            for wanted in source.imports:
                if not wanted.perhaps:
                    yield wanted.module, importers

    def code_at(self, span: Span) -> bool:
        """Whether something stands in fenced code."""
        return any(place.start <= span.start < place.end for place, _, _ in self.fences)

    def told(self, link: Link) -> Dependency | None:
        """The dependency that rests on the code itself."""
        found = (each for each in self.analysis.dependencies if (each.task, each.on) == (link.task, link.on))
        return next((each for each in found if self.code_at(each.span)), None)

    def missing(self) -> list[Diagnostic]:
        """What is called missing in fenced code."""
        found = (each for each in self.analysis.diagnostics if each.code == "missing-import")
        return [each for each in found if self.code_at(each.span)]

    def added(self) -> Iterator[tuple[str, str, bool]]:
        """The paths that tasks hand to `git add`: the task, the path, and whether the write set of the task has it."""
        for task in self.analysis.plan.tasks:
            for match in _ADDED.finditer(self.text, task.span.start, task.span.end):
                for path in (word.strip("\"'").removeprefix("./") for word in match[1].split()):
                    if path not in {".", ""} and not path.startswith(("-", "#")):
                        yield task.id, path, self._holds(task, path)

    def _holds(self, task: Task, path: str) -> bool:
        writes = self.analysis.tasks[task.id].writes
        if path.endswith("/") or "." not in path.rpartition("/")[2]:
            folder = f"{path.rstrip('/')}/"
            if any(access.path.startswith(folder) for access in writes.entries):
                return True
        try:
            return writes.paths.matches(path) or any(map(writes.paths.matches, PathSet.of((path,)).literals))
        except BadGlob:
            return False

    def lost(self) -> Iterator[tuple[str, str, str]]:
        """The pairs that share a wave only with the code blanked out, each with the reason that keeps them apart."""
        now = _pairs(self.analysis)
        for one, other in sorted(_pairs(self.blanked) - now):
            reasons = [each.because for each in self.analysis.dependencies if {each.task, each.on} == {one, other}]
            reasons += [
                f"both write {each.paths[0]}" for each in self.analysis.contentions if {one, other} <= {*each.tasks}
            ]
            yield one, other, "; ".join(reasons) or "by way of others"

    def found(self) -> Found:
        """All that is counted."""
        found = Found()
        counts, waves = found.counts, self.analysis.schedule.wave_of
        counts.tasks, counts.imports = len(self.analysis.plan.tasks), self.statements()
        contracts = {(each.task, each.producer) for each in self.analysis.contracts}
        for link in self.links():
            counts.links += 1
            told = self.told(link)
            counts.told += told is not None
            one, other = waves(link.task), waves(link.on)
            if (link.task, link.on) in contracts:
                counts.predicted += 1
            elif one is None or other is None or one > other:
                counts.in_order += 1
            else:
                counts.one_wave += one == other
                counts.wrong_order += one < other
                found.notes.append(f"{link.task} ({one}) imports {link.module} of {link.on} ({other}): {link.path}")
            if told is None:
                found.notes.append(f"only other evidence: {link.task} imports {link.module} of {link.on}")
        for each in self.missing():
            counts.missing += 1
            found.notes.append(f"missing in {' '.join(each.tasks)}: {each.message}")
        for task, path, is_held in self.added():
            counts.added += 1
            counts.held += is_held
            if not is_held:
                found.notes.append(f"git add of {task} not held: {path}")
        counts.pairs = len(_pairs(self.blanked))
        for one, other, why in self.lost():
            counts.lost += 1
            found.notes.append(f"{one} and {other} share no wave any more: {why}")
        return found


def _pairs(analysis: Analysis) -> set[tuple[str, str]]:
    return {pair for wave in analysis.schedule.waves for pair in combinations(wave, 2)}


_LEFT_OUT = re.compile(r"(?:/index|/__init__|/mod)?(?:\.d)?\.\w+$")


def _means(module: str, path: str, importers: Sequence[str]) -> bool:
    """Whether a module may be a file: by the words of both, and not by what the product knows of layouts."""
    stem = _LEFT_OUT.sub("", path)
    if module.startswith(("./", "../")):
        spelled = re.sub(r"\.(?:jsx?|tsx?|mjs|cjs)$", "", module)
        folders = (importer.rpartition("/")[0] for importer in importers)
        return any(normpath(f"{folder}/{spelled}") in {stem, path} for folder in folders)
    if module.startswith("."):
        ups = len(module) - len(module.lstrip("."))
        folders = (importer.split("/")[:-ups] for importer in importers)
        return any("/".join((*folder, *module.lstrip(".").split("."))) == stem for folder in folders)
    spelled = re.sub(r"^[@~]/|^crate::", "", module)
    spelled = re.sub(r"::|\.(?=\w)", "/", spelled) if "/" not in spelled else spelled
    return "/" in spelled and not module.startswith("@types") and f"/{stem}".endswith(f"/{spelled}")


def rows_of(corpus: Path) -> Iterator[Row]:
    """The plans of the corpus."""
    with (corpus / "index.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield Row(row["format"], row["repo"], row["path"], row["commit"], row["file"])


def has_code(text: str) -> bool:
    """Whether the fenced code of a text imports something, or a command of it adds files."""
    bodies = [match["body"] for match in _FENCE.finditer(text)]
    return any(map(_STATEMENT.search, bodies)) or _ADDED.search(text) is not None


def clone_of(repository: str, clones: Path) -> Path | None:
    """The git directory of a project; None where it is not there."""
    folder = clones / repository.replace("/", "+")
    places = (git_directory(place) for place in (folder, folder / "repo"))
    return next((place for place in places if (place / "objects").is_dir()), None)


def read_plan(row: Row, text: str) -> Reader | None:
    """The reader of a plan, by its path in its project, or else by what it says."""
    return reader_for(row.path, text) or recognised(text)


def checked(row: Row, text: str, clone: Path, *, before: bool) -> CodeInPlan | None:
    """A plan over its project; None where it has no task, or where its commit is not there."""
    reader = read_plan(row, text)
    if reader is None:
        return None
    commit = _written_against(clone, row) if before else row.commit
    blank = _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    with TemporaryDirectory() as place:
        root = Path(place) / "checkout"
        root.mkdir()
        try:
            check_out(clone, commit, root)
        except subprocess.CalledProcessError:
            return None
        environ = {**os.environ, "AGENT_SERVER_CACHE_DIR": f"{place}/cache"}
        found = scan(root)
        with Answering(found.root, found.tree, environ) as answering:

            def analysed(words: str) -> Analysis:
                plan, problems = reader.parse(words)
                for _ in range(_MOST_ROUNDS):
                    tree = found.tree.with_answers(answering.known)
                    tree = with_sources(plan, tree, lambda paths: found.read(paths).contents)
                    analysis = analyse(plan, problems, tree)
                    if not answering.answer(analysis.unanswered):
                        break
                return analysis

            return CodeInPlan(text, analysed(text), analysed(blank))


def check_out(clone: Path, commit: str, root: Path) -> None:
    """Puts the files of a commit into a folder. One that the clone lacks, such as a very large one, is empty."""
    blobs = Blobs(clone)
    for path, name in files_at(clone, commit).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(blobs.read(name))
    blobs.close()


def _written_against(clone: Path, row: Row) -> str:
    """The commit before the one that added a plan."""
    added = git(clone, "log", "--diff-filter=A", "--format=%H", row.commit, "--", row.path).decode().split()
    return f"{added[-1]}^" if added else row.commit


_INTRODUCTION = """\
# What the code in plans says

Made by `python -m tests.benchmarks.code_in_plans CORPUS CLONES` over plans that people published, each with its
project's tree at the commit at which it was found. Only plans count whose fenced code imports something, or that
hand files to `git add`.

- **imports:** statements of fenced code that import, in languages whose imports we read.
- **links:** the code of a task imports a file that another task writes, and it does not write that itself. By the
  spelling of both, not by what the analysis finds. **in order:** the task comes in a later wave; **predicted:** it need
  not wait, since the import is known in advance; **one wave**, **wrong order:** what should not be. **told:** a
  dependency stands on the code itself.
- **missing:** imports of the code that are called `missing-import`.
- **added:** paths that tasks hand to `git add`; **held:** those that the task's write set has.
- **pairs:** pairs of tasks that share a wave when the code is blanked out; **lost:** those that the code keeps apart.
"""

_COLUMNS = tuple(each.name.replace("_", " ") for each in fields(Counts))


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the page."""
    parser = ArgumentParser(prog="python -m tests.benchmarks.code_in_plans")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("clones", type=Path, metavar="CLONES")
    parser.add_argument("--before", action="store_true", help="take the tree that the plan was written against")
    parser.add_argument("--only", metavar="WORD", default="", help="only plans whose file has this word")
    parser.add_argument("--show", action="store_true", help="print what a person should read")
    options = parser.parse_args(arguments)
    write = sys.stdout.write
    write(f"{_INTRODUCTION}\n| format | project | {' | '.join(_COLUMNS)} |\n|{' --- |' * (len(_COLUMNS) + 2)}\n")
    totals = Counts()
    for row in sorted(rows_of(options.corpus), key=lambda each: (each.kind, each.file)):
        text = (options.corpus / row.file).read_bytes().decode("utf-8", "replace")
        clone = clone_of(row.repository, options.clones)
        if options.only not in row.file or clone is None or not has_code(text):
            continue
        plan = checked(row, text, clone, before=options.before)
        if plan is None:
            continue
        found = plan.found()
        totals += found.counts
        write(_row(row.kind, row.repository, found.counts))
        if options.show:
            write("".join(f"  {note}\n" for note in found.notes))
        sys.stdout.flush()
    write(_row("all", "", totals))


def _row(kind: str, name: str, counts: Counts) -> str:
    numbers = " | ".join(str(getattr(counts, each.name)) for each in fields(Counts))
    return f"| {kind} | {name} | {numbers} |\n"


if __name__ == "__main__":
    main()
