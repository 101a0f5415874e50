"""What a Rust file declares: its modules, in files of their own or with a body, and its items."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from agent_server.languages.parsing import Parsed

if TYPE_CHECKING:
    from tree_sitter import Node

ModulePath: TypeAlias = tuple[str, ...]
"""The segments of a path of modules."""

DEEPEST = 32
"""How deep modules are followed, and how long paths may be: more is no program, and every prefix costs its length."""

ANY_NAME = "*"
"""Among the exports of a file: macros and derives make names there that its text does not spell."""

_ITEMS = frozenset(
    f"{kind}_item" for kind in ("function", "struct", "enum", "union", "trait", "type", "const", "static")
)
_MACROS = frozenset(("macro_invocation", "expression_statement"))
_HOLDERS = _ITEMS | _MACROS | {"mod_item", "macro_definition", "extern_crate_declaration", "ERROR"}

# Each part ends wherever it cannot go on, so that no text is read twice.
_IN_MACRO = re.compile(
    r"(?P<public>\bpub(?:\([^()]{0,99}\))?\s+)?\b(?:"
    r"use\s(?P<use>[\w:{},*\s]+);?"
    r"|(?:(?:unsafe|async|const)\s+){0,3}(?P<kind>mod|fn|struct|enum|union|trait|type|const|static)\s+"
    r"(?:ref\s+|mut\s+)?(?P<name>[A-Za-z_]\w*)(?P<end>\s*;)?)"
)
_PLAIN_DERIVES = frozenset(
    """
    Clone Copy Debug Default Eq Hash Ord PartialEq PartialOrd Serialize Deserialize Error Diagnostic Args Subcommand
    ValueEnum Parser FromRow Queryable Insertable Selectable Identifiable AsChangeset JsonSchema ToSchema Arbitrary
    Display From Into Deref DerefMut AsRef FromStr TryFrom Constructor IsVariant Add Sub Mul Div Neg Component Resource
    Bundle Event Reflect Pod Zeroable IntoResponse FromRequest Validate Type Encode Decode Template Savefile Zeroize
    """.split()  # noqa: SIM905  # A table of words reads better as prose.
)
"""Derives that implement traits and declare nothing of their own, as `Builder` (`OptionsBuilder`) does."""

_PLAIN_ATTRIBUTES = frozenset(
    """
    allow arg async_trait automatically_derived bench cfg cfg_attr clap cold command default deny deprecated derive
    derive_const diagnostic doc error error_type expect export_name fixture forbid global_allocator ignore inline
    instrument link link_name link_section macro_export macro_use main must_use no_mangle non_exhaustive panic_handler
    path proc_macro proc_macro_attribute proc_macro_derive proptest recursion_limit repr rstest rustfmt schemars serde
    serde_as should_panic target_feature test track_caller tracing transparent used wasm_bindgen warn
    """.split()  # noqa: SIM905
)
"""Attributes that declare nothing beside their item, as `automock` (`MockStore`) does. Of a path the last part."""

_ATTRIBUTE = re.compile(r"#\[\s*(?:unsafe\s*\()?\s*(?:\w+\s*::\s*)*(\w+)")
_DERIVES = re.compile(r"\bderive\s*\(([^()]*)\)")
_PATH_ATTRIBUTE = re.compile(r'\bpath\s*=\s*"([^"]+)"')
_DERIVE_ATTRIBUTE = re.compile(r"\bproc_macro_derive\s*\(\s*(\w+)")


class Use(NamedTuple):
    """A `use` declaration: where it stands, the text of its tree, the module around it, and whether it is `pub`."""

    position: int
    tree: str
    inside: ModulePath
    public: bool


@dataclass(slots=True)
class Declarations:
    """What a file declares. Paths count from the top of the file: `mod tests { mod cases; }` has `("tests", "cases")`.

    `modules` are those that are files of their own, with where they begin and what their `path` attribute says (or
    nothing). `local` are the items and the modules with a body; `blocks` tell where such a module begins and ends.
    `exports` are the public names at the top, `uses` the `use` declarations among the arguments of macros, and
    `passes_on` the modules whose macros are everybody's.
    """

    modules: dict[ModulePath, tuple[int, str]] = field(default_factory=dict)
    local: set[ModulePath] = field(default_factory=set)
    exports: dict[str, None] = field(default_factory=dict)
    blocks: list[tuple[int, int, ModulePath]] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    passes_on: list[ModulePath] = field(default_factory=list)

    def kind(self, path: ModulePath) -> str:
        """Whether a path leads into a file module (`module`), to something within this file (`local`), or neither."""
        if any(path[:length] in self.modules for length in range(1, len(path) + 1)):
            return "module"
        return "local" if path[:1] in self.local else ""


def read_declarations(parsed: Parsed) -> Declarations:
    """What the file declares, in the order of its text."""
    declared = Declarations()
    waiting: list[tuple[Node, ModulePath]] = [(parsed.root, ())]
    while waiting:
        holder, inside = waiting.pop()
        for item, attributes in _items(parsed, holder):
            if item.type == "ERROR":
                waiting.append((item, inside))
                continue
            if item.type in _MACROS:
                _read_macro(parsed, item, inside, declared)
                continue
            path = (*inside, _name(parsed, item))
            body = item.child_by_field_name("body") if item.type == "mod_item" else None
            if body is not None and len(path) < DEEPEST:
                waiting.append((body, path))
                declared.blocks.append((body.start_byte, body.end_byte, path))
            _declare(item, path, attributes, declared)
    declared.blocks.sort()
    return declared


def _declare(item: "Node", path: ModulePath, attributes: str, declared: Declarations) -> None:
    *inside, name = path
    if item.type == "mod_item" and item.child_by_field_name("body") is None:
        declared.modules[path] = (item.start_byte, _file_of(attributes, inside))
        if "macro_use" in attributes and not inside:
            declared.passes_on.append(path)
    elif item.type != "extern_crate_declaration":
        declared.local.add(path)
    if inside:
        return
    derive = _DERIVE_ATTRIBUTE.search(attributes)
    if derive:
        declared.exports[derive[1]] = None
    if _makes_names(attributes):
        declared.exports[ANY_NAME] = None
    if "macro_export" in attributes if item.type == "macro_definition" else _is_public(item):
        declared.exports[name] = None


def _makes_names(attributes: str) -> bool:
    """Whether the attributes of an item may declare others beside it, whose names the source does not spell."""
    if any(name not in _PLAIN_ATTRIBUTES for name in _ATTRIBUTE.findall(attributes)):
        return True
    derived = (path for listed in _DERIVES.findall(attributes) for path in listed.split(","))
    return any(path.rpartition("::")[2].strip() not in _PLAIN_DERIVES for path in derived if path.strip())


def placed(nodes: Iterable["Node"], blocks: list[tuple[int, int, ModulePath]]) -> Iterator[tuple["Node", ModulePath]]:
    """Nodes, in the order of the text, each with the path of the module with a body that it stands in."""
    around: list[tuple[int, int, ModulePath]] = []
    upcoming = 0
    for node in nodes:
        while upcoming < len(blocks) and blocks[upcoming][0] <= node.start_byte:
            around.append(blocks[upcoming])
            upcoming += 1
        while around and around[-1][1] <= node.start_byte:
            around.pop()
        yield node, around[-1][2] if around else ()


def _items(parsed: Parsed, holder: "Node") -> Iterator[tuple["Node", str]]:
    """The items of a file or of a module with a body, with the text of their attributes."""
    attributes: list[str] = []
    for child in holder.named_children:
        if child.type == "attribute_item":
            attributes.append(parsed.text(child))
        elif not child.is_extra:
            if child.type in _HOLDERS:
                yield child, "".join(attributes)
            attributes.clear()


def _read_macro(parsed: Parsed, call: "Node", inside: ModulePath, declared: Declarations) -> None:
    """What a macro declares whose arguments look like items: `cfg_if! { mod unix; }`, `pin_project! { struct X }`.

    One whose arguments stand in parentheses takes what it declares from elsewhere: `include!("table.rs");`.
    """
    if not inside and parsed.text(call).rstrip("; \n").endswith((")", "]")):
        declared.exports[ANY_NAME] = None
    for found in _IN_MACRO.finditer(parsed.text(call)):
        name = found["name"]
        if found["use"]:
            if found[0].endswith(";"):
                declared.uses.append(Use(call.start_byte, found["use"], inside, bool(found["public"])))
        elif found["kind"] == "mod" and found["end"]:
            declared.modules.setdefault((*inside, name), (call.start_byte, ""))
        else:
            declared.local.add((*inside, name))
        if name and found["public"] and not inside:
            declared.exports[name] = None


def _name(parsed: Parsed, item: "Node") -> str:
    alias = item.child_by_field_name("alias") if item.type == "extern_crate_declaration" else None
    return parsed.text(alias or item.child_by_field_name("name")).removeprefix("r#")


def _is_public(item: "Node") -> bool:
    first = item.child(0) if item.child_count else None
    return first is not None and first.type == "visibility_modifier"


def _file_of(attributes: str, inside: Sequence[str]) -> str:
    """The file of a module by its `path` attribute, relative to the file that declares it; empty where it has none."""
    given = _PATH_ATTRIBUTE.search(attributes)
    return "/".join((".", *inside, given[1])) if given else ""
