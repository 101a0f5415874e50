"""Rust: modules are files that other files declare, below the roots of the crates that a `Cargo.toml` describes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from agent_server.languages.model import Files, Import, Language, Layout, Source
from agent_server.languages.parsing import Grammar, Parsed
from agent_server.languages.rust_items import DEEPEST, Declarations, ModulePath, Use, placed, read_declarations
from agent_server.languages.rust_layout import RustLayout

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMAR = Grammar("tree_sitter_rust", ends=b";{}\n")

_WHAT_COUNTS = """
(use_declaration) @use
(extern_crate_declaration) @crate
[(scoped_identifier) (scoped_type_identifier) (use_declaration)] @path
(macro_invocation macro: (scoped_identifier) @macro)
(macro_invocation (token_tree) @tokens)
(macro_rule right: (token_tree) @tokens)
"""

_USE_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|(?:r#)?(\w+|::|[{},*])", re.DOTALL)
_BARE_TREE = re.compile(r"\s*(?:::\s*)?\w+\s*::")
_PATH = re.compile(r"(?:::\s*)?\w+(?:\s*::\s*\w+)*")
_IN_TOKENS = re.compile(r"""'(?:\\.|[^\\'])'|"(?:\\.|[^"\\])*"?|(?P<path>\b\w+(?:::\w+)+)""", re.DOTALL)
_UNTOLD = re.compile("Self|bool|char|f32|f64|[iu](?:8|16|32|64|128|size)|str|std|core|alloc")
"""The first segments of paths in expressions that lead to no module worth telling."""


class _Leaf(NamedTuple):
    """One leaf of a `use` tree: a path that ends in a name, `self` or `*`, and where it stands."""

    position: int
    path: ModulePath
    alias: str
    inside: ModulePath
    public: bool


class _Mention(NamedTuple):
    """A module that the text names at a position, and a name that it takes from there."""

    position: int
    module: ModulePath
    name: str = ""
    perhaps: bool = False


class Rust:
    """The Rust language."""

    id = "rust"
    endings: tuple[str, ...] = (".rs",)
    tests: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ("Cargo.toml",)

    def read(self, path: str, text: str) -> Source:
        """What a Rust file imports: its `mod` declarations, `use` trees and qualified paths; and the items at its top.

        A module with a body is a part of its file: paths in it are told from the top of the file.
        """
        # Who lists imports in a plan may leave out the word.
        tree = text if path or not _BARE_TREE.match(text) else f"use {text}"
        parsed = _GRAMMAR.parse(tree)
        if parsed is None:
            return Source()
        declared = read_declarations(parsed)
        captures = parsed.captures(_WHAT_COUNTS)
        leaves = list(_leaves((*declared.uses, *_uses(parsed, captures.get("use", ()), declared))))
        aliases = dict(_aliases(leaves, declared))
        macros = {node.start_byte for node in captures.get("macro", ())}
        paths = [node for node in captures.get("path", ()) if node.start_byte not in macros]
        mentions = [
            *(_Mention(position, ("self", *module)) for module, (position, _) in declared.modules.items()),
            *(_Mention(node.start_byte, (_name(parsed, node),)) for node in captures.get("crate", ())),
            *(mention for leaf in leaves for mention in _of_leaf(leaf, aliases, declared)),
            *_of_paths(parsed, paths, aliases, declared),
            *_of_tokens(parsed, captures.get("tokens", ()), aliases, declared),
        ]
        public = [leaf for leaf in leaves if leaf.public and not leaf.inside]
        return Source(
            imports=_merged(mentions, declared),
            exports=tuple(dict.fromkeys((*declared.exports, *_given_names(public)))),
            passes_on=tuple(dict.fromkeys(_passed_on(public, aliases, declared))),
            leads_to=tuple(dict.fromkeys(_led_to(public, aliases, declared))),
        )

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:  # noqa: ARG002  # crates are found by need
        """The crates of a workspace."""
        own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in self.manifests}
        return RustLayout(own)


LANGUAGE: Language = Rust()


def _uses(parsed: Parsed, nodes: Iterable["Node"], declared: Declarations) -> Iterator[Use]:
    for node, inside in placed(nodes, declared.blocks):
        tree = parsed.text(node.child_by_field_name("argument"))
        public = bool(node.named_child_count) and node.named_child(0).type == "visibility_modifier"
        yield Use(node.start_byte, tree, inside, public)


