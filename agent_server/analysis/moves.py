"""Files and folders that move, and the edits that keep true what a plan declares of them.

A path follows where it surely means what moved: the file itself, the folder, what lies below it, and a glob whose
leading folders are, or lie below, a folder that moved. A glob that only happens to match a moved file says the same as
before. An import follows where its new spelling means the moved file in the workspace as it will be. What prose says is
left alone: it may tell of the move itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent_server.analysis.globs.syntax import BadGlob, confined_path, parse_patterns
from agent_server.analysis.imports.targets import Target, targets
from agent_server.analysis.model import Analysis
from agent_server.analysis.tree import Tree, fold_case
from agent_server.plan.edits import replace_item
from agent_server.plan.fields import PATH_FIELDS
from agent_server.plan.model import Edit, Item, Task

_SPECIAL = frozenset("*?[]{}")
_SEPARATORS = ("::", "/", ".")


@dataclass(frozen=True, slots=True)
class Move:
    """A file or a folder that moves within the workspace, with all that lies below it. Paths are relative to it."""

    old: str
    new: str


def follow(analysis: Analysis, moves: Iterable[Move]) -> tuple[Edit, ...]:
    """The edits that let a plan's fields follow `moves`. The analysis is of the files as they were before."""
    moved = _Moves(moves, analysis.tree)
    if not moved or not moved.may_concern(analysis.plan.text):
        return ()
    return tuple(edit for edit in _edits(analysis, moved) if edit is not None)


def _edits(analysis: Analysis, moved: "_Moves") -> Iterator[Edit | None]:
    plan = analysis.plan
    for place, home in enumerate(plan.tasks.homes):
        for name in PATH_FIELDS:
            for number, item in enumerate(getattr(home, name)):
                text = _path(item.text, moved)
                if text is not None:
                    yield replace_item(plan, getattr(plan.tasks[place], name)[number], text)
        for number, text in _imports(analysis, home, moved):
            yield replace_item(plan, plan.tasks[place].imports[number], text)


class _Moves:
    """Where paths lie after some moves."""

    def __init__(self, moves: Iterable[Move], tree: Tree) -> None:
        self.tree = tree
        self._new = {self._key(move.old): move.new for move in moves if move.old and move.new and move.old != move.new}
        self._after: Tree | None = None

    def __bool__(self) -> bool:
        return bool(self._new)

    def may_concern(self, text: str) -> bool:
        """Whether the text holds the name of something that moves, as far as a path or a module would spell it."""
        seen = text if self.tree.case_sensitive else fold_case(text)
        return any(name in seen for key in self._new for name in _names(key))

    def of(self, path: str) -> str | None:
        """Where a path lies afterwards, None where it stays: the deepest of what moves above it counts."""
        segments = path.split("/")
        for depth in range(len(segments), 0, -1):
            new = self._new.get(self._key("/".join(segments[:depth])))
            if new is not None:
                return "/".join((new, *segments[depth:]))
        return None

    @property
    def after(self) -> Tree:
        """The workspace as it will be."""
        if self._after is None:
            contents = {self.of(path) or path: text for path, text in self.tree.contents.items()}
            paths = (self.of(path) or path for path in self.tree.paths)
            self._after = Tree(paths, contents, case_sensitive=self.tree.case_sensitive, name=self.tree.name)
        return self._after

    def _key(self, path: str) -> str:
        return path if self.tree.case_sensitive else fold_case(path)


def _names(path: str) -> Iterator[str]:
    """What modules and paths call a file or folder: its name up to the first dot, or its folder's (`x/__init__.py`)."""
    folder, _, name = path.rpartition("/")
    yield name.partition(".")[0] or name
    if folder:
        yield folder.rpartition("/")[2]


def _path(text: str, moved: _Moves) -> str | None:
    """The new spelling of an item that is a path or a glob; None where it stays as it is."""
    mark = "!" if text.startswith("!") else ""
    body = text.removeprefix(mark)
    try:
        path = confined_path(body)
        new = _literal(path, moved) if _is_literal(path, moved.tree) else _glob(path, moved)
    except BadGlob:
        return None
    return None if new is None else f"{mark}{new}{'/' if body.endswith('/') else ''}"


def _is_literal(path: str, tree: Tree) -> bool:
    return not _SPECIAL & set(path) or path in tree or tree.is_directory(path)


def _literal(path: str, moved: _Moves) -> str | None:
    new = moved.of(path)
    if new is None or not _SPECIAL & set(new):
        return new
    # What exists as it is spelled is literal; anything else must be read so whatever its characters.
    exists = path in moved.tree or moved.tree.is_directory(path)
    return new if exists or [pattern.prefix for pattern in parse_patterns(new) if pattern.is_literal] == [new] else None


def _glob(path: str, moved: _Moves) -> str | None:
    segments = path.split("/")
    fixed = next(number for number, segment in enumerate(segments) if _SPECIAL & set(segment))
    folder = moved.of("/".join(segments[:fixed])) if fixed else None
    if folder is None:
        return None
    new = "/".join((folder, *segments[fixed:]))
    return new if all(pattern.prefix.startswith(f"{folder}/") for pattern in parse_patterns(new)) else None


def _imports(analysis: Analysis, task: Task, moved: _Moves) -> Iterator[tuple[int, str]]:
    """The imports of a task that follow, by their place in the field, in their new spelling."""
    known = analysis.at_home.get(task.id)
    if known is None or not any(moved.may_concern(item.text) for item in task.imports):
        return
    writes = known.writes.paths
    found = targets(task, writes, analysis.tree)
    for number, item in enumerate(task.imports):
        meant = [target for target in found if target.item == item]
        files = [_file_of(target, analysis) for target in meant]
        wanted = [_moved_file(file, moved) for file in files]
        text = item.text
        for target, old, new in zip(meant, files, wanted, strict=True):
            module = target.wanted.module
            if old != new and text.count(module) == 1:
                text = text.replace(module, _module(module, old, new))
        if text == item.text:
            continue
        after = targets(replace(task, imports=(Item(text, item.span),)), writes, moved.after)
        if [new in target.files for target, new in zip(after, wanted, strict=False)] == [True] * len(wanted):
            yield number, text


def _file_of(target: Target, analysis: Analysis) -> str:
    """The file that an import means: the one that is there, or the one that a task is to write; empty for neither."""
    if target.existing is not None:
        return target.existing
    written = [home.writes.paths for home in analysis.at_home.values()]
    return next((file for file in target.files if any(paths.matches(file) for paths in written)), "")


def _moved_file(file: str, moved: _Moves) -> str:
    """Where a file, or a folder that ends in a slash, lies afterwards."""
    new = moved.of(file.rstrip("/"))
    return file if new is None else new + "/" * file.endswith("/")


def _module(module: str, old: str, new: str) -> str:
    """The module's name when its file moves, by what both spell alike; as it is where they spell nothing alike."""
    separator = next((each for each in _SEPARATORS if each in module), ".")
    names, before, after = module.split(separator), _segments(old), _segments(new)
    for cut in (0, 1):  # a package's module is its folder, not the file in it
        stem, target = before[: len(before) - cut], after[: len(after) - cut]
        for length in range(min(len(names), len(stem)), 0, -1):
            for start in range(len(names) - length + 1):
                root = stem[: len(stem) - length]
                if names[start : start + length] == stem[len(root) :] and target[: len(root)] == root:
                    return separator.join((*names[:start], *target[len(root) :], *names[start + length :]))
    return module


def _segments(file: str) -> Sequence[str]:
    """The segments of a path, without the ending of its last."""
    folder, slash, name = file.rstrip("/").rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0] or name}".split("/")
