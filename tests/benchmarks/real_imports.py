"""How well the imports of real projects are told: prints the page `real_imports.md`.

    python -m tests.benchmarks.real_imports REPOSITORY... > tests/benchmarks/real_imports.md

Each REPOSITORY is a git directory, bare or not, in a folder named `owner+name`. With `--show`, each false error and
each import that is not told are printed too, with the source that it stands in.
"""

import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from agent_server.analysis.analyse import analyse, with_sources
from agent_server.analysis.footprints import footprint
from agent_server.analysis.imports.targets import Target
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Analysis
from agent_server.cli.answering import Answering
from agent_server.languages import Import, language_of, read_source
from agent_server.plan.model import Plan
from agent_server.plan.native import parse
from agent_server.workspace.scanning import Scan, scan
from tests.benchmarks.prediction_history import git, git_directory

MOST_SOURCES = 600
"""How many sources of one language are looked at, spread evenly over their paths."""

MOST_REMOVED = 60
"""How many modules of one language are deleted, spread evenly."""

_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One source as a plan of one task, and what came of it."""

    path: str
    language: str
    analysis: Analysis
    targets: tuple[Target, ...]

    @property
    def missing(self) -> Mapping[str, str]:
        """The items that are called missing, with the message."""
        text, found = self.analysis.plan.text, self.analysis.diagnostics
        return {text[each.span.start : each.span.end]: each.message for each in found if each.code == "missing-import"}


def statement(wanted: Import, language: str) -> str:
    """The import as its language spells it."""
    module, names = wanted.module, [name for name in wanted.names if name != "*"]
    if not names:
        declared = re.fullmatch(r"self::(\w+)", module) if language == "rust" else None
        quote = '"' if language in {"go", "typescript"} else ""
        return f"mod {declared[1]};" if declared else f"{quote}{module}{quote}"
    listed = ", ".join(names)
    match language:
        case "python":
            return f"from {module} import {listed}"
        case "typescript":
            spelled = ", ".join("default as it" if name == "default" else name for name in names)
            return f'import {{ {spelled} }} from "{module}"'
        case "rust":
            by_path = "/" in module  # An attribute names its file.
            return module if by_path else f"use {module}::{{{listed}}};"
        case "java":
            return f"import static {module}.{names[0]};"
    return f'"{module}"'  # What a source of Go uses of a package is no part of its import.


def imports_of(path: str, text: str) -> list[Import]:
    """What the source surely imports."""
    source = read_source(path, text)
    return [each for each in source.imports if not each.perhaps and "`" not in each.module] if source else []


def plan_of(path: str, imports: Iterable[Import], language: str) -> Plan | None:
    """A plan whose only task writes the source, with these imports; None where there are none."""
    items = dict.fromkeys(statement(each, language) for each in imports)
    if not items:
        return None
    fields = "\n".join(f"  - `{item}`" for item in items)
    return parse(f"# One\n\n## one: Write it anew\n- writes: `{path}`\n- imports:\n{fields}\n\nWrite it anew.\n")[0]


_LAST_WORD = re.compile(
    r"(?<=[./:])(?!super\b|self\b|d\b)(?:\w[\w-]*)?\w"
    r"(?=(?:(?:\.d)?\.(?:js|jsx|mjs|cjs|ts|tsx|vue|svelte|astro|json|css|scss|svg))?(?:\?[\w&-]+)?$)"
)


def with_slip(wanted: Import) -> Import | None:
    """The import, with a slip in the last word of its module; None where that names no module within a project."""
    module = _LAST_WORD.sub(r"\g<0>zq", wanted.module, count=1)
    return replace(wanted, module=module) if module != wanted.module else None


def with_slip_in_name(wanted: Import) -> Import | None:
    """The import, with a slip in its first name; None where it takes none, or takes it from no source (`data.json`)."""
    if "/" in wanted.module and _NO_SOURCE.search(wanted.module):
        return None
    names = [name for name in wanted.names if name != "*"]
    return replace(wanted, names=(f"{names[0]}zq", *names[1:])) if names else None


_NO_SOURCE = re.compile(r"\.(?:json|css|scss|less|svg|png|jpg|webp|md|txt|html)$|\?")


class Workspace:
    """A checkout, and what its analyses have asked of it so far."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.scan: Scan = scan(root)
        self.answering = Answering(self.scan.root, self.scan.tree, environ)

    def ask(self, sources: Iterable[tuple[str, str]]) -> Iterator[Asked]:
        """Analyses the sources, which are paths with their languages."""
        for path, language in sources:
            text = self.scan.read([path]).contents.get(path)
            plan = plan_of(path, imports_of(path, text), language) if text is not None else None
            if plan is not None:
                yield self._asked(path, language, plan)

    def ask_with(self, slip: Callable[[Import], Import | None], asked: Asked) -> Iterator[tuple[str, str, bool]]:
        """What becomes of the imports that mean another file, with a slip: the path, the item, whether it is told."""
        found = [each for each in asked.targets if each.existing not in (None, asked.path) and not each.wanted.perhaps]
        # A slip in the name of a whole module of Go makes it somebody else's.
        sure = [each for each in found if f"{each.existing}go.mod".lstrip("/") not in self.scan.tree]
        wrong = list(filter(None, (slip(each.wanted) for each in sure)))
        plan = plan_of(asked.path, wrong, asked.language)
        missing = self._asked(asked.path, asked.language, plan).missing if plan is not None else {}
        items = dict.fromkeys(statement(each, asked.language) for each in wrong)
        return ((asked.path, item, item in missing) for item in items)

    def _asked(self, path: str, language: str, plan: Plan) -> Asked:
        for _ in range(_MOST_ROUNDS):
            tree = self.scan.tree.with_answers(self.answering.known)
            tree = with_sources(plan, tree, lambda paths: self.scan.read(paths).contents)
            analysis = analyse(plan, (), tree)
            if not self.answering.answer(analysis.unanswered):
                break
        return Asked(path, language, analysis, footprint(plan.tasks[0], Surroundings(plan), tree).targets)


