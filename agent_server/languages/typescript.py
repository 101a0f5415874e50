"""TypeScript and JavaScript: what a module imports and exports, components of Vue, Svelte and Astro included.

Where a module's file lies is told by `typescript_layout`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent_server.languages.model import Files, Import, Layout, Source
from agent_server.languages.parsing import MOST_BYTES, Grammar, Parsed, first_named
from agent_server.languages.typescript_exports import exports, pattern_names
from agent_server.languages.typescript_layout import MANIFESTS, read_layout

if TYPE_CHECKING:
    from tree_sitter import Node

_JAVASCRIPT = Grammar("tree_sitter_javascript")
_TYPESCRIPT = Grammar("tree_sitter_typescript", "language_typescript")
_TSX = Grammar("tree_sitter_typescript", "language_tsx")

_COMPONENTS = (".astro", ".svelte", ".vue")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")

_GRAMMARS: Mapping[str, Grammar] = {
    ".cjs": _JAVASCRIPT,
    ".cts": _TYPESCRIPT,
    ".js": _JAVASCRIPT,
    ".jsx": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".mts": _TYPESCRIPT,
    ".ts": _TYPESCRIPT,
}

_STATEMENTS = """
(import_statement) @import
(export_statement source: (_)) @import
(member_expression object: (identifier) @owner)
"""

_TYPED_STATEMENTS = f"""{_STATEMENTS}
(nested_type_identifier module: (identifier) @owner)
"""

_LITERAL = "(arguments . [(string (string_fragment) @module) (template_string . (string_fragment) @module .)])"
_REQUIRE = f'(call_expression function: (identifier) @callee (#eq? @callee "require") arguments: {_LITERAL})'
_IMPORT = f"(call_expression function: (import) arguments: {_LITERAL})"
_AWAITED = f"(await_expression {_IMPORT})"
_CALLS = f"""
{_REQUIRE}
{_IMPORT}
(variable_declarator name: (_) @pattern value: [{_REQUIRE} {_AWAITED}])
(member_expression object: [{_REQUIRE} {_IMPORT} (parenthesized_expression {_AWAITED})] property: (_) @member)
(call_expression
  function: (member_expression object: {_IMPORT})
  arguments: (arguments . (arrow_function [
    parameters: (formal_parameters . (_) @pattern .)
    parameter: (identifier) @pattern]) @scope))
