"""Rust: modules are files that other files declare, below the roots of the crates that a `Cargo.toml` describes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agent_server.languages.model import Files, Import, Language, Layout, Source
from agent_server.languages.parsing import Grammar, Parsed
from agent_server.languages.rust_items import (
    DEEPEST,
    Declarations,
    ModulePath,
    Use,
    is_public,
    placed,
    read_declarations,
)
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
_IN_TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:\\.|[^\\'])'|"(?:\\.|[^"\\])*"?|(?P<path>\b\w+(?:::\w+)+)""", re.DOTALL
)
_QUOTING = re.compile(r"\b(?:parse_)?quote(?:_\w+)?$")
"""Macros whose arguments are code for somewhere else."""

_UNTOLD = re.compile("Self|bool|char|f32|f64|[iu](?:8|16|32|64|128|size)|str|std|core|alloc")
"""The first segments of paths in expressions that lead to no module worth telling."""


class _Leaf(NamedTuple):
    """One leaf of a `use` tree: a path that ends in a name, `self` or `*`, and where it stands."""

    position: int
    path: ModulePath
    alias: str
    inside: ModulePath
    public: bool
    in_block: bool


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
        crates = _crates(parsed, captures.get("crate", ()), declared)
        leaves = list(_leaves((*declared.uses, *crates, *_uses(parsed, captures.get("use", ()), declared))))
        declared.see_above |= {leaf.inside for leaf in leaves if leaf.path == ("super", "*")}
        aliases = _aliases(leaves, declared)
        macros = {node.start_byte for node in captures.get("macro", ())}
        paths = [node for node in captures.get("path", ()) if node.start_byte not in macros]
        mentions = [
            *(_Mention(position, ("self", *module)) for module, (position, _) in declared.modules.items()),
            *(_Mention(position, (file,)) for files in declared.several.values() for position, file in files),
            *(mention for leaf in leaves for mention in _of_leaf(leaf, aliases, declared)),
            *_of_paths(parsed, paths, aliases, declared),
            *_of_tokens(parsed, captures.get("tokens", ()), aliases, declared),
        ]
        bodies = sorted({path for _, _, path in declared.blocks})
        return replace(
            _scope((), leaves, aliases, declared),
            imports=_merged(mentions, declared),
            within=tuple(("::".join(inside), _scope(inside, leaves, aliases, declared)) for inside in bodies),
        )

    def layout(self, files: Files, texts: Mapping[str, str]) -> Layout:  # noqa: ARG002  # crates are found by need
        """The crates of a workspace."""
        own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in self.manifests}
        return RustLayout(own)


LANGUAGE: Language = Rust()


def _scope(
    inside: ModulePath, leaves: Iterable[_Leaf], aliases: Mapping[str, ModulePath], declared: Declarations
) -> Source:
    """What the file, or a module with a body in it, holds for others."""
    here = [leaf for leaf in leaves if leaf.inside == inside and not leaf.in_block]
    public = [leaf for leaf in here if leaf.public]
    private = [leaf for leaf in here if not leaf.public]
    macros = (_spell(("self", *module), declared) for module in declared.macros if module[:-1] == inside)
    # `mod scope;` beside `use self::scope::scope;` is a module and a function; beside `use other as scope;` it is not
    # compiled together with that.
    files = [path for path, (_, given) in declared.modules.items() if path[:-1] == inside and not given]
    within = [_located(leaf.path, inside, {}, declared)[1:-1] for leaf in here]
    others = (leaf for leaf, module in zip(here, within, strict=True) if module not in files)
    known = {*declared.local, *((*inside, name) for name in _given_names(others))}
    return Source(
        exports=tuple(dict.fromkeys((*declared.exports[inside], *_given_names(public)))),
        passes_on=tuple(dict.fromkeys(_passed_on(public, aliases, declared))),
        leads_to=tuple(dict.fromkeys(_led_to(public, aliases, declared))),
        awaits=tuple(path[-1] for path in files if path not in known),
        sees=tuple(dict.fromkeys((*macros, *_passed_on(private, aliases, declared)))),
        makes_from=tuple(declared.makes_from[inside]),
    )


def _uses(parsed: Parsed, nodes: Iterable["Node"], declared: Declarations) -> Iterator[Use]:
    for node, inside in placed(nodes, declared.blocks):
        tree = parsed.text(node.child_by_field_name("argument"))
        yield Use(node.start_byte, tree, inside, is_public(node), in_block=_is_in_block(node))


def _crates(parsed: Parsed, nodes: Iterable["Node"], declared: Declarations) -> Iterator[Use]:
    """Declarations of crates, as the `use` declarations that they amount to: `extern crate x as y` is `use x as y`."""
    for node, inside in placed(nodes, declared.blocks):
        alias = node.child_by_field_name("alias")
        tree = f"{_name(parsed, node)} as {parsed.text(alias)}" if alias else _name(parsed, node)
        yield Use(node.start_byte, tree, inside, is_public(node), in_block=_is_in_block(node))


