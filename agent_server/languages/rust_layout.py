"""Where Rust modules lie in a workspace: its packages, the roots of their crates, and the files of a module tree."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from posixpath import normpath
from typing import Any, TypeAlias

from agent_server.languages.model import Files, Resolution

_Path: TypeAlias = tuple[str, ...]
_Table: TypeAlias = Mapping[str, Any]

_DEEPEST = 64
"""How many segments a path may have. Longer ones are no program."""

_AUTOMATIC = ("src/bin", "examples", "tests", "benches")
"""The folders of a package in which every file, and every folder with a `main.rs`, is a crate."""


@dataclass(frozen=True, slots=True)
class _Crate:
    """The module tree of one crate: where the files of its top modules lie, and its root (or what may be it)."""

    base: str
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Package:
    """A folder with a `Cargo.toml`. Names are spelled as in paths: with underscores."""

    directory: str
    name: str
    library: str
    roots: tuple[str, ...] = ()
    """The roots that are no library and lie outside of the usual folders, or are named in the manifest."""

    dependencies: Mapping[str, str | None] = field(default_factory=dict)
    """The directory of each dependency that lies in this workspace; None for one from elsewhere."""


class RustLayout:
    """The crates of one workspace."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """The layout that the `Cargo.toml` files of `texts` describe."""
        manifests = {path.rpartition("/")[0]: _read_toml(text) for path, text in sorted(texts.items())}
        self._packages = _packages(manifests)
        self._manifests = manifests.keys()
        self._parents = tuple(
            dict.fromkeys(folder.rpartition("/")[0] for folder in (*filter(None, self._packages), ""))
        )
        self._starts = frozenset(filter(None, map(_start_of_name, self._packages.values())))
        self._by_name: dict[str, _Package] = {}
        for package in sorted(self._packages.values(), key=lambda one: one.directory.count("/") + bool(one.directory)):
            self._by_name.setdefault(package.name, package)

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What a path of modules means to a file.

        The longest part of the path that is a file comes first, and `name` is the rest: an item of that file, a module
        with a body in it, what it passes on, or a module that does not exist. Only that file can tell which. A path of
        a file, relative to the workspace root, is understood too.
        """
        spelled = module.strip().removesuffix(";").partition("::{")[0].removesuffix("::*").strip()
        if "/" in spelled or spelled.endswith(".rs"):
            return _by_path(spelled, importer, files)
        segments = tuple(segment.strip().removeprefix("r#") for segment in spelled.split("::"))
        if len(segments) > _DEEPEST or not all(segments[1:]) or not segments[-1]:
            return Resolution()
        first, rest = segments[0], segments[1:]
        if first in ("crate", "$crate"):
            return self._in_own_crate(rest, importer, files)
        if first in ("self", "super"):
            return self._relative(segments, importer, files)
        return self._by_name_of(segments if first else rest, importer, files, absolute=not first)

    def _in_own_crate(self, path: _Path, importer: str, files: Files) -> Resolution:
        if importer:
            crate, home = self._crate_of(importer, files), self._home(importer, files)
            library = _library(home) if home else crate
            # In a plan, who writes a test or an example may well mean the library by that.
            meant = (each for each in (crate, library) if _existing(each.base, path[:1], files))
            return _locate(next(meant, crate), path, files)
        # Nobody knows the file: the package in which most of the path exists.
        crates = [_library(package) for package in self._by_name.values()] or [_Crate("src", _usual_roots("src"))]
        found = [_locate(crate, path, files) for crate in crates]
        return min(found, key=lambda one: (one.files[0] not in files, one.name.count("::") + bool(one.name)))

    def _relative(self, segments: _Path, importer: str, files: Files) -> Resolution:
        """What a path that begins with `self` or `super` means."""
        if not importer:
            return Resolution()
        crate = self._crate_of(importer, files)
        here = _module_of(importer, crate)
        if importer in crate.roots:
            crate = replace(crate, roots=(importer,))
        for index, segment in enumerate(segments):
            if segment == "super":
                if not here:
                    return Resolution()
                here = here[:-1]
            elif segment != "self" or index:
                return _locate(crate, (*here, *segments[index:]), files)
        return _locate(crate, here, files)

    def _by_name_of(self, segments: _Path, importer: str, files: Files, *, absolute: bool) -> Resolution:
        """What a path means that begins with a name: a module beside, another crate, a module of the own crate."""
        home = self._home(importer, files) if importer else None
        crate = self._crate_of(importer, files) if importer else None
        name = segments[0].replace("-", "_")
        # A test of the package `search` may be called `search.rs`, and is no module of its own or of others.
        is_test = home is not None and crate is not None and crate.base != _library(home).base
        is_package = is_test and home is not None and (name == home.name or name in home.dependencies)
        if crate and not absolute and not is_package:
            here = _module_of(importer, crate)
            if _existing(crate.base, (*here, segments[0]), files):
                return _locate(crate, (*here, *segments), files)
        package, elsewhere = self._named(name, home, files)
        if package is not None and package.library:
            return _locate(_library(package), segments[1:], files)
        if crate and not elsewhere and _existing(crate.base, segments[:1], files):
            return _locate(crate, segments, files)  # Edition 2015, or the author of a plan.
        return Resolution()

    def _named(self, name: str, home: _Package | None, files: Files) -> tuple[_Package | None, bool]:
        """The package of this workspace that a crate name means in another one; and whether it surely is none."""
        if home and name in home.dependencies:
            directory = home.dependencies[name]
            return (None, True) if directory is None else (self._packages.get(directory), False)
        if home and name == home.name:
            return home, False
        return self._by_name.get(name) or self._to_come(name, files), False

    def _to_come(self, name: str, files: Files) -> _Package | None:
        """The package of a name that is yet to get its manifest: a new folder beside the others, called like them."""
        names = (name, *(name.removeprefix(start) for start in self._starts if name.startswith(start)))
        spelled = dict.fromkeys(each for own in names for each in (own.replace("_", "-"), own))
        folders = (_join(parent, folder) for parent in self._parents for folder in spelled)
        return next((_unread(each, name) for each in folders if self._is_new(each, files)), None)

    def _is_new(self, folder: str, files: Files) -> bool:
        """Whether a folder is about to become a package: it gets a manifest, or all that is in it."""
        if folder in self._manifests:
            return False
        return _join(folder, "Cargo.toml") in files or (files.is_directory(folder) and not files.below(folder, most=1))

    def _home(self, importer: str, files: Files) -> _Package | None:
        """The package that a file belongs to."""
        for folder in _folders(importer):
            if folder in self._packages:
                return self._packages[folder]
            if folder and folder not in self._manifests and _join(folder, "Cargo.toml") in files:
                return _unread(folder, _identifier(folder.rpartition("/")[2]))
        return None

    def _crate_of(self, importer: str, files: Files) -> _Crate:
        """The crate that a file belongs to."""
        package = self._home(importer, files)
        if package is None:
            return _crate_by_evidence(importer, files, "")
        folder = importer.rpartition("/")[0]
        if importer in package.roots or importer in (package.library, _join(package.directory, "build.rs")):
            return _Crate(folder, (importer,))
        return _crate_in_usual_folder(package, importer, files) or _crate_around(package, importer, files)