"""

_CALL = re.compile(r"\b(?:require|import)\s*\(")
_PROMISE = frozenset({"then", "catch", "finally"})
_OF_FUNCTIONS = frozenset({"apply", "bind", "call", "prototype"})
"""Members that every function has: whoever takes them takes no name of the function's module."""
_REFERENCE = re.compile(r"^[ \t]*///[ \t]*<reference[ \t]+path[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"']", re.MULTILINE)
_JSDOC_TYPE = re.compile(r"@(?:typedef|callback|enum)\b")
"""What exports a type from a module of JavaScript, in a comment."""

_CHAIN = re.compile(rb"[\w$]+\s*\??\.\s*([\w$]+)")
_SCRIPT_TAG = re.compile(r"<script\b([^>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(lang|src)\s*=\s*[\"']?([^\"'\s>]+)")


class TypeScript:
    """The languages TypeScript and JavaScript, which import each other."""

    id = "typescript"
    endings = (".astro", ".cjs", ".cts", ".js", ".jsx", ".mjs", ".mts", ".svelte", ".ts", ".tsx", ".vue")
    tests: tuple[str, ...] = ()
    manifests = MANIFESTS

    def read(self, path: str, text: str) -> Source:
        """What the module imports and exports.

        The default export is called `default`. Of a module that is taken as a whole (`* as wiki`, `require`), the
        names are the members that the source uses. A component exports itself as `default`.
        """
        _, dot, ending = path.rpartition("/")[2].rpartition(".")
        if dot + ending in _COMPONENTS:
            return _read_component(text, has_front_matter=ending == "astro")
        source = _read(_GRAMMARS.get(dot + ending, _TSX), text)
        # Where types are declared, all names of a module may be exported, with or without a word about it.
        return replace(source, sure=False) if path.endswith(_DECLARATIONS) else source

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:
        """Where modules lie, as `tsconfig.json`, `package.json` and the manifests of workspaces say."""
        return read_layout(files, texts)


LANGUAGE = TypeScript()


def _read_component(text: str, *, has_front_matter: bool) -> Source:
    blocks, linked, is_typed = _scripts(text)
    if has_front_matter and text.lstrip().startswith("---"):
        blocks.insert(0, text.lstrip()[3:].partition("\n---")[0])
    source = _read(_TYPESCRIPT if is_typed or has_front_matter else _JAVASCRIPT, "\n".join(blocks))
    imports = (*source.imports, *map(Import, linked))
    return Source(_merged(imports), tuple(dict.fromkeys(("default", *source.exports))), source.passes_on)


def _scripts(text: str) -> tuple[list[str], list[str], bool]:
    """The scripts in a component's markup, the files of those that stand elsewhere, and whether any has types."""
    blocks: list[str] = []
    linked: list[str] = []
    is_typed = False
    position = 0
    while tag := _SCRIPT_TAG.search(text, position):
        attributes = dict(_ATTRIBUTE.findall(tag[1]))
        end = text.find("</script", tag.end())
        position = len(text) if end < 0 else end
        blocks.append(text[tag.end() : position])
        is_typed |= attributes.get("lang", "").startswith("ts")
        if attributes.get("src", "").startswith("."):
            linked.append(attributes["src"])
    return blocks, linked, is_typed


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one statement takes: names of a module, or the module as a whole, and what the source calls that then.

    `scope`: between which bytes the source calls it so.
    """

    module: str
    names: tuple[str, ...] = ()
    whole: str = ""
    position: int = 0
    scope: tuple[int, int] = (0, MOST_BYTES)


def _read(grammar: Grammar, text: str) -> Source:
    parsed = grammar.parse(text)
    if parsed is None:
        return Source()
    found = parsed.captures(_STATEMENTS if grammar is _JAVASCRIPT else _TYPED_STATEMENTS)
    taken = [each for statement in found.get("import", []) for each in _statement(parsed, statement)]
    if _CALL.search(text):
        taken = sorted((*taken, *_calls(parsed)), key=lambda each: each.position)
    wholes = frozenset(name.encode() for name in _wholes(taken))
    members = _members(parsed, found.get("owner", []), wholes)
    imports = [Import(each.module, (*each.names, *_used(each, members.get(each.whole, ())))) for each in taken]
    if "<reference" in text:
        imports += (Import(path if path.startswith(".") else f"./{path}") for path in _REFERENCE.findall(text))
    may_be_commonjs = "exports" in text
    exported, passed_on = exports(parsed, has_commonjs=may_be_commonjs)
    sure = not (may_be_commonjs or parsed.root.has_error or (grammar is _JAVASCRIPT and _JSDOC_TYPE.search(text)))
    return Source(_merged(imports), exported, passed_on, sure=sure)


def _statement(parsed: Parsed, statement: "Node") -> Iterator[_Taken]:
    """What an `import` takes, or an `export` from another module."""
    clause = next((child for child in statement.named_children if child.type in _CLAUSES), None)
    if clause is not None and clause.type == "import_require_clause":
        yield _Taken(_module(parsed, clause), (), parsed.text(first_named(clause)), clause.start_byte)
        return
    module = _module(parsed, statement)
    if not module:
        return
    names: list[str] = []
    whole = ""
    parts = clause.named_children if clause is not None and clause.type == "import_clause" else [clause]
    for part in parts:
        match part.type if part is not None else "":
            case "identifier":
                names.append("default")
            case "named_imports" | "export_clause":
                names += _specified(parsed, part)
            case "namespace_import":
                whole = parsed.text(first_named(part))
            case _:
                pass
    yield _Taken(module, tuple(names), whole, statement.start_byte)


_CLAUSES = frozenset({"export_clause", "import_clause", "import_require_clause"})


def _module(parsed: Parsed, statement: "Node") -> str:
    source = statement.child_by_field_name("source")
    return parsed.text(source)[1:-1] if source is not None else ""


def _specified(parsed: Parsed, clause: "Node | None") -> Iterator[str]:
    """The names in braces, as the other module calls them."""
    for specifier in clause.named_children if clause is not None else ():
        name = specifier.child_by_field_name("name")
        if name is not None:
            yield parsed.text(name).strip("\"'")


def _calls(parsed: Parsed) -> Iterator[_Taken]:
    """What `require` and `import()` take, in values and in types."""
    found: dict[int, _Taken] = {}
    for match in parsed.matches(_CALLS):
        for node in match["module"]:
            before = found.get(node.start_byte, _Taken(parsed.text(node), position=node.start_byte))
            names, whole, scope = before.names, before.whole, before.scope
            scope = next((arrow.byte_range for arrow in match.get("scope", ())), scope)
            for found_pattern in match.get("pattern", ()):
                pattern = found_pattern.child_by_field_name("pattern") or found_pattern  # A parameter wraps its own.
                if pattern.type == "identifier":
                    whole = parsed.text(pattern)
                else:
                    names += tuple(pattern_names(parsed, pattern, as_taken=True))
            names += tuple(name for member in match.get("member", ()) if (name := parsed.text(member)) not in _PROMISE)
            found[node.start_byte] = _Taken(before.module, names, whole, before.position, scope)
    yield from found.values()


def _wholes(taken: Iterable[_Taken]) -> Iterator[str]:
    """What the source calls modules as a whole, but for names that two functions give to two modules."""
    modules: dict[tuple[str, tuple[int, int]], set[str]] = {}
    for each in taken:
        modules.setdefault((each.whole, each.scope), set()).add(each.module)
    yield from (whole for (whole, _), called in modules.items() if whole and len(called) == 1)


def _members(parsed: Parsed, owners: Iterable["Node"], wholes: frozenset[bytes]) -> dict[str, list[tuple[int, str]]]:
    """Which members the source uses of what it calls by one of the names `wholes`, and where."""
    found: dict[str, list[tuple[int, str]]] = {}
    source = parsed.source
    for owner in owners if wholes else ():
        start = owner.start_byte
        name = source[start : owner.end_byte]
        if name in wholes and (chain := _CHAIN.match(source, start)):
            member = chain[1].decode("utf-8", "replace")
            if member not in _OF_FUNCTIONS:
                found.setdefault(name.decode("utf-8", "replace"), []).append((start, member))
    return found


def _used(taken: _Taken, members: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    start, end = taken.scope
    return tuple(dict.fromkeys(name for position, name in members if start <= position < end))


def _merged(imports: Iterable[Import]) -> tuple[Import, ...]:
    """Each module once, with all names that are taken from it."""
    found: dict[str, dict[str, None]] = {}
    for each in imports:
        found.setdefault(each.module, {}).update(dict.fromkeys(each.names))
    return tuple(Import(module, tuple(names)) for module, names in found.items() if module)
