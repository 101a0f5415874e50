"""What `package.json` and the manifests of workspaces say: which packages there are, and which files they open."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from itertools import islice
from typing import Any

from agent_server.languages.jsonc import loads
from agent_server.languages.paths import folder_of, joined, upwards

PACKAGE_MANIFESTS = ("package.json", "pnpm-workspace.yaml", "lerna.json")

_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_MAINS = ("source", "types", "typings", "module", "main", "browser", "svelte")
_LINKED = ("file:", "link:", "portal:")
_HERE = ("workspace:", *_LINKED)
_MOST_TARGETS = 100
_MOST_WORKSPACES = 200
_LONGEST_TARGET = 1000

_BUILT = re.compile(
    r"(?:(?:dist|build|lib|out|output|esm|cjs|es|mjs|types|typings|umd|bundles?|_(?:esm|cjs|types))(?:[-_.]\w+)?/)+"
)
_ENDING = re.compile(r"(?:\.d)?(?:\.(?:min|esm|cjs|es|umd|module|prod|dev|development|production))*\.[cm]?[jt]sx?$")


@dataclass(frozen=True, slots=True)
class Package:
    """One `package.json`. `exports` and `imports` are its maps as they stand; `mains` its main files, best first."""

    folder: str
    name: str = ""
    mains: tuple[str, ...] = ()
    exports: Any = None
    imports: Mapping[str, Any] = field(default_factory=dict)
    dependencies: Mapping[str, str] = field(default_factory=dict)

    def entry(self, subpath: str) -> tuple[str, ...]:
        """The files that the package opens as `subpath` (`""` for the package itself), whether they exist or not.

        Where they are built, and so not in the workspace, the sources that they are likely built from come behind.
        """
        if self.exports is not None:
            written = _targets(self.exports, f"./{subpath}" if subpath else ".")
        else:
            written = (subpath,) if subpath else self.mains
        built = tuple(source for target in written for source in sources(target))
        if subpath:
            built += (f"src/{subpath}", *(() if self.exports is None else (subpath,)))
        else:
            built += ("src/index", "index", "src/main")
        places = (joined(self.folder, place) for place in (*written, *built))
        return tuple(dict.fromkeys(place for place in places if place is not None))

    def opened(self, subpath: str) -> tuple[str, ...]:
        """The places that the package's `exports` give for a subpath; none where they keep it closed."""
        written = _targets(self.exports, f"./{subpath}" if subpath else ".")
        places = (joined(self.folder, place) for place in written)
        return tuple(place for place in places if place is not None)

    def lists(self, subpath: str) -> bool:
        """Whether the package's `exports` name a subpath as it is, and not by a pattern."""
        return f"./{subpath}" in self.exports if subpath and _is_map(self.exports) else not subpath

    def openings(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each module that the package's `exports` open, with its places; both may hold one `*`."""
        exports = self.exports if _is_map(self.exports) else {".": self.exports}
        for key, targets in exports.items():
            places = (joined(self.folder, target) for target in _leaves(targets))
            found = tuple(place for place in places if place is not None)
            if found:
                yield joined(self.name, key) or self.name, found

    def inner(self, module: str) -> tuple[str, ...]:
        """What `#module` stands for by the package's `imports`: paths that begin with `./`, or other packages."""
        return _targets(self.imports, module)


def read_packages(texts: Mapping[str, str]) -> dict[str, Package]:
    """The packages by their folders."""
    return {
        folder_of(path): _package(folder_of(path), loads(text))
        for path, text in texts.items()
        if path.rpartition("/")[2] == "package.json"
    }


def members(packages: Mapping[str, Package], texts: Mapping[str, str]) -> dict[str, tuple[Package, ...]]:
    """The packages by name that others in the workspace can import: members of workspaces, and linked ones.

    Two workspaces in one tree (templates, examples) may each have a package of the same name.
    """
    found: dict[str, dict[str, Package]] = {}
    workspaces = ((path, listed) for path, text in sorted(texts.items()) if (listed := [*_patterns(path, text)]))
    for path, listed in islice(workspaces, _MOST_WORKSPACES):
        globs = _Globs(listed)
        root = folder_of(path)
        for folder, package in packages.items():
            if package.name and _is_below(folder, root) and globs.match(folder[len(root) :].strip("/")):
                found.setdefault(package.name, {})[folder] = package
    named: dict[str, dict[str, Package]] = {}
    for folder, package in packages.items():
        named.setdefault(package.name, {})[folder] = package
    for folder, package in packages.items():
        for name, version in package.dependencies.items():
            if version.startswith("workspace:") and name in named:
                found.setdefault(name, {}).update(named[name])
            linked = joined(folder, version.partition(":")[2]) if version.startswith(_LINKED) else None
            if linked is not None and linked in packages:
                found.setdefault(name, {})[linked] = packages[linked]
    return {name: tuple(by_folder.values()) for name, by_folder in found.items()}


def homes(by_name: Mapping[str, Iterable[Package]]) -> dict[str, tuple[str, ...]]:
    """The folders in which the packages of each scope lie, of those that are called as their own folders."""
    found: dict[str, dict[str, None]] = {}
    for name, packages in by_name.items():
        scope, _, last = name.rpartition("/")
        for package in packages:
            home, _, own = package.folder.rpartition("/")
            if own == last:
                found.setdefault(scope, {})[home] = None
    return {scope: tuple(folders) for scope, folders in found.items()}


def nearest_member(candidates: Iterable[Package], folder: str) -> Package | None:
    """Of packages of one name, the one that shares the most folders with `folder`."""
    parts = folder.split("/")

    def shared(package: Package) -> int:
        pairs = zip(package.folder.split("/"), parts, strict=False)
        return next((count for count, (one, other) in enumerate(pairs) if one != other), len(parts))

    return max(candidates, key=shared, default=None)


def installed(packages: Mapping[str, Package]) -> frozenset[str]:
    """The packages that the workspace takes from elsewhere, as far as its manifests say."""
    return frozenset(
        name
        for package in packages.values()
        for name, version in package.dependencies.items()
        if not version.startswith(_HERE)
    )


def nearest(packages: Mapping[str, Package], folder: str) -> Package | None:
    """The package that a folder belongs to."""
    return next((packages[place] for place in upwards(folder) if place in packages), None)


def _package(folder: str, said: object) -> Package:
    if not isinstance(said, dict):
        return Package(folder)
    name = said.get("name")
    mains = tuple(value for key in _MAINS if isinstance(value := said.get(key), str))
    imports = said.get("imports")
    dependencies: dict[str, str] = {}
    for key in _DEPENDENCIES:
        listed = said.get(key)
        if isinstance(listed, dict):
            dependencies |= {name: version for name, version in listed.items() if isinstance(version, str)}
    return Package(
        folder,
        name if isinstance(name, str) else "",
        mains,
        said.get("exports"),
        imports if isinstance(imports, dict) else {},
        dependencies,
    )


def _targets(exports: Any, subpath: str) -> tuple[str, ...]:
    """The targets of an `exports` or `imports` map for one subpath, of all conditions, in their order."""
    if not _is_map(exports):
        return tuple(_leaves(exports)) if subpath == "." else ()
    if subpath in exports:
        return tuple(_leaves(exports[subpath]))
    best = ("", "", "")
    for pattern in exports:
        prefix, star, suffix = pattern.partition("*")
        is_folder = not star and pattern.endswith("/")
        fits = subpath.startswith(prefix) and subpath.endswith(suffix) and len(subpath) >= len(prefix) + len(suffix)
        if fits and (star or is_folder) and len(prefix) > len(best[1]):
            best = (pattern, prefix, suffix)
    pattern, prefix, suffix = best
    if not pattern:
        return ()
    star = subpath[len(prefix) : len(subpath) - len(suffix)]
    return tuple(
        target.replace("*", star) if "*" in pattern else f"{target}{star}" for target in _leaves(exports[pattern])
    )


def _is_map(exports: Any) -> bool:
    """Whether `exports` is by subpaths, and no target with its conditions."""
    return isinstance(exports, dict) and any(str(key).startswith((".", "#")) for key in exports)


def _leaves(value: Any) -> Iterator[str]:
    """The strings in a target with its conditions, in their order."""
    waiting, count = [value], 0
    while waiting and count < _MOST_TARGETS:
        current = waiting.pop()
        count += 1
        if isinstance(current, str) and len(current) <= _LONGEST_TARGET:
            yield current
        elif isinstance(current, dict):
            waiting += [*current.values()][::-1]
        elif isinstance(current, list):
            waiting += current[::-1]


def sources(target: str) -> Iterator[str]:
    """The sources that a built file is likely made from: `./dist/esm/x.d.ts` from `src/x`."""
    plain = target.removeprefix("./")
    built = _BUILT.match(plain)
    if built:
        rest = _ENDING.sub("", plain[built.end() :])
        yield f"src/{rest.removeprefix('src/')}"
        yield rest


def _patterns(path: str, text: str) -> Iterator[str]:
    """The globs by which a manifest says which folders are members of its workspace."""
    match path.rpartition("/")[2]:
        case "pnpm-workspace.yaml":
            listed = _yaml(text)
        case "lerna.json" | "package.json":
            said = loads(text)
            listed = said.get("workspaces", said.get("packages")) if isinstance(said, dict) else None
        case _:
            listed = None
    if isinstance(listed, dict):
        listed = listed.get("packages")
    yield from (pattern for pattern in listed if isinstance(pattern, str)) if isinstance(listed, list) else ()


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415  # Only pnpm's workspaces need it.

    try:
        said = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return said.get("packages") if isinstance(said, dict) else None


def _is_below(folder: str, root: str) -> bool:
    return not root or folder == root or folder.startswith(f"{root}/")


class _Globs:
    """Globs of folders, of which the last that matches decides; `!` excludes."""

    def __init__(self, patterns: list[str]) -> None:
        self._patterns = [(pattern.startswith("!"), _segments(pattern)) for pattern in patterns]

    def match(self, folder: str) -> bool:
        decided = False
        for is_excluded, segments in self._patterns:
            if decided is is_excluded and _matches(segments, folder.split("/") if folder else []):
                decided = not is_excluded
        return decided


def _segments(pattern: str) -> list[re.Pattern[str] | None]:
    """A glob's segments; None stands for `**`."""
    parts = pattern.removeprefix("!").removeprefix("./").strip("/").split("/")
    return [None if part == "**" else re.compile(translate(part)) for part in parts if part not in {"", "."}]


def _matches(segments: list[re.Pattern[str] | None], parts: list[str]) -> bool:
    """Whether the segments match all parts, in steps of the one times the other."""
    reached = {0}
    for segment in segments:
        if segment is None:
            reached = set(range(min(reached), len(parts) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(parts) and segment.match(parts[at])}
    return len(parts) in reached
