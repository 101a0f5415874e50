"""Where Go packages lie in a workspace: the module paths of its `go.mod` files, `replace`, the rule of `internal`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from posixpath import normpath
from weakref import WeakKeyDictionary

from agent_server.languages.go_generated import Schemas, may_be_made
from agent_server.languages.model import Files, Resolution

STANDARD_LIBRARY = re.compile(
    "C|archive|bufio|builtin|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|"
    "expvar|flag|fmt|go|hash|html|image|index|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|"
    "runtime|slices|sort|strconv|strings|structs|sync|syscall|testing|text|time|unicode|unique|unsafe|weak"
)
"""The first segments of the packages that come with Go."""

_SYMBOL = re.compile(r"(?P<package>.*?[^./])\.(?P<name>[A-Z]\w*(?:\.[A-Z]\w*)*)")
_ALIAS = re.compile(r"[\w.]+\s+[\"`]")
_PATH = re.compile(r"[\w.~+/-]+")
_STANDARD_SOURCES = re.compile(rf"(?:^|/)src/(?:internal|{STANDARD_LIBRARY.pattern})(?:/|$)")
"""Where the packages lie that come with Go, as in its own repository."""

_NEVER_RELEASED = "v0.0.0"
"""The version that people write of a module which lies beside their own."""

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+/")
"""What an import path begins with that says where to get the package, and hardly any folder of a workspace."""

_FEWEST = {"github.com": 3, "gitlab.com": 3, "bitbucket.org": 3}
"""How many segments the path of a module has at least, by its host: the owner's name is one of them."""

