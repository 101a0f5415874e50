"""Where Python's modules lie in a workspace: source roots, as manifests and folders say, and what a module means.

A project is a folder with a manifest. Its modules start at the folders that the manifest declares, at its `src`, and at
itself. An importer also sees the folder that holds its outermost package (for a script and for most tests: its own
folder), and the folders above. Of the workspace's other projects it sees the packages that they would install.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.languages.model import Files, Resolution
from agent_server.languages.paths import folder_of, joined, under, upwards
from agent_server.languages.python_manifests import Manifest, module_name, read_manifest

_NOTHING = Resolution()

_BUILD_FILES = ("Cargo.toml", "CMakeLists.txt", "meson.build")
"""Files beside which Python's modules may be written in C, C++ or Rust. Such modules begin with an underscore."""

_NOT_INSTALLED = frozenset({"benchmarks", "conftest", "docs", "examples", "scripts", "setup", "test", "tests", "tools"})
"""Top-level names in a project's folder that are no package which other projects could import."""

_EXTENSIONS = (".pyx", ".c", ".cpp", ".so")
"""What a module that is compiled is written in, or stands as."""

_GENERATED = re.compile(r"(?:_?version|\w+_pb2(?:_grpc)?)$")
"""Modules that a build writes and git ignores: setuptools-scm's version, protobuf's messages."""

_LONGEST_MODULE = 1000
_MOST_LOOKED_THROUGH = 500
"""How many files of a folder are looked at to tell whether it holds Python."""


