"""How well what somebody types fits a name, as fuzzy finders of editors judge it."""

import re

_WORD_STARTS = re.compile(r"(?<![^\W_])[^\W_]")

_AT_START, _AT_WORD, _INSIDE = 300, 200, 150
_WHOLE = 100
_SCATTERED = 100
"""From this downwards, the further apart the letters stand."""


def score(query: str, text: str) -> int | None:
    """How well the words of `query`, in any order, fit `text`; None where one does not. Case does not count.

    A word fits where its letters stand in the text in this order. Best is the whole text, then its beginning, the
    beginning of a word, any place, and last the letters one by one.
    """
    shown = text.lower()
    total = 0
    for word in query.lower().split():
        fit = _fit(word, shown)
        if fit is None:
            return None
        total += fit
    return total


def _fit(word: str, text: str) -> int | None:
    at = text.find(word)
    if at == 0:
        return _AT_START + (_WHOLE if len(word) == len(text) else 0)
    if at > 0:
        starts = (match.start() for match in _WORD_STARTS.finditer(text))
        return _AT_WORD if any(text.startswith(word, start) for start in starts) else _INSIDE
    first = at = text.find(word[0])
    for letter in word[1:]:
        if at < 0:
            return None
        at = text.find(letter, at + 1)
    if at < 0:
        return None
    return max(1, _SCATTERED - (at + 1 - first - len(word)))
