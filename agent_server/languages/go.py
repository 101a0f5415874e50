"""Go: packages are folders, named by import paths below the module path of a `go.mod`."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agent_server.languages.go_layout import GoLayout
from agent_server.languages.model import Files, Import, Language, Layout, Source
from agent_server.languages.parsing import Grammar, Parsed

if TYPE_CHECKING:
    from tree_sitter import Node

    Captures = Mapping[str, Sequence[Node]]

_GRAMMAR = Grammar("tree_sitter_go", ends=b";{}\n")

_WHAT_COUNTS = """
(package_clause (package_identifier) @package)
(import_spec) @import
(selector_expression operand: (identifier)) @use
(qualified_type) @type
[
  (short_var_declaration left: (expression_list (identifier) @variable))
  (range_clause left: (expression_list (identifier) @variable))
  (parameter_declaration name: (identifier) @variable)
  (var_spec name: (identifier) @variable)
]
(function_declaration name: (identifier) @export)
(source_file (type_declaration [
  (type_spec name: (type_identifier) @export)
  (type_alias name: (type_identifier) @export)
]))
(source_file (const_declaration (const_spec name: (identifier) @export)))
(source_file (var_declaration [
  (var_spec name: (identifier) @export)
  (var_spec_list (var_spec name: (identifier) @export))
]))
"""

_SCOPES = """
[
  (block) (function_declaration) (method_declaration) (func_literal) (if_statement) (for_statement)
  (expression_switch_statement) (type_switch_statement) (expression_case) (type_case) (default_case)
  (communication_case)
] @scope
"""

_DECLARATIONS = """
[
  (short_var_declaration left: (expression_list (identifier) @variable))
  (range_clause left: (expression_list (identifier) @variable))
  (var_spec name: (identifier) @variable)
] @declaration
"""

_TEST = re.compile("(Test|Benchmark|Fuzz|Example)")
_VERSION = re.compile(r"v\d+")


class Go:
    """The Go language."""

    id = "go"
    endings: tuple[str, ...] = (".go",)
    tests: tuple[str, ...] = ("_test.go",)
    manifests: tuple[str, ...] = ("go.mod", "go.work")

    def read(self, path: str, text: str) -> Source:
        """What a Go file imports, with the names it uses of each package, and the exported names it declares.

        A test file declares names for the tests of other packages in its folder, but nobody imports the tests.
        """
        parsed = _GRAMMAR.parse(text)
        if parsed is None:
            return Source()
        found = parsed.captures(_WHAT_COUNTS)
        exported = dict.fromkeys(name for node in found.get("export", ()) if _is_exported(name := parsed.text(node)))
        return Source(
            imports=tuple(_imports(parsed, found)),
            exports=tuple(name for name in exported if not (path.endswith("_test.go") and _TEST.match(name))),
            package=parsed.text(next(iter(found.get("package", ())), None)),
        )

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:  # noqa: ARG002  # its manifests say it all
        """The modules of a workspace."""
        own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in self.manifests}
        return GoLayout(own)


LANGUAGE: Language = Go()


def _imports(parsed: Parsed, found: "Captures") -> Iterator[Import]:
    specs = [spec for node in found.get("import", ()) if (spec := _read_spec(parsed, node))[0]]
    called = {(module, alias): (alias,) if alias else tuple(_package_names(module)) for module, alias in specs}
    used = _used_names(parsed, found, {name for names in called.values() for name in names})
    free = used.keys() - {alias for _, alias in specs}
    merged: dict[str, dict[str, None]] = {}
    for module, alias in specs:
        package = alias or next((name for name in called[module, alias] if name in free), "")
        merged.setdefault(module, {}).update(used.get(package, {}))
    return (Import(module, tuple(names)) for module, names in merged.items())


def _read_spec(parsed: Parsed, spec: "Node") -> tuple[str, str]:
    """The import path and the alias of an import; the path is empty where the text is broken."""
    path, alias = spec.child_by_field_name("path"), spec.child_by_field_name("name")
    return parsed.text(path)[1:-1].strip(), parsed.text(alias)


def _package_names(module: str) -> Iterator[str]:
    """What a package may be called whose import gives it no name, likeliest first: its own clause decides."""
    *rest, last = module.split("/")
    if rest and _VERSION.fullmatch(last):
        last = rest[-1]
    yield last
    stem = last.partition(".")[0]
    words = stem.split("-")
    yield from (stem, stem.replace("-", "_"), stem.replace("-", ""), words[-1], words[0])


def _used_names(parsed: Parsed, found: "Captures", packages: set[str]) -> dict[str, dict[str, None]]:
    """The exported names that the file takes from each of `packages`, by what it calls the package."""
    uses = [(node.start_byte, *_split(parsed.text(node))) for node in found.get("use", ())]
    shadows = _shadows(parsed, found.get("variable", ()), packages & {package for _, package, _ in uses})
    # A type is never a member of a variable.
    types = [(node.start_byte, *_split(parsed.text(node))) for node in found.get("type", ())]
    visible = (use for use in uses if use[1] in packages and not _within(use[0], shadows.get(use[1], ())))
    used: dict[str, dict[str, None]] = {}
    for _, package, name in sorted((*visible, *types)):
        if _is_exported(name):
            used.setdefault(package, {})[name] = None
    return used


def _split(selector: str) -> tuple[str, str]:
    package, _, name = selector.partition(".")
    return package.strip(), name.strip()


def _within(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a position lies in one of some spans, which are sorted and apart."""
    index = bisect_right(spans, position, key=lambda span: span[0])
    return index > 0 and position < spans[index - 1][1]


def _shadows(parsed: Parsed, variables: Iterable["Node"], packages: set[str]) -> dict[str, list[tuple[int, int]]]:
    """Where a variable hides the package of the same name, in the order of the text."""
    hiding = [(node.start_byte, name) for node in variables if (name := parsed.text(node)) in packages]
    if not hiding:
        return {}
    # What a variable is set to still sees the package.
    begins = {
        found["variable"][0].start_byte: found["declaration"][0].end_byte for found in parsed.matches(_DECLARATIONS)
    }
    spans = sorted(
        (begins.get(start, start), end, name)
        for (start, name), end in zip(hiding, _scope_ends(parsed, [start for start, _ in hiding]), strict=True)
    )
    shadows: dict[str, list[tuple[int, int]]] = {}
    for start, end, name in spans:
        known = shadows.setdefault(name, [])
        # Scopes nest: what begins inside of a span ends inside of it.
        if not known or start >= known[-1][1]:
            known.append((start, end))
    return shadows


def _scope_ends(parsed: Parsed, positions: Iterable[int]) -> Iterator[int]:
    """Where the innermost scope around each of the ascending positions ends; there itself if it stands in none."""
    scopes = [(node.start_byte, node.end_byte) for node in parsed.captures(_SCOPES).get("scope", ())]
    around: list[int] = []
    index = 0
    for position in positions:
        while index < len(scopes) and scopes[index][0] <= position:
            around.append(scopes[index][1])
            index += 1
        while around and around[-1] <= position:
            around.pop()
        yield around[-1] if around else position


def _is_exported(name: str) -> bool:
    return name[:1].isupper()
