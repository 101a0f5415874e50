"""What a task changes when it mirrors a file: the words that differ between two paths, put through names and modules.

From `pages/knowledge/hub.py` and `pages/clay_wiki/hub.py` follows "knowledge becomes clay wiki", so the mirror's
`data.knowledge` predicts `data.clay_wiki`, `knowledgeEntries` predicts `clayWikiEntries`, and `KNOWLEDGE` predicts
`CLAY_WIKI`. From `routers/rooms.py` and `routers/invoices.py` follows that `Room` becomes `Invoice`, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from agent_server.analysis.imports.grammatical_number import plural, singular

# An acronym (the HTML of HTMLPage), a word with or without its capital, or a number.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?(?:(?![A-Z])[^\W\d_])+|\d+")

_JOINERS = ("", "_", "-", " ")
_FOR_FOLDERS = frozenset({"__init__", "index", "mod"})


class Style(Enum):
    """How a word that stands alone, in lower case, is written once it becomes several words.

    Its neighbours decide in every other place: `knowledge_x` is snake, `knowledge-x` kebab, `knowledgeX` camel.
    """

    SPELLED = "as the written path spells it"
    SNAKE = "_"
    KEBAB = "-"
    CAMEL = ""
    FLAT = "flat"
    SPACED = " "


@dataclass(frozen=True, slots=True)
class Renaming:
    """One run of words that another replaces. Words are in lower case; `spelled` is the new run as its path has it."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    spelled: str

    def __str__(self) -> str:
        return f"`{'_'.join(self.old)}` → `{self.spelled}`"


def renamings(mirrored: str, written: str) -> tuple[Renaming, ...]:
    """The words that differ between the path of a mirrored file and the path written after its pattern.

    Extensions take no part. Longer runs stand first; where one run would become two different ones, the first
    difference in the path counts. `claywiki` and `ClayWiki` are one and the same: the first tells how it is spelled,
    the second which words it is made of.
    """
    found: dict[tuple[str, ...], Renaming] = {}
    for old, new in _differing_segments(mirrored, written):
        renaming = _renaming(old, new)
        if renaming is None:
            continue
        known = found.setdefault(renaming.old, renaming)
        if "".join(known.new) == "".join(renaming.new) and len(known.new) < len(renaming.new):
            found[renaming.old] = Renaming(known.old, renaming.new, known.spelled)
    return tuple(sorted(found.values(), key=lambda renaming: -len(renaming.old)))


def substitute(text: str, replacements: Sequence[Renaming], isolated: Style = Style.SPELLED) -> str:
    """`text` with every run of words renamed, in the case style in which each run stands.

    Only whole words count: `knowledge` is not found in `knowledgeable`. `replacements` are tried in their order; the
    other grammatical number of their words (`rooms` for `room`) counts where none of them says what becomes of it.
    """
    replacements = _in_both_numbers(tuple(replacements))
    words = list(_WORD.finditer(text))
    parts: list[str] = []
    at = index = 0
    while index < len(words):
        match = next((run for run in _runs_at(text, words, index, replacements)), None)
        if match is None:
            index += 1
            continue
        renaming, length = match
        start, end = words[index].start(), words[index + length - 1].end()
        parts += (text[at:start], _styled(text, words[index : index + length], renaming, isolated))
        at = end
        index += length
    return "".join((*parts, text[at:]))


def _differing_segments(mirrored: str, written: str) -> Iterator[tuple[str, str]]:
    """The segments in which two paths differ; where one path is deeper, the runs of segments.

    Where only one of them is a file that stands for its folder (`teams/index`), the folder counts.
    """
    old, new = _without_extension(mirrored).split("/"), _without_extension(written).split("/")
    if (old[-1] in _FOR_FOLDERS) != (new[-1] in _FOR_FOLDERS):
        old, new = (parts[:-1] if parts[-1] in _FOR_FOLDERS else parts for parts in (old, new))
    if len(old) == len(new):
        yield from (pair for pair in zip(old, new, strict=True) if pair[0] != pair[1])
        return
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace":
            yield "/".join(old[old_start:old_end]), "/".join(new[new_start:new_end])


def _without_extension(path: str) -> str:
    directory, slash, name = path.rpartition("/")
    stem = name[: name.rfind(".")] if name.rfind(".") > 0 else name
    return f"{directory}{slash}{stem}"


