"""Where Go packages lie in a workspace: the module paths of its `go.mod` files, `replace`, the rule of `internal`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from posixpath import normpath

from agent_server.languages.model import Files, Resolution

STANDARD_LIBRARY = re.compile(
    "C|archive|bufio|builtin|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|"
    "expvar|flag|fmt|go|hash|html|image|index|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|"
    "runtime|slices|sort|strconv|strings|structs|sync|syscall|testing|text|time|unicode|unique|unsafe|weak"
)
"""The first segments of the packages that come with Go."""

_SYMBOL = re.compile(r"(?P<package>.*[^./])\.(?P<name>[A-Z]\w*)")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+/")
"""What an import path begins with that says where to get the package, and hardly any folder of a workspace."""

_FEWEST = {"github.com": 3, "gitlab.com": 3, "bitbucket.org": 3}
"""How many segments the path of a module has at least, by its host: the owner's name is one of them."""

_GENERATED = re.compile(
    r"/(?:gen|generated|genproto|grpc|pb|protos?|\w+pb|sqlc|ent|graph|graphql|openapi|swagger|stubs)(?:/|$)"
)
"""Folders whose packages programs write, often outside of version control."""

_MOCKS = re.compile(r"/(?:mocks?|mock_\w+|\w+mocks?)$")
"""Packages that `go generate` writes, as comments in other packages tell it."""

_GENERATORS = (
    *("buf.gen.yaml", "sqlc.yaml", "sqlc.yml", "sqlc.json", "gqlgen.yml", "gqlgen.yaml"),
    *("oapi-codegen.yaml", "oapi-codegen.yml"),
)
_SCHEMAS = (".proto", ".graphql", ".graphqls")

_WORD = re.compile(r'"[^"]*"|`[^`]*`|[^\s"`]+')


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a `go.mod` or `go.work` says, as far as it concerns imports. Directories are relative to the workspace."""

    directory: str
    path: str = ""
    requires: frozenset[str] = frozenset()
    replaces: Mapping[str, str] = field(default_factory=dict)


class GoLayout:
    """The Go modules of one workspace.

    An import path belongs to the module with the longest path that begins it. A module that another one requires from
    elsewhere is not ours, even where its path begins like ours.
    """

    def __init__(self, files: Files, texts: Mapping[str, str]) -> None:
        """The layout that the `go.mod` and `go.work` files of `texts` describe. `files` tell what is generated."""
        self._files = files
        manifests = [_read_manifest(path, text) for path, text in sorted(texts.items())]
        self._modules = sorted((one for one in manifests if one.path), key=lambda one: len(one.directory))
        self._directories = frozenset(one.directory for one in self._modules)
        self._replaces = {
            path: directory
            for one in manifests
            if not one.path
            for path, directory in one.replaces.items()
        }  # fmt: skip
        self._resolve = lru_cache(maxsize=8192)(self._resolve_from)

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What an import path means to a file: the folder of a package.

        A path from the workspace root, of a folder or a `.go` file, is understood too, and `path.Name` is a name of
        the package. In a module whose `go.mod` nobody has written yet, a package is told by the end of its path.
        """
        folder = importer.rpartition("/")[0] if importer else None
        spelled = module.strip().strip("\"`'")
        found = self._resolve(spelled, folder)
        new = None if folder is None or not _HOST.match(spelled) else self._new_module(folder, files)
        may_be_made = found.ours and not found.closed_by and (_MOCKS.search(spelled) or _GENERATED.search(spelled))
        if (new is None and not may_be_made) or any(_has_sources(each, files) for each in found.files):
            return found
        within = None if new is None else _in_new_module(spelled, new, files)
        if within is not None:
            return within
        is_made = may_be_made and (_MOCKS.search(spelled) or self._generates)
        return replace(found, ours=False) if is_made else found

    @cached_property
    def _generates(self) -> bool:
        """Whether the workspace holds what programs make packages of."""
        if any(self._files.named(name) for name in _GENERATORS) or self._files.is_directory("ent/schema"):
            return True
        return any(path.endswith(_SCHEMAS) for path in self._files.below(""))

    def _resolve_from(self, spelled: str, folder: str | None) -> Resolution:
        if spelled.startswith(("./", "../")) or spelled in (".", ".."):
            # No module's code imports so, but commands name folders like that, from the root.
            return _by_path(spelled, folder or "", "")
        if spelled.endswith(".go") and not _HOST.match(spelled):
            return _by_path(spelled, "")
        symbol = _SYMBOL.fullmatch(spelled)
        package, name = symbol.group("package", "name") if symbol else (spelled, "")
        package = package.rstrip("/")
        home = self._home(folder)
        found = self._owner(package, home)
        if found is not None:
            path, directory = found
            if not _may_see(package, _import_path(home, folder)):
                return Resolution(ours=True, closed_by=_home_of_internal(package, path, directory))
            return Resolution((_entry(directory, package[len(path) :]),), ours=True, name=name)
        return _from_root(package, name, home)

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
        elsewhere = home.requires if home else frozenset()
        if any(len(other) > len(path) and other not in known and _contains(other, package) for other in elsewhere):
            return None
        return path, known[path]


def _in_new_module(spelled: str, directory: str, files: Files) -> Resolution | None:
    """What an import path means if it belongs to a module at `directory` whose path nobody knows."""
    symbol = _SYMBOL.fullmatch(spelled)
    package, name = symbol.group("package", "name") if symbol else (spelled, "")
    segments = package.rstrip("/").split("/")
    last = directory.rpartition("/")[2]
    fewest = _FEWEST.get(segments[0], 1)
    for start in range(1, len(segments)):
        folder = _entry(directory, "/".join(segments[start:]))
        if (start >= fewest or segments[start - 1] == last) and _has_sources(folder, files):
            return Resolution((folder,), ours=True, name=name)
    return None


def _has_sources(folder: str, files: Files) -> bool:
    start = len(folder.lstrip("/"))
    return any(path.endswith(".go") and "/" not in path[start:] for path in files.below(folder.rstrip("/")))


def _from_root(package: str, name: str, home: _Manifest | None) -> Resolution:
    """What a path means that is no import path of a module here: a folder of the workspace, if it may be one."""
    path = _join("", package)
    first = (path or "").partition("/")[0]
    if not path or STANDARD_LIBRARY.fullmatch(first) or "." in first or ":" in path:
        return Resolution()
    inside = [home.directory] if home and home.directory else []
    folders = (_entry(directory, path) for directory in (*inside, ""))
    # Only its own standard library imports a path that begins with `internal`.
    return Resolution(tuple(dict.fromkeys(folders)), ours="internal" in path.split("/"), name=name)


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
        return _Manifest(directory, replaces=dict(_local_replaces(lines, directory)))
    return _Manifest(
        directory,
        path=next((words[1] for words in lines if words[0] == "module" and len(words) > 1), "").strip("/"),
        requires=frozenset(words[1] for words in lines if words[0] == "require" and len(words) > 1),
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
