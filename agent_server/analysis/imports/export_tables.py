"""Which names can be imported from a file of the workspace, and whether those are surely all."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agent_server.analysis.imports.layouts import layouts_of, sources_in
from agent_server.analysis.imports.targets import first_existing
from agent_server.analysis.tree import Tree
from agent_server.languages import Language, Source, language_of, read_source

_DEEPEST = 8
"""Through how many modules that pass names on a name is followed."""

_OPEN = frozenset({"*", "__getattr__", "module.exports"})
"""Exports of a module that makes its names while it runs, or that may hold anything."""


@dataclass(frozen=True, slots=True)
class Exports:
    """The names that a file, or a package that is a folder, exports. `complete`: it surely exports no others.

    Without any name nobody knows, unless `closed`: the root of a program in Rust has modules, and exports nothing.
    `text` is all that was read and is not sure, so that a name can be looked for that no reader understood. `modules`
    are the modules right below a package of Python; where it is a folder without `__init__.py`, these are all that it
    has.
    """

    names: frozenset[str]
    complete: bool
    text: str
    modules: frozenset[str] = frozenset()
    closed: bool = False

    def lack(self, name: str) -> bool:
        """Whether the name surely cannot be imported: no word of the sources is spelled like that either."""
        first = re.split(r"\.|::", name)[0]
        known = self.complete and (self.closed or bool(self.names))
        if not known or first in self.names or first in _OPEN or first.startswith("__"):
            return False
        return re.search(rf"(?<![\w$]){re.escape(first)}(?![\w$])", self.text) is None


def exports_of(path: str, language: Language | None, tree: Tree) -> Exports:
    """What the file `path` exports; a `path` that ends in a slash is a folder of sources of the language."""
    if language is None:
        return Exports(frozenset(), complete=False, text="")
    modules = _modules_below(path, tree) if language.id == "python" else frozenset()
    if modules and path.endswith("/"):
        return Exports(modules, complete=True, text="", modules=modules)
    read = dict(_read(_members(path, language, tree), tree))
    names = frozenset(name for source, _ in read.values() if source for name in source.exports)
    complete = bool(read) and all(source is not None for source, _ in read.values()) and not names & _RUNTIME
    closed = language.id == "rust" and any(source is not None and source.imports for source, _ in read.values())
    unsure = (text for source, text in read.values() if source is None or not source.sure)
    return Exports(names, complete, "\n".join(unsure), modules, closed)


def read_for(path: str, language: Language | None, tree: Tree) -> tuple[str, ...]:
    """The existing files whose texts tell what `path` exports, as far as the texts at hand say which those are."""
    if language is None:
        return ()
    return tuple(member for member, _ in _read(_members(path, language, tree), tree) if member in tree)


def _modules_below(path: str, tree: Tree) -> frozenset[str]:
    """The modules and folders right below a package of Python; none for what is no package."""
    folder, _, name = path.rpartition("/")
    if name and name.partition(".")[0] != "__init__":
        return frozenset()
    start = len(folder) + 1 if folder else 0
    below = (file[start:].partition("/") for file in tree.below(folder, most=_MOST_BELOW))
    names = (child.partition(".")[0] for child, deeper, _ in below if deeper or child.endswith((".py", ".pyi")))
    return frozenset(names) - {"__init__"}


def _members(path: str, language: Language, tree: Tree) -> tuple[str, ...]:
    """The files whose names a path means: those of a package, or the file with those that go with it."""
    if path.endswith("/"):
        return sources_in(path, language, tree)
    beside = _BESIDE[language.id](path) if language.id in _BESIDE else ()
    return (path, *(each for each in beside if each != path and each in tree))


def _roots(path: str) -> Iterator[str]:
    """Both roots of a crate in Rust, which may have two."""
    folder, slash, name = path.rpartition("/")
    yield from (f"{folder}{slash}{root}" for root in _ROOTS if name in _ROOTS)


def _types(path: str) -> Iterator[str]:
    """The declarations that stand beside a module of JavaScript, or the module beside them."""
    for module, declarations in _DECLARED:
        for one, other in ((module, declarations), (declarations, module)):
            if path.endswith(one):
                yield path.removesuffix(one) + other


_BESIDE: Mapping[str, Callable[[str], Iterator[str]]] = {"rust": _roots, "typescript": _types}
_DECLARED = ((".js", ".d.ts"), (".mjs", ".d.mts"), (".cjs", ".d.cts"))
_ROOTS = ("lib.rs", "main.rs")
_MOST_BELOW = 2000
_RUNTIME = frozenset({"*", "__getattr__"})


def _read(members: tuple[str, ...], tree: Tree) -> Iterator[tuple[str, tuple[Source | None, str]]]:
    """The sources of the files, and those of all whose names they pass on; None for one that is not known."""
    pending = [(member, 0) for member in members]
    seen = set(members)
    while pending:
        path, depth = pending.pop()
        text = tree.contents.get(path)
        source = None if text is None else read_source(path, text)
        yield path, (source, text or "")
        for module in source.passes_on if source else ():
            found = _passed_on(module, path, tree) if depth < _DEEPEST else None
            if found is None:
                yield f"{path} {module}", (None, "")
            elif found not in seen:
                seen.add(found)
                pending.append((found, depth + 1))


def _passed_on(module: str, importer: str, tree: Tree) -> str | None:
    """The file whose names `importer` passes on; None where nobody knows, or where it is somebody else's."""
    language = language_of(importer)
    if language is None:
        return None
    found = layouts_of(tree).resolve(module, importer, language)
    path = first_existing(found.files, language, tree)
    return None if path is None or found.name or path.endswith("/") else path
