"""Where Java classes lie in a workspace: source roots by the existing files, the usual folders and simple manifests."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import takewhile
from posixpath import normpath

from agent_server.languages.java_manifests import groups_elsewhere
from agent_server.languages.model import Files, Resolution

_USUAL_ROOT = re.compile(r"(?:.*/)?src/(?:[^/]+/)?java(?=/)")
_SOURCE_FOLDER = re.compile(r"(?:.*/)?(?:src|source|sources|java|test|tests)(?=/)")
_TOP_DOMAINS = frozenset(("com", "org", "net", "io", "edu", "gov", "dev", "app", "co", "me", "de", "fr", "uk", "ch"))
_CUSTOM_ROOTS = re.compile(
    r"<(?:testS|s)ourceDirectory>\s*([^<>{}$]+?)\s*</|\bsrcDirs?\b[\s=(+\[]*(?:setOf|listOf|files)?[\s(\[]*([^)\]\n]*)"
)
_QUOTED = re.compile(r"""["']([^"'${}]+)["']""")

_SHARED_DOMAINS = frozenset(
    (
        "com.google",
        "com.amazonaws",
        "com.microsoft",
        "com.oracle",
        "com.sun",
        "com.github",
        "io.github",
        "org.apache",
        "org.eclipse",
        "org.jetbrains",
        "org.springframework",
        "org.w3c",
        "org.xml",
    )
)
"""Packages below which many projects live: that one of them is here says nothing about the others."""

_ELSEWHERE = frozenset(("java", "javax", "jdk", "sun", "kotlin", "kotlinx", "scala", "groovy", "android", "androidx"))
"""The first segments of the packages that come with a platform."""

_OTHER_SOURCES = (
    *(".proto", ".avsc", ".avdl", ".thrift", ".g4", ".xsd", ".wsdl", ".fbs", ".jj", ".smithy"),
    *(".kt", ".scala", ".groovy"),
)
"""The endings of sources from which builds generate Java, and of sources that declare types for Java to use."""

_GENERATOR = re.compile(r"src/generated|generated[-/]sources?|generated-src|openapi-generator|openapi\.generator|jooq")
"""What the manifest of a build says that writes Java itself."""

_GENERATED = re.compile(r"R|BR|BuildConfig|Dagger\w+|Hilt_\w+|AutoValue_\w+|\w+Mapper(?:Impl|_)|\w+_(?:Impl|Factory)?")
"""The names of types that annotation processors and the Android build make."""

_MADE_FROM = re.compile(r"Q(?P<entity>[A-Z]\w*)|(?:Immutable|Modifiable)(?P<value>[A-Z]\w*)|(?P<built>\w+)Builder")
"""The names of types that processors make from another type of the package: for queries, values and builders."""

_VALUES = re.compile(r"immutables|record-?builder|freebuilder", re.IGNORECASE)
"""What the manifest says of a build whose processors make values and builders."""

_GENERATED_PACKAGE = "databinding"
"""The last segment of packages that the Android build makes."""

_FIRST_ROOTS = ("src/main/java", "src")
"""Where a project without sources will have its first ones."""

_MOST_ROOTS = 8
"""How many source roots a class that does not exist may be expected in."""


class JavaLayout:
    """The source roots and packages of one workspace.

    A class that exists is found wherever a file lies whose path ends like it. One that does not exist is expected in
    the roots of the importer's own module first; it is ours where its package, or one around it that this project
    owns, is among the sources.
    """

    def __init__(self, files: Files, texts: Mapping[str, str]) -> None:
        """The layout that the Java sources among `files` show. Of the manifests only literal source roots are read."""
        self._files = files
        self._generates = any(map(_GENERATOR.search, texts.values()))
        self._makes_values = any(map(_VALUES.search, texts.values()))
        self._elsewhere = tuple(f"{group}/" for group in groups_elsewhere(texts))
        self._custom = sorted(_custom_roots(texts), key=len, reverse=True)
        self._root_of = lru_cache(maxsize=8192)(self._find_root)
        self._ordered = lru_cache(maxsize=1024)(self._order)

    def resolve(self, module: str, importer: str, files: Files) -> Resolution:
        """What a type, a package (`com.x`, `com.x.*`) or the path of a source means to a file.

        `name` is what follows the type: a nested type or a static member.
        """
        spelled = module.strip().removesuffix(";").removeprefix("import ").removeprefix("static ").strip()
        own = self._root_of(importer.rpartition("/")[0]) if importer else ""
        if "/" in spelled or spelled.endswith(".java"):
            return self._by_path(spelled, own, files)
        segments = spelled.removesuffix(".*").split(".")
        if segments[0] in _ELSEWHERE or not all(segments):
            return Resolution()
        kind = next((index for index, segment in enumerate(segments) if segment[:1].isupper()), None)
        if kind is None:
            return self._package(segments, own, files)
        tail, name = f"{'/'.join(segments[: kind + 1])}.java", ".".join(segments[kind + 1 :])
        found = [path for path in files.named(f"{segments[kind]}.java") if path == tail or path.endswith(f"/{tail}")]
        if found:
            rank = {root: place for place, root in enumerate(self._ordered(own))}
            found.sort(key=lambda path: rank.get(path[: -len(tail)].rstrip("/"), len(rank)))
            return Resolution(tuple(found), ours=kind > 0, name=name)
        package = "/".join(segments[:kind])
        if not self._owns(package, own, files) or self._may_be_elsewhere(package, segments[kind], files):
            return Resolution()
        return Resolution(tuple(self._expected(tail, own)), ours=True, name=name)

    def _package(self, segments: list[str], own: str, files: Files) -> Resolution:
        """What a package means: its folder in each source root that has it, or should have it."""
        folder = "/".join(segments)
        found = [f"{place}/" for root in self._ordered(own) if files.is_directory(place := _join(root, folder))]
        owned = self._owns(folder, own, files)
        if not found and owned:
            found = [f"{path}/" for path in self._expected(folder, own)]
        return Resolution(tuple(found), ours=owned)

    def _by_path(self, spelled: str, own: str, files: Files) -> Resolution:
        path = normpath(spelled)
        if path.startswith(("..", "/")):
            return Resolution()
        source = path if path.endswith(".java") else f"{path}.java"
        places = dict.fromkeys((source, *(_join(root, source) for root in self._ordered(own)[:_MOST_ROOTS])))
        existing = [place for place in places if place in files]
        if existing:
            return Resolution(tuple(existing), ours=True)
        if files.is_directory(path):
            return Resolution((f"{path}/",), ours=True)
        return Resolution(tuple(places) if path.endswith(".java") else (), ours=path.endswith(".java"))

    def _expected(self, tail: str, own: str) -> Iterator[str]:
        """Where a source may lie that does not exist: beside its package, in the importer's module, in others."""
        package = tail.rpartition("/")[0]
        roots = self._ordered(own) or (own or _FIRST_ROOTS[0],)
        tests = _is_test(own)
        ranked = sorted(
            roots, key=lambda root: (_is_test(root) and not tests, package not in self._evidence.get(root, ()))
        )
        return (_join(root, tail) for root in ranked[:_MOST_ROOTS])

    @cached_property
    def _evidence(self) -> Mapping[str, frozenset[str]]:
        """The packages, as folders, that each source root holds."""
        folders = {path.rpartition("/")[0] for path in self._files.below("") if path.endswith(".java")}
        found: dict[str, set[str]] = {}
        for folder in sorted(folders):
            root = self._root_of(folder)
            found.setdefault(root, set()).add(folder[len(root) :].strip("/"))
        return {root: frozenset(packages) for root, packages in found.items()}

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset().union(*self._evidence.values())

    @cached_property
    def _owned(self) -> tuple[str, ...]:
        return tuple(f"{package}/" for package in _own_packages(self._packages))

    def _owns(self, package: str, own: str, files: Files) -> bool:
        """Whether a package, given as a folder, belongs to this project: sources are there, or will be."""
        if package in self._packages:
            return True
        if f"{package}/".startswith(self._owned) and not self._may_be_a_relative(package):
            return True
        roots = (*self._ordered(own)[:_MOST_ROOTS], *_FIRST_ROOTS) if package else ()
        return any(files.is_directory(_join(root, package)) for root in roots)

    def _may_be_a_relative(self, package: str) -> bool:
        """Whether an unknown package may come from a dependency of the same group, as companies have many."""
        inside = f"{package}/"
        group = max((group for group in self._elsewhere if inside.startswith(group)), key=len, default="")
        known = (f"{known}/" for known in self._packages)
        return bool(group) and not any(inside.startswith(each) and len(each) > len(group) for each in known)

    def _may_be_elsewhere(self, package: str, kind: str, files: Files) -> bool:
        """Whether a type that no source file is named for may be generated, or lie in a source of another language."""
        if _GENERATED.fullmatch(kind) or package.rpartition("/")[2] == _GENERATED_PACKAGE:
            return True
        made = _MADE_FROM.fullmatch(kind)
        if made and (made["entity"] or self._makes_values):
            tail = f"/{package}/{made[made.lastgroup or 0]}.java"
            if any(f"/{path}".endswith(tail) for path in files.named(tail.rpartition("/")[2])):
                return True
        homes = {root for root, packages in self._evidence.items() if package in packages and not _is_test(root)}
        if self._generates and not homes:
            return True
        return bool(self._opaque) and (not homes or any(_module(root) in self._opaque for root in homes))

    @cached_property
    def _opaque(self) -> frozenset[str]:
        """The modules that hold the sources of a generator of code, or of a language that mixes with Java."""
        folders = (path.rpartition("/")[0] for path in self._files.below("") if path.endswith(_OTHER_SOURCES))
        return frozenset(map(_module, dict.fromkeys(folders)))

    def _find_root(self, folder: str) -> str:
        """The source root that a folder with sources lies in."""
        inside = f"{folder}/"
        for root in self._custom:
            if inside.startswith(f"{root}/" if root else ""):
                return root
        usual = _USUAL_ROOT.match(inside)
        if usual:
            return usual[0]
        segments = folder.split("/")
        domain = next((index for index, segment in enumerate(segments[:-1]) if segment in _TOP_DOMAINS), None)
        if domain is not None:
            return "/".join(segments[:domain])
        source = _SOURCE_FOLDER.match(inside)
        return source[0] if source else ""

    def _order(self, own: str) -> tuple[str, ...]:
        """The source roots as a file in the root `own` sees them: itself, its module, the sources of other modules."""
        module = _module(own)
        return tuple(
            sorted(
                self._evidence,
                key=lambda root: (root != own, _is_test(root) and not _is_test(own), _module(root) != module, root),
            )
        )


