"""Reading plans from the disk, for the commands that take them as arguments."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_server.analysis.analyse import analyse, with_sources
from agent_server.analysis.facts import RunFacts
from agent_server.analysis.model import Analysis
from agent_server.analysis.questions import Answer, Question
from agent_server.cli.answering import Answering
from agent_server.cli.configuration import formats_in, settings_over
from agent_server.cli.main import UsageError
from agent_server.demo.folders import settings_in
from agent_server.execution.records.recorded_facts import recorded_facts
from agent_server.plan.folders import Places, is_folder, plan_of
from agent_server.plan.model import Plan, Problem
from agent_server.plan.text import Encoding, Position
from agent_server.settings import WORKSPACE_FILES, Settings
from agent_server.workspace.paths import find_root, relative
from agent_server.workspace.plan_folders import text_of_folder
from agent_server.workspace.scanning import Scan, scan

MOST_ROUNDS = 8
"""An answer may raise another question. So often, at most, a plan is analysed again with what is known then."""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """One plan on the disk, analysed. `name` is its path relative to the workspace, as runs and reports name it.

    Of a plan that is a folder, `path` is the folder, and the name ends with a slash.
    """

    path: Path
    root: Path
    name: str
    analysis: Analysis

    def places(self) -> Callable[[int], tuple[Path, Position]]:
        """What tells in which file an offset of the plan stands, and where in that; characters are code points."""
        places = Places(self.analysis.plan, self.name)

        def of(offset: int) -> tuple[Path, Position]:
            file, position = places.of(offset, Encoding.UTF32)
            return (self.path / file.removeprefix(self.name) if is_folder(self.name) else self.path), position

        return of


def read_plan(path: Path, settings: Settings) -> PlanFile:
    """Read and analyse the plan at `path`, its last run included; raises `UsageError` where it cannot be read."""
    return read_plans([path], settings)[0]


def read_plans(paths: Sequence[Path], settings: Settings) -> list[PlanFile]:
    """Read and analyse several plans, in their order; each workspace is listed once.

    A file of a plan that is a folder names that plan, which is read once.
    """
    named: dict[tuple[Path, str], Path] = {}
    for path in paths:
        named.setdefault(_named(path, settings), path)
    parsed = [_parse(path, root, name, settings) for (root, name), path in named.items()]
    roots = dict.fromkeys(each.root for each in parsed)
    found = {root: _analyse_all(root, [each for each in parsed if each.root == root], settings) for root in roots}
    return [found[each.root].pop(0) for each in parsed]


@dataclass(frozen=True, slots=True)
class _Parsed:
    path: Path
    root: Path
    name: str
    plan: Plan
    problems: tuple[Problem, ...]


def _named(path: Path, settings: Settings) -> tuple[Path, str]:
    """The workspace of the plan that a path names, and what that is called there."""
    root = find_root(path.absolute())
    name = relative(root, path.absolute()) or str(path)
    return root, f"{name}/" if path.is_dir() else plan_of(name, formats_in(root, settings))


def _parse(path: Path, root: Path, name: str, settings: Settings) -> _Parsed:
    formats = formats_in(root, settings)
    folder = text_of_folder(root, name, lambda file: _text_of(root / file), formats) if is_folder(name) else None
    if folder is not None and (found := folder.read(formats)) is not None:
        return _Parsed(path if path.is_dir() else path.parent, root, name, *found)
    text = _text_of(path)
    reader = formats.reader_for(name, text)
    if reader is None:
        raise UsageError(f"`{path}` is not a plan that can be read. A plan's name ends in `.plan.md`.")
    return _Parsed(path, root, name, *reader.parse(text))


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UsageError(f"There is no file `{path}`.") from None
    except IsADirectoryError:
        raise UsageError(f"`{path}` is a folder. Name a plan in it, such as `{path}/feature.plan.md`.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"`{path}` is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"`{path}` could not be read: {error.strerror}.") from None


def _analyse_all(root: Path, plans: Sequence[_Parsed], settings: Settings) -> list[PlanFile]:
    """The plans of one workspace, analysed until no analysis has a question left that its index can answer."""
    workspace = scan(root)
    for problem in workspace.problems:
        print(f"agent-server: {problem}", file=sys.stderr)
    settings = settings_in(root, os.environ, settings_over(settings, workspace.read(WORKSPACE_FILES).contents))
    facts = recorded_facts(root, os.environ, [each.name for each in plans])
    with Answering(workspace.root, workspace.tree, os.environ) as answering:
        for _ in range(MOST_ROUNDS):
            files = [_analyse(each, workspace, answering.known, settings, facts[each.name]) for each in plans]
            if not answering.answer({question for each in files for question in each.analysis.unanswered}):
                break
    return files


def _analyse(
    parsed: _Parsed, workspace: Scan, known: Mapping[Question, Answer], settings: Settings, facts: RunFacts
) -> PlanFile:
    tree = workspace.tree.with_answers(known)
    tree = with_sources(parsed.plan, tree, lambda paths: workspace.read(paths).contents)
    analysis = analyse(parsed.plan, parsed.problems, tree, settings.analysis, facts)
    return PlanFile(parsed.path, parsed.root, parsed.name, analysis)
