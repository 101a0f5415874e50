"""Which imports a mirrored file predicts: its own imports, with the names substituted.

A task that mirrors `pages/knowledge/hub.py` and writes `pages/clay_wiki/hub.py` will import `data.clay_wiki`, since the
mirrored file imports `data.knowledge`. The prediction has to hit the very file that is asked for: nothing near it
counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import commonpath

from agent_server.analysis.imports.layouts import Planned
from agent_server.analysis.imports.mirrors import Renaming, Style, renamings, substitute
from agent_server.analysis.imports.targets import first_existing, resolved
from agent_server.analysis.tree import Tree
from agent_server.languages import Import, Resolution, language_of, read_source
from agent_server.languages.paths import folder_of, joined, relative

_STYLES = (Style.SPELLED, Style.SNAKE, Style.KEBAB, Style.CAMEL, Style.FLAT)

_JOINT = re.compile(r"(?<=[./:])(?=[^./:])")
"""Before each part of a module but the first, however its language joins them."""

_SNAKE = frozenset({"python", "rust"})
"""Languages whose names join their words by underscores where nothing else tells."""


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


def predicted(
    path: str, candidates: Iterable[Mirroring], tree: Tree, planned: Planned
) -> tuple[Mirroring, tuple[str, ...]] | None:
    """The first mirroring that predicts an import of the file `path`, with the names that it takes from there.

    A `path` that ends in a slash is a package that is a folder. `planned` are the files that there will be.
    """
    for mirroring in candidates:
        source = tree.contents.get(mirroring.mirrored)
        names = None if source is None else _predictions(mirroring, source, tree, planned).get(path)
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
        return f"nobody knows what `{first}` imports"
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


def _predictions(mirroring: Mirroring, source: str, tree: Tree, planned: Planned) -> Mapping[str, tuple[str, ...]]:
    """The files that the imports of a mirrored source predict, each with the names that are taken from it."""
    return planned.derived((mirroring, source), lambda: _predict(mirroring, source, tree, planned))


def _predict(mirroring: Mirroring, source: str, tree: Tree, planned: Planned) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for each in _imports(mirroring.mirrored, source) or ():
        names = [_renamed(name, mirroring) for name in each.names]
        for meant in _meanings(each, mirroring, tree, planned):
            if each.perhaps and meant.name:
                continue  # It is a name of another module, whose own import lists it; what is used of it is no matter.
            existing = first_existing(meant.files, language_of(mirroring.written), planned)
            for path in (existing,) if existing else meant.files:
                found.setdefault(path, {}).update(dict.fromkeys([meant.name] if meant.name else names))
    return {path: tuple(names) for path, names in found.items()}


def _meanings(wanted: Import, mirroring: Mirroring, tree: Tree, planned: Planned) -> Iterator[Resolution]:
    """What an import of the mirrored file may mean in the written one, once it is renamed."""
    language = language_of(mirroring.written)
    if language is None:
        return
    for renamed in dict.fromkeys(_renamed_modules(wanted.module, mirroring)):
        yield resolved(renamed, mirroring.written, language, planned, tree, names=bool(wanted.names))[0]


def _renamed_modules(module: str, mirroring: Mirroring) -> Iterator[str]:
    """What a module may become. The folders that both files lie in are called as they are, whatever becomes of words.

    In `eu.parcels`, `eu.parcels.Parcel` becomes `eu.parcels.Depot`, not `eu.depots.Depot`.
    """
    yield from (name for style in _STYLES for name in _renamed_module(module, mirroring, style))
    parts = _JOINT.split(module)
    folders = commonpath((mirroring.mirrored, mirroring.written)).split("/")
    kept = next((size for size in range(len(parts) - 1, 0, -1) if _ends_in(folders, parts[:size])), 0)
    if kept:
        yield "".join((*parts[:kept], substitute("".join(parts[kept:]), mirroring.renamings)))


def _ends_in(folders: Sequence[str], parts: Sequence[str]) -> bool:
    return folders[-len(parts) :] == [part.rstrip("./:") for part in parts]


def _renamed_module(module: str, mirroring: Mirroring, style: Style) -> Iterator[str]:
    """A module as the written file would spell it: renamed or, by a relative path, from where that file lies."""
    yield substitute(module, mirroring.renamings, style)
    place = joined(folder_of(mirroring.mirrored), module) if module.startswith(("./", "../")) else None
    if place:
        yield relative(folder_of(mirroring.written), substitute(place, mirroring.renamings, style))


def _changed(modules: Iterable[str], mirroring: Mirroring) -> list[str]:
    pairs = ((module, substitute(module, mirroring.renamings)) for module in modules)
    return [renamed for module, renamed in pairs if renamed != module]


def exports_like(written: Sequence[str], mirrored: Iterable[str], tree: Tree) -> frozenset[str]:
    """The names that files will export which are written after the pattern of others."""
    found: set[str] = set()
    for each in mirrorings(written, mirrored):
        source = read_source(each.mirrored, tree.contents.get(each.mirrored, ""))
        found.update(_renamed(name, each) for name in (source.exports if source is not None else ()))
    return frozenset(found)


def imports_of(mirrored: str, tree: Tree) -> tuple[Import, ...]:
    """What a mirrored file imports, as far as that is known."""
    return _imports(mirrored, tree.contents.get(mirrored, "")) or ()


def _imports(path: str, text: str) -> tuple[Import, ...] | None:
    source = read_source(path, text)
    return None if source is None else source.imports


def _renamed(name: str, mirroring: Mirroring) -> str:
    language = language_of(mirroring.mirrored)
    style = Style.SNAKE if language is not None and language.id in _SNAKE else Style.CAMEL
    return substitute(name, mirroring.renamings, style)


def _likeness(mirrored: str, written: str) -> int:
    """How many segments two paths share in place; the file's own name counts most."""
    old, new = mirrored.split("/"), written.split("/")
    return sum(left == right for left, right in zip(old, new, strict=False)) + 2 * (old[-1] == new[-1])


def _listed(modules: Sequence[str]) -> str:
    unique = list(dict.fromkeys(modules))
    shown = ", ".join(f"`{module}`" for module in unique[:4])
    return f"{shown} and others" if len(unique) > 4 else shown
