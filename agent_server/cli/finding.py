"""Which plans paths mean: a file that is named, every plan in a folder, or what comes in on standard input."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.cli.main import UsageError
from agent_server.cli.workspaces import Workspace, Workspaces
from agent_server.plan.folders import is_folder, plan_of
from agent_server.plan.formats import READERS
from agent_server.plan.model import OWN_FORMAT, Plan, Problem
from agent_server.workspace.paths import find_root, relative, root_around
from agent_server.workspace.plan_folders import text_of_folder

STDIN = Path("-")
"""The path that stands for standard input."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A plan that was found, and read. `name` is what its workspace calls it; that of a folder ends with a slash."""

    path: Path
    workspace: Workspace
    name: str
    plan: Plan
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Finds:
    """The plans that were found, in the order in which they were named.

    `unread` are sentences on what could not be read, or is no plan; `hint` says then what plans are.
    """

    plans: list[Parsed] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    hint: str = ""


class _NoPlanError(UsageError):
    """There is a text, and it is no plan."""


def find_plans(paths: Sequence[Path], workspaces: Workspaces, stdin_path: Path | None = None) -> Finds:
    """The plans at these paths, each once.

    A folder means every plan in it that its workspace lists. A file that is named is a plan by its path, or else by
    what it says. `stdin_path` is where the text on standard input belongs.
    """
    found = Finds()
    seen: set[tuple[Path, str]] = set()
    for path in paths:
        try:
            for parsed in _at(path, workspaces, stdin_path, found):
                key = (parsed.workspace.root, parsed.name)
                if key not in seen:
                    seen.add(key)
                    found.plans.append(parsed)
        except UsageError as error:
            found.unread.append(str(error))
            if isinstance(error, _NoPlanError):
                found.hint = _known()
    return found


def find_plan(path: Path, workspaces: Workspaces) -> Parsed:
    """The one plan at a path; raises `UsageError` where there is none, or where there are several."""
    found = find_plans([path], workspaces)
    if found.unread:
        raise UsageError(f"{found.unread[0]} {found.hint}".rstrip())
    if not found.plans:
        raise UsageError(f"There is no plan in `{path}`." if path.is_dir() else f"No plan was found in `{path}`.")
    if len(found.plans) > 1:
        some = ", ".join(f"`{each.path}`" for each in found.plans[:3])
        more = " and more" if len(found.plans) > 3 else ""
        raise UsageError(f"`{path}` holds {len(found.plans)} plans: {some}{more}. Name one of them.")
    return found.plans[0]


def _at(path: Path, workspaces: Workspaces, stdin_path: Path | None, found: Finds) -> Iterator[Parsed]:
    if path == STDIN:
        yield _on_stdin(workspaces, stdin_path)
    elif path.is_dir():
        yield from _in_folder(path, workspaces, found.unread)
    else:
        yield from _file(path, workspaces)


def _on_stdin(workspaces: Workspaces, stdin_path: Path | None) -> Parsed:
    place = (stdin_path or STDIN).absolute()
    workspace = workspaces.at(find_root(place))
    name = relative(workspace.root, place) or str(place)
    text = _decoded(sys.stdin.buffer.read(), STDIN)
    reader = workspace.reader_of_any(name, text)
    if reader is None:
        raise _NoPlanError("What came on standard input is no plan; `--stdin-path` tells where it belongs.")
    return Parsed(stdin_path or STDIN, workspace, name, *reader.parse(text))


def _in_folder(folder: Path, workspaces: Workspaces, unread: list[str]) -> Iterator[Parsed]:
    """Every plan in a folder; what cannot be read of it is told, and the rest goes on."""
    real = Path(os.path.realpath(folder))
    workspace = workspaces.at(root_around(real))
    inside = relative(workspace.root, real) or ""
    if inside and not workspace.files.tree.is_directory(inside):
        # Nothing in it is listed: it is ignored by what is around it, which says nothing about its inside.
        workspace, inside = workspaces.at(real), ""
    names = [name for name in workspace.files.tree.below(inside) if workspace.may_be_plan(name)]
    itself = [f"{inside}/"] if inside else []
    for name in dict.fromkeys([*itself, *(plan_of(name, workspace.formats) for name in names)]):
        path = folder / name[len(inside) :].strip("/")
        try:
            parsed = _folder_plan(path, workspace, name) if is_folder(name) else _listed(path, workspace, name)
        except UsageError as error:
            unread.append(str(error))
        else:
            if parsed is not None:
                yield parsed


def _file(path: Path, workspaces: Workspaces) -> Iterator[Parsed]:
    """The plan that a file holds, or belongs to.

    What lies where plans lie, and says nothing of one, is none: programs that name files go by their paths.
    """
    root = find_root(path.absolute())
    name = relative(root, path.absolute()) or str(path)
    text = _text_of(path)
    workspace = workspaces.at(root)
    plan = plan_of(name, workspace.formats)
    parsed = _folder_plan(path.parent, workspace, plan) if is_folder(plan) else None
    if parsed is not None:
        yield parsed
        return
    reader = workspace.reader_of_any(name, text)
    if reader is not None:
        yield Parsed(path, workspace, name, *reader.parse(text))
    elif not workspace.may_be_plan(name):
        raise _NoPlanError(f"`{path}` is not a plan that can be read.")


def _listed(path: Path, workspace: Workspace, name: str) -> Parsed | None:
    text = _text_of(path)
    reader = workspace.reader_for(name, text)
    return Parsed(path, workspace, name, *reader.parse(text)) if reader is not None else None


def _folder_plan(path: Path, workspace: Workspace, name: str) -> Parsed | None:
    root, formats = workspace.root, workspace.formats
    folder = text_of_folder(root, name, lambda file: _text_of(root / file), formats)
    found = folder.read(formats) if folder is not None else None
    return Parsed(path, workspace, name, *found) if found is not None else None


def _known() -> str:
    formats = ", ".join(sorted(reader.title for reader in READERS.values() if reader.name != OWN_FORMAT))
    return f"Plans are `*.plan.md`, and those of {formats}; the setting `plans` says where yours lie."


def _text_of(path: Path) -> str:
    try:
        return _decoded(path.read_bytes(), path)
    except FileNotFoundError:
        raise UsageError(f"There is no file `{path}`.") from None
    except OSError as error:
        raise UsageError(f"`{path}` could not be read: {error.strerror}.") from None


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{path}` is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
