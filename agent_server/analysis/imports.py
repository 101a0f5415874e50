"""What the items of `imports` mean: files that exist, or files that would have to be created.

An item is a path (it has a slash or a known extension) or a Python module. One that means no existing file is *ours*,
and so missing unless a task creates it, only if it surely belongs to this workspace:

- a path with a known extension, or one that begins with `./`, `../`, `@/` or `~/`;
- another path whose first folder the workspace has, or a task creates;
- a relative module;
- a dotted module whose top-level package the workspace has, or a task creates.

Everything else (`requests`, `react-dom/client`, `os.path`) is taken for somebody else's package and says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from posixpath import normpath

from agent_server.analysis.path_shapes import KNOWN_EXTENSIONS, extension, is_path
from agent_server.analysis.python_imports import import_roots, is_standard, module_files
from agent_server.analysis.tree import Tree
from agent_server.analysis.writers import Writers
from agent_server.plan.model import Item, Task

_SUFFIXES = (
    *(".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".py", ".go", ".rs", ".rb", ".php", ".dart"),
    *("/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/__init__.py", "/mod.rs"),
)
"""What an import that spells no extension may leave out."""

_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript imports the file that its source becomes."""

_ALIASES = ("@/", "~/")


@dataclass(frozen=True, slots=True)
class Target:
    """What an `imports` item may mean: `files`, likeliest first, of which `existing` is the first that is there.

    `importer` is the file that is to hold the import, or empty if that is not known.
    """

    item: Item
    importer: str
    files: tuple[str, ...]
    existing: str | None


def targets(task: Task, importer: str, tree: Tree) -> tuple[Target, ...]:
    """What each import of a task means. `importer` is the file that the task writes, or empty if that is not known."""
    return tuple(_target(item, importer, tree) for item in task.imports)


def is_ours(target: Target, tree: Tree, writers: Writers) -> bool:
    """Whether an import surely belongs to the workspace, by the rules at the top of this file."""
    text = target.item.text
    if is_path(text):
        top = text.partition("/")[0]
        return (
            extension(text) in KNOWN_EXTENSIONS
            or text.startswith(("./", "../", *_ALIASES))
            or tree.is_directory(top)
            or writers.creates_below(top)
        )
    if text.startswith("."):
        return True
    return "." in text and not is_standard(text) and _has_package(text.partition(".")[0], target, tree, writers)


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
            yield from _spellings(path)


def _target(item: Item, importer: str, tree: Tree) -> Target:
    files = _meanings(item.text, importer)
    existing = next((file for file in files if file in tree), None)
    if existing is None and is_path(item.text):
        existing = next((f"{file}/" for file in files if tree.is_directory(file)), None)
    return Target(item, importer, files, existing)


@lru_cache(maxsize=4096)
def _meanings(text: str, importer: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path_files(text, importer) if is_path(text) else _modules(text, importer)))


def _modules(module: str, importer: str) -> Iterator[str]:
    """The files of a module, then those of the module that may hold its last part as a name."""
    yield from module_files(module, importer)
    owner, dot, _ = module.rpartition(".")
    if dot and owner.strip("."):
        yield from (file for file in module_files(owner, importer) if not file.endswith("/__init__.py"))


def _spellings(path: str) -> Iterator[str]:
    yield path
    ending = f".{extension(path)}"
    yield from (path.removesuffix(ending) + source for source in _COMPILED.get(ending, ()))
    if ending[1:] not in KNOWN_EXTENSIONS:
        yield from (path + suffix for suffix in _SUFFIXES)


def _ancestors(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(len(parts), 0, -1)]


def _has_package(name: str, target: Target, tree: Tree, writers: Writers) -> bool:
    """Whether a Python package or module of that name lies, or will lie, where the importer looks for modules."""
    places = [f"{root}/{name}".lstrip("/") for root in import_roots(target.importer)]
    return any(
        f"{place}.py" in tree
        or any(path.endswith((".py", ".pyi")) for path in tree.below(place))
        or writers.creates_below(place)
        or bool(writers.creating(f"{place}.py"))
        for place in places
    )