def declarers(path: str) -> tuple[str, ...]:
    """The files of which one declares the module in the file `path`: `src/lib.rs` does that for `src/fare.rs`."""
    folder, _, name = path.rpartition("/")
    if name == "mod.rs":
        folder = folder.rpartition("/")[0]
    return (*_usual_roots(folder), f"{folder}.rs", _join(folder, "mod.rs")) if name.endswith(".rs") else ()


def _start_of_name(package: _Package) -> str:
    """What the name of a package has before that of its folder: `ferry_` for `ferry-fares` in `crates/fares`."""
    start = package.name.removesuffix(_identifier(package.directory.rpartition("/")[2]))
    return start if start.endswith("_") and start != package.name else ""


def _unread(directory: str, name: str) -> _Package:
    """A package whose manifest nobody has read."""
    return _Package(directory, name, f"{directory}/src/lib.rs", (f"{directory}/src/main.rs",))


def _crate_in_usual_folder(package: _Package, importer: str, files: Files) -> _Crate | None:
    """The crate of a file among the tests, examples, benches and further binaries of a package."""
    folder = importer.rpartition("/")[0]
    for usual in _AUTOMATIC:
        outer = _join(package.directory, usual)
        # What the manifest names there may have the other files there as its modules.
        named = tuple(root for root in package.roots if root.rpartition("/")[0] == outer)
        if folder == outer:
            return _Crate(outer, (*named, importer))
        if folder.startswith(f"{outer}/"):
            inner = _join(outer, folder[len(outer) + 1 :].partition("/")[0])
            if f"{inner}/main.rs" in files:
                return _Crate(inner, (f"{inner}/main.rs",))
            if f"{inner}/mod.rs" in files or f"{inner}.rs" in files:
                return _Crate(outer, named)
    return None


