"""Semantic tokens: what each piece of a plan means, in LSP's own kinds of tokens; of what is done, a modifier says so.

Tokens stand on one line and never over one another, so every client can take them.
"""

from array import array
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from lsprotocol import types

from agent_server.analysis.meanings import Meaning, Piece, pieces
from agent_server.lsp.client import Client
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.text import Span, common_prefix, common_suffix

_TYPES = types.SemanticTokenTypes
_MODIFIERS = types.SemanticTokenModifiers

_KINDS: dict[Meaning, tuple[types.SemanticTokenTypes, types.SemanticTokenTypes | None]] = {
    Meaning.TASK_NAME: (_TYPES.Function, None),
    Meaning.TASK: (_TYPES.Function, None),
    Meaning.FIELD: (_TYPES.Property, _TYPES.Keyword),
    Meaning.PATH: (_TYPES.String, None),
    Meaning.GLOB: (_TYPES.Regexp, _TYPES.String),
    Meaning.EXCEPTION: (_TYPES.Operator, None),
    Meaning.MODULE: (_TYPES.Namespace, None),
    Meaning.EXPORT: (_TYPES.Variable, None),
    Meaning.LOCK: (_TYPES.Variable, None),
    Meaning.MODEL: (_TYPES.EnumMember, _TYPES.Enum),
    Meaning.AGENT: (_TYPES.Class, None),
    Meaning.COMMAND: (_TYPES.String, None),
    Meaning.NUMBER: (_TYPES.Number, None),
    Meaning.KEYWORD: (_TYPES.Keyword, None),
}
"""The type of the token for each meaning, and what a client gets that does not know that one."""

_DECLARING = frozenset({Meaning.TASK_NAME, Meaning.EXPORT})

DONE = "done"
"""Our own modifier. Clients that do not list it get `deprecated` instead, which most themes strike through."""

LEGEND = types.SemanticTokensLegend(
    list(dict.fromkeys(kind.value for pair in _KINDS.values() for kind in pair if kind is not None)),
    [_MODIFIERS.Declaration.value, _MODIFIERS.Deprecated.value, DONE],
)

_TYPE_NUMBERS = {name: number for number, name in enumerate(LEGEND.token_types)}
_MODIFIER_BITS = {name: 1 << number for number, name in enumerate(LEGEND.token_modifiers)}


class SentTokens:
    """The tokens that were sent last, so that a delta can be made to them.

    This module owns the one there is, for all clients of the process. A result id is a digest of its tokens, so an
    entry is never stale and never wrong: whoever names an id that is no longer kept gets all tokens again. The oldest
    go first. Any thread may call it.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._lock = Lock()
        self._sent: OrderedDict[tuple[str, str], array[int]] = OrderedDict()

    def keep(self, uri: str, data: "array[int]") -> str:
        """Keep the tokens of a document; returns their result id."""
        result_id = blake2b(data.tobytes(), digest_size=12).hexdigest()
        with self._lock:
            self._sent[uri, result_id] = data
            self._sent.move_to_end((uri, result_id))
            while len(self._sent) > self._most:
                self._sent.popitem(last=False)
        return result_id

    def get(self, uri: str, result_id: str) -> "array[int] | None":
        """The tokens that had this id, if they are still kept."""
        with self._lock:
            return self._sent.get((uri, result_id))


_sent = SentTokens()


@plan_request(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
def semantic_tokens(plan: PlanSnapshot, _: types.SemanticTokensParams) -> types.SemanticTokens:
    """Answer `textDocument/semanticTokens/full`."""
    data = _encoded(plan, _pieces(plan))
    return types.SemanticTokens(data.tolist(), _sent.keep(plan.document.uri, data))


@plan_request(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, LEGEND)
def semantic_tokens_delta(
    plan: PlanSnapshot, params: types.SemanticTokensDeltaParams
) -> types.SemanticTokens | types.SemanticTokensDelta:
    """Answer `textDocument/semanticTokens/full/delta`: the one stretch in which the tokens differ."""
    data = _encoded(plan, _pieces(plan))
    before = _sent.get(plan.document.uri, params.previous_result_id)
    result_id = _sent.keep(plan.document.uri, data)
    if before is None:
        return types.SemanticTokens(data.tolist(), result_id)
    return types.SemanticTokensDelta(_difference(before, data), result_id)


@plan_request(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE)
def semantic_tokens_range(plan: PlanSnapshot, params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
    """Answer `textDocument/semanticTokens/range`."""
    return types.SemanticTokens(_encoded(plan, _pieces(plan, plan.span(params.range))).tolist())


def _pieces(plan: PlanSnapshot, within: Span | None = None) -> list[Piece]:
    """The pieces of the document, or of that span of it."""
    found = pieces(plan.analysis, within or (plan.here if plan.files is not None else None))
    return [piece for piece in found if plan.is_here(piece.span)]


def _difference(before: "array[int]", after: "array[int]") -> list[types.SemanticTokensEdit]:
    start = common_prefix(before, after)
    kept = common_suffix(before, after, min(len(before), len(after)) - start)
    if start == len(before) == len(after):
        return []
    return [types.SemanticTokensEdit(start, len(before) - kept - start, after[start : len(after) - kept].tolist())]


def _encoded(plan: PlanSnapshot, found: list[Piece]) -> "array[int]":
    """The tokens as LSP wants them: five numbers each, with its place counted from the one before."""
    lines, encoding, by = plan.document.lines, plan.client.encoding, plan.here.start
    data = array("I")
    line = character = 0
    kinds = _numbers(plan.client)
    for piece in found:
        kind, modifiers = kinds[piece.meaning, piece.is_closed]
        if kind is None:
            continue
        start = lines.position(piece.span.start - by, encoding)
        length = lines.position(piece.span.end - by, encoding).character - start.character
        if start.line != line:
            line, character, down = start.line, 0, start.line - line
        else:
            down = 0
        data.extend((down, start.character - character, length, kind, modifiers))
        character = start.character
    return data


def _numbers(client: Client) -> dict[tuple[Meaning, bool], tuple[int | None, int]]:
    """The type's number and the modifiers' bits for every meaning, open and closed; no number for no token."""
    done = DONE if DONE in client.token_modifiers else _MODIFIERS.Deprecated.value
    numbers: dict[tuple[Meaning, bool], tuple[int | None, int]] = {}
    for meaning, wanted in _KINDS.items():
        known = (kind.value for kind in wanted if kind and (not client.token_types or kind.value in client.token_types))
        kind = next(known, None)
        for closed in (False, True):
            modifiers = [_MODIFIERS.Declaration.value] if meaning in _DECLARING else []
            modifiers += [done] if closed else []
            bits = sum(_MODIFIER_BITS[name] for name in modifiers if name in client.token_modifiers)
            numbers[meaning, closed] = (None if kind is None else _TYPE_NUMBERS[kind], bits)
    return numbers
