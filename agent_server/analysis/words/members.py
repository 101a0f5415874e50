"""Names in modules that other tasks write: one uses `store.Open`, and another writes `internal/store/open.go`.

The module tells what is meant, so that the name may be as plain as it likes:

- A task that writes the module and creates the name is meant, if the module does not define the name yet. It creates
  those of the files that it mirrors, with the names exchanged, too.
- Of a name that the module defines, a task before the user that changes how it is used.
- So is the only task that writes a package of Go which is not there yet: `store.Open`, and "the new store package", can
  come from nowhere else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.footprints import Footprint
from agent_server.analysis.imports.predictions import exports_like
from agent_server.analysis.questions import Definers
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.symbol_words import Role
from agent_server.analysis.words.symbols import is_felt
from agent_server.analysis.words.task_words import Said
from agent_server.languages import language_of
from agent_server.languages.go_layout import STANDARD_LIBRARY

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

_SURE = 0.5
"""A name that its task creates less surely than this is not looked for there."""

_ONLY_WRITER = 0.8
"""How sure it is that a name is that of the only task which writes its package."""

_SPELLED_OUT = 0.8
"""How sure it is that a task uses a name which it spells with its module, whatever else it says of it."""

_SURE_AGAINST_PLAN = 0.75
"""A guess below this sends no task behind one that stands after it."""

_STANDARD = frozenset(
    """
    atomic base64 big binary cipher csv draw exec filepath gzip heap hex hmac http httptest json md5 rand rsa sha256
    signal slog sql tar template tls url utf8 x509 xml zip
    """.split()
)
"""Packages that come with Go and whose paths end so: `json.Marshal` is one of theirs, whatever a task writes."""

_FOLDERS_THEMSELVES = frozenset({"__init__", "index", "lib", "mod"})

_MODULE = re.compile(
    r"^module\s+[\"`]?(?:\S*/)?(?!v\d+\b)(?P<name>[\w.-]+?)(?:/v\d+)?[\"`]?\s*(?://.*)?$", re.MULTILINE
)
"""The last word of a path in a `go.mod`, by which the package at the module's root is called."""

_WHOLE = re.compile(r"(?:\./)?([^*?{}\[\]!]+)/(?:\*\*?(?:/\*)?(?:\.go)?)?")

_Written = Mapping[int, str]
"""By their places in the plan, the tasks that write a module, each with its file."""


@dataclass(frozen=True, slots=True)
class Member:
    """A name of a module that `user` uses, and that `maker` writes in the file `path`.

    `use` is where the one says so, and `made` where the other does; None where it says nothing of the name.
    """

    user: Footprint
    maker: Footprint
    path: str
    use: Said
    made: Said | None

    @property
    def confidence(self) -> float:
        """How sure it is that this task makes the name."""
        use = max(self.use.symbol.confidence, _SPELLED_OUT)
        return use * (self.made.symbol.confidence if self.made else _ONLY_WRITER)


def members(footprints: Sequence[Footprint], tree: Tree) -> Iterator[Member]:
    """The names that open tasks use of modules which others write. `footprints` stand in the plan's order."""
    if not any(each.words.members for each in footprints):
        return
    roots = _roots(tree)
    modules = _written_modules(footprints, tree, roots)
    for place, user in enumerate(footprints):
        for module, name, use in user.words.members:
            written = modules.get(module, {})
            if not written or place in written:
                continue
            definers = tree.answers.files(Definers(name)) if name else ()
            defined = any(_module(path, roots) == module for path in definers or ())
            makers = (_changers if defined else _makers)(module, name, written, footprints, tree)
            found = {
                maker: Member(user, footprints[maker], written[maker], use, made) for maker, made in makers.items()
            }
            before = [each for maker, each in found.items() if maker < place]
            certain = [each for each in found.values() if each.confidence >= _SURE_AGAINST_PLAN]
            yield from before[-1:] or ([] if definers is None or defined or user.words.tests else certain[:1])