@dataclass(frozen=True, slots=True)
class PythonLayout:
    """The layout of a workspace's Python.

    `projects` gives each project's roots by its folder. `packages` are the folders (or modules, without ending) of
    top-level packages that every project sees. `installed` are the names that distributions which the workspace
    depends on, and does not make itself, give their modules. `compiles`: modules may be written in another language.
    """

    projects: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, tuple[str, ...]]
    installed: frozenset[str]
    compiles: bool = False

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What a module means in the file `importer`; a path from the workspace root counts as a module, too.

        A regular package or module of the workspace wins over a distribution of that name, and a distribution that
        the workspace depends on wins over a folder without `__init__.py`: so would Python decide.
        """
        if len(module) > _LONGEST_MODULE:
            return _NOTHING
        if "/" in module:
            return _path(module, importer, files)
        if module.startswith("."):
            return self._relative(module, importer, files)
        return self._absolute(module, importer, files)

    def _absolute(self, module: str, importer: str, files: Files) -> Resolution:
        top, _, rest = module.partition(".")
        is_standard = top in sys.stdlib_module_names
        if not top or (is_standard and top != "test"):
            return _NOTHING
        roots = self._roots(importer, files)
        bases = [*(under(root, top) for root in roots), *self.packages.get(top, ()), *self._new_packages(top, files)]
        regular = [base for base in bases if _is_module(base, files)]
        if regular:
            return self._below(regular, rest, files, ours=not is_standard)
        if top in self.installed or is_standard:
            return _NOTHING
        spread = [base for base in bases if _holds_python(base, files)]
        if spread:
            declared = {under(root, top) for root in self._declared(importer)}
            return self._below(spread, rest, files, ours=folder_of(importer) not in spread or spread[0] in declared)
        guesses = roots[:2]
        return Resolution(tuple(file for root in guesses for file in _files(under(root, module.replace(".", "/")))))

    def _new_packages(self, top: str, files: Files) -> Iterator[str]:
        """Where a package may lie in projects whose manifests nobody has read: a task is yet to write them."""
        manifests = (path for name in ("pyproject.toml", "setup.py") for path in files.named(name))
        for folder in dict.fromkeys(map(folder_of, manifests)):
            if folder not in self.projects:
                yield from (under(root, top) for root in (under(folder, "src"), folder))

    def _roots(self, importer: str, files: Files) -> Sequence[str]:
        """The folders at which an absolute module may start, for one importer, likeliest first."""
        return [*dict.fromkeys((*self._declared(importer), *upwards(_outermost(folder_of(importer), files))))]

    def _declared(self, importer: str) -> Iterator[str]:
        return (root for place in upwards(folder_of(importer)) for root in self.projects.get(place, ()))

    def _relative(self, module: str, importer: str, files: Files) -> Resolution:
        rest = module.lstrip(".")
        up = len(module) - len(rest) - 1
        folders = importer.split("/")[:-1]
        if not importer or up > len(folders):
            return _NOTHING
        return self._below(["/".join(folders[: len(folders) - up])], rest, files, ours=True)

    def _below(self, bases: Sequence[str], rest: str, files: Files, *, ours: bool) -> Resolution:
        """The module `rest` in the packages `bases`: the first that has it wins."""
        places = [under(base, rest.replace(".", "/")) for base in bases]
        for place in places:
            found = _found(place, files)
            if found:
                return Resolution(found, ours)
        for base in bases:
            above = _module_above(base, rest, files)
            if above:
                return above
        candidates = tuple(file for place in places for file in _files(place))
        # A folder that holds nothing but packages is a package, too; and what a build writes is not missing.
        is_missing = not any(self._may_be_built(place) or files.is_directory(place) for place in places)
        packages = [folder_of(place) for place in places] if rest else []
        holder = next((file for package in packages for file in _precedence(package) if file in files), "")
        return Resolution(candidates, ours and is_missing, holder=holder)

    def _may_be_built(self, place: str) -> bool:
        name = place.rpartition("/")[2]
        return bool(_GENERATED.match(name)) or (self.compiles and name.startswith("_"))


def read_layout(files: Files, texts: Mapping[str, str]) -> PythonLayout:
    """The layout of a workspace, from the manifests in `texts` and the folders around them."""
    manifests = {path: read_manifest(path, text) for path, text in texts.items()}
    projects: dict[str, dict[str, None]] = {"": {}}
    for path, manifest in manifests.items():
        projects.setdefault(folder_of(path), {}).update(dict.fromkeys(manifest.roots))
    roots = {folder: tuple(dict.fromkeys((*own, under(folder, "src"), folder))) for folder, own in projects.items()}
    made = {module_name(manifest.name) for manifest in manifests.values()}
    required = {name for manifest in manifests.values() for name in _module_names(manifest.requires)}
    compiles = any(manifest.compiles for manifest in manifests.values()) or any(map(files.named, _BUILD_FILES))
    return PythonLayout(roots, _packages(manifests, roots, files), frozenset(required - made), compiles)


def _packages(
    manifests: Mapping[str, Manifest], projects: Mapping[str, tuple[str, ...]], files: Files
) -> dict[str, tuple[str, ...]]:
    """The packages that the projects would install: mapped ones, those in source roots, those beside a manifest."""
    found: dict[str, dict[str, None]] = {}
    for path, manifest in manifests.items():
        for package, place in manifest.mapped:
            if "." not in package:
                found.setdefault(package, {})[place] = None
        name = module_name(manifest.name)
        if name:
            found.setdefault(name, {})[under(folder_of(path), name)] = None
    declared = dict.fromkeys(root for folder, roots in projects.items() for root in roots if root != folder)
    for root in declared:
        for top in _tops(root, files):
            found.setdefault(top, {})[under(root, top)] = None
    for part in files.named("__init__.py"):
        place, _, top = folder_of(part).rpartition("/")
        if place in projects and top and top not in _NOT_INSTALLED:
            found.setdefault(top, {})[under(place, top)] = None
    return {top: tuple(bases) for top, bases in found.items()}


def _tops(root: str, files: Files) -> Iterator[str]:
    """The names of the modules and packages in a source root."""
    start = len(root) + 1 if root else 0
    tops = dict.fromkeys(path[start:].partition("/")[0] for path in files.below(root) if _is_python(path))
    yield from (name for top in tops if (name := top.partition(".")[0]) not in _NOT_INSTALLED)


def _module_names(distributions: Iterable[str]) -> Iterator[str]:
    """What the modules of distributions may be called: `google-cloud-storage` may give `google`."""
    for distribution in distributions:
        parts = module_name(distribution).split("_")
        yield from ("_".join(parts[:count]) for count in range(1, len(parts) + 1))


def _path(module: str, importer: str, files: Files) -> Resolution:
    """What a path means: from the workspace root, or from the importer where it begins with a dot."""
    path = joined(folder_of(importer) if module.startswith(".") else "", module)
    if not path:
        return _NOTHING
    candidates = (path,) if _is_python(path) else _files(path)
    existing = tuple(file for file in candidates if file in files)
    return Resolution(existing or tuple(candidates), ours=files.is_directory(path.partition("/")[0]))


def _found(place: str, files: Files) -> tuple[str, ...]:
    """What `place` is: a package before a module, as Python looks; a folder of modules; else something compiled."""
    existing = tuple(file for file in _precedence(place) if file in files)
    if existing:
        return existing
    if _has_modules(place, files):
        return (f"{place}/",)
    return tuple(file for ending in _EXTENSIONS if (file := f"{place}{ending}") in files)


def _module_above(base: str, rest: str, files: Files) -> Resolution | None:
    """The module that the first parts of `rest` name, where it is no package: what is left are names in it."""
    parts = rest.split(".")
    for count in range(len(parts) - 1, -1, -1):
        place = under(base, "/".join(parts[:count]))
        if _is_package(place, files):
            return None
        found = tuple(file for file in (f"{place}.py", f"{place}.pyi") if file in files)
        if found:
            return Resolution(found, ours=True, name=".".join(parts[count:]))
    return None


def _files(place: str) -> tuple[str, ...]:
    """The files that a module may be, the likeliest to be written first."""
    parts = (under(place, "__init__.py"), under(place, "__init__.pyi"))
    return (f"{place}.py", parts[0], f"{place}.pyi", parts[1]) if place else parts


def _precedence(place: str) -> tuple[str, ...]:
    """The files that a module may be, in the order in which Python would take them."""
    parts = (under(place, "__init__.py"), under(place, "__init__.pyi"))
    return (parts[0], f"{place}.py", parts[1], f"{place}.pyi") if place else parts


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def _is_package(place: str, files: Files) -> bool:
    return under(place, "__init__.py") in files or under(place, "__init__.pyi") in files


def _is_module(place: str, files: Files) -> bool:
    """Whether a top-level name is surely a module there: a file, or a folder that says it is a package."""
    return f"{place}.py" in files or _is_package(place, files) or f"{place}.pyi" in files


def _has_modules(place: str, files: Files) -> bool:
    """Whether modules lie directly in a folder."""
    start = len(place) + 1
    below = files.below(place, most=_MOST_LOOKED_THROUGH) if place else ()
    return any(_is_python(path) and "/" not in path[start:] for path in below)


def _holds_python(place: str, files: Files) -> bool:
    """Whether modules lie anywhere below a folder."""
    return any(map(_is_python, files.below(place, most=_MOST_LOOKED_THROUGH)))


def _outermost(folder: str, files: Files) -> str:
    """The folder that holds the outermost package which `folder` lies in; `folder` itself where it is no package."""
    while folder and _is_package(folder, files):
        folder = folder_of(folder)
    return folder
