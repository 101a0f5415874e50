"""What imports mean: files that exist, files that a task creates, files that a mirrored pattern predicts.

An `imports` item is a path (it has a slash or a known extension) or a Python module. It is *missing* only if it surely
belongs to this workspace:

- a path with a known extension, or one that begins with `./`, `../`, `@/` or `~/`;
- another path whose first folder the workspace has, or a task creates;
- a relative module;
- a dotted module whose top-level package the workspace has, or a task creates.

Everything else (`requests`, `react-dom/client`, `os.path`) is taken for somebody else's package and says nothing.

A missing import that another open task creates may still run beside that task, by a contract:

1. the importer mirrors an existing file, and an import of that file, with the names substituted, is exactly this one;
2. or the producer declares `exports`.

Otherwise the importer waits for the producer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import normpath

from agent_server.analysis.mirrors import Renaming, Style, renamings, substitute
from agent_server.analysis.path_shapes import KNOWN_EXTENSIONS, extension, is_path
from agent_server.analysis.python_imports import Import, imports_of, is_standard, module_files
from agent_server.analysis.text_imports import imports_in
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
_PYTHON = (".py", ".pyi")


@dataclass(frozen=True, slots=True)
class Target:
    """What an `imports` item may mean: `files`, likeliest first, of which `existing` is the first that is there."""

    item: Item
    files: tuple[str, ...]
    existing: str | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A file that a task mirrors, the file that it writes after that pattern, and what differs between the two."""

    mirrored: str
    written: str
    renamings: tuple[Renaming, ...]


def targets(task: Task, importer: str, tree: Tree) -> tuple[Target, ...]:
    """What each import of a task means. `importer` is the file that the task writes, or empty if that is not known."""
    return tuple(_target(item, importer, tree) for item in task.imports)


def is_ours(text: str, tree: Tree, writers: Writers) -> bool:
    """Whether an import surely belongs to the workspace, by the rules at the top of this file."""
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
    top = text.partition(".")[0]
    return "." in text and not is_standard(text) and _has_package(top, tree, writers)


def patterns(written: Sequence[str], mirrored: Iterable[str]) -> Iterator[Pattern]:
    """Each mirrored file with each written file, the most alike first."""
    for mirror in mirrored:
        for path in sorted(written, key=lambda path: -_likeness(mirror, path)):
            found = renamings(mirror, path)
            if found:
                yield Pattern(mirror, path, found)


def predicted(path: str, candidates: Iterable[Pattern], tree: Tree) -> tuple[Pattern, tuple[str, ...]] | None:
    """The first pattern that predicts an import of the file `path`, with the names that it predicts from there."""
    for pattern in candidates:
        names = [
            _name(name, pattern)
            for found in _imports(pattern.mirrored, tree) or ()
            if any(path in files for _, files in _meanings(found.module, pattern))
            for name in (*found.names, "")
        ]
        if names:
            return pattern, tuple(dict.fromkeys(filter(None, names)))
    return None


def found_instead(mirrored: Sequence[str], candidates: Sequence[Pattern], tree: Tree) -> str:
    """Why no pattern predicts an import: what the mirrored files import instead, as a clause for the user."""
    first = mirrored[0]
    imports = _imports(first, tree)
    if first not in tree.contents:
        return f"`{first}` could not be read"
    if imports is None:
        return f"`{first}` is not valid Python"
    if not imports:
        return f"`{first}` imports nothing"
    pattern = next((each for each in candidates if each.mirrored == first), None)
    if pattern is None:
        return f"no file that the task writes differs from `{first}` by a name"
    changed = [module for found in imports if (module := substitute(found.module, pattern.renamings)) != found.module]
    how = ", ".join(map(str, pattern.renamings))
    if changed:
        return f"with {how}, the imports of `{first}` give {_listed(changed)}"
    return f"{how} changes none of the imports of `{first}` ({_listed([found.module for found in imports])})"


