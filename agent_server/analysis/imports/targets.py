"""What the items of `imports` mean: files that exist, or files that would have to be created.

An item is what its language spells (`data.clay`, `@/data/clay`, `crate::data::clay`), a whole statement, or a path. Its
language is that of a file which the task writes; each of them is asked in turn, and the first for which the item means
something that is there, or is to be created, decides. Where none does, or no language is known, the shape of the item
tells which other languages to ask.

An item that means no file is *ours*, and so missing unless a task creates it, only if it surely belongs to this
workspace: if its language says so, or if it is a path with a known extension, or one that begins with `./`, `../`, `@/`
or `~/`. Everything else (`requests`, `react-dom/client`, `os.path`) is taken for somebody else's package and says
nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import normpath

from agent_server.analysis.claims import files as matching
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.layouts import layouts_of, sources_in
from agent_server.analysis.reexports import followed
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.path_shapes import KNOWN_EXTENSIONS, extension, is_path
from agent_server.languages import LANGUAGES, Files, Import, Language, Resolution, Trace, language_of, statements
from agent_server.plan.model import Item, Task

_MOST_IMPORTERS = 8
"""How many of the files that a task writes are asked what an import means to them."""

_MOST_LOOKED_THROUGH = 100

_SUFFIXES = (
    *(".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".py", ".go", ".rs", ".rb", ".php", ".dart"),
    *("/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/__init__.py", "/mod.rs"),
)
"""What a path that spells no extension may leave out, in files of a language that is not known."""

_ALIASES = ("@/", "~/")
_NO_PATH = frozenset("\"'`:")


@dataclass(frozen=True, slots=True)
class Place:
    """A file that may be to hold an import, and its language; None for one that is not known.

    `guessed`: the task writes files of other languages, and only the shape of the import speaks for this one. Then it
    means what is there or to be created, and is never missing.
    """

    importer: str
    language: Language | None
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What one import of an item of `imports` may mean.

    `names` are what it takes from the module: those that the item lists, and what is left of the module behind its
    file. `files` are likeliest first, `existing` is the first of them that is there; a folder ends in a slash. `place`
    is the file for which it means that, `places` are all that were asked. `ours`: it is missing where none of `files`
    is created, none of its `traces` is there, and sources do not import what begins with each of `unless_imported`.
    `closed_by` is the manifest that keeps it from being imported, `opened` what can be imported from there. `holder` is
    the package that it would lie in, which may hold its last part as a name. `via` are the files that pass it on.
    `inside` is the module with a body in the existing file that is meant, and `left` is what is left of the module
    behind its file.
    """

    item: Item
    wanted: Import
    names: tuple[str, ...]
    files: tuple[str, ...]
    existing: str | None
    ours: bool
    place: Place
    places: tuple[Place, ...]
    closed_by: str = ""
    opened: tuple[str, ...] = ()
    holder: str = ""
    via: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()
    unless_imported: tuple[str, ...] = ()
    inside: str = ""
    left: str = ""


def targets(task: Task, writes: PathSet, tree: Tree) -> tuple[Target, ...]:
    """What each import of a task means by the files that exist. `writes` is what the task writes."""
    if not task.imports:
        return ()
    places = _places(writes, tree)
    return tuple(target for item in task.imports for target in _targets(item, places, tree))


def to_come(target: Target, files: Files, tree: Tree) -> Target:
    """What a target means once `files` are there: those of the tree, and those that tasks create."""
    found = [_target(target.item, target.wanted, place, target.places, files, tree) for place in target.places]
    existing = next((each for each in found if each.existing), None)
    return existing or next((each for each in found if each.ours), found[0])


def first_existing(files: Iterable[str], language: Language | None, known: Files) -> str | None:
    """The first of the files that is there. A folder (it ends in a slash) is there if sources of the language are."""
    for file in files:
        if not file.endswith("/"):
            if file in known:
                return file
        elif sources_in(file, language, known) if language is not None else known.is_directory(file.rstrip("/")):
            return file
    return None


def path_files(text: str, importer: str) -> Iterator[str]:
    """The files that a path may mean in the file `importer`, likeliest first, with endings that imports leave out."""
    folder = importer.rpartition("/")[0]
    alias = next((alias for alias in _ALIASES if text.startswith(alias)), "")
    if alias:
        roots = [*_ancestors(folder), "src", ""]
    elif text.startswith("../"):
        roots = [folder]
    elif text.startswith("./"):
        roots = [folder, ""]
    else:
        roots = [""] if extension(text) in KNOWN_EXTENSIONS else ["", "src", *_ancestors(folder)]
    for root in roots:
        path = normpath(f"{root}/{text.removeprefix(alias)}").lstrip("/")
        if path != "." and not path.startswith(".."):
            yield path
            if extension(path) not in KNOWN_EXTENSIONS:
                yield from (path + suffix for suffix in _SUFFIXES)


def _places(writes: PathSet, tree: Tree) -> tuple[Place, ...]:
    """The files that may be to hold the imports: those that the write set spells out, else what its globs match."""
    spelled = [path for path in writes.literals if language_of(path)]
    known = spelled or [path for path in matching(writes, tree)[:_MOST_LOOKED_THROUGH] if language_of(path)]
    return tuple(Place(path, language_of(path)) for path in known[:_MOST_IMPORTERS])


