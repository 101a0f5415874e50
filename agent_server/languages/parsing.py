"""Parsing by tree-sitter, within limits: what all languages that read syntax trees share.

Sources come from strangers. A parse costs at most a bound that grows with the length of the text; a query runs only
over a tree on which queries take linear time; a walk never recurses. A few grammars take memory in the square of an
expression that makes no sense and does not end (`a=>` 2,000 times is more than a gigabyte), in one step that nothing
can stop: what looks so is not parsed.

tree-sitter and a grammar are imported when the first source of the language is parsed.
"""

from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

MOST_BYTES = 2_000_000
"""How much of a source is read, in UTF-8 bytes. A longer one is generated; what it imports stands at its head."""

MOST_CONFUSION = 4096
"""How many tokens in a row may make no sense. Queries take a time that is quadratic in that number."""

_DEEPEST = 20_000
"""How deep in a tree matches are looked for. Past 65,535, where tree-sitter's count ends, queries take for ever."""

MOST_OPERATORS = 800
MOST_OPEN = 300
"""How many operators, or brackets that are not closed, may stand between two ends of statements. It takes some 200 MB
to find that so many make no sense; sources have a few dozen."""

_OPERATORS = b"!%&*+.<=>?@^|~"
_IRRELEVANT = bytes(set(range(256)) - set(_OPERATORS + b"()[]"))

_STEPS_BASE = 2000
_BYTES_PER_STEP = 8
"""A parse may take a step (100 actions of the parser) for so many bytes.

Sources take one for every 50 to 200, tables of one-digit numbers for every 17.
"""

_CHUNK = 65536


class Parsed:
    """A source as a syntax tree. Offsets of nodes count UTF-8 bytes of `source`."""

    __slots__ = ("_grammar", "_tree", "root", "source")

    def __init__(self, grammar: "Grammar", tree: "tree_sitter.Tree", source: bytes) -> None:
        self._grammar = grammar
        self._tree = tree  # Nodes are only valid while their tree lives.
        self.root = tree.root_node
        self.source = source

    def text(self, node: "tree_sitter.Node | None") -> str:
        """The text of a node; empty for None."""
        return "" if node is None else self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def captures(self, query: str) -> "dict[str, list[tree_sitter.Node]]":
        """The nodes that each capture of the query matches anywhere in the source, in the order of the text.

        Of two that start together the outer one comes first. A capture that matches nothing is absent. The query is
        compiled once for its grammar.
        """
        found = self._cursor(query).captures(self.root)
        # The binding gives them in no order.
        return {
            name: sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)) for name, nodes in found.items()
        }

    def matches(self, query: str) -> "list[dict[str, list[tree_sitter.Node]]]":
        """The captures of each match of the query, in the order of the text. Dearer than `captures`."""
        return [found for _, found in self._cursor(query).matches(self.root)]

    def _cursor(self, query: str) -> "tree_sitter.QueryCursor":
        import tree_sitter  # noqa: PLC0415  # See the module's docstring.

        cursor = tree_sitter.QueryCursor(self._grammar.query(query))
        cursor.set_max_start_depth(_DEEPEST)
        return cursor


class Grammar:
    """A tree-sitter grammar, imported when its first source is parsed. `module` is the package that holds it."""

    def __init__(self, module: str, function: str = "language", *, ends: bytes = b";{}") -> None:
        """`ends` are the characters at which the parser gets its bearings again: they end statements."""
        self._module = module
        self._function = function
        self._ends = ends
        self.query = lru_cache(maxsize=None)(self._compile)
        """Compiles a query, once."""

    def parse(self, text: str) -> Parsed | None:
        """The syntax tree of a source, however broken; None where it makes so little sense that nothing can be read.

        Safe in several threads at once.
        """
        import tree_sitter  # noqa: PLC0415

        source = text[:MOST_BYTES].encode("utf-8", "replace")[:MOST_BYTES]
        if _is_endless(source, self._ends):
            return None
        steps = iter(range(_STEPS_BASE + len(source) // _BYTES_PER_STEP))
        try:
            tree = tree_sitter.Parser(self._language).parse(
                lambda offset, _point: source[offset : offset + _CHUNK],
                progress_callback=lambda _offset, _has_error: next(steps, None) is None,
            )
        except ValueError:  # The steps were used up.
            return None
        return None if _is_confused(tree.root_node) else Parsed(self, tree, source)

    @cached_property
    def _language(self) -> "tree_sitter.Language":
        import tree_sitter  # noqa: PLC0415

        return tree_sitter.Language(getattr(import_module(self._module), self._function)())

    def _compile(self, query: str) -> "tree_sitter.Query":
        import tree_sitter  # noqa: PLC0415

        return tree_sitter.Query(self._language, query)


def descend(node: "tree_sitter.Node", into: Collection[str]) -> "Iterator[tree_sitter.Node]":
    """The named nodes below `node` in the order of the text: its children, and theirs where the type is in `into`.

    A node that is entered is not given itself.
    """
    waiting = node.named_children[::-1]
    while waiting:
        child = waiting.pop()
        if child.type in into:
            waiting += child.named_children[::-1]
        else:
            yield child


def first_named(node: "tree_sitter.Node | None") -> "tree_sitter.Node | None":
    """The first named child; None where there is none, as in a broken source."""
    return node.named_child(0) if node is not None and node.named_child_count else None


def _is_endless(source: bytes, ends: bytes) -> bool:
    """Whether so much stands between two ends of statements that the parser might take all memory for it."""
    first = ends[:1]
    marks = source.translate(bytes.maketrans(ends, first * len(ends)), _IRRELEVANT.translate(None, ends))
    for statement in marks.split(first):
        if len(statement) > MOST_OPEN:
            unclosed = max(abs(statement.count(left) - statement.count(right)) for left, right in (b"()", b"[]"))
            if unclosed > MOST_OPEN or len(statement.translate(None, b"()[]")) > MOST_OPERATORS:
                return True
    return False


def _is_confused(root: "tree_sitter.Node") -> bool:
    """Whether tokens stand in a row, too many to query, of which the parser could make nothing."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.child_count - node.named_child_count > MOST_CONFUSION and node.is_error:
            return True
        waiting += (child for child in node.children if child.has_error)
    return False