def _crate_around(package: _Package, importer: str, files: Files) -> _Crate:
    """The crate of a file by the roots that the package names, or else by those that lie around it."""
    folder = importer.rpartition("/")[0]
    roots = [root for root in (package.library, *package.roots) if _contains(root.rpartition("/")[0], folder)]
    if not roots:
        return _crate_by_evidence(importer, files, package.directory)
    base = max((root.rpartition("/")[0] for root in roots), key=len)
    return _Crate(base, tuple(root for root in roots if root.rpartition("/")[0] == base))


def _library(package: _Package) -> _Crate:
    base = package.library.rpartition("/")[0]
    return _Crate(base, (package.library, *(root for root in package.roots if root.rpartition("/")[0] == base)))


def _locate(crate: _Crate, path: _Path, files: Files) -> Resolution:
    """The files that a path from the root of a crate may mean."""
    depth, existing = len(path), _existing(crate.base, path, files)
    while depth and not existing:
        depth -= 1
        existing = _existing(crate.base, path[:depth], files)
    if not depth:
        existing = tuple(root for root in crate.roots if root in files)
    if existing and depth == len(path):
        return Resolution(existing, ours=True)
    modules = next((index for index, segment in enumerate(path) if segment[:1].isupper()), len(path))
    expected = [_forms(crate.base, path[:modules])] if depth < modules else []
    if not path:
        expected = [crate.roots]
    elif modules == len(path) > depth + 1:
        expected.append(_forms(crate.base, path[:-1]))
    elif not modules and not existing:
        expected = [crate.roots]
    found = tuple(dict.fromkeys((*existing, *(file for forms in expected for file in forms))))
    return Resolution(
        found,
        ours=bool(found),
        name="::".join(path[depth if existing else modules :]),
    )


def _forms(base: str, path: _Path) -> tuple[str, ...]:
    """The files that a module may be, by its path from the root of its crate."""
    if not path:
        return ()
    stem = _join(base, "/".join(path))
    return (f"{stem}.rs", f"{stem}/mod.rs")


def _existing(base: str, path: _Path, files: Files) -> tuple[str, ...]:
    return tuple(file for file in _forms(base, path) if file in files)


def _module_of(importer: str, crate: _Crate) -> _Path:
    """The path of a file's module from the root of its crate."""
    if importer in crate.roots:
        return ()
    path = importer[len(crate.base) :].strip("/").removesuffix(".rs").split("/")
    return tuple(path[:-1] if path[-1] == "mod" else path)


def _crate_by_evidence(importer: str, files: Files, within: str) -> _Crate:
    """The crate of a file that no manifest tells of: a root above it, or the file itself."""
    folders = [folder for folder in _folders(importer) if _contains(within, folder)]
    for folder in folders:
        roots = tuple(root for root in _usual_roots(folder) if root in files)
        if roots:
            return _Crate(folder, roots)
    source = next((folder for folder in folders if folder.rpartition("/")[2] == "src"), None)
    return _Crate(folders[0], (importer,)) if source is None else _Crate(source, _usual_roots(source))


def _usual_roots(folder: str) -> tuple[str, str]:
    return _join(folder, "lib.rs"), _join(folder, "main.rs")