def _written_modules(footprints: Sequence[Footprint], tree: Tree, roots: Mapping[str, str]) -> Mapping[str, _Written]:
    """The modules that tasks write, by what they are called."""
    found: dict[str, dict[int, str]] = {}
    for place, each in enumerate(footprints):
        for path in (*each.writes.paths.literals, *_packages(each, tree)):
            found.setdefault(_module(path, roots), {}).setdefault(place, path)
    return found


def _packages(writer: Footprint, tree: Tree) -> Iterator[str]:
    """The packages of Go that a task writes as a whole: `internal/mail/`, `internal/mail/*.go`."""
    if tree.named("go.mod"):
        for claim in writer.write_claims:
            folder = None if claim.paths.is_literal else _WHOLE.fullmatch(claim.text)
            if folder:
                yield f"{folder[1]}/*.go"


def _roots(tree: Tree) -> Mapping[str, str]:
    """What the packages at the roots of Go's modules are called, by their folders, as far as the manifests are read."""
    texts = ((path.rpartition("/")[0], tree.contents.get(path)) for path in tree.named("go.mod"))
    return {folder: name for folder, text in texts if text is not None and (name := _name_in(text))}


@lru_cache(maxsize=1024)
def _name_in(manifest: str) -> str:
    found = _MODULE.search(manifest)
    return found["name"] if found else ""


def _module(path: str, roots: Mapping[str, str]) -> str:
    """What sources call the module that a source is, or is a part of; empty for what is no source."""
    folder, name = _called(path)
    return roots.get(folder, name) if name is not None and path.endswith(".go") else name or ""


@lru_cache(maxsize=65536)
def _called(path: str) -> tuple[str, str | None]:
    """The folder of a source, and what the module is called by its path alone; None for a test, and for a program."""
    language = language_of(path)
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    if language is None or path.endswith(language.tests) or name == "main.go":
        return folder, None
    return folder, folder.rpartition("/")[2] if language.id == "go" or stem in _FOLDERS_THEMSELVES else stem


_Makers = Mapping[int, Said | None]
"""By their places in the plan, the tasks that make a name, with where they say so; None where they do not."""


def _makers(module: str, name: str, written: _Written, footprints: Sequence[Footprint], tree: Tree) -> _Makers:
    """The tasks that may make a name of a module which does not define it."""
    made = {place: _making(footprints[place], module, name, (Role.CREATES, Role.DESCRIBES)) for place in written}
    found = {place: said for place, said in made.items() if said is not None}
    if found:
        return found
    mirroring = {place: None for place in written if _would_mirror(footprints[place], name, tree)}
    if mirroring or len(written) > 1:
        return mirroring
    return {place: None for place, path in written.items() if _is_new(module, name, path, tree)}


def _changers(module: str, name: str, written: _Written, footprints: Sequence[Footprint], _tree: Tree) -> _Makers:
    """The tasks that change a name of a module so that its users feel it."""
    made = {place: _making(footprints[place], module, name, (Role.CHANGES,)) for place in written}
    return {place: said for place, said in made.items() if said is not None and is_felt(said.symbol)}


def _making(maker: Footprint, module: str, name: str, ways: Sequence[Role]) -> Said | None:
    """Where a task makes a name of its module in one of these ways. It may spell the module out or not."""
    names = maker.words.names
    made = (names.get(spelled, {}).get(way) for way in ways for spelled in (name, f"{module}.{name}"))
    return next((said for said in made if said is not None and said.symbol.confidence >= _SURE), None)


def _would_mirror(maker: Footprint, name: str, tree: Tree) -> bool:
    return bool(maker.task.mirrors) and name in exports_like(maker.writes.paths.literals, maker.mirrored(tree), tree)


def _is_new(module: str, name: str, path: str, tree: Tree) -> bool:
    """Whether a name (empty for the package itself) can only be that of a package of Go which is not there yet."""
    folder = path.rpartition("/")[0]
    is_package = path.endswith(".go") and bool(folder) and not tree.is_directory(folder)
    is_standard = module in _STANDARD or STANDARD_LIBRARY.fullmatch(module) is not None
    return is_package and (not name or (name[:1].isupper() and not is_standard))
