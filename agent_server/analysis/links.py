"""The paths that a plan writes down and that are there, each with its file."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.globs.syntax import WILDCARDS
from agent_server.analysis.model import Analysis, Source, TaskAnalysis
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.mentions import task_mentions
from agent_server.plan.model import Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the plan, and the one file of the workspace that it means, relative to the root."""

    span: Span
    path: str


_WRITTEN_DOWN = frozenset({Source.DECLARED, Source.NAMED})
"""What is implied or predicted stands nowhere; its span is that of the words behind it."""


def links(analysis: Analysis) -> tuple[Link, ...]:
    """Every path, module or mention that means one existing file, in the order of the text. A glob means none."""
    tasks, found = analysis.plan.tasks, dict[Span, str]()
    seen: set[str] = set()
    for home, place in zip(tasks.homes, tasks.places, strict=True):
        meant = dict(_spelled(home, analysis.tree))
        if home.id not in seen:
            meant = dict(_understood(analysis.at_home[home.id], analysis.tree)) | meant
        seen.add(home.id)
        found |= {moved(span, place): path for span, path in meant.items()}
    return tuple(Link(span, found[span]) for span in sorted(found))


def _spelled(task: Task, tree: Tree) -> Iterator[tuple[Span, str]]:
    """What is spelled as the path that it is: in any field of paths, and each time that the prose says it."""
    for item in (*task.writes, *task.reads, *task.imports, *task.mirrors):
        path = item.text.removeprefix("./")
        if path in tree:
            yield item.span, path
    for mention, start in task_mentions(task):
        if mention.path in tree:
            yield moved(mention.span, start), mention.path


def _understood(known: TaskAnalysis, tree: Tree) -> Iterator[tuple[Span, str]]:
    """What means one file though it is spelled otherwise: a module, a file's bare name, a path in another case."""
    files: dict[Span, list[str]] = {}
    for access in (*known.writes.entries, *known.reads):
        if access.span is not None and access.source in _WRITTEN_DOWN:
            files.setdefault(access.span, []).append(access.path)
    for span, paths in files.items():
        if len(paths) == 1 and paths[0] in tree and not _is_glob(known.task, span):
            yield span, paths[0]


def _is_glob(task: Task, span: Span) -> bool:
    """Whether a field has wildcards there: that it matches one file now is chance."""
    items = (*task.writes, *task.reads, *task.mirrors)
    return any(item.span == span and not WILDCARDS.isdisjoint(item.text) for item in items)