def _targets(item: Item, places: tuple[Place, ...], tree: Tree) -> Sequence[Target]:
    asked = (*places, *_by_shape(item.text, places)) or (Place("", None),)
    first: Sequence[Target] = ()
    for place in asked:
        wanted = _imports(item.text, place.language)
        found = [_target(item, each, place, asked, tree, tree) for each in wanted]
        if any(each.existing for each in found if not each.wanted.perhaps):
            return found
        first = first or found
    return first


def _by_shape(text: str, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """The languages that the shape of an import speaks for, but for those of the files that the task writes."""
    known = {place.language.id for place in places if place.language is not None}
    if known and not any(separator in text for separator in (".", "/", "::")):
        return ()
    return tuple(Place("", each, guessed=bool(known)) for each in _spelled_in(text) if each.id not in known)


def _imports(text: str, language: Language | None) -> tuple[Import, ...]:
    plain = language is None or (is_path(text) and not any(char.isspace() or char in _NO_PATH for char in text))
    return (Import(text),) if plain or language is None else statements(text, language)


def resolved(  # noqa: PLR0913  # what is asked, for which file, over what
    module: str, importer: str, language: Language, files: Files, tree: Tree, *, names: bool
) -> tuple[Resolution, tuple[str, ...]]:
    """What a module means to an importer once `files` are there, and the files that pass it on.

    `names`: names are taken from it.
    """
    layouts = layouts_of(tree)
    over = None if files is tree else files
    found = layouts.resolve(module, importer, language, over)
    if language.id != "rust" or not found.name:
        return found, ()
    return followed(
        found, names, files, tree.contents, lambda module, file: layouts.resolve(module, file, language, over)
    )


def _target(  # noqa: PLR0913, PLR0917  # what is asked, for which place among which, over what
    item: Item, wanted: Import, place: Place, places: tuple[Place, ...], files: Files, tree: Tree
) -> Target:
    found, via = _resolution(wanted, place, files, tree)
    # Of a module that no file is, only where it leads is known: its names are not those of the file above it.
    names = (found.name,) if found.name else wanted.names
    existing = first_existing(found.files, place.language, files)
    return Target(
        item,
        wanted,
        names,
        files=found.files,
        existing=existing,
        ours=found.ours and not place.guessed,
        place=place,
        places=places,
        closed_by=found.closed_by,
        opened=found.opened,
        holder=found.holder,
        via=via,
        traces=found.traces,
        unless_imported=found.unless_imported,
        inside=found.inside,
        left=found.name,
    )


def _resolution(wanted: Import, place: Place, files: Files, tree: Tree) -> tuple[Resolution, tuple[str, ...]]:
    """What a module means in a place: by its language or, for what looks like a file's path, by that path."""
    module = wanted.module
    plain = module in files or (extension(module) in KNOWN_EXTENSIONS and not _is_address(module, files))
    if place.language is not None:
        found, via = resolved(module, place.importer, place.language, files, tree, names=bool(wanted.names))
        is_module = place.language.id == "python" and found.ours  # `shop.export.csv` is no file called so.
        if is_module or not (is_path(module) and plain) or first_existing(found.files, place.language, files):
            return found, via
        if found.files and not _starts_at_root(module, files):
            return found, via  # Its language alone tells what that means, and which endings its file may have.
        if _is_in_package(module, place.language, files):
            return found, via
    if not is_path(module):
        return Resolution(), ()
    paths = tuple(dict.fromkeys(path_files(module, place.importer)))
    relative = module.startswith(("./", "../", *_ALIASES))
    # `uplot/dist/style.css` may come from a package; a source is imported from one without its ending.
    plain = plain and (place.language is None or language_of(module) is not None)
    return Resolution(paths, plain or relative or files.is_directory(module.partition("/")[0])), ()


def _is_in_package(module: str, language: Language, files: Files) -> bool:
    """Whether what looks like a path of JavaScript may well be a package: `zone.js`, `three/addons/controls.js`."""
    first, slash, _ = module.partition("/")
    if language.id != "typescript" or module in files or module.startswith((".", "/", *_ALIASES)):
        return False
    return not files.is_directory(first) if slash else module.endswith(".js")


def _starts_at_root(module: str, files: Files) -> bool:
    """Whether what looks like a path may well be one from the workspace root (`./src/data/clay.ts`)."""
    path = module.removeprefix("./").lstrip("/")
    first, slash, _ = path.partition("/")
    return path in files or (files.is_directory(first) if slash else path == module)


def _is_address(module: str, files: Files) -> bool:
    """Whether what looks like a path begins with the host of a repository (`github.com/nats-io/nats.go`)."""
    first, slash, _ = module.partition("/")
    return bool(slash and first.strip(".") and "." in first.strip(".")) and not files.is_directory(first)


def _spelled_in(text: str) -> tuple[Language, ...]:
    """The languages that an import may be spelled in, by its shape."""
    own = language_of(text)
    if own is not None and is_path(text):
        return (own,)
    ids: tuple[str, ...]
    if "::" in text:
        ids = ("rust",)
    elif text.startswith(("@", "~/", "#", "./", "../")):
        ids = ("typescript",)
    elif "/" in text:
        ids = ("go", "typescript", "python")
    else:
        ids = ("python", "java") if "." in text else ("python",)
    return tuple(LANGUAGES[each] for each in ids if each in LANGUAGES)


def _ancestors(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