@contextmanager
def opened(root: Path, environ: Mapping[str, str]) -> Iterator[Workspace]:
    """The checkout as it is now."""
    workspace = Workspace(root, environ)
    with workspace.answering:
        yield workspace


def spread(found: Sequence[str], most: int) -> list[str]:
    """At most so many of them, spread evenly."""
    return list(found) if len(found) <= most else [found[at * len(found) // most] for at in range(most)]


def sources_of(root: Path) -> list[tuple[str, str]]:
    """The sources that are looked at, with their languages."""
    by_language: dict[str, list[str]] = {}
    for path in sorted(scan(root).tree.paths):
        language = language_of(path)
        if language is not None:
            by_language.setdefault(language.id, []).append(path)
    return [(path, name) for name, paths in by_language.items() for path in spread(paths, MOST_SOURCES)]


def remove(root: Path, asked: Sequence[Asked]) -> set[str]:
    """Deletes some of the modules that are imported; returns them."""
    removed = set[str]()
    for language in sorted({each.language for each in asked}):
        found = {
            target.existing
            for each in asked
            for target in each.targets
            if each.language == language
            and target.existing
            and target.existing != each.path
            and not target.existing.endswith(("/__init__.py", "/__init__.pyi"))
        }
        found = {module for module in found if not any(map(_is_made, _files_of(root, module)))}
        for module in spread(sorted(found), min(MOST_REMOVED, -(-len(found) // 4))):
            removed.add(module)
            for path in _files_of(root, module):
                if not module.endswith("/") or language_of(path.name):
                    path.unlink(missing_ok=True)  # A module and its folder may both be among them.
    return removed


def _files_of(root: Path, module: str) -> list[Path]:
    place = root / module.strip("/")
    return sorted(filter(Path.is_file, place.glob("*"))) if module.endswith("/") else [place]


def _is_made(path: Path) -> bool:
    """Whether a program has written the source, as Go has it: it may do so again, so that it is never missing."""
    return path.suffix == ".go" and _MADE.search(path.read_bytes()) is not None


_MADE = re.compile(rb"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)


def rows(repository: Path, *, show: bool) -> Iterator[str]:
    """The table's rows of one repository."""
    with TemporaryDirectory() as place:
        root = Path(place) / "checkout"
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", repository, root], check=True)
        # A copy may lack its largest files, which are no sources: the others are checked out all the same.
        subprocess.run(["git", "-C", root, "checkout", "--quiet"], check=False, stderr=subprocess.DEVNULL)
        environ = {**os.environ, "AGENT_SERVER_CACHE_DIR": f"{place}/cache"}
        with opened(root, environ) as workspace:
            before = list(workspace.ask(sources_of(root)))
            slips = [found for each in before for found in workspace.ask_with(with_slip, each)]
            names = [found for each in before for found in workspace.ask_with(with_slip_in_name, each)]
        removed = remove(root, before)
        importers = [each for each in before if any(target.existing in removed for target in each.targets)]
        with opened(root, environ) as workspace:
            left = [(each.path, each.language) for each in importers if (root / each.path).exists()]
            after = {each.path: each for each in workspace.ask(left)}
        gone = [
            (each.path, target.item.text, target.item.text in after[each.path].missing)
            for each in importers
            if each.path in after
            for target in each.targets
            if target.existing in removed
        ]
        gone = list(dict.fromkeys(gone))
        yield from _rows(repository, before, {"gone": gone, "slip": slips, "name": names}, show=show)


_INTRODUCTION = """\
# How well the imports of real projects are told

Made by `python -m tests.benchmarks.real_imports REPOSITORY... > tests/benchmarks/real_imports.md` over clones, each in
a folder named `owner+name`. What a project imports is right, since it builds. So every source of its newest commit
becomes the task of a plan that imports what the source imports, and is checked as a command would check it.

- **imports:** the statements; **found:** those that mean a file of the project.
- **told missing:** imports that are called missing although all is there.
- **gone:** imports of a module whose files are then deleted, some of the modules at a time, but for those of Go that
  programs write, and packages of Python, whose folders stay packages. **told:** how many of these are called missing.
- **slips:** the imports that mean a file of the project, with a slip in the module's name. **told:** as above.
- **names:** the same, with a slip in the first name that is taken from the module. **told:** as above. What a source of
  Go uses of a package is no part of its import.

What is not told may be right (a build may write it, somebody else may publish it, a name may be made while the program
runs) or a gap. What is told missing may be right, too: an example of what fails, a name that is gone, a bundle.
"""

_COLUMNS = (
    *("repository", "newest commit", "language", "sources", "imports", "found", "told missing"),
    *("gone", "told", "slips", "told", "names", "told"),
)

Told = Sequence[tuple[str, str, bool]]
"""Imports that are missing: the path of the source, the item, and whether it is told."""


def _rows(repository: Path, before: Sequence[Asked], told: Mapping[str, Told], *, show: bool) -> Iterator[str]:
    name = (repository.parent if repository.name in {"repo", ".git"} else repository).name.replace("+", "/")
    commit = git(git_directory(repository), "rev-parse", "HEAD").decode()[:12]
    for language in sorted({each.language for each in before}):
        asked = [each for each in before if each.language == language]
        resolved = Counter(bool(target.existing) for each in asked for target in each.targets)
        wrong = [(each.path, message) for each in asked for message in each.missing.values()]
        sources = {each.path for each in asked}
        ours = {kind: [each for each in found if each[0] in sources] for kind, found in told.items()}
        counts = [len(asked), resolved.total(), resolved[True], len(wrong)]
        counts += [number for found in ours.values() for number in (len(found), sum(each[2] for each in found))]
        yield f"| {name} | `{commit}` | {language} | {' | '.join(map(str, counts))} |"
        if show:
            yield from (f"  false error in {path}: {message}" for path, message in wrong)
            for kind, found in ours.items():
                yield from (f"  {kind} not told in {path}: {item}" for path, item, is_told in found if not is_told)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the page."""
    parser = ArgumentParser(prog="python -m tests.benchmarks.real_imports")
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--show", action="store_true", help="print each false error and each import that is not told")
    options = parser.parse_args(arguments)
    write = sys.stdout.write
    write(f"{_INTRODUCTION}\n| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}\n")
    for repository in options.repositories:
        for row in rows(repository, show=options.show):
            write(f"{row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