_WORD = re.compile(r'"[^"]*"|`[^`]*`|[^\s"`]+')


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a `go.mod` or `go.work` says, as far as it concerns imports. Directories are relative to the workspace.

    `requires` are modules with their versions. `joins`: it is a `go.work` that uses the modules below it side by side.
    """

    directory: str
    path: str = ""
    requires: Mapping[str, str] = field(default_factory=dict)
    replaces: Mapping[str, str] = field(default_factory=dict)
    joins: bool = False


class GoLayout:
    """The Go modules of one workspace.

    An import path belongs to the module with the longest path that begins it. A module that another one requires from
    elsewhere is not ours, even where its path begins like ours. Neither is a release of one of the workspace's modules,
    which has what it had then.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        """The layout that the `go.mod` and `go.work` files of `texts` describe."""
        manifests = [_read_manifest(path, text) for path, text in sorted(texts.items())]
        self._modules = sorted((one for one in manifests if one.path), key=lambda one: len(one.directory))
        self._joined = tuple(one.directory for one in manifests if one.joins)
        self._directories = frozenset(one.directory for one in self._modules)
        self._replaces = {
            path: directory
            for one in manifests
            if not one.path
            for path, directory in one.replaces.items()
        }  # fmt: skip
        self._resolve = lru_cache(maxsize=8192)(self._resolve_from)
        self._schemas: WeakKeyDictionary[Files, Schemas] = WeakKeyDictionary()

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What an import path means to a file: the folder of a package.

        A path from the workspace root, of a folder or a `.go` file, is understood too, and `path.Name` is a name of
        the package. In a module whose `go.mod` nobody has written yet, a package is told by the end of its path.
        """
        folder = importer.rpartition("/")[0] if importer else None
        spelled = _path_in(module)
        found = self._resolve(spelled, folder)
        new = self._new_module(folder, files) if folder is not None and _may_name_module(spelled, files) else None
        if any(_has_sources(each, files) for each in found.files):
            return self._with_schemas(found, files)
        within = None if new is None else _in_new_module(spelled, new, files)
        return within or self._as_made(found, files)

    def _as_made(self, found: Resolution, files: Files) -> Resolution:
        """What packages without a source mean if a program may make them: then they are not ours."""
        made = self._with_schemas(found, files)
        folders = [each.strip("/") for each in found.files if each.endswith("/")]
        is_made = made is not found or any(may_be_made(folder, files) for folder in folders)
        return replace(made, ours=False) if is_made else found

    def _with_schemas(self, found: Resolution, files: Files) -> Resolution:
        """What packages mean, and behind them the schemas that a program makes them of."""
        schemas = self._schemas.get(files)
        if schemas is None:
            schemas = self._schemas[files] = Schemas(files)
        folders = [each.strip("/") for each in found.files if each.endswith("/")]
        sources = tuple(source for folder in folders for source in schemas.of(folder))
        return replace(found, files=(*found.files, *sources)) if sources else found

    def _resolve_from(self, spelled: str, folder: str | None) -> Resolution:
        if spelled.startswith(("./", "../")) or spelled in (".", ".."):
            # No module's code imports so, but commands name folders like that, from the root.
            return _by_path(spelled, folder or "", "")
        home = self._home(folder)
        if spelled.endswith(".go") and not _HOST.match(spelled):
            path, directory = self._owner(spelled, home) or ("", "")
            inside = f"{directory}/{spelled[len(path) :]}".strip("/")
            paths = dict.fromkeys((*_by_path(spelled, "").files, *_by_path(inside, "").files))
            return Resolution(tuple(paths), ours=bool(paths))
        symbol = _SYMBOL.fullmatch(spelled)
        package, name = symbol.group("package", "name") if symbol else (spelled, "")
        package = package.rstrip("/")
        found = self._owner(package, home)
        if found is not None:
            path, directory = found
            if not _may_see(package, _import_path(home, folder)):
                return Resolution(ours=True, closed_by=_home_of_internal(package, path, directory))
            ours = not self._is_release(path, home)
            entry = _entry(directory, package[len(path) :])
            # An import names no file, and people do; a module may be called like one.
            file = (entry.strip("/"),) if package.endswith(".go") and package != path else ()
            return Resolution((*file, entry), ours=ours, name=name)
        return _from_root(package, name, home, folder or "")

    def _home(self, folder: str | None) -> _Manifest | None:
        """The module that a folder belongs to; the outermost one where the folder is not known."""
        if folder is None:
            return next((one for one in self._modules if not _hidden(one.directory)), None)
        return max(
            (one for one in self._modules if _contains(one.directory, folder)),
            key=lambda one: len(one.directory),
            default=None,
        )

    def _new_module(self, folder: str, files: Files) -> str | None:
        """The directory of the module that a folder belongs to, if no text tells the path of that module yet."""
        known = self._directories
        parts = folder.split("/") if folder else []
        for depth in range(len(parts), -1, -1):
            directory = "/".join(parts[:depth])
            if directory in known:
                return None
            if _entry(directory, "go.mod").strip("/") in files:
                return directory
        return None if known else ""

    def _owner(self, package: str, home: _Manifest | None) -> tuple[str, str] | None:
        """The path and the directory of the module in this workspace that a package belongs to."""
        known = {**self._replaces, **(home.replaces if home else {})}
        for one in self._modules:
            if not _hidden(one.directory) or (home and _contains(one.directory, home.directory)):
                known.setdefault(one.path, one.directory)
        if home:
            known[home.path] = home.directory
        path = max((path for path in known if _contains(path, package)), key=len, default=None)
        if path is None:
            return None
        elsewhere = home.requires if home else {}
        if any(len(other) > len(path) and other not in known and _contains(other, package) for other in elsewhere):
            return None
        return path, known[path]

    def _is_release(self, path: str, home: _Manifest | None) -> bool:
        """Whether a module takes another one of the workspace as it was published, and not as it lies here."""
        if home is None or home.requires.get(path, _NEVER_RELEASED) == _NEVER_RELEASED:
            return False
        joined = any(_contains(directory, home.directory) for directory in self._joined)
        return not joined and path not in home.replaces and path not in self._replaces


def _in_new_module(spelled: str, directory: str, files: Files) -> Resolution | None:
    """What an import path means if it belongs to a module at `directory` whose path nobody knows."""
    symbol = _SYMBOL.fullmatch(spelled)
    package, name = symbol.group("package", "name") if symbol else (spelled, "")
    segments = package.rstrip("/").split("/")
    last = directory.rpartition("/")[2]
    fewest = _FEWEST.get(segments[0], 1)
    for start in range(1, len(segments)):
        folder = _entry(directory, "/".join(segments[start:]))
        if (start >= fewest or segments[start - 1] == last) and _will_have_sources(folder, files):
            return Resolution((folder,), ours=True, name=name)
    return None


def _path_in(written: str) -> str:
    """The path in what people write: `st "x/store"`, `x/store as st`, `x/store@v1.2.0`, `x/store/...`."""
    text = written.strip().strip("\"'`")
    alias = _ALIAS.match(text)
    text = text[alias.end() if alias else 0 :].replace('"', "").lstrip("*&[]")
    found = _PATH.match(text)
    path = found[0].removesuffix("/...") if found else text
    return path if path.endswith(("..", "/.")) or path == "." else path.rstrip(".")


def _may_name_module(spelled: str, files: Files) -> bool:
    """Whether an import path may begin with the path of a module that nobody knows, rather than with a folder."""
    first, slash, _ = spelled.partition("/")
    is_word = slash and first.isidentifier() and STANDARD_LIBRARY.fullmatch(first) is None
    return _HOST.match(spelled) is not None or bool(is_word and first != "internal" and not files.is_directory(first))


def _will_have_sources(folder: str, files: Files) -> bool:
    """As `_has_sources`; a folder that a task fills, nobody knows with what, has nothing below it yet."""
    place = folder.strip("/")
    return _has_sources(folder, files) or (files.is_directory(place) and not files.below(place, most=1))


def _has_sources(folder: str, files: Files) -> bool:
    start = len(folder.lstrip("/"))
    return any(path.endswith(".go") and "/" not in path[start:] for path in files.below(folder.rstrip("/")))


def _from_root(package: str, name: str, home: _Manifest | None, folder: str) -> Resolution:
    """What a path means that is no import path of a module here: a folder of the workspace, if it may be one."""
    path = _join("", package)
    first = (path or "").partition("/")[0]
    if not path or STANDARD_LIBRARY.fullmatch(first) or "." in first or ":" in path:
        return Resolution()
    inside = [home.directory] if home and home.directory else []
    folders = (_entry(directory, path) for directory in (*inside, ""))
    # Only its own standard library, or a copy of that, imports a path that begins with `internal`.
    ours = "internal" in path.split("/") and _STANDARD_SOURCES.search(folder) is None
    return Resolution(tuple(dict.fromkeys(folders)), ours=ours, name=name)


def _by_path(spelled: str, *folders: str) -> Resolution:
    """What a path means that starts in one of some folders, likeliest first."""
    paths = dict.fromkeys(path for folder in folders if (path := _join(folder, spelled)) is not None)
    return Resolution(tuple(path if path.endswith(".go") else f"{path}/" for path in paths), ours=bool(paths))


def _may_see(package: str, importer: str | None) -> bool:
    """Whether a package at an import path may import `package`: `a/internal/b` is for the tree below `a` alone."""
    if importer is None:
        return True
    segments = package.split("/")
    parents = ("/".join(segments[:index]) for index, segment in enumerate(segments) if segment == "internal")
    return all(_contains(parent, importer) for parent in parents)


def _home_of_internal(package: str, path: str, directory: str) -> str:
    """The folder that an internal package of the module `path` at `directory` is for; empty if none is in it."""
    parent = package[: f"{package}/".rindex("/internal/")]
    return _entry(directory, parent[len(path) :]) if _contains(path, parent) else ""


def _import_path(home: _Manifest | None, folder: str | None) -> str | None:
    if home is None or folder is None:
        return None
    return f"{home.path}/{folder[len(home.directory) :].strip('/')}".rstrip("/")


def _hidden(directory: str) -> bool:
    """Whether the go command ignores what lies in a directory when it looks for packages."""
    return any(
        part in ("testdata", "vendor", "node_modules") or part[:1] in ("_", ".") for part in directory.split("/")
    )


def _contains(outer: str, inner: str) -> bool:
    """Whether a path is another one or begins it; the empty one begins all."""
    return not outer or inner == outer or inner.startswith(f"{outer}/")


def _entry(directory: str, rest: str) -> str:
    return f"{directory}/{rest.strip('/')}".strip("/") + "/"


def _join(folder: str, path: str) -> str | None:
    """A relative path from the workspace root; None where it leads out of it. The root is empty."""
    joined = normpath(f"{folder}/{path}" if folder else path)
    if joined == ".":
        return ""
    return None if joined.startswith(("..", "/")) else joined


def _read_manifest(path: str, text: str) -> _Manifest:
    directory = path.rpartition("/")[0]
    lines = list(_directives(text))
    if path.rpartition("/")[2] == "go.work":
        joins = any(words[0] == "use" for words in lines)
        return _Manifest(directory, replaces=dict(_local_replaces(lines, directory)), joins=joins)
    return _Manifest(
        directory,
        path=next((words[1] for words in lines if words[0] == "module" and len(words) > 1), "").strip("/"),
        requires={words[1]: words[2] for words in lines if words[0] == "require" and len(words) > 2},
        replaces=dict(_local_replaces(lines, directory)),
    )


def _directives(text: str) -> Iterator[list[str]]:
    """The directives of a manifest, one list of words each; those of a block begin with the block's word."""
    block: str | None = None
    for line in text.splitlines():
        words = [word.strip('"`') for word in _WORD.findall(line.partition("//")[0])]
        if not words:
            continue
        if words[0] == ")":
            block = None
        elif block is not None:
            yield [block, *words]
        elif words[-1] == "(" and len(words) == 2:
            block = words[0]
        else:
            yield words


def _local_replaces(lines: list[list[str]], directory: str) -> Iterator[tuple[str, str]]:
    """The modules that a manifest replaces by directories of this workspace."""
    for words in lines:
        if words[0] != "replace" or "=>" not in words[2:-1]:
            continue
        target = words[words.index("=>") + 1]
        if target.startswith(("./", "../")) or target in (".", ".."):
            found = _join(directory, target)
            if found is not None:
                yield words[1], found
