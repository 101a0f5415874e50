"""Where Python's modules lie in a workspace: source roots, as manifests and folders say, and what a module means.

A project is a folder with a manifest. Its modules start at the folders that the manifest declares, at its `src`, and at
itself. An importer also sees the folder that holds its outermost package (for a script and for most tests: its own
folder), and the folders above. Of the workspace's other projects it sees the packages that they would install.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

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

_MOST_HOLDING = 50
"""In how many folders a package is looked for that lies in no known place."""


@dataclass(frozen=True, slots=True)
class PythonLayout:
    """The layout of a workspace's Python.

    `projects` gives each project's roots by its folder. `packages` are the folders (or modules, without ending) of
    top-level packages that every project sees. `installed` are the names that distributions which the workspace
    depends on, and does not make itself, give their modules. `compiles`: modules may be written in another language.
    `holding` are the folders that hold packages: what runs them may put such a folder on the path.
    """

    projects: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, tuple[str, ...]]
    installed: frozenset[str]
    compiles: bool = False
    holding: tuple[str, ...] = ()

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What a module means in the file `importer`; a path from the workspace root counts as a module, too.

        A regular package or module of the workspace wins over a distribution of that name, as Python has it. Where the
        workspace depends on that distribution, it may be meant all the same by who alone sees the package. A folder
        without `__init__.py` holds what such a distribution lays into it, beside its own packages. Stubs of a package
        stand beside it, or for one that somebody else makes: then only stubs may lack what they import.
        """
        if len(module) > _LONGEST_MODULE:
            return _NOTHING
        if "/" not in module and module.startswith("."):
            return self._relative(module, importer, files)
        if "/" in module or _is_python(module):
            return self._path(module, importer, files)
        return self._absolute(module, importer, files)

    def _absolute(self, module: str, importer: str, files: Files) -> Resolution:
        top, _, rest = module.partition(".")
        is_standard = top in sys.stdlib_module_names
        if not top or (is_standard and top != "test"):
            return _NOTHING
        roots = self._roots(importer, files)
        known = (*self.packages.get(top, ()), *self._new_packages(top, files))
        bases = [*(under(root, top) for root in roots), *known]
        declared = {under(root, top) for root in self._declared(importer)}
        regular = [base for base in bases if _is_module(base, files)]
        regular = regular or [base for base in bases if _is_settled(base, rest, files)]
        stubs = [base for root in roots if _is_module(base := under(root, f"{top}-stubs"), files)]
        if regular:
            # Which of two folders comes first on the path is a guess, so that one that has the module counts, too.
            inner = rest.replace(".", "/")
            regular = [base for base in bases if base in regular or (inner and _found(under(base, inner), files))]
            is_sure = top not in self.installed or not declared.union(known).isdisjoint(regular)
            return self._below([*regular, *stubs], rest, files, ours=is_sure and not is_standard)
        if stubs:
            return self._below(stubs, rest, files, ours=any(importer.startswith(f"{base}/") for base in stubs))
        if is_standard or top in self.installed:
            return _NOTHING
        spread = [base for base in bases if _holds_python(base, files)]
        if spread:
            ours = folder_of(importer) not in spread or spread[0] in declared
            found = self._below(spread, rest, files, ours=ours)
            return replace(found, files=(*found.files, *self._to_come(module, files)))
        return self._guessed(module, roots, files)

    def _guessed(self, module: str, roots: Sequence[str], files: Files) -> Resolution:
        """What a module may mean whose package lies nowhere where it should: then it is never ours."""
        top, _, rest = module.partition(".")
        held = [base for root in self.holding if _is_module(base := under(root, top), files)]
        if len(held) == 1:
            return self._below(held, rest, files, ours=False)
        places = (under(root, module.replace(".", "/")) for root in roots[:2])
        return Resolution(
            tuple(self._to_come(module, files)) or tuple(file for place in places for file in _files(place))
        )

    def _path(self, module: str, importer: str, files: Files) -> Resolution:
        """What a path means: from the workspace root, from where modules start, or from the importer's folder."""
        folder = folder_of(importer)
        path = joined(folder if module.startswith(".") else "", module)
        if not path:
            return _NOTHING
        roots = [""] if module.startswith(".") else ["", *self._declared(importer), folder]
        for root in roots:
            existing = tuple(file for file in _spelled(under(root, path)) if file in files)
            if existing:
                return Resolution(existing, ours=True)
        first = path.partition("/")[0]
        known = next((root for root in roots if files.is_directory(under(root, first))), None)
        return Resolution(_spelled(under(known or "", path)), ours=known is not None)

    def _new_packages(self, top: str, files: Files) -> Iterator[str]:
        """Where a package may lie in projects whose manifests nobody has read: a task is yet to write them."""
        manifests = (path for name in ("pyproject.toml", "setup.py") for path in files.named(name))
        for folder in dict.fromkeys(map(folder_of, manifests)):
            if folder not in self.projects:
                yield from (under(root, top) for root in (under(folder, "src"), folder))

    def _to_come(self, module: str, files: Files) -> Iterator[str]:
        """The files that a module may be in a project beside the others that a task is yet to fill.

        It is called like the package, whose name may have two parts: `acme.taxes` lies in `acme-taxes`.
        """
        parts = module.split(".")
        names = dict.fromkeys(("_".join(parts[:1]), "_".join(parts[:2])))
        places = dict.fromkeys(folder_of(project) for project in self.projects if project)
        for place, name in product(places, names):
            spelled = _precedence if name == "_".join(parts) else _files
            for folder in (under(place, name), under(place, name.replace("_", "-"))):
                if folder not in self.projects and files.is_directory(folder):
                    yield from spelled(under(under(folder, "src"), "/".join(parts)))
                    yield from spelled(under(folder, "/".join(parts)))

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
        holder = next((file for base in bases for file in _packages_above(base, rest, files)), "")
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
    requires = (distribution for manifest in manifests.values() for distribution in manifest.requires)
    required = set(_module_names(each for each in requires if module_name(each) not in made))
    compiles = any(manifest.compiles for manifest in manifests.values()) or any(map(files.named, _BUILD_FILES))
    packages = _packages(manifests, roots, files)
    return PythonLayout(roots, packages, frozenset(required - made), compiles, _holding_packages(files))


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


def _holding_packages(files: Files) -> tuple[str, ...]:
    """The folders that hold packages and are none, those nearest the root first."""
    folders = (folder_of(part) for part in files.named("__init__.py"))
    found = {folder_of(folder) for folder in folders if not _is_package(folder_of(folder), files)}
    return tuple(sorted(found, key=lambda folder: (folder.count("/"), folder))[:_MOST_HOLDING])


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


def _spelled(path: str) -> tuple[str, ...]:
    """The files that a path spells, with an ending or without."""
    return (path,) if _is_python(path) else _files(path)


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


def _is_settled(base: str, rest: str, files: Files) -> bool:
    """Whether one of the parts of the module `rest` is a module or a regular package of the folder `base`."""
    return any(_is_module(under(base, part), files) for part in upwards(rest.replace(".", "/")) if part)


def _packages_above(base: str, rest: str, files: Files) -> Iterator[str]:
    """The packages that the module `rest` of the package `base` would lie in, the innermost first."""
    for folder in upwards(folder_of(rest.replace(".", "/"))) if rest else ():
        parts = (under(under(base, folder), part) for part in ("__init__.py", "__init__.pyi"))
        yield from (file for file in parts if file in files)


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