def _is_in_block(node: "Node") -> bool:
    """Whether a declaration holds for the rest of a function alone."""
    return node.parent is not None and node.parent.type == "block"


def _leaves(uses: Iterable[Use]) -> Iterator[_Leaf]:
    for use in uses:
        for path, alias in _flattened(use.tree):
            yield _Leaf(use.position, path, alias, use.inside, use.public, use.in_block)


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


def _aliases(leaves: Iterable[_Leaf], declared: Declarations) -> Mapping[str, ModulePath]:
    """What the names lead to that `use` declarations give to modules; one that is several leads nowhere."""
    aliases: dict[str, ModulePath] = {}
    for leaf in leaves:
        path = leaf.path[:-1] if leaf.path[-1] == "self" and len(leaf.path) > 1 else leaf.path
        full = _from_top(path, leaf.inside, {}, declared)
        name = leaf.alias or path[-1].removeprefix("::")
        if full and name not in ("*", "_") and not _is_type(path[-1]) and full != (name,):
            aliases[name] = full if aliases.get(name, full) == full else (_WITHIN,)
    return aliases


_WITHIN = ""
"""What a path begins with that leads to something within the file."""


def _from_top(
    path: ModulePath, inside: ModulePath, aliases: Mapping[str, ModulePath], declared: Declarations
) -> ModulePath | None:
    """A path as the top of the file would spell it; None where it leads to something within the file."""
    full = _located(path, inside, aliases, declared)
    return None if full[0] == _WITHIN else full


def _in_scope(name: str, inside: ModulePath, declared: Declarations) -> Iterator[ModulePath]:
    """The modules with a body whose names are known in the module `inside`, that one first."""
    if (*inside, name) in declared.crates:
        return
    yield inside
    while inside and inside in declared.see_above:
        inside = inside[:-1]
        yield inside


def _located(
    path: ModulePath, inside: ModulePath, aliases: Mapping[str, ModulePath], declared: Declarations
) -> ModulePath:
    """As `_from_top`; a path to something within the file begins with `_WITHIN`."""
    if path[0] in ("self", "super"):
        ups = next((index for index, segment in enumerate(path) if segment not in ("self", "super")), len(path))
        supers = path[:ups].count("super")
        if supers > len(inside):
            return (*("super",) * (supers - len(inside)), *path[ups:])
        inside, path = inside[: len(inside) - supers], path[ups:]
        kind = declared.kind((*inside, *path))
        elsewhere = kind == "module" or not (kind or inside or path[:1] == ("*",))
        return ("self" if elsewhere else _WITHIN, *inside, *path)
    if path[0] == "crate" or path[0].startswith("::"):
        return path
    for around in _in_scope(path[0], inside, declared):
        depth, full = len(around), (*around, *path)
        if any(full[:length] in declared.modules for length in range(depth + 1, len(full) + 1)):
            return ("self", *full)
        if full[: depth + 1] in declared.local:
            return (_WITHIN, *full)
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
    """What the arguments of macros say, which are no more than tokens: paths whose start is known.

    Among items they may come to stand in other modules, so that `self` and `super` say nothing.
    """
    for node, inside in placed(nodes, declared.blocks):
        call = node.parent
        if call is not None and _QUOTING.search(parsed.text(call.child_by_field_name("macro"))):
            continue
        text = parsed.text(node)
        known = ("crate", "self", "super") if _is_within_code(node) else ("crate",)
        for found in _IN_TOKENS.finditer(text) if "::" in text else ():
            first = (found["path"] or "").partition("::")[0]
            if first in known or first in aliases or (*inside, first) in declared.modules:
                yield from _of_path(node.start_byte + found.start(), found["path"], inside, aliases, declared)


def _is_within_code(tokens: "Node") -> bool:
    """Whether the arguments of a macro stand in a function or a value, and not among items."""
    call = tokens.parent
    around = call.parent if call is not None else None
    if around is not None and around.type == "expression_statement":
        around = around.parent
    return around is not None and around.type not in ("source_file", "declaration_list", "macro_definition")


def _given_names(leaves: Iterable[_Leaf]) -> Iterator[str]:
    """The names that `use` declarations give."""
    for leaf in leaves:
        name = leaf.alias or leaf.path[-2 if leaf.path[-1] == "self" and len(leaf.path) > 1 else -1].removeprefix("::")
        if name not in ("*", "_", "self", "super", "crate"):
            yield name


def _passed_on(leaves: Iterable[_Leaf], aliases: Mapping[str, ModulePath], declared: Declarations) -> Iterator[str]:
    """The modules all of whose names the declarations take."""
    for leaf in leaves:
        if leaf.path[-1] == "*" and len(leaf.path) > 1:
            first, *rest = _located(leaf.path, leaf.inside, aliases, declared)
            if not any(map(_is_type, (first, *rest))) and rest:
                yield _spell((first or "self", *rest[:-1]), declared)


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
