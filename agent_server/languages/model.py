"""What a source says about other sources, and what an import means: the values that every language gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a source imports, as its language spells it, and the names it takes from there.

    A relative module keeps its dots (`.data`, `../data`, `super::data`). `names` are spelled as the other module calls
    them; it is empty where the source takes the module as a whole and uses nothing of it. `perhaps`: it may be a name
    of another module, and no module at all (`from data import knowledge`, `use crate::data::knowledge`).

    A declaration that makes another file part of the program counts as an import of it: `mod data;` in Rust imports
    `self::data`, `export * from "./data"` imports `./data`.
    """

    module: str
    names: tuple[str, ...] = ()
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What one file imports and exports, in the order of its text, each once.

    `exports` are the names that other files may import from it (in Go and Java: that it declares for other packages
    or classes to use). `passes_on` are the modules all of whose names it exports too (`export *`, `from .x import *`,
    `pub use x::*`). `leads_to` are the names that stand for other modules, or may, with these: `core` for
    `ferry_core` in `pub use ferry_core as core`. `package` is the package clause of Go and Java, empty elsewhere.
    `sure`: nothing else in the text can export a name, so that one which merely stands there cannot be imported.

    The rest is Rust's. `awaits` are the modules that must be files of their own (`mod store;`). `sees` are the modules
    all of whose names only the modules below may import from here (`use x::*`). `makes_from` are the items from whose
    names a macro may make others (`Options`, and so `OptionsBuilder`). `within` are the modules with a body, each as a
    source of its own without imports, by its path from the top of the file.
    """

    imports: tuple[Import, ...] = ()
    exports: tuple[str, ...] = ()
    passes_on: tuple[str, ...] = ()
    package: str = ""
    leads_to: tuple[tuple[str, str], ...] = ()
    sure: bool = False
    awaits: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    makes_from: tuple[str, ...] = ()
    within: tuple[tuple[str, "Source"], ...] = ()

    def at(self, inside: str) -> "Source":
        """The module with a body of that path; the file itself for an empty path, or where there is no such module."""
        return next((source for path, source in self.within if path == inside), self)


@dataclass(frozen=True, slots=True)
class Trace:
    """What tells that a module may be there although no file is called like it.

    A file with one of these endings whose text holds all `words` (in lower case) may declare the module, or be what a
    build makes it from. Without words any such file may; with `folders` only one that lies right in a folder whose path
    ends so.
    """

    endings: tuple[str, ...]
    words: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    def may_be(self, path: str) -> bool:
        """Whether a file of that path may bear the trace, if it holds the words."""
        at = not self.folders or f"/{path.rpartition('/')[0]}".endswith(tuple(f"/{each}" for each in self.folders))
        return at and path.endswith(self.endings)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a module may mean to one importer.

    `files` are paths relative to the workspace root, likeliest first, whether they exist or not. One that ends in `/`
    is a package that is a folder (Go, a Java wildcard, a namespace package): any source of the language directly in
    it; `/` alone is the workspace root. Behind a package of Go that a program makes stand the schemas that it is made
    of. `name` is what is left of the module behind the first file that exists (or the first, where none does): the
    `Bar` of `crate::foo::Bar`. Only that file's text tells whether it holds the name.

    `ours`: the module surely belongs to this workspace, so it is missing where none of `files` exists or is created.
    Somebody else's package is never ours, and neither is what nobody can tell.

    `closed_by` is the manifest of a package that keeps the module to itself, whether its file is there or not, or the
    folder (it ends in a slash) whose sources alone may import the module, as Go's `internal` has it; `opened` are the
    modules that it lets others import.

    `holder` is the innermost existing package that a module which does not exist would lie in. The last part of the
    module may be a name in there (`app.models.Room`); and where it exports `__path__`, it may have modules elsewhere.

    `traces` tell that what is ours may be there all the same: it is missing only where there is none of them. Nor is it
    missing where sources import what begins with each of `unless_imported`: what is used, and nobody has, comes from
    elsewhere.

    `inside` is the module with a body, in the first file that exists, to which the path leads. Only that file's text
    tells.
    """

    files: tuple[str, ...] = ()
    ours: bool = False
    name: str = ""
    closed_by: str = ""
    opened: tuple[str, ...] = ()
    holder: str = ""
    traces: tuple[Trace, ...] = ()
    unless_imported: tuple[str, ...] = ()
    inside: str = ""


class Files(Protocol):
    """The files of a workspace, those that tasks will create included. `analysis.tree.Tree` is one."""

    def __contains__(self, path: object) -> bool:
        """Whether a file of that path exists."""

    def is_directory(self, path: str) -> bool:
        """Whether a file lies somewhere below `path` (`""` is the root)."""

    def below(self, directory: str, *, most: int | None = None) -> tuple[str, ...]:
        """The files below `directory`, sorted; `""` is the root. At most `most` of them."""

    def named(self, name: str) -> tuple[str, ...]:
        """The files whose last segment is `name`, sorted."""

    def with_extension(self, extension: str) -> tuple[str, ...]:
        """The files whose last segment ends in a dot and `extension`, sorted."""


class Layout(Protocol):
    """How a language's modules lie in one workspace, as its manifests say: source roots, aliases, crates, modules."""

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What `module` means in the file `importer` (empty where nobody knows which file will hold the import)."""


class Language(Protocol):
    """One language. `endings` are its files' endings with their dots, longest first where one ends another.

    `tests` are the endings of sources that are no part of the package whose folder they lie in: nobody imports them.
    `manifests` are the names of the files (`pyproject.toml`, `tsconfig.json`) that its layout is read from.
    """

    id: str
    endings: tuple[str, ...]
    tests: tuple[str, ...]
    manifests: tuple[str, ...]

    def read(self, path: str, text: str) -> Source:
        """What the source imports and exports. Never raises: what cannot be parsed is skipped, the rest is read."""

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:
        """The layout of a workspace. `texts` holds its manifests by path, as far as they could be read.

        Never raises: a broken manifest counts as one that says nothing.
        """