def _leaves(uses: Iterable[Use]) -> Iterator[_Leaf]:
    for use in uses:
        for path, alias in _flattened(use.tree):
            yield _Leaf(use.position, path, alias, use.inside, use.public)


def _flattened(tree: str) -> Iterator[tuple[ModulePath, str]]:
    """The paths that a `use` tree is short for, each with its alias. The path `::x::y` is `::x` and `y`."""
    prefixes: list[ModulePath] = [()]
    path: ModulePath = ()
    alias, renaming = "", False
    for piece in filter(None, _USE_TOKEN.findall(tree + "}")):
        if piece == "::":
            path = path or ("",)
        elif piece == "{":
            prefixes.append(path)
        elif piece in ",}":
            if path != prefixes[-1] and len(path) <= DEEPEST and path[-1]:
                yield path, alias
            if piece == "}" and len(prefixes) > 1:
                prefixes.pop()
            path, alias = prefixes[-1], ""
        elif piece == "as":
            renaming = True
        elif renaming:
            alias, renaming = piece, False
        elif len(path) <= DEEPEST:
            path = (f"::{piece}",) if path == ("",) else (*path, piece)


def _aliases(leaves: Iterable[_Leaf], declared: Declarations) -> Iterator[tuple[str, ModulePath]]:
    """What the names lead to that `use` declarations give to modules."""
    for leaf in leaves:
        path = leaf.path[:-1] if leaf.path[-1] == "self" and len(leaf.path) > 1 else leaf.path
        full = _from_top(path, leaf.inside, {}, declared)
        name = leaf.alias or path[-1].removeprefix("::")
        if full and name not in ("*", "_") and not _is_type(path[-1]) and full != (name,):
            yield name, full


def _from_top(
    path: ModulePath, inside: ModulePath, aliases: Mapping[str, ModulePath], declared: Declarations
) -> ModulePath | None:
    """A path as the top of the file would spell it; None where it leads to something within the file."""
    if path[0] in ("self", "super"):
        ups = next((index for index, segment in enumerate(path) if segment not in ("self", "super")), len(path))
        supers = path[:ups].count("super")
        if supers > len(inside):
            return (*("super",) * (supers - len(inside)), *path[ups:])
        inside, path = inside[: len(inside) - supers], path[ups:]
        kind = declared.kind((*inside, *path))
        return ("self", *inside, *path) if kind == "module" or not (kind or inside or path[:1] == ("*",)) else None
    if path[0] == "crate" or path[0].startswith("::"):
        return path
    for depth in range(len(inside), -1, -1):
        full = (*inside[:depth], *path)
        if any(full[:length] in declared.modules for length in range(depth + 1, len(full) + 1)):
            return ("self", *full)
        if full[: depth + 1] in declared.local:
            return None
    return (*aliases[path[0]], *path[1:]) if path[0] in aliases else path


def _of_leaf(leaf: _Leaf, aliases: Mapping[str, ModulePath], declared: Declarations) -> Iterator[_Mention]:
    """What a leaf of a `use` tree says: a module and a name of it, or the module of that name itself."""
    # What a crate is called stays the crate: `use time::time;`, then `use time::Duration;`.
    known = {} if aliases.get(leaf.path[0], ("",))[0] == leaf.path[0] else aliases
    full = _from_top(leaf.path, leaf.inside, known, declared)
    if not full:
        return
    if full[-1] in ("*", "self") and len(full) > 1:
        yield from _of_value(leaf.position, (*full[:-1], ""))
        return
    yield from _of_value(leaf.position, full)
    if not any(map(_is_type, full)):
        yield _Mention(leaf.position, full, perhaps=len(full) > 1)


def _of_value(position: int, path: ModulePath) -> Iterator[_Mention]:
    """What the path of a value or a type says: modules up to the first type, or all but the last segment."""
    cut = next((index for index, segment in enumerate(path) if _is_type(segment)), len(path) - 1)
    module, name = path[:cut], path[cut]
    if module and module != ("self",):
        yield _Mention(position, module, name)


