"""Plain patterns → one regular expression that decides in linear time.

Every wildcard is lazy and, with the fixed tokens that follow it, atomic: the earliest place where the fixed part fits
leaves the most for the next wildcard, so there is never a reason to come back. Without this a pattern such as
`*a*a*a*a*b`, which a stranger's plan may hold, would keep the server busy for minutes.
"""

import re
from functools import lru_cache

from agent_server.analysis.globs.pattern import CharClass, Pattern, Token, Wildcard
from agent_server.analysis.tree import fold_case


@lru_cache(maxsize=4096)
def compile_patterns(patterns: tuple[Pattern, ...], *, folds: bool) -> re.Pattern[str]:
    """An expression that matches (with `match`) the paths that any of the patterns does.

    With `folds` it expects paths that went through `fold_case`. No pattern, no match.
    """
    alternatives = "|".join(_expression(pattern.tokens, folds=folds) for pattern in patterns)
    return re.compile(f"(?:{alternatives})" if patterns else r"(?!)", re.DOTALL)


_END = None
"""Stands behind the last token, so that the last wildcard knows that it must reach the end."""


def _expression(tokens: tuple[Token, ...], *, folds: bool) -> str:
    stretches = _split((*tokens, _END), Wildcard.FOLDERS)
    return _lazily([_stretch(stretch, folds=folds) for stretch in stretches], gap=r"(?:[^/]+/)*?")


def _stretch(tokens: list[Token | None], *, folds: bool) -> str:
    """Tokens between two `**/`: they match a fixed number of segments."""
    parts = _split(tokens, Wildcard.RUN)
    return _lazily(["".join(_token(token, folds=folds) for token in part) for part in parts], gap=r"[^/]*?")


def _lazily(parts: list[str], *, gap: str) -> str:
    return parts[0] + "".join(f"(?>{gap}{part})" for part in parts[1:])


def _split(tokens: tuple[Token | None, ...] | list[Token | None], at: Wildcard) -> list[list[Token | None]]:
    parts: list[list[Token | None]] = [[]]
    for token in tokens:
        if token is at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _token(token: Token | None, *, folds: bool) -> str:
    if token is None:
        return r"\Z"
    if isinstance(token, str):
        return re.escape(fold_case(token) if folds else token)
    if isinstance(token, CharClass):
        return _char_class(token, folds=folds)
    return {Wildcard.ONE: "[^/]", Wildcard.BELOW: ".+", Wildcard.TREE: "(?:/.+)?"}[token]


def _char_class(token: CharClass, *, folds: bool) -> str:
    ranges = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in token.ranges)
    members = f"[{'^' if token.negated else ''}{ranges}]"
    # The look-ahead keeps `/` out, whatever the ranges span.
    return f"(?!/)(?i:{members})" if folds else f"(?!/){members}"
