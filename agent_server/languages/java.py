"""Java: a type is a file, named by its package, below the source roots of a project's modules."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from agent_server.languages.java_layout import JavaLayout
from agent_server.languages.model import Files, Import, Language, Layout, Source
from agent_server.languages.parsing import Grammar, Parsed, descend

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMAR = Grammar("tree_sitter_java")

_WHAT_COUNTS = """
(package_declaration) @package
(import_declaration) @import
(type_identifier) @type
(scoped_type_identifier) @qualified
[
  (marker_annotation name: (identifier) @type)
  (annotation name: (identifier) @type)
  (method_invocation object: (identifier) @type)
  (field_access object: (identifier) @type)
  (method_reference . (identifier) @type)
]
[
  (class_declaration name: (identifier) @declared)
  (interface_declaration name: (identifier) @declared)
  (enum_declaration name: (identifier) @declared)
  (record_declaration name: (identifier) @declared)
  (annotation_type_declaration name: (identifier) @declared)
  (type_parameter (type_identifier) @declared)
  (variable_declarator name: (identifier) @declared)
  (formal_parameter name: (identifier) @declared)
  (enum_constant name: (identifier) @declared)
]
"""

_TYPES = frozenset(
    (
        "class_declaration",
        "interface_declaration",
        "enum_declaration",
        "record_declaration",
        "annotation_type_declaration",
    )
)
_OPEN = ("interface_declaration", "annotation_type_declaration")
"""The types whose members are public without saying so."""

_STATIC_MEMBERS = ("field_declaration", "constant_declaration", *sorted(_TYPES))
_METHODS = ("method_declaration", "annotation_type_element_declaration")

_ABOVE = ("superclass", "super_interfaces", "extends_interfaces", "type_list")
_NAMED_TYPES = ("type_identifier", "scoped_type_identifier", "generic_type")

_PLATFORM = ("java.", "javax.")
"""What needs no telling: its types pass on nothing that this workspace lacks."""

_WORD = re.compile(r"[\w$]+|\*")
_TYPE_NAME = re.compile(r"[\w$]+(?:\s*\.\s*[\w$]+)*")
_QUALIFIED = re.compile(r"(?:[a-z_][\w$]*\s*\.\s*)+[A-Z][\w$]*")

_ALWAYS_THERE = frozenset(
    re.findall(
        r"\w+",
        """
        Appendable AutoCloseable CharSequence Cloneable Comparable Iterable Readable Runnable Boolean Byte Character
        Class ClassLoader ClassValue Compiler Double Enum Float InheritableThreadLocal Integer Long Math Module
        ModuleLayer Number Object Package Process ProcessBuilder ProcessHandle Record Runtime RuntimePermission
        ScopedValue SecurityManager Short StackTraceElement StackWalker StrictMath String StringBuffer StringBuilder
        System Thread ThreadGroup ThreadLocal Throwable Void ArithmeticException ArrayIndexOutOfBoundsException
        ArrayStoreException ClassCastException ClassNotFoundException CloneNotSupportedException
        EnumConstantNotPresentException Exception IllegalAccessException IllegalArgumentException
        IllegalCallerException IllegalMonitorStateException IllegalStateException IllegalThreadStateException
        IndexOutOfBoundsException InstantiationException InterruptedException LayerInstantiationException
        MatchException NegativeArraySizeException NoSuchFieldException NoSuchMethodException NullPointerException
        NumberFormatException ReflectiveOperationException RuntimeException SecurityException
        StringIndexOutOfBoundsException TypeNotPresentException UnsupportedOperationException WrongThreadException
        AbstractMethodError AssertionError BootstrapMethodError ClassCircularityError ClassFormatError Error
        ExceptionInInitializerError IllegalAccessError IncompatibleClassChangeError InstantiationError InternalError
        LinkageError NoClassDefFoundError NoSuchFieldError NoSuchMethodError OutOfMemoryError StackOverflowError
        ThreadDeath UnknownError UnsatisfiedLinkError UnsupportedClassVersionError VerifyError VirtualMachineError
        Deprecated FunctionalInterface Override SafeVarargs SuppressWarnings IO
        """,
    )
)
"""The types of `java.lang`, which every source may use without an import."""


class Java:
    """The Java language."""

    id = "java"
    endings: tuple[str, ...] = (".java",)
    tests: tuple[str, ...] = ()
    manifests: tuple[str, ...] = (
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "settings.gradle",
        "settings.gradle.kts",
        "libs.versions.toml",
    )

    def read(self, path: str, text: str) -> Source:  # noqa: ARG002  # the text says it all
        """What a Java file imports, and its types with their public methods and static members.

        A type that the file uses without an import may be one of its own package: it counts as imported, perhaps.
        """
        parsed = _GRAMMAR.parse(text)
        if parsed is None:
            return Source()
        found = parsed.captures(_WHAT_COUNTS)
        package = ".".join(_words(parsed, found["package"][0])[1:]) if "package" in found else ""
        imports: dict[str, dict[str, None]] = {}
        for module, names in (_read_import(parsed, node) for node in found.get("import", ())):
            imports.setdefault(module, {}).update(dict.fromkeys(names))
        known = {name for module, names in imports.items() for name in (module.rpartition(".")[2], *names)}
        qualified, used = _uses(parsed, found)
        beside = (name for name in used if package and name not in known and name not in _ALWAYS_THERE)
        perhaps = dict.fromkeys((*qualified, *(f"{package}.{name}" for name in beside)))
        return Source(
            imports=(
                *(Import(module, tuple(names)) for module, names in imports.items() if module),
                *(Import(module, perhaps=True) for module in perhaps if module not in imports),
            ),
            exports=tuple(dict.fromkeys(_exported(parsed, completed=_is_completed(imports)))),
            passes_on=tuple(dict.fromkeys(_inherited(parsed, package, imports))),
            package=package,
        )

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:
        """The source roots and packages of a workspace."""
        own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in self.manifests}
        return JavaLayout(files, own)


LANGUAGE: Language = Java()


def _read_import(parsed: Parsed, node: "Node") -> tuple[str, tuple[str, ...]]:
    """The type, or the package with `.*`, of an import, and the static member that it takes."""
    words = _words(parsed, node)[1:]
    if words[:1] != ["static"]:
        return ".".join(words), ()
    *kind, member = words[1:] or [""]
    return ".".join(kind), () if member == "*" else (member,)


def _is_completed(imports: Iterable[str]) -> bool:
    """Whether Lombok adds members to the types of the file that others may import."""
    return any(module.startswith("lombok.") and not module.startswith("lombok.extern.") for module in imports)


def _uses(parsed: Parsed, found: Mapping[str, list["Node"]]) -> tuple[list[str], list[str]]:
    """The types that the file uses with their packages, and by their simple names where it does not declare them."""
    declared = {parsed.text(node) for node in found.get("declared", ())}
    qualified: dict[str, None] = {}
    inner: set[int] = set()
    end = 0
    for node in found.get("qualified", ()):
        if node.start_byte >= end:
            end = node.end_byte
            spelled = _QUALIFIED.match(parsed.text(node))
            if spelled:
                qualified["".join(spelled[0].split())] = None
        inner.add(node.end_byte)
    # The last part of `a.B` ends where the whole ends: it is no type of this package.
    names = dict.fromkeys(parsed.text(node) for node in found.get("type", ()) if node.end_byte not in inner)
    return list(qualified), [name for name in names if name[:1].isupper() and name not in declared]


def _exported(parsed: Parsed, *, completed: bool) -> Iterator[str]:
    """The types at the top of the file, each followed by the members that other classes use by their names."""
    for kind in descend(parsed.root, ("ERROR",)):
        if kind.type in _TYPES:
            yield parsed.text(kind.child_by_field_name("name"))
            yield from _members(parsed, kind, "", completed=completed)


def _members(parsed: Parsed, kind: "Node", within: str, *, completed: bool) -> Iterator[str]:
    """The members of a type that other classes use by their names: `LIMIT`, `Builder`, `Builder.make`.

    `within` is how its nested types are called, with a dot. One of these that inherits has any others (`Builder.*`).
    """
    if within and next(_above(kind), None):
        yield f"{within}*"
    if completed:
        yield from (f"{within}{name}" for name in _completions(parsed.text(kind.child_by_field_name("name"))))
    if kind.type == "record_declaration":
        yield from (f"{within}{name}" for name in _names(parsed, kind.child_by_field_name("parameters")))
    body = kind.child_by_field_name("body")
    for member in descend(body, ("enum_body_declarations",)) if body else ():
        if member.type == "enum_constant" or _is_open(parsed, member, kind.type in _OPEN):
            for name in _member_names(parsed, member):
                yield f"{within}{name}"
                if member.type in _TYPES:
                    yield from _members(parsed, member, f"{within}{name}.", completed=completed)


def _completions(kind: str) -> tuple[str, ...]:
    """What Lombok may add to a type for others to import."""
    return ("builder", f"{kind}Builder", f"{kind}BuilderImpl", "Fields")


def _above(kind: "Node") -> Iterator["Node"]:
    """The types above a type, as it names them."""
    return (above for above in descend(kind, _ABOVE) if above.type in _NAMED_TYPES)


def _inherited(parsed: Parsed, package: str, imports: Iterable[str]) -> Iterator[str]:
    """The types above those at the top of the file: their members can be named through these."""
    imported = {module.rpartition(".")[2]: module for module in imports}
    for kind in descend(parsed.root, ("ERROR",)):
        for above in _above(kind) if kind.type in _TYPES else ():
            name = _TYPE_NAME.match(parsed.text(above))
            if name:
                module = _in_full("".join(name[0].split()), package, imported)
                if not module.startswith(_PLATFORM):
                    yield module


def _in_full(name: str, package: str, imported: Mapping[str, str]) -> str:
    """The name of a type with its package, as far as one can tell: imported, of the platform, or of the own package."""
    first, dot, rest = name.partition(".")
    if first in imported:
        return f"{imported[first]}{dot}{rest}"
    if first in _ALWAYS_THERE:
        return f"java.lang.{name}"
    return name if not package or first[:1].islower() else f"{package}.{name}"


def _is_open(parsed: Parsed, member: "Node", always: bool) -> bool:
    """Whether other classes may use a member by its name: public methods, and types and static members not private."""
    if member.type not in _METHODS and member.type not in _STATIC_MEMBERS:
        return False
    first = member.named_children[0] if member.named_children else None
    words = parsed.text(first).split() if first and first.type == "modifiers" else []
    if member.type not in _METHODS and member.type not in _TYPES and not always and "static" not in words:
        return False
    if member.type in _METHODS and not always and "static" not in words:
        return "public" in words
    return "private" not in words


def _member_names(parsed: Parsed, member: "Node") -> Iterator[str]:
    name = member.child_by_field_name("name")
    if name:
        yield parsed.text(name)
    for declarator in member.children_by_field_name("declarator"):
        yield parsed.text(declarator.child_by_field_name("name"))


def _names(parsed: Parsed, parameters: "Node | None") -> Iterator[str]:
    for parameter in parameters.named_children if parameters else ():
        yield parsed.text(parameter.child_by_field_name("name"))


def _words(parsed: Parsed, node: "Node") -> list[str]:
    return _WORD.findall(parsed.text(node))