def _of_paths(
    parsed: Parsed, nodes: Iterable["Node"], aliases: Mapping[str, ModulePath], declared: Declarations
) -> Iterator[_Mention]:
    """What the qualified paths in types, patterns and expressions say."""
    end = 0
    for node, inside in placed(nodes, declared.blocks):
        if node.start_byte < end:
            continue
        end = node.end_byte
        found = _PATH.match(parsed.text(node))
        if found and node.type != "use_declaration":
            yield from _of_path(node.start_byte, found[0], inside, aliases, declared)


def _of_path(
    position: int, text: str, inside: ModulePath, aliases: Mapping[str, ModulePath], declared: Declarations
) -> Iterator[_Mention]:
    absolute = "::" if text.startswith("::") else ""
    first, *rest = (segment.strip() for segment in text.removeprefix("::").split("::")[:DEEPEST])
    path = (f"{absolute}{first}", *rest)
    if _is_type(path[0]) or _UNTOLD.fullmatch(path[0]) or len(path) < 2:
        return
    full = _from_top(path, inside, aliases, declared)
    if full:
        yield from _of_value(position, full)


def _of_tokens(
    parsed: Parsed, nodes: Iterable["Node"], aliases: Mapping[str, ModulePath], declared: Declarations
) -> Iterator[_Mention]:
    """What the arguments of macros say, which are no more than tokens: paths whose start is known."""
    for node, inside in placed(nodes, declared.blocks):
        text = parsed.text(node)
        for found in _IN_TOKENS.finditer(text) if "::" in text else ():
            first = (found["path"] or "").partition("::")[0]
            if first in ("crate", "self", "super") or first in aliases or (*inside, first) in declared.modules:
                yield from _of_path(node.start_byte + found.start(), found["path"], inside, aliases, declared)


def _given_names(leaves: Iterable[_Leaf]) -> Iterator[str]:
    """The names that `use` declarations give."""
    for leaf in leaves:
        name = leaf.alias or leaf.path[-2 if leaf.path[-1] == "self" and len(leaf.path) > 1 else -1].removeprefix("::")
        if name not in ("*", "_", "self", "super", "crate"):
            yield name


def _passed_on(leaves: Iterable[_Leaf], aliases: Mapping[str, ModulePath], declared: Declarations) -> Iterator[str]:
    """The modules all of whose names the file exports."""
    for module in declared.passes_on:
        yield _spell(("self", *module), declared)
    for leaf in leaves:
        if leaf.path[-1] == "*" and len(leaf.path) > 1:
            full = _from_top(leaf.path, leaf.inside, aliases, declared)
            if full and not any(map(_is_type, full)) and len(full) > 1:
                yield _spell(full[:-1], declared)


def _led_to(
    leaves: Iterable[_Leaf], aliases: Mapping[str, ModulePath], declared: Declarations
) -> Iterator[tuple[str, str]]:
    """The names of other modules, or of what may be one, that `use` declarations pass on."""
    for leaf in leaves:
        path = leaf.path[:-1] if leaf.path[-1] == "self" and len(leaf.path) > 1 else leaf.path
        name = leaf.alias or path[-1].removeprefix("::")
        # A crate that is passed on by another name would else lead to itself: `pub use ferry_core as core`.
        known = {} if aliases.get(path[0], ("",))[0] == path[0] else aliases
        full = None if name in ("*", "_") or _is_type(path[-1]) else _from_top(path, leaf.inside, known, declared)
        if full:
            yield name, _spell(full, declared)


def _merged(mentions: Iterable[_Mention], declared: Declarations) -> tuple[Import, ...]:
    """The imports that all mentions amount to, in the order of the text."""
    names: dict[str, dict[str, None]] = {}
    certain = set()
    for mention in sorted(mentions, key=lambda mention: mention.position):
        if mention.module[0] == "self" and mention.module[1:] in declared.local:
            continue  # A module with a body.
        module = _spell(mention.module, declared)
        taken = names.setdefault(module, {})
        if mention.name:
            taken[mention.name] = None
        if not mention.perhaps:
            certain.add(module)
    return tuple(Import(module, tuple(taken), perhaps=module not in certain) for module, taken in names.items())


def _spell(module: ModulePath, declared: Declarations) -> str:
    _, file = declared.modules.get(module[1:], (0, "")) if module[0] == "self" else (0, "")
    return file or "::".join(module)


def _name(parsed: Parsed, node: "Node") -> str:
    return parsed.text(node.child_by_field_name("name"))


def _is_type(segment: str) -> bool:
    return segment[:1].isupper()
