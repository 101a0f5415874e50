"""Which names can be imported from a file of the workspace, and whether those are surely all."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agent_server.analysis.imports.layouts import sources_in
from agent_server.analysis.imports.targets import first_existing, resolved
from agent_server.analysis.tree import Tree
from agent_server.languages import Language, Source, language_of, read_source
from agent_server.languages.paths import under

_DEEPEST = 8
"""Through how many modules that pass names on a name is followed."""

_OPEN = frozenset({"*", "__getattr__", "module.exports"})
"""Exports of a module that makes its names while it runs, or that may hold anything."""


@dataclass(frozen=True, slots=True)
class Exports:
    """The names that a file, or a package that is a folder, exports. `complete`: it surely exports no others.

    Without any name nobody knows, unless `closed`: the root of a program in Rust has modules, and exports nothing, and
    so does a package of Python whose `__init__.py` is empty. `text` is all that was read and is not sure, so that a
    name can be looked for that no reader understood; its first `own` characters are those of a module of Python itself.
    `modules` are those right below a package of Python; where it is a folder without `__init__.py`, these are all that
    it has. `gone` are modules that a file of Rust declares, with the files that they do not have. `made_from` are items
    after which macros may call others, with whether only modules below see these. `sees_more`: modules below may also
    import names that it has from somebody else.
    """

    names: frozenset[str]
    complete: bool
    text: str
    modules: frozenset[str] = frozenset()
    closed: bool = False
    own: int = 0
    gone: Mapping[str, str] = field(default_factory=dict)
    made_from: Mapping[str, bool] = field(default_factory=dict)
    sees_more: bool = False

    def lack(self, name: str, *, module: bool = False) -> bool:
        """Whether the name surely cannot be imported: no word of the sources is spelled like that either.

        `module`: it begins with a module of Rust. Nobody spells somebody else's as if it were one's own.
        """
        first = re.split(r"\.|::", name)[0]
        if first in self.gone:
            return True
        known = self.complete and (self.closed or bool(self.names)) and (module or not self.sees_more)
        if not known or first in _OPEN or first in _OF_EVERY_MODULE:
            return False
        if first in self.names:
            return self._lacks_within(name)
        if any(_plain(item) in _plain(first) for item, is_seen in self.made_from.items() if not (module and is_seen)):
            return False
        return not self._spells(first)

    def _lacks_within(self, name: str) -> bool:
        """Whether a nested name surely lacks one of its parts: the members of what it stands in are all listed."""
        held = name
        while held and held not in self.names:
            held = held.rpartition(".")[0]
        listed = any(each.startswith(f"{held}.") for each in self.names) and f"{held}.*" not in self.names
        return held != name and listed and not self._spells(name[len(held) + 1 :].partition(".")[0])

    def _spells(self, word: str) -> bool:
        """Whether a word of the sources, but for comments and modules of Python, may be the name."""
        found = re.finditer(rf"(?<![\w$]){re.escape(word)}(?![\w$])", self.text)
        return any(each.end() > self.own or not _binds_nothing(self.text, each.end()) for each in found)


def exports_of(path: str, language: Language | None, tree: Tree, importer: str = "", inside: str = "") -> Exports:
    """What `importer` may import from the file `path`; a `path` that ends in a slash is a folder of sources.

    `inside` is a module with a body in that file.
    """
    if language is None:
        return Exports(frozenset(), complete=False, text="")
    modules = _modules_below(path, tree) if language.id == "python" else frozenset()
    if modules and path.endswith("/"):
        return Exports(modules, complete=True, text="", modules=modules)
    members = _members(path, language, tree)
    read = list(_read(members, importer, tree, inside))
    sources = [each.source for each in read if each.source is not None]
    names = frozenset(name for source in sources for name in source.exports)
    unknown = [each for each in read if each.source is None or not _RUNTIME.isdisjoint(each.source.exports)]
    unsure = [each.text for each in read if each.source is None or not each.source.sure]
    is_program = language.id == "rust" and any(each.text.strip() for each in read)
    return Exports(
        names,
        all(each.is_seen for each in unknown),
        "\n".join(dict.fromkeys(unsure)),
        modules,
        closed=is_program or (language.id == "python" and is_regular_package(path)),
        own=len(unsure[0]) if language.id == "python" and unsure else 0,
        gone=dict(_gone(read, len(members), tree)),
        made_from={item: each.is_seen for each in reversed(read) if each.source for item in each.source.makes_from},
        sees_more=any(each.is_seen for each in unknown),
    )


def read_for(path: str, language: Language | None, tree: Tree, importer: str = "", inside: str = "") -> tuple[str, ...]:
    """The existing files whose texts tell what `path` exports, as far as the texts at hand say which those are."""
    if language is None:
        return ()
    read = _read(_members(path, language, tree), importer, tree, inside)
    return tuple(dict.fromkeys(each.path for each in read if each.path in tree))


def _binds_nothing(text: str, end: int) -> bool:
    """Whether what stands there in a module of Python is a comment, or what a statement takes its names from.

    The latter binds no name but that of a module, which `import *` alone passes on.
    """
    found = _NO_BINDING.match(text, text.rfind("\n", 0, end) + 1)
    return found is not None and end <= found.end()


def _modules_below(path: str, tree: Tree) -> frozenset[str]:
    """The modules and folders right below a package of Python; none for what is no package."""
    folder, _, name = path.rpartition("/")
    if name and not is_regular_package(path):
        return frozenset()
    start = len(folder) + 1 if folder else 0
    below = (file[start:].partition("/") for file in tree.below(folder, most=_MOST_BELOW))
    names = (child.partition(".")[0] for child, deeper, _ in below if deeper or child.endswith((".py", ".pyi")))
    return frozenset(names) - {"__init__"}


def is_regular_package(path: str) -> bool:
    """Whether a file is what a package of Python holds itself."""
    return path.rpartition("/")[2] in {"__init__.py", "__init__.pyi"}


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
_RUNTIME = frozenset({"*", "__getattr__", "__path__"})

_NO_BINDING = re.compile(r"[ \t]*(?:#[^\n]*|from[ \t]+[.\w]+(?=[ \t]+import\b))")

_OF_EVERY_MODULE = frozenset(
    {"__builtins__", "__cached__", "__dict__", "__doc__", "__file__", "__loader__", "__name__", "__package__"}
    | {"__annotations__", "__path__", "__spec__", "__warningregistry__"}
)
"""What every module of Python has without defining it."""


class _Read(NamedTuple):
    """A file that was read for its names, or the module with a body in it; no `source` where nobody knows them.

    `is_seen`: its names are for the modules below alone.
    """

    path: str
    inside: str
    source: Source | None
    text: str
    is_seen: bool


def _read(members: tuple[str, ...], importer: str, tree: Tree, inside: str) -> Iterator[_Read]:
    """The sources of the files, and those of all whose names they pass on."""
    pending = deque((member, inside, 0, False) for member in members)
    seen = {(path, inside) for path, inside, _, _ in pending}
    while pending:
        path, inside, depth, is_seen = pending.popleft()
        text = tree.contents.get(path)
        source = None if text is None else read_source(path, text)
        scope = source and source.at(inside)
        yield _Read(path, inside, scope, text or "", is_seen)
        given = [(module, is_seen) for module in scope.passes_on] if scope else []
        given += [(module, True) for module in scope.sees] if scope else []
        for module, for_some in given:
            file, within, left = _passed_on(module, path, tree) if depth < _DEEPEST else ("", "", "")
            if not file or left:
                if not for_some or _is_below(importer, path):
                    yield _Read(file, within, None, "", for_some)
            elif (file, within) not in seen:
                seen.add((file, within))
                pending.append((file, within, depth + 1, for_some))


def _passed_on(module: str, importer: str, tree: Tree) -> tuple[str, str, str]:
    """The file whose names `importer` passes on, the module with a body in it, and what is left of the path behind it.

    No file where nobody knows, or where it is somebody else's.
    """
    language = language_of(importer)
    if language is None:
        return "", "", ""
    found, _ = resolved(module, importer, language, tree, tree, names=True)
    path = first_existing(found.files, language, tree)
    return ("", "", "") if path is None or path.endswith("/") else (path, found.inside, found.name)


def _is_below(importer: str, path: str) -> bool:
    """Whether a file of Rust is a module below the file `path`, or that file itself: it may use what that one uses."""
    folder = _below(path)
    return importer == path or not folder or importer.startswith(f"{folder}/")


def _below(path: str) -> str:
    """The folder of the modules below a file of Rust."""
    folder, _, name = path.rpartition("/")
    return folder if name in _FOLDERS_THEMSELVES else path.removesuffix(".rs")


_FOLDERS_THEMSELVES = frozenset({*_ROOTS, "mod.rs"})


def _gone(read: Sequence[_Read], own: int, tree: Tree) -> Iterator[tuple[str, str]]:
    """The modules that files of Rust declare, and that have no file wherever one could lie.

    The first `own` of what was read is what was asked for; from the others only public modules are passed on.
    """
    for at, each in enumerate(read):
        others = [other.source for other in read if other.source and not (other.is_seen or other is each)]
        for module in each.source.awaits if each.source else ():
            stems = [under(folder, module) for folder in _folders_below(each)]
            there = any(path in tree for stem in stems for path in (f"{stem}.rs", f"{stem}/mod.rs"))
            known = at < own or (each.source is not None and module in each.source.exports)
            if known and not (there or any(module in {*other.exports} - {*other.awaits} for other in others)):
                yield module, f"{stems[0]}.rs"


def _folders_below(each: _Read) -> tuple[str, str]:
    """Where the modules of a file may lie: below it, or beside it where its `path` attribute puts it elsewhere."""
    within = each.inside.replace("::", "/")
    return under(_below(each.path), within), under(each.path.rpartition("/")[0], within)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