def _by_path(spelled: str, importer: str, files: Files) -> Resolution:
    """What the path of a file means: relative to the importer with `./` or `../`, else to the workspace root."""
    folder = importer.rpartition("/")[0] if spelled.startswith(("./", "../")) else ""
    path = _within(_join(folder, spelled))
    if not path:
        return Resolution()
    if path.endswith(".rs"):
        return Resolution((path,), ours=True)
    forms = (f"{path}.rs", f"{path}/mod.rs", f"{path}/lib.rs", f"{path}/src/lib.rs")
    return Resolution(tuple(sorted(forms, key=lambda form: form not in files)))


def _folders(path: str) -> Iterator[str]:
    """The folders around a file, innermost first; the root is empty."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _contains(outer: str, inner: str) -> bool:
    return not outer or inner == outer or inner.startswith(f"{outer}/")


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _within(path: str) -> str | None:
    """A path without `.` and `..`, the root being empty; None where it leads out of the workspace."""
    path = normpath(path or ".")
    if path == ".":
        return ""
    return None if path.startswith(("..", "/")) else path


def _packages(manifests: Mapping[str, _Table]) -> dict[str, _Package]:
    """The packages by their directories."""
    bare = {directory: _package(directory, one) for directory, one in manifests.items() if "package" in one}
    patched = dict(_patches(manifests))
    found = {}
    for directory, package in bare.items():
        specs = dict(_dependencies(manifests, directory))
        targets = ((name, spec, _target(spec, name, patched)) for name, spec in specs.items())
        dependencies = {
            # A dependency is called as its package calls its library, unless the manifest gives it another name.
            (bare[target].name if target in bare and "package" not in spec else _identifier(name)): target
            for name, spec, target in targets
        }
        found[directory] = replace(package, dependencies=dependencies)
    return found


def _package(directory: str, manifest: _Table) -> _Package:
    library, own = _table(manifest, "lib"), _table(manifest, "package")
    named = _text(library, "name") or _text(own, "name") or directory.rpartition("/")[2]
    listed = (target for kind in ("bin", "example", "test", "bench") for target in _tables(manifest, kind))
    paths = ("src/main.rs", _text(own, "build"), *(_text(target, "path") for target in listed))
    return _Package(
        directory,
        _identifier(named),
        _within(_join(directory, _text(library, "path") or "src/lib.rs")) or "",
        tuple(filter(None, (_within(_join(directory, path)) for path in paths if path))),
    )


def _dependencies(manifests: Mapping[str, _Table], directory: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The dependencies of a package as its manifest calls them. Each has a `directory` where it says a path."""
    manifest = manifests[directory]
    above = _folders(_join(directory, "Cargo.toml"))
    shared = next((folder for folder in above if "workspace" in manifests.get(folder, ())), None)
    inherited = {} if shared is None else _table(_table(manifests[shared], "workspace"), "dependencies")
    targets = _table(manifest, "target").values()
    for holder in (manifest, *(target for target in targets if isinstance(target, dict))):
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, given in _table(holder, kind).items():
                if isinstance(given, dict) and given.get("workspace") is True:
                    yield name, _spec(inherited.get(name), shared or "")
                else:
                    yield name, _spec(given, directory)


def _spec(given: object, directory: str) -> dict[str, Any]:
    spec = dict(given) if isinstance(given, dict) else {}
    path = _text(spec, "path")
    return {**spec, "directory": _within(_join(directory, path)) if path else None}


def _target(spec: _Table, name: str, patched: Mapping[str, str]) -> str | None:
    directory: str | None = spec["directory"]
    return patched.get(_text(spec, "package") or name) if directory is None else directory


def _patches(manifests: Mapping[str, _Table]) -> Iterator[tuple[str, str]]:
    """The packages that a workspace takes from its own folders instead of a registry."""
    for directory, manifest in manifests.items():
        for source in _table(manifest, "patch").values():
            for name, given in source.items() if isinstance(source, dict) else ():
                spec = _spec(given, directory)
                if spec["directory"] is not None:
                    yield _text(spec, "package") or name, spec["directory"]


def _read_toml(text: str) -> _Table:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {"package": {}}


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _table(holder: _Table, key: str) -> _Table:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _tables(holder: _Table, key: str) -> list[_Table]:
    value = holder.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(holder: _Table, key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""
