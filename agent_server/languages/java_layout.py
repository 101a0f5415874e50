"""Where Java classes lie in a workspace: source roots by the existing files, the usual folders and simple manifests."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import takewhile
from posixpath import normpath

from agent_server.languages.java_made import (
    MIXED,
    PROCESSOR,
    Made,
    is_made,
    schemas,
    traces_of_package,
    traces_of_type,
)
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

_SHARED = tuple(f"{domain.replace('.', '/')}/" for domain in _SHARED_DOMAINS)

_TEST = re.compile(r"Test[A-Z]\w*\.java|\w*(?:Tests?|TestCase|IT|Spec)\.java")
"""What sources are called that are tests themselves."""

_RESOURCE = re.compile(r"(?:.*/)?src/[^/]+/resources/")
"""Where sources are data: what a test feeds to a processor, or a template."""

_FIRST_ROOTS = ("src/main/java", "src")
"""Where a project without sources will have its first ones."""

_FACADE = "Kt"
"""What Kotlin adds to a file's name for the type that holds its functions."""

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
        texts = {path: text for path, text in texts.items() if not _RESOURCE.match(path)}
        self._files = files
        self._made = Made(texts)
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
        if segments[0] in _ELSEWHERE or not all(segments) or _RESOURCE.match(importer):
            return Resolution()
        kind = next((index for index, segment in enumerate(segments) if segment[:1].isupper()), None)
        if kind is None:
            return self._package(segments, own, files)
        return self._declaring(segments, kind, own, files) or self._undeclared(segments, kind, own, files)

    def _undeclared(self, segments: list[str], kind: int, own: str, files: Files) -> Resolution:
        """What a type means that no source declares: the schema that it is made from, or where it is expected."""
        package, name = "/".join(segments[:kind]), ".".join(segments[kind + 1 :])
        if not self._owns(package, own, files):
            return Resolution()
        made_from = schemas(segments[kind], files)
        if made_from or self._is_made(package, segments[kind], files):
            return Resolution(made_from, name=name)
        expected = tuple(self._expected(f"{package}/{segments[kind]}.java", own))
        traces = tuple(traces_of_type(package, segments[kind], new=not self._is_home(package)))
        paths = (*expected, *_in_kotlin(expected, files))
        unless = self._unless_imported(package, segments[kind])
        return Resolution(paths, ours=True, name=name, traces=traces, unless_imported=unless)

    def _unless_imported(self, package: str, kind: str) -> tuple[str, ...]:
        """What sources do not import if a type of the package, which is given as a folder, is missing."""
        in_full = f"{package}/{kind}".replace("/", ".")
        if package not in self._packages:
            is_mixed = any(f"/{folder}".endswith(f"/{package}") for folder in self._mixed)
            return () if is_mixed else (in_full[: -len(kind)],)
        if package.startswith(_SHARED) and f"{package}/".startswith(self._elsewhere):
            return (in_full,)
        return (in_full, PROCESSOR) if self._made.processes else ()

    def _declaring(self, segments: list[str], kind: int, own: str, files: Files) -> Resolution | None:
        """The sources that declare a type, which is what its capital says, or else any other segment."""
        for at in (kind, *(at for at in range(len(segments) - 1, 0, -1) if at != kind)):
            tails = [f"{'/'.join(segments[: at + 1])}{ending}" for ending in (".java", *MIXED)]
            if segments[at].endswith(_FACADE):
                tails.append(f"{tails[0].removesuffix(f'{_FACADE}.java')}.kt")
            found = {path: tail for tail in tails for path in files.named(tail.rpartition("/")[2]) if _ends(path, tail)}
            if found:
                rank = {root: place for place, root in enumerate(self._ordered(own))}
                roots = {path: path[: -len(tail)].rstrip("/") for path, tail in found.items()}
                ordered = sorted(found, key=lambda path: rank.get(roots[path], len(rank)))
                return Resolution(tuple(ordered), ours=at > 0, name=".".join(segments[at + 1 :]))
        return None

    def _package(self, segments: list[str], own: str, files: Files) -> Resolution:
        """What a package means: its folder in each source root that has it, or should have it."""
        folder = "/".join(segments)
        found = [f"{place}/" for root in self._ordered(own) if files.is_directory(place := _join(root, folder))]
        declared = None if found else self._declaring(segments, len(segments) - 1, own, files)
        if declared is not None:
            return declared
        ours = folder in self._packages
        if ours or not self._owns(folder, own, files):
            return Resolution(tuple(found), ours=ours)
        made = is_made(folder) or self._made.sources
        places = found or [f"{path}/" for path in self._expected(folder, own)]
        traces = traces_of_package(folder)
        return Resolution(tuple(places), ours=not made, traces=traces, unless_imported=(".".join((*segments, "")),))

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
        sources = (path for path in self._files.below("") if path.endswith(".java") and not _RESOURCE.match(path))
        folders = {path.rpartition("/")[0] for path in sources}
        found: dict[str, set[str]] = {}
        for folder in sorted(folders):
            root = self._root_of(folder)
            found.setdefault(root, set()).add(folder[len(root) :].strip("/"))
        return {root: frozenset(packages) for root, packages in found.items()}

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset().union(*self._evidence.values())

    @cached_property
    def _mixed(self) -> frozenset[str]:
        """The folders with sources of the languages that mix with Java."""
        return frozenset(path.rpartition("/")[0] for path in self._files.below("") if path.endswith(MIXED))

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

    def _is_made(self, package: str, kind: str, files: Files) -> bool:
        """Whether the build may make a type of the package, which is given as a folder."""
        return self._made.holds(package, kind, files) or (self._made.sources and not self._is_home(package))

    def _is_home(self, package: str) -> bool:
        """Whether the package, given as a folder, has sources that are no tests, but help them at least."""
        return any(
            package in packages and (not _is_test(root) or self._helps_tests(_join(root, package)))
            for root, packages in self._evidence.items()
        )

    def _helps_tests(self, folder: str) -> bool:
        names = (path[len(folder) + 1 :] for path in self._files.below(folder) if path.endswith(".java"))
        return any("/" not in name and not _TEST.fullmatch(name) for name in names)

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
        if len(segments) == 1 and package not in _TOP_DOMAINS:
            yield from filter(None, segments)
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


def _in_kotlin(paths: Iterable[str], files: Files) -> Iterator[str]:
    """Where types that are expected in Java would lie in Kotlin, in packages that are there."""
    for path in paths:
        root, java, tail = path.rpartition("/java/")
        twin = f"{root}/kotlin/{tail.removesuffix('.java')}.kt"
        if java and files.is_directory(twin.rpartition("/")[0]):
            yield twin


def _ends(path: str, tail: str) -> bool:
    return path == tail or path.endswith(f"/{tail}")


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
