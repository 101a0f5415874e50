"""How a file is imported: the module that its language spells for it.

Languages tell what a module means, not how a file is spelled. So likely spellings are made from its path, and the first
one that means the file is taken: what is suggested here is understood there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from posixpath import splitext

from agent_server.analysis.imports.layouts import layouts_of, manifests
from agent_server.analysis.imports.targets import Place, first_existing
from agent_server.analysis.tree import Tree
from agent_server.languages import Files, Language
from agent_server.languages.paths import folder_of, relative, under, upwards

_GO_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_ROOTS = frozenset({"src", "lib", "app", "python", "java"})
"""Folders that often are where modules start, and so no part of their names."""

_MOST_TRIED = 16

_CONFIG = re.compile(r"(?:^|/)[jt]sconfig[^/]*\.json$")
_ALIAS = re.compile(r'"([@~#$][^"*]*/)\*"\s*:')


def spelled(path: str, place: Place, files: Files, tree: Tree) -> str | None:
    """The module by which the file `place` imports the file `path` of `files`; None where it has none."""
    language = place.language
    if language is None or language.id not in _CANDIDATES:
        return None
    layouts = layouts_of(tree)
    for tried, module in enumerate(dict.fromkeys(_CANDIDATES[language.id](path, place.importer, files, tree))):
        if tried == _MOST_TRIED:
            return None
        found = layouts.resolve(module, place.importer, language, None if path in tree else files)
        if first_existing(found.files, language, files) in _meanings(path, language) and not found.name:
            return None if found.closed_by else module
    return None


def _meanings(path: str, language: Language) -> tuple[str, ...]:
    """What a resolution may say for the file: itself, or the package that is its folder."""
    return (f"{folder_of(path)}/",) if language.id == "go" else (path,)


def _python(path: str, _importer: str, files: Files, _tree: Tree) -> Iterator[str]:
    parts = _parts(path, "__init__")
    outermost = [*upwards(folder_of(path))]
    inside = next((at for at, folder in enumerate(outermost) if under(folder, "__init__.py") not in files), 0)
    start = outermost[inside].count("/") + bool(outermost[inside])
    if inside and start < len(parts):
        yield ".".join(parts[start:])
    yield from _tails(parts, ".")


def _typescript(path: str, importer: str, _files: Files, tree: Tree) -> Iterator[str]:
    parts = _parts(path, "index")
    for alias in _aliases(tree):
        yield from (f"{alias}{tail}" for tail in _tails(parts, "/"))
    if importer:
        yield relative(folder_of(importer), "/".join(parts))
    yield path


def _aliases(tree: Tree) -> tuple[str, ...]:
    """What the aliases of the workspace's configurations begin with."""
    configs = (path for path in manifests(tree) if _CONFIG.search(path))
    return tuple(dict.fromkeys(alias for path in configs for alias in _aliases_in(tree.contents.get(path, ""))))


@lru_cache(maxsize=256)
def _aliases_in(config: str) -> tuple[str, ...]:
    return tuple(_ALIAS.findall(config))


def _go(path: str, _importer: str, _files: Files, tree: Tree) -> Iterator[str]:
    folder = folder_of(path)
    for above in upwards(folder):
        said = _GO_MODULE.search(tree.contents.get(under(above, "go.mod"), ""))
        if said:
            yield under(said[1], folder[len(above) :].lstrip("/"))
            return


def _rust(path: str, _importer: str, _files: Files, _tree: Tree) -> Iterator[str]:
    parts = _parts(path, "mod")
    if "src" in parts:
        inside = parts[parts.index("src") + 1 :]
        if inside and inside not in (["lib"], ["main"]):
            yield "::".join(("crate", *inside))


def _java(path: str, _importer: str, _files: Files, _tree: Tree) -> Iterator[str]:
    parts = _parts(path, "")
    if "java" in parts[:-1]:
        yield ".".join(parts[parts.index("java") + 1 :])
    yield from _tails(parts, ".")


_CANDIDATES: Mapping[str, Callable[[str, str, Files, Tree], Iterator[str]]] = {
    "go": _go,
    "java": _java,
    "python": _python,
    "rust": _rust,
    "typescript": _typescript,
}
"""For each language, what a module may be called, the likeliest name first."""


def _parts(path: str, itself: str) -> list[str]:
    """The segments of a path without its ending, and without a file that stands for its folder."""
    parts = splitext(path)[0].split("/")
    return parts[:-1] if parts[-1] == itself and len(parts) > 1 else parts


def _tails(parts: list[str], joint: str) -> Iterator[str]:
    """The path from each of its folders on, the longest first; one that begins where modules often start comes last."""
    tails = [parts[at:] for at in range(len(parts))]
    tails.sort(key=lambda tail: tail[0] in _ROOTS)
    return (joint.join(tail) for tail in tails)
