"""Python: what a module imports and exports. The source is never run.

Where a module's file lies is told by `python_layout`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from agent_server.languages.model import Files, Import, Layout, Source
from agent_server.languages.parsing import Grammar, Parsed, descend
from agent_server.languages.python_layout import read_layout
from agent_server.languages.python_lazy import names_made
from agent_server.languages.python_manifests import MANIFESTS

if TYPE_CHECKING:
    from tree_sitter import Node


_GRAMMAR = Grammar("tree_sitter_python", ends=b";\n")

_IMPORTS = """
(import_statement) @import
(import_from_statement) @import
(attribute object: (identifier) @owner)
"""

_CALLS = """
(call
  function: [(identifier) (attribute object: (identifier))] @function
  arguments: (argument_list . (string . (string_start) . (string_content) @module . (string_end) .))
  (#match? @function "^((importlib\\\\.)?import_module|__import__)$"))
"""

_BLOCKS = frozenset(
    {
        "block",
        "case_clause",
        "elif_clause",
        "else_clause",
        "except_clause",
        "except_group_clause",
        "expression_statement",
        "finally_clause",
        "for_statement",
        "if_statement",
        "match_statement",
        "try_statement",
        "while_statement",
        "with_statement",
    }
)
"""What runs, or may run, when a module is imported, so that names bound in it are names of the module."""

_PATTERNS = frozenset({"list_pattern", "list_splat_pattern", "pattern_list", "tuple_pattern"})
_LISTS = frozenset({"list", "parenthesized_expression", "tuple", "expression_list", "binary_operator"})
_ANY_NAME = re.compile(
    r"\bglobals\(\)(?:\.update\(|\[(?![\"'])[^\]\n]*\]\s*=(?!=))|^exec\(|\bsetattr\(\s*sys\.modules\["
    r"|\bsys\.modules\[__name__\]\s*[.=](?!=)",
    re.MULTILINE,
)
"""What binds names that are worked out while the module runs."""

_ANY_MODULE = re.compile(
    r"\b(?:declare_namespace|extend_path)\(|(?<![.\w])__path__(?:\s*\+?=(?!=)|\.(?:append|extend|insert)\()"
    r"|^sys\.modules\[[^\]\n]*\]\s*=(?!=)|\bsys\.modules\[[^\]\n]*\b__name__\b[^\]\n]+\]\s*=(?!=)",
    re.MULTILINE,
)
"""What lets a package hold modules that lie elsewhere, as namespace packages and vendored ones do."""

_CHAIN = re.compile(rb"\w+(?:\s*\.\s*\w+){1,10}")
_SPACE = re.compile(r"[\s\\]+")


class Python:
    """The language Python, stubs included."""

    id = "python"
    endings = (".pyi", ".py")
    tests: tuple[str, ...] = ()
    manifests = MANIFESTS

    def read(self, path: str, text: str) -> Source:
        """What the module imports and exports.

        `from data import knowledge` may take a name of `data` or the module `data.knowledge`, so it gives both. For a
        module that is taken as a whole, the names are the attributes that the source reads of it. Every name bound at
        the module's top level can be imported, and so are the names that `__all__` lists and those that its
        `__getattr__` makes. A module that may hold any name exports `__getattr__`, and a package that may hold modules
        from elsewhere exports `__path__`.
        """
        parsed = _GRAMMAR.parse(text)
        if parsed is None:
            return Source()
        found = parsed.captures(_IMPORTS)
        statements = found.get("import", [])
        bound = _bound_modules(parsed, statements)
        attributes = _attributes(parsed, found.get("owner", []), bound)
        imports = [wanted for statement in statements for wanted in _imports(parsed, statement, attributes)]
        if "import_module" in text or "__import__" in text:
            called = (parsed.text(module) for module in parsed.captures(_CALLS).get("module", []))
            # Nobody can tell from which package a relative module is imported by a call.
            imports += (Import(module, perhaps=module.startswith(".")) for module in called)
        passed_on = (module for statement in statements if (module := _star(parsed, statement)))
        exports = dict.fromkeys((*_exports(parsed, parsed.root), *_signs(path, text)))
        return Source(_merged(imports), tuple(exports), tuple(dict.fromkeys(passed_on)))

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:
        """Where modules lie, as `pyproject.toml`, `setup.cfg`, `setup.py` and `pytest.ini` say."""
        return read_layout(files, texts)


LANGUAGE = Python()


def _imports(parsed: Parsed, statement: "Node", attributes: Mapping[str, Iterable[str]]) -> Iterator[Import]:
    origin = _origin(parsed, statement)
    taken = [_taken(parsed, name) for name in statement.children_by_field_name("name")]
    if not origin:
        for module, alias in taken:
            yield Import(module, tuple(attributes.get(alias or module, ())))
        return
    yield Import(origin, tuple(name for name, _ in taken))
    joint = "" if origin.endswith(".") else "."
    for name, alias in taken:
        yield Import(f"{origin}{joint}{name}", tuple(attributes.get(alias or name, ())), perhaps=True)


def _origin(parsed: Parsed, statement: "Node") -> str:
    """The module that a `from` statement takes names of; empty for another statement."""
    module = statement.child_by_field_name("module_name")
    return _SPACE.sub("", parsed.text(module))


def _taken(parsed: Parsed, name: "Node") -> tuple[str, str]:
    """A module or name as the other side calls it, and the alias that it gets here (or none)."""
    if name.type != "aliased_import":
        return _SPACE.sub("", parsed.text(name)), ""
    taken = parsed.text(name.child_by_field_name("name"))
    return _SPACE.sub("", taken), parsed.text(name.child_by_field_name("alias"))


def _star(parsed: Parsed, statement: "Node") -> str:
    """The module whose names `from module import *` passes on; empty for another statement."""
    has_star = any(child.type == "wildcard_import" for child in statement.named_children)
    return _origin(parsed, statement) if has_star else ""


def _bound_modules(parsed: Parsed, statements: Iterable["Node"]) -> dict[bytes, None]:
    """The first parts of the names under which the source may speak of a module."""
    taken = (_taken(parsed, name) for statement in statements for name in statement.children_by_field_name("name"))
    return {(alias or name).partition(".")[0].encode(): None for name, alias in taken}


def _attributes(parsed: Parsed, owners: Iterable["Node"], bound: Mapping[bytes, None]) -> dict[str, dict[str, None]]:
    """Which attributes the source reads of each dotted name: `data.wiki.entries` gives `entries` of `data.wiki`.

    Where a function gives a name another meaning, nobody knows whose attributes they are.
    """
    found: dict[str, dict[str, None]] = {}
    source = parsed.source
    chains: dict[bytes, None] = {}
    for owner in owners:
        start = owner.start_byte
        if source[start : owner.end_byte] in bound and (chain := _CHAIN.match(source, start)):
            chains[chain[0]] = None
    spoken_of = {chain.partition(b".")[0].strip() for chain in chains}
    meaning_more = {name for name in spoken_of if re.search(rb"(?m)^[ \t]+%s[ \t]+=[ \t]" % name, source)}
    for chain_text in chains:
        owner_name, *names = _SPACE.sub("", chain_text.decode("utf-8", "replace")).split(".")
        for name in names if owner_name.encode() not in meaning_more else ():
            found.setdefault(owner_name, {})[name] = None
            owner_name = f"{owner_name}.{name}"
    return found


def _merged(imports: Iterable[Import]) -> tuple[Import, ...]:
    """Each module once, with all names that are taken from it. It is surely a module if one statement says so."""
    found: dict[str, Import] = {}
    for wanted in imports:
        before = found.get(wanted.module)
        if before is None:
            found[wanted.module] = wanted
        elif before != wanted:
            names = tuple(dict.fromkeys(before.names + wanted.names))
            found[wanted.module] = Import(wanted.module, names, before.perhaps and wanted.perhaps)
    return tuple(found.values())


def _exports(parsed: Parsed, module: "Node") -> Iterator[str]:
    """The names that the module binds at its top level, in branches and blocks too."""
    for node in descend(module, _BLOCKS):
        match node.type:
            case "function_definition" | "class_definition":
                name = parsed.text(node.child_by_field_name("name"))
                made = names_made(parsed, node) if name == "__getattr__" else None
                yield from (name,) if made is None else made
            case "decorated_definition":
                defined = node.child_by_field_name("definition")
                yield parsed.text(defined.child_by_field_name("name") if defined else None)
            case "assignment" | "augmented_assignment":
                yield from _assigned(parsed, node)
            case "type_alias_statement":
                yield from _aliased_type(parsed, node)
            case "import_statement" | "import_from_statement":
                names = (_taken(parsed, name) for name in node.children_by_field_name("name"))
                yield from (alias or name.partition(".")[0] for name, alias in names)
            case _:
                pass


def _signs(path: str, text: str) -> Iterator[str]:
    """The names by which a module says that it may hold any name, and a package any module."""
    if _ANY_NAME.search(text):
        yield "__getattr__"
    if path.endswith(("__init__.py", "__init__.pyi")) and _ANY_MODULE.search(text):
        yield "__path__"


def _assigned(parsed: Parsed, node: "Node") -> Iterator[str]:
    """The names that an assignment binds (`a = b = 1` binds two), and the names that `__all__` lists."""
    assigned: Node | None = node
    while assigned is not None and assigned.type in {"assignment", "augmented_assignment"}:
        left = assigned.child_by_field_name("left")
        right = assigned.child_by_field_name("right")
        if left is not None and left.type == "identifier":
            yield parsed.text(left)
            if right is not None and parsed.text(left) == "__all__":
                yield from _literals(parsed, right)
        elif left is not None and left.type in _PATTERNS:
            yield from (parsed.text(name) for name in descend(left, _PATTERNS) if name.type == "identifier")
        assigned = right


def _literals(parsed: Parsed, value: "Node") -> Iterator[str]:
    for item in descend(value, _LISTS | {"string"}):
        if item.type == "string_content":
            yield parsed.text(item)


def _aliased_type(parsed: Parsed, node: "Node") -> Iterator[str]:
    left = node.child_by_field_name("left")
    name = re.match(r"\w+", parsed.text(left))
    if name:
        yield name[0]