def _renaming(old: str, new: str) -> Renaming | None:
    old_words, new_words = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    start, stop = _shared_ends([word[0].lower() for word in old_words], [word[0].lower() for word in new_words])
    left, right = old_words[start : len(old_words) - stop], new_words[start : len(new_words) - stop]
    if not left or not right:  # Words were only added or only dropped, so the whole segment is what changed.
        left, right = old_words, new_words
    if not left or not right:
        return None
    return Renaming(
        tuple(word[0].lower() for word in left),
        tuple(word[0].lower() for word in right),
        new[right[0].start() : right[-1].end()],
    )


def _shared_ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many words both lists share at their start, and how many of the rest they share at their end."""
    most = min(len(old), len(new))
    start = next((index for index in range(most) if old[index] != new[index]), most)
    stop = next((index for index in range(most - start) if old[-1 - index] != new[-1 - index]), most - start)
    return start, stop


@lru_cache(maxsize=1024)
def _in_both_numbers(replacements: tuple[Renaming, ...]) -> tuple[Renaming, ...]:
    """The renamings, and behind them those of the same things in the other grammatical number."""
    known = {renaming.old for renaming in replacements}
    others = (other for renaming in replacements if (other := _in_other_number(renaming)) is not None)
    return (*replacements, *(other for other in others if other.old not in known))


def _in_other_number(renaming: Renaming) -> Renaming | None:
    """`rooms` → `invoices` as `room` → `invoice`, and the other way round; None where the old word has no other number.

    The last word of a run bears the number.
    """
    *before, last = renaming.old
    *leading, new = renaming.new
    one = singular(last)
    old = one or plural(last)
    if old is None:
        return None
    other = (singular(new) if one else plural(new)) or new
    stem, spelled = renaming.spelled[: len(renaming.spelled) - len(new)], renaming.spelled[-len(new) :]
    return Renaming((*before, old), (*leading, other), stem + _cased(other, spelled))


def _runs_at(
    text: str, words: list[re.Match[str]], index: int, replacements: Sequence[Renaming]
) -> Iterator[tuple[Renaming, int]]:
    """The renamings whose old words stand at `words[index]`, each with how many words it takes there."""
    for renaming in replacements:
        length = len(renaming.old)
        run = words[index : index + length]
        if tuple(word[0].lower() for word in run) == renaming.old and _joined(text, run):
            yield renaming, length
        elif words[index][0].lower() == "".join(renaming.old):
            yield renaming, 1


def _joined(text: str, run: list[re.Match[str]]) -> bool:
    gaps = {text[left.end() : right.start()] for left, right in pairwise(run)}
    return len(gaps) <= 1 and gaps <= set(_JOINERS)


def _styled(text: str, run: list[re.Match[str]], renaming: Renaming, isolated: Style) -> str:
    first = run[0][0]
    joiner = _joiner(text, run)
    if len(run) < len(renaming.old):
        return _cased("".join(renaming.new), first)
    if joiner is None:
        return _alone(renaming, first, isolated)
    if joiner == "":
        head = renaming.new[0] if first.islower() else renaming.new[0].capitalize()
        return head + "".join(word.capitalize() for word in renaming.new[1:])
    rest = run[1][0] if len(run) > 1 else first
    return joiner.join((_cased(renaming.new[0], first), *(_cased(word, rest) for word in renaming.new[1:])))


def _joiner(text: str, run: list[re.Match[str]]) -> str | None:
    """What joins the words where this run stands: one of `_JOINERS`, or None where nothing tells."""
    start, end = run[0].start(), run[-1].end()
    if len(run) > 1:
        return text[run[0].end() : run[1].start()]
    neighbours = text[start - 1 : start] + text[end : end + 1]
    for joiner in "_-":
        if joiner in neighbours:
            return joiner
    return "" if any(character.isalpha() for character in neighbours) else None


def _alone(renaming: Renaming, first: str, isolated: Style) -> str:
    if first.isupper() and len(first) > 1:
        return "_".join(renaming.new).upper()
    if first[0].isupper() and isolated is not Style.SPACED:
        return "".join(word.capitalize() for word in renaming.new)
    if isolated is Style.SPELLED:
        return renaming.spelled
    if isolated is Style.CAMEL:
        return renaming.new[0] + "".join(word.capitalize() for word in renaming.new[1:])
    joiner = "" if isolated is Style.FLAT else isolated.value
    return joiner.join((_cased(renaming.new[0], first), *renaming.new[1:]))


def _cased(word: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.capitalize() if like[0].isupper() else word