def _target(item: Item, importer: str, tree: Tree) -> Target:
    files = tuple(
        dict.fromkeys(_path_files(item.text, importer) if is_path(item.text) else _modules(item.text, importer))
    )
    existing = next((file for file in files if file in tree), None)
    if existing is None and is_path(item.text):
        existing = next((f"{file.rstrip('/')}/" for file in files if tree.is_directory(file)), None)
    return Target(item, files, existing)


def _modules(module: str, importer: str) -> Iterator[str]:
    """The files of a module, then those of the module that may hold its last part as a name."""
    yield from module_files(module, importer)
    owner, dot, _ = module.rpartition(".")
    if dot and owner.strip("."):
        yield from (file for file in module_files(owner, importer) if not file.endswith("/__init__.py"))


def _path_files(text: str, importer: str) -> Iterator[str]:
    folder = importer.rpartition("/")[0]
    alias = next((alias for alias in _ALIASES if text.startswith(alias)), None)
    if alias:
        roots = ["src", "", *_ancestors(folder)]
    elif text.startswith("../"):
        roots = [folder]
    elif text.startswith("./"):
        roots = [folder, ""]
    else:
        roots = [""] if extension(text) in KNOWN_EXTENSIONS else ["", "src", *_ancestors(folder)]
    for root in roots:
        path = normpath(f"{root}/{text.removeprefix(alias or '')}").lstrip("/")
        if path != "." and not path.startswith(".."):
            yield from _spellings(path)


def _spellings(path: str) -> Iterator[str]:
    yield path
    ending = f".{extension(path)}"
    yield from (path.removesuffix(ending) + source for source in _COMPILED.get(ending, ()))
    if ending[1:] not in KNOWN_EXTENSIONS:
        yield from (path + suffix for suffix in _SUFFIXES)


def _ancestors(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(len(parts), 0, -1)]


def _has_package(top: str, tree: Tree, writers: Writers) -> bool:
    return any(
        f"{root}{top}.py" in tree
        or any(path.endswith(_PYTHON) for path in tree.below(root + top))
        or writers.creates_below(root + top)
        or bool(writers.creating(f"{root}{top}.py"))
        for root in ("", "src/")
    )


def _likeness(mirrored: str, written: str) -> int:
    """How many segments two paths share, counted from both ends; the file's own name counts most."""
    old, new = mirrored.split("/"), written.split("/")
    return sum(left == right for left, right in zip(old, new, strict=False)) + 2 * (old[-1] == new[-1])


def _imports(path: str, tree: Tree) -> tuple[Import, ...] | None:
    source = tree.contents.get(path)
    if source is None:
        return None
    if not path.endswith(_PYTHON):
        return imports_in(source)
    try:
        return imports_of(source)
    except SyntaxError:
        return None


def _meanings(module: str, pattern: Pattern) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The modules that an import of the mirrored file may become, and the files that each means."""
    for style in (Style.SPELLED, Style.SNAKE, Style.KEBAB, Style.CAMEL, Style.FLAT):
        changed = substitute(module, pattern.renamings, style)
        if pattern.mirrored.endswith(_PYTHON):
            yield changed, module_files(changed, pattern.written)
        else:
            yield changed, tuple(_path_files(_as_path(changed), pattern.written))


def _as_path(module: str) -> str:
    """A qualified name (`crate::data::wiki`, `data.Wiki`) as a path; a path as it is."""
    if "/" in module or extension(module) in KNOWN_EXTENSIONS:
        return module
    return "/".join(part for part in module.replace("::", ".").replace("\\", ".").split(".") if part != "crate")


def _name(name: str, pattern: Pattern) -> str:
    style = Style.SNAKE if pattern.mirrored.endswith(_PYTHON) else Style.CAMEL
    return substitute(name, pattern.renamings, style)


def _listed(modules: Sequence[str]) -> str:
    shown = ", ".join(f"`{module}`" for module in dict.fromkeys(modules[:4]))
    return f"{shown} and others" if len(modules) > 4 else shown
