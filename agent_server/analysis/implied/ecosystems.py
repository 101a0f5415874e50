"""Where each ecosystem of packages keeps its dependencies: manifests, which people write, and locks, which follow."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from tomllib import TOMLDecodeError, loads
from typing import Any

from agent_server.analysis.tree import Tree


@dataclass(frozen=True, slots=True)
class Ecosystem:
    """One kind of packages. The first of `manifests` in a folder counts; of `locks`, all that are there.

    `endings` are the endings of the sources that use such packages.
    """

    id: str
    manifests: tuple[str, ...]
    locks: tuple[str, ...]
    endings: tuple[str, ...]


ECOSYSTEMS: Mapping[str, Ecosystem] = {
    found.id: found
    for found in (
        Ecosystem(
            "npm",
            ("package.json",),
            ("pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "bun.lock", "bun.lockb"),
            (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".astro"),
        ),
        Ecosystem(
            "python",
            ("pyproject.toml", "Pipfile", "requirements.in", "requirements.txt", "setup.cfg"),
            ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"),
            (".py", ".pyi"),
        ),
        Ecosystem("cargo", ("Cargo.toml",), ("Cargo.lock",), (".rs",)),
        Ecosystem("go", ("go.mod",), ("go.sum",), (".go",)),
        Ecosystem(
            "java",
            ("pom.xml", "gradle/libs.versions.toml", "build.gradle.kts", "build.gradle"),
            ("gradle.lockfile",),
            (".java", ".kt", ".kts", ".scala"),
        ),
        Ecosystem("ruby", ("Gemfile",), ("Gemfile.lock",), (".rb", ".rake", ".erb")),
        Ecosystem("php", ("composer.json",), ("composer.lock",), (".php",)),
        Ecosystem("dart", ("pubspec.yaml",), ("pubspec.lock",), (".dart",)),
        Ecosystem("elixir", ("mix.exs",), ("mix.lock",), (".ex", ".exs")),
    )
}
"""Every ecosystem by its id."""

MANIFESTS: Mapping[str, Ecosystem] = {
    name.rpartition("/")[2]: found for found in ECOSYSTEMS.values() for name in found.manifests
}
"""The ecosystem that a manifest's file name belongs to."""


def manifest_above(folder: str, ecosystem: Ecosystem, tree: Tree) -> str | None:
    """The manifest in `folder`, or in the nearest folder above it that has one."""
    return next(iter(_nearest(folder, ecosystem.manifests, tree)), None)


def locks_above(manifest: str, ecosystem: Ecosystem, tree: Tree) -> tuple[str, ...]:
    """The lock files that follow a manifest: those beside it, or in the nearest folder above that has any."""
    folder, _, name = manifest.rpartition("/")
    if name == "requirements.in":
        return _nearest(folder, ("requirements.txt",), tree)
    return _nearest(folder.removesuffix("/gradle"), ecosystem.locks, tree)


def folders_above(folder: str) -> Iterator[str]:
    """The folder and those that it lies in, up to the root `""`."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def listed_packages(manifest: str, text: str) -> frozenset[str] | None:
    """The packages that a manifest lists, as `package_key` spells them; None where that cannot be told."""
    name = manifest.rpartition("/")[2]
    try:
        names = tuple(_LISTED[name](text) if name in _LISTED else re.findall(r"[\w@][\w.@/-]*", text))
    except (ValueError, TypeError, AttributeError, TOMLDecodeError):
        return None  # Half-typed, or of a shape that no tool would read.
    return frozenset(map(package_key, names))


def package_key(name: str) -> str:
    """How two spellings of one package compare: without case, and `_` like `-` (PEP 503 and Cargo both say so)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _nearest(folder: str, names: Iterable[str], tree: Tree) -> tuple[str, ...]:
    for above in folders_above(folder):
        found = tuple(path for name in names if (path := f"{above}/{name}" if above else name) in tree)
        if found:
            return found
    return ()


def _npm(text: str) -> Iterator[str]:
    manifest = json.loads(text)
    for section in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        yield from manifest.get(section) or {}


def _pyproject(text: str) -> Iterator[str]:
    manifest = loads(text)
    project, tool = manifest.get("project", {}), manifest.get("tool", {})
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    lists += manifest.get("dependency-groups", {}).values()
    lists += [tool.get("uv", {}).get("dev-dependencies", [])]
    for requirement in (each for found in lists for each in found if isinstance(each, str)):
        yield _required(requirement)
    poetry = tool.get("poetry", {})
    yield from poetry.get("dependencies", {})
    yield from poetry.get("dev-dependencies", {})
    for group in poetry.get("group", {}).values():
        yield from group.get("dependencies", {})


def _requirements(text: str) -> Iterator[str]:
    lines = (line.strip() for line in text.splitlines())
    return (_required(line) for line in lines if line and not line.startswith(("#", "-")))


def _required(requirement: str) -> str:
    """The name of a requirement: `httpx` of `httpx[http2]>=0.27`."""
    return re.split(r"[\s\[<>=!~;@(]", requirement.strip(), maxsplit=1)[0]


def _cargo(text: str) -> Iterator[str]:
    manifest = loads(text)
    tables: list[Mapping[str, Any]] = [manifest, manifest.get("workspace", {}), *manifest.get("target", {}).values()]
    for table in tables:
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from table.get(section, {})


def _pipfile(text: str) -> Iterator[str]:
    manifest = loads(text)
    yield from (*manifest.get("packages", {}), *manifest.get("dev-packages", {}))


def _composer(text: str) -> Iterator[str]:
    manifest = json.loads(text)
    yield from (*(manifest.get("require") or {}), *(manifest.get("require-dev") or {}))


_LISTED = {
    "package.json": _npm,
    "pyproject.toml": _pyproject,
    "requirements.txt": _requirements,
    "requirements.in": _requirements,
    "Cargo.toml": _cargo,
    "Pipfile": _pipfile,
    "composer.json": _composer,
}
"""How the packages of a manifest are read; of any other, each word may be one."""
