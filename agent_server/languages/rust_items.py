"""What a Rust file declares: its modules, in files of their own or with a body, and its items."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:\\.|[^\\'])'|"
    r'"(?:\\.|[^\\"])*"?|[{}]'
    r"|(?P<public>\bpub(?:\([^()]{0,99}\))?\s+)?\b(?:"
    r"use\s(?P<use>[\w:{},*\s]+);?"
    r"|(?:(?:unsafe|async|const)\s+){0,3}(?P<kind>mod|fn|struct|enum|union|trait|type|const|static)\s+"
    r"(?:ref\s+|mut\s+)?(?P<name>[A-Za-z_]\w*)(?P<end>\s*;)?)",
    re.DOTALL,
)
_PLAIN_DERIVES = frozenset(
    """
    Add Arbitrary Args AsChangeset AsExpression AsRef AsRefStr Associations Bundle Clone Component Constructor Copy
    Debug Decode Default Deref DerefMut Deserialize DeserializeFromStr Diagnostic Display Div Encode EnumString Eq Error
    Event From FromRef FromRequest FromRequestParts FromRow FromSqlRow FromStr Hash HasQuery Identifiable Insertable
    Into IntoParams IntoResponse IsVariant JsonSchema Message Mul MultipartForm Neg new Ord Parser PartialEq PartialOrd
    Pod Queryable QueryableByName QueryId Reflect Resource Savefile Selectable Serialize SerializeDisplay SimpleObject
    SmartDefault Sub Subcommand Template ToResponse ToSchema TryFrom TryFromBytes TryInto TS Type TypedPath Unpin
    Validate ValueEnum Zeroable Zeroize
    """.split()  # noqa: SIM905  # A table of words reads better as prose.
)
"""Derives that implement traits and declare nothing of their own, as `Builder` (`OptionsBuilder`) does."""

_PLAIN_ATTRIBUTES = frozenset(
    """
    allow arg as_ref async_trait automatically_derived bench cfg cfg_attr clap cold command connect debug_handler
    debug_middleware default delete deny deprecated derive derive_const diesel display doc error error_type expect
    export_name fixture forbid from_request get global_allocator group has_significant_drop head ignore inline
    instrument link link_name link_section macro_export macro_use main multipart must_use no_mangle non_exhaustive
    options panic_handler patch path pin_project post proc_macro proc_macro_attribute proc_macro_derive proptest put
    recursion_limit repr route routes rstest schemars serde serde_as serial should_panic skip_serializing_none strum
    target_feature template test test_context tracing track_caller transparent ts typed_path used validate value warn
    wasm_bindgen wasm_bindgen_test
    """.split()  # noqa: SIM905
)
"""Attributes that declare nothing beside their item, as `automock` (`MockStore`) does. Of a path the last part."""

_FIXED_NAMES = frozenset({"DeriveEntityModel"})
"""Derives that stand once in a module, and declare the same names everywhere."""

_ATTRIBUTE = re.compile(r"#\[\s*(?:unsafe\s*\()?\s*(?!(?:clippy|diagnostic|rustfmt)\s*::)(?:\w+\s*::\s*)*(\w+)")
_PLAIN_MACROS = frozenset(
    """
    allow_tables_to_appear_in_same_query assert_impl_all assert_not_impl_any compile_error const_assert criterion_group
    criterion_main dir doctest fuzz_target global_asm implement_vertex joinable scoped_thread_local shadow submit table
    thread_local wasm_bindgen_test_configure
    """.split()  # noqa: SIM905
)
"""Macros that declare nothing but what their arguments spell."""

_MACRO_NAME = re.compile(r"(?:\w+\s*::\s*)*(\w+)\s*!")
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_DERIVES = re.compile(r"\bderive\s*\(([^()]*)\)")
_PATH_ATTRIBUTE = re.compile(r'\bpath\s*=\s*"([^"]+)"')
_DERIVE_ATTRIBUTE = re.compile(r"\bproc_macro_derive\s*\(\s*(\w+)")


class Use(NamedTuple):
    """A `use` declaration: where it stands, the text of its tree, the module around it, and whether it is `pub`.

    `in_block`: it stands in a function.
    """

    position: int
    tree: str
    inside: ModulePath
    public: bool
    in_block: bool = False


@dataclass(slots=True)
class Declarations:
    """What a file declares. Paths count from the top of the file: `mod tests { mod cases; }` has `("tests", "cases")`.

    `modules` are those that are files of their own, with where they begin and what their `path` attribute says (or
    nothing). `local` are the items and the modules with a body; `blocks` tell where such a module begins and ends.
    `exports` are the public names, and `makes_from` the items from whose names macros may make others, by the module
    that they stand in. `uses` are the `use` declarations among the arguments of macros, and `macros` the modules whose
    macros are for all behind them. `several` are modules that may be several files, as `path` attributes name them,
    with where these stand. `crates` are the names of crates, and `see_above` the modules with a body that use all of
    the module right above.
    """

    modules: dict[ModulePath, tuple[int, str]] = field(default_factory=dict)
    local: set[ModulePath] = field(default_factory=set)
    exports: defaultdict[ModulePath, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    makes_from: defaultdict[ModulePath, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    blocks: list[tuple[int, int, ModulePath]] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    macros: list[ModulePath] = field(default_factory=list)
    several: dict[ModulePath, list[tuple[int, str]]] = field(default_factory=dict)
    crates: set[ModulePath] = field(default_factory=set)
    see_above: set[ModulePath] = field(default_factory=set)

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
    inside, name = path[:-1], path[-1]
    if item.type == "mod_item" and item.child_by_field_name("body") is None:
        _declare_file(item, path, attributes, declared)
        if "macro_use" in attributes:
            declared.macros.append(path)
    elif item.type == "extern_crate_declaration":
        declared.crates.add(path)
    else:
        declared.local.add(path)
    derive = _DERIVE_ATTRIBUTE.search(attributes)
    if derive:
        declared.exports[inside][derive[1]] = None
    unknown = set(_unknown_macros(attributes))
    if unknown:
        declared.makes_from[inside][name] = None
    if unknown and (item.type == "mod_item" or unknown & _FIXED_NAMES):
        declared.exports[inside][ANY_NAME] = declared.exports[path][ANY_NAME] = None
    if "macro_export" in attributes if item.type == "macro_definition" else is_public(item):
        declared.exports[inside][name] = None


def _declare_file(item: "Node", path: ModulePath, attributes: str, declared: Declarations) -> None:
    """A module that is a file of its own; `path` attributes name it relative to the file that declares the module.

    One that may be several files, each for another system, is left to be anything.
    """
    given = tuple("/".join((".", *path[:-1], file)) for file in _PATH_ATTRIBUTE.findall(attributes))
    file = given[0] if given else ""
    known = declared.modules.get(path, (0, file))[1] == file and path not in declared.several
    if known and len(given) < 2 and not (given and "cfg_attr" in attributes):
        declared.modules[path] = (item.start_byte, file)
        return
    _, other = declared.modules.pop(path, (0, ""))
    declared.several.setdefault(path, []).extend((item.start_byte, each) for each in (other, *given) if each)
    declared.local.add(path)


def _unknown_macros(attributes: str) -> Iterator[str]:
    """The derives and attributes of an item that may declare others beside it, whose names the source does not spell.

    Two in one module must not make the same, so the names hold that of the item: `OptionsBuilder`, `mock_store`.
    """
    yield from (name for name in _ATTRIBUTE.findall(attributes) if name not in _PLAIN_ATTRIBUTES)
    derived = (path for listed in _DERIVES.findall(attributes) for path in listed.split(","))
    names = (path.rpartition("::")[2].strip() for path in derived)
    yield from (name for name in names if name and name not in _PLAIN_DERIVES)


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
    """What a macro declares whose arguments look like items: `cfg_if! { mod unix; }`, `pin_project! { struct X }`."""
    text = parsed.text(call)
    are_items = False
    for found, within, depth in _items_in(text):
        around, name = (*inside, *within), found["name"]
        are_items = are_items or found["kind"] != "fn" or depth == 1
        if found["use"]:
            # The macro may put it into a module of its own, of which nobody knows what is above it.
            if found[0].endswith(";") and (within or not found["use"].startswith("super")):
                declared.uses.append(Use(call.start_byte, found["use"], around, bool(found["public"])))
        elif found["kind"] == "mod" and found["end"]:
            if not _PATH_ATTRIBUTE.search(text):  # Which of its modules that would be, nobody knows.
                declared.modules.setdefault((*around, name), (call.start_byte, ""))
        else:
            declared.local.add((*around, name))
        if name and found["public"]:
            declared.exports[around][name] = None
    if not are_items or text.rstrip("; \n").endswith((")", "]")):
        _read_arguments(parsed, text, inside, declared)


def _items_in(arguments: str) -> Iterator[tuple[re.Match[str], ModulePath, int]]:
    """What looks like an item among the arguments of a macro, with the modules with a body, and in how many braces."""
    around: list[tuple[int, str]] = []
    depth, opening = 0, ""
    for found in _IN_MACRO.finditer(arguments):
        if found[0] == "{":
            depth += 1
            if opening:
                around.append((depth, opening))
            opening = ""
        elif found[0] == "}":
            around = [each for each in around if each[0] < depth]
            depth -= 1
        elif found["use"] or found["kind"]:
            yield found, tuple(name for _, name in around), depth
            opening = found["name"] if found["kind"] == "mod" and not found["end"] else ""


def _read_arguments(parsed: Parsed, call: str, inside: ModulePath, declared: Declarations) -> None:
    """What a macro may declare whose arguments look like no items.

    As with derives, the names hold words of its arguments (`mock! { Store {} }`), unless it takes what it declares from
    elsewhere: `include!("table.rs");`.
    """
    called = _MACRO_NAME.match(call)
    arguments = call[called.end() :].lstrip() if called else ""
    words = dict.fromkeys(_WORD.findall(arguments))
    if not called or not any(map(str.isalpha, arguments)):
        declared.exports[inside][ANY_NAME] = None
    elif called[1] in _PLAIN_MACROS or called[1].startswith("impl_"):
        return
    elif (called[1],) in declared.local and b"paste" not in parsed.source:
        return  # The text of the macro spells the rest.
    elif arguments.startswith(("(", "[")) and '"' in arguments:
        declared.exports[inside][ANY_NAME] = None
    else:
        declared.makes_from[inside].update(words)


def _name(parsed: Parsed, item: "Node") -> str:
    alias = item.child_by_field_name("alias") if item.type == "extern_crate_declaration" else None
    return parsed.text(alias or item.child_by_field_name("name")).removeprefix("r#")


def is_public(item: "Node") -> bool:
    """Whether a declaration is `pub`, be it for some alone."""
    first = item.child(0) if item.child_count else None
    return first is not None and first.type == "visibility_modifier"
