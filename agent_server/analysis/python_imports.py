"""Python's imports: what a source imports, and which files a module name may mean. Pure: the source is never run."""

import ast
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a source imports, as its language spells it, and the names it takes from there.

    A relative Python module keeps its leading dots. `names` is empty where the source takes the module as a whole and
    uses nothing of it. `perhaps`: it may be a name of another module, and no module at all.
    """

    module: str
    names: tuple[str, ...] = ()
    perhaps: bool = False


@lru_cache(maxsize=256)
def imports_of(source: str) -> tuple[Import, ...]:
    """The imports of a Python source, in its order, wherever they stand in it.

    `from data import knowledge` may take a name of `data` or the module `data.knowledge`, so it gives both. For a
    module that is imported whole, the names are the attributes that the source reads of it.

    Raises:
        SyntaxError: the source is not Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # An old escape sequence in a workspace's file is not our user's concern.
            module = ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes; nesting that the parser cannot follow.
        raise SyntaxError(str(error)) from error
    attributes = _attributes(module)
    return tuple(
        found
        for node in ast.walk(module)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for found in _imports(node, attributes)
    )


def module_files(module: str, importer: str = "") -> tuple[str, ...]:
    """The files that `module` may mean to the file `importer`, likeliest first.

    A relative module is looked up from the importer's package. An absolute one may start at the workspace root, at
    `src/`, or at any folder above the importer (a script's own folder is on its path, and so is a backend's root).
    """
    name = module.lstrip(".")
    level = len(module) - len(name)
    folders = importer.split("/")[:-1]
    if level > len(folders) + 1:
        return ()
    roots = ("/".join(folders[: len(folders) - level + 1]),) if level else import_roots(importer)
    base = name.replace(".", "/")
    return tuple(file for root in roots for file in _files("/".join(filter(None, (root, base)))))


@lru_cache(maxsize=4096)
def import_roots(importer: str) -> tuple[str, ...]:
    """The folders at which an absolute module may start: `""` is the workspace root."""
    folders = importer.split("/")[:-1]
    above = ("/".join(folders[:depth]) for depth in range(1, len(folders) + 1))
    return tuple(dict.fromkeys(("", "src", *above)))


def is_standard(module: str) -> bool:
    """Whether the module belongs to Python's own library."""
    return module.partition(".")[0] in sys.stdlib_module_names


def _files(base: str) -> tuple[str, ...]:
    return (f"{base}.py", f"{base}/__init__.py", f"{base}.pyi") if base else ("__init__.py",)


def _imports(node: ast.Import | ast.ImportFrom, attributes: dict[str, list[str]]) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, tuple(attributes.get(alias.asname or alias.name, ())))
        return
    origin = "." * node.level + (node.module or "")
    yield Import(origin, tuple(alias.name for alias in node.names if alias.name != "*"))
    for alias in node.names:
        if alias.name != "*":
            joint = "" if origin.endswith(".") else "."
            yield Import(
                f"{origin}{joint}{alias.name}", tuple(attributes.get(alias.asname or alias.name, ())), perhaps=True
            )


def _attributes(module: ast.Module) -> dict[str, list[str]]:
    """Which attributes the source reads of each dotted name: `data.wiki.entries` gives `entries` of `data.wiki`."""
    found: dict[str, dict[str, None]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            owner = _dotted(node.value)
            if owner:
                found.setdefault(owner, {})[node.attr] = None
    return {owner: list(names) for owner, names in found.items()}


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""
