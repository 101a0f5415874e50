"""Which imports a mirrored file predicts: its own imports, with the names substituted.

A task that mirrors `pages/knowledge/hub.py` and writes `pages/clay_wiki/hub.py` will import `data.clay_wiki`, since the
mirrored file imports `data.knowledge`. The prediction has to hit the very file that is asked for: nothing near it
counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.imports import path_files
from agent_server.analysis.mirrors import Renaming, Style, renamings, substitute
from agent_server.analysis.path_shapes import KNOWN_EXTENSIONS, extension
from agent_server.analysis.python_imports import Import, imports_of, module_files
from agent_server.analysis.text_imports import imports_in
from agent_server.analysis.tree import Tree

_PYTHON = (".py", ".pyi")


@dataclass(frozen=True, slots=True)
class Mirroring:
    """A file that a task mirrors, a file that it writes after that pattern, and what differs between the two."""

    mirrored: str
    written: str
    renamings: tuple[Renaming, ...]


def mirrorings(written: Sequence[str], mirrored: Iterable[str]) -> tuple[Mirroring, ...]:
    """Each mirrored file with each written file that differs from it by a name, the most alike first."""
    pairs = [
        (mirror, path) for mirror in mirrored for path in sorted(written, key=lambda path: -_likeness(mirror, path))
    ]
    found = (Mirroring(mirror, path, renamings(mirror, path)) for mirror, path in pairs)
    return tuple(each for each in found if each.renamings)


def predicted(path: str, candidates: Iterable[Mirroring], tree: Tree) -> tuple[Mirroring, tuple[str, ...]] | None:
    """The first mirroring that predicts an import of the file `path`, with the names that it takes from there."""
    for mirroring in candidates:
        source = tree.contents.get(mirroring.mirrored)
        names = None if source is None else _predictions(mirroring, source).get(path)
        if names is not None:
            return mirroring, names
    return None


def found_instead(mirrored: Sequence[str], candidates: Sequence[Mirroring], tree: Tree) -> str:
    """Why no mirrored file predicts an import: what the first of them imports instead, as a clause for the user."""
    first = mirrored[0]
    source = tree.contents.get(first)
    if source is None:
        return f"`{first}` could not be read"
    imports = _imports(first, source)
    if imports is None:
        return f"`{first}` is not valid Python"
    if not imports:
        return f"`{first}` imports nothing"
    mirroring = next((each for each in candidates if each.mirrored == first), None)
    if mirroring is None:
        return f"no file that the task writes differs from `{first}` by a name"
    how = ", ".join(map(str, mirroring.renamings))
    sure = [found.module for found in imports if not found.perhaps]
    changed = _changed(sure, mirroring) or _changed([found.module for found in imports], mirroring)
    if changed:
        return f"with {how}, the imports of `{first}` become {_listed(changed)}"
    return f"{how} changes none of the imports of `{first}` ({_listed(sure)})"


@lru_cache(maxsize=512)
def _predictions(mirroring: Mirroring, source: str) -> Mapping[str, tuple[str, ...]]:
    """The files that the imports of a mirrored source predict, each with the names that are taken from it."""
    found: dict[str, dict[str, None]] = {}
    for each in _imports(mirroring.mirrored, source) or ():
        names = dict.fromkeys(_renamed(name, mirroring) for name in each.names)
        for path in _meanings(each.module, mirroring):
            found.setdefault(path, {}).update(names)
    return {path: tuple(names) for path, names in found.items()}


def _changed(modules: Iterable[str], mirroring: Mirroring) -> list[str]:
    pairs = ((module, substitute(module, mirroring.renamings)) for module in modules)
    return [renamed for module, renamed in pairs if renamed != module]


def _imports(path: str, source: str) -> tuple[Import, ...] | None:
    if not path.endswith(_PYTHON):
        return imports_in(source)
    try:
        return imports_of(source)
    except SyntaxError:
        return None


def _meanings(module: str, mirroring: Mirroring) -> Iterator[str]:
    """The files that an import of the mirrored file may mean once it is renamed."""
    styles = (Style.SPELLED, Style.SNAKE, Style.KEBAB, Style.CAMEL, Style.FLAT)
    for renamed in dict.fromkeys(substitute(module, mirroring.renamings, style) for style in styles):
        if mirroring.mirrored.endswith(_PYTHON):
            yield from module_files(renamed, mirroring.written)
        else:
            yield from path_files(_as_path(renamed), mirroring.written)


def _as_path(module: str) -> str:
    """A qualified name (`crate::data::wiki`, `data.Wiki`) as a path; a path as it is."""
    if "/" in module or extension(module) in KNOWN_EXTENSIONS:
        return module
    return "/".join(part for part in module.replace("::", ".").replace("\\", ".").split(".") if part != "crate")


def _renamed(name: str, mirroring: Mirroring) -> str:
    style = Style.SNAKE if mirroring.mirrored.endswith(_PYTHON) else Style.CAMEL
    return substitute(name, mirroring.renamings, style)


def _likeness(mirrored: str, written: str) -> int:
    """How many segments two paths share in place; the file's own name counts most."""
    old, new = mirrored.split("/"), written.split("/")
    return sum(left == right for left, right in zip(old, new, strict=False)) + 2 * (old[-1] == new[-1])


def _listed(modules: Sequence[str]) -> str:
    unique = list(dict.fromkeys(modules))
    shown = ", ".join(f"`{module}`" for module in unique[:4])
    return f"{shown} and others" if len(unique) > 4 else shown