def _own_packages(packages: Iterable[str]) -> Iterator[str]:
    """The packages, as folders, below which everything belongs to the project that has these packages."""
    groups: dict[str, list[list[str]]] = {}
    for package in sorted(packages):
        segments = package.split("/")
        if len(segments) > 1:
            groups.setdefault(".".join(segments[:2]), []).append(segments)
    for shared, members in groups.items():
        # Of sorted lists the first and the last differ the soonest.
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(members[0], members[-1], strict=False))
        start = [segment for segment, _ in pairs]
        yield from ["/".join(start)] if len(start) > 2 or shared not in _SHARED_DOMAINS else map("/".join, members)


def _custom_roots(texts: Mapping[str, str]) -> Iterator[str]:
    """The source roots that manifests name by literal paths."""
    for path, text in texts.items():
        folder = path.rpartition("/")[0]
        for found in _CUSTOM_ROOTS.finditer(text):
            for given in [found[1]] if found[1] else _QUOTED.findall(found[2] or ""):
                root = normpath(_join(folder, given.strip()))
                if not root.startswith(("..", "/")) and root != ".":
                    yield root


def _module(root: str) -> str:
    """The folder of the module that a source root belongs to."""
    module, source, _ = f"/{root}".rpartition("/src")
    return module if source else f"/{root}"


def _is_test(root: str) -> bool:
    return "test" in root.rpartition("src/")[2].lower()


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
