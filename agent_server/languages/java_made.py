"""Java types that no Java source declares: sources of other languages do, or a build makes them.

What tells is a name (`AutoValue_Glaze`), another type of the package (`QGlaze` from `Glaze`), a schema that is called
alike (`firing.proto` for `FiringOuterClass`), or words in the text of a schema or of a source that mixes with Java.
"""

import re
from collections.abc import Iterator, Mapping

from agent_server.languages.model import Files, Trace

MIXED = (".kt", ".scala", ".groovy")
"""The endings of sources that declare types for Java to use, in packages that they name."""

_TOP_FOLDERS = ("kotlin", "scala", "groovy", "java", "src")
"""Where sources lie that leave out the folders which all their packages share."""

_FAMILIES = (
    (
        (".proto",),
        r"(?:Simple|Reactor|Mutiny|Vertx|Rx3?)?(\w+?)(?:Grpc(?:Kt|Client|Server)?|OuterClass|OrBuilder|Protos?)",
    ),
    ((".avsc", ".avdl", ".thrift", ".fbs"), r"(\w+?)(?:Constants|T)"),
    ((".smithy",), r"(\w+?)(?:Client|Service|Input|Output|Request|Response|Exception)"),
    ((".g4",), r"(\w+?)(?:Lexer|Parser|(?:Base)?(?:Listener|Visitor))"),
    ((".jj", ".jjt"), r"(\w+?)(?:Constants|TokenManager|Visitor)"),
    ((".xsd", ".wsdl"), r"(\w+?)_?(?:Service|Port(?:Type)?|Type|Response|Exception)"),
)
"""The endings of schemas, and what generators make of a name in them, if not that name itself."""

_PACKAGED = (".proto", ".avsc", ".avdl", ".thrift", ".fbs", ".smithy")
"""The endings of schemas whose text names the package of the types that are made from them."""

_UNPACKAGED = (".g4", ".jj", ".jjt", ".xsd", ".wsdl")

_ALWAYS_MADE = re.compile(r"AST\w+|ObjectFactory|ParseException|TokenMgrError|SimpleNode|(?:Simple|Java)CharStream")
"""The types that generators of parsers and bindings make besides, whatever the schema names."""

_MADERS = (".jj", ".jjt", ".xsd", ".wsdl")

_MADE = re.compile(
    r"R|BR|BuildConfig|Dagger\w+|Hilt_\w+|AutoValue_\w+|Glide(?:App|Options|Requests?)|\w+Fragment(?:Args|Directions)"
    r"|\w+Mapper(?:Impl|_)|\w+_(?:Impl|Factory|\w*Binding)?"
)
"""The names of types that annotation processors and the Android build make."""

_MADE_FROM = re.compile(r"Q(?P<entity>[A-Z]\w*)|(?:Immutable|Modifiable)(?P<value>[A-Z]\w*)|(?P<built>\w+)Builder")
"""The names of types that processors make from another type of the package: for queries, values and builders."""

_VALUES = re.compile(r"immutables|record-?builder|freebuilder", re.IGNORECASE)
"""What the manifest says of a build whose processors make values and builders."""

_GENERATOR = re.compile(r"src/generated|generated[-/]sources?|generated-src|openapi-generator|openapi\.generator|jooq")
"""What the manifest of a build says that writes Java itself."""

_PROCESSING = re.compile(r"annotation.?process|auto-?service|<proc>", re.IGNORECASE)
"""What the manifest says of a build that processes annotations."""

PROCESSOR = "javax.annotation.processing.AbstractProcessor"
"""What a workspace imports that has processors of its own: what they make has any name."""

_MADE_PACKAGE = "databinding"
"""The last segment of packages that the Android build makes."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Made:
    """What the build of one workspace may make, as its manifests say."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """`texts` are the manifests by path.

        `sources`: a generator fills packages of its own. `processes`: annotations are processed.
        """
        self.sources = any(map(_GENERATOR.search, texts.values()))
        self._values = any(map(_VALUES.search, texts.values()))
        self.processes = any(map(_PROCESSING.search, texts.values()))

    def holds(self, package: str, kind: str, files: Files) -> bool:
        """Whether a type of the package, which is given as a folder, is called like what annotation processors make."""
        if _MADE.fullmatch(kind) or is_made(package):
            return True
        made = _MADE_FROM.fullmatch(kind)
        if not made or not (made["entity"] or self._values):
            return False
        tail = f"/{package}/{made[made.lastgroup or 0]}.java"
        return any(f"/{path}".endswith(tail) for path in files.named(tail.rpartition("/")[2]))


def is_made(package: str) -> bool:
    """Whether all types of a package, which is given as a folder, are made by builds."""
    return package.rpartition("/")[2] == _MADE_PACKAGE


def schemas(kind: str, files: Files) -> tuple[str, ...]:
    """The schemas that a type may be made from, since they are called alike."""
    names = (
        f"{spelled}{ending}" for name, endings in _named(kind) for spelled in _spellings(name) for ending in endings
    )
    return tuple(path for name in dict.fromkeys(names) for path in files.named(name))


def traces_of_type(package: str, kind: str, *, new: bool) -> Iterator[Trace]:
    """What tells that a type of the package, which is given as a folder, is declared elsewhere or made.

    `new`: the package has no source in Java, so that all its types may be made from a schema that names it.
    """
    yield Trace(MIXED, _words(kind, package), (package, *_short_folders(package)))
    for name, endings in _named(kind):
        packaged = endings[0] in _PACKAGED
        yield Trace(endings, _words(name, _below_domain(package)) if packaged else _words(name))
    if new:
        yield Trace(_PACKAGED, _words(_below_domain(package)))
    if _ALWAYS_MADE.fullmatch(kind):
        yield Trace(_MADERS)


def traces_of_package(package: str) -> tuple[Trace, ...]:
    """What tells that a package has types that are declared elsewhere or made."""
    return (Trace(MIXED, _words(package)), Trace(_PACKAGED, _words(_below_domain(package))), Trace(_UNPACKAGED))


def _named(kind: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a schema may name that a type is made from, with the endings of such schemas."""
    for endings, pattern in _FAMILIES:
        made = re.fullmatch(pattern, kind)
        yield kind, endings
        if made:
            yield made[1], endings


def _short_folders(package: str) -> Iterator[str]:
    """Where a source of a package lies that leaves out folders which many packages share."""
    segments = package.split("/")
    for start in range(len(segments)):
        yield from ("/".join((top, *segments[start:])) for top in _TOP_FOLDERS)
    yield from ("src", *(f"{part}/{top}" for part in ("main", "test", "commonMain", "jvmMain") for top in _TOP_FOLDERS))


def _below_domain(package: str) -> str:
    """A package without its first folder, which a build may put before the one that a schema names."""
    return package.partition("/")[2] or package


def _words(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.lower() for name in names for word in name.split("/") if word))


def _spellings(name: str) -> Iterator[str]:
    """A name in the styles in which files are called."""
    humps = _HUMP.split(name)
    yield name
    yield name[:1].lower() + name[1:]
    yield from (joint.join(humps).lower() for joint in ("", "_", "-"))
