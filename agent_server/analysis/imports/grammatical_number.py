"""English words in the other grammatical number: the model is called `invoice`, its table and its page `invoices`.

A handful of rules and the exceptions that names of code really have. A wrong guess does little harm: it is a word that
nobody writes.
"""

import re

# ruff: noqa: SIM905  # Tables of words read better as prose than as columns of strings.

_IRREGULAR = dict(
    pair.split("/")
    for pair in """
    aliases/alias analyses/analysis atlases/atlas biases/bias bonuses/bonus buses/bus caches/cache calories/calorie
    campuses/campus canvases/canvas children/child cookies/cookie emojis/emoji gases/gas hypotheses/hypothesis
    indices/index lenses/lens matrices/matrix men/man menus/menu movies/movie people/person prizes/prize
    quizzes/quiz sizes/size statuses/status taxis/taxi ties/tie vertices/vertex viruses/virus women/woman
    """.split()
)
_IRREGULAR_PLURALS = {singular: plural for plural, singular in _IRREGULAR.items()}

_SAME_IN_BOTH = frozenset(
    """
    always analytics aws basics css data diagnostics dns equipment feedback gps graphics https info ios js
    kubernetes logistics mathematics media metadata metrics news os physics postgres redis sales series settings
    software species sports statistics tls ts windows
    """.split()
)
"""Words that end like plurals and are none, or that have no other number."""

_SINGULAR_ENDING = re.compile(r"(?:ss|us|is|^(?:alias|atlas|bias|canvas|chaos|christmas|gas|macos))$")
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
_SHORTEST = 4


def singular(word: str) -> str | None:
    """The singular of a word in lower case; None where the word is no plural."""
    if word in _IRREGULAR or word in _SAME_IN_BOTH:
        return _IRREGULAR.get(word)
    if len(word) < _SHORTEST or not word.endswith("s") or _SINGULAR_ENDING.search(word):
        return None
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    bare = word.removesuffix("es")
    return bare if bare != word and re.search(r"(?:ss|x|z|ch|sh)$", bare) else word[:-1]


def plural(word: str) -> str | None:
    """The plural of a word in lower case; None where the word is one, or has none."""
    if word in _SAME_IN_BOTH or singular(word) is not None:
        return None
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if _SIBILANT.search(word) else f"{word}s"
