"""The paths that a task's title and instructions name, and how each sentence uses them.

This file cuts Markdown into sentences of tokens; `path_shapes` says what is a path, `verdicts` how it is used.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.words.mention_folders import Verdict
from agent_server.analysis.words.mention_verdicts import CODE, PATH, Token, leading, verdicts
from agent_server.analysis.words.mention_words import Use
from agent_server.analysis.words.path_shapes import Opaque, WrittenPath, written_paths
from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Mention:
    """One path that a text names, with its span in that text, without markup.

    `sure` says that its shape alone makes it a path; otherwise it is one only where the workspace has it. `word` is
    the word that decided the use, `sentence` the sentence for the reader, `confidence` how far to trust the use.
    `is_vague` says that it leaves open which files these are: a folder that is only where something is done, or the
    name of a file that each of several packages has.
    """

    path: str
    span: Span
    use: Use
    sure: bool
    word: str
    sentence: str
    confidence: float
    is_vague: bool = False


def task_mentions(title: str, instructions: str) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """The paths that a task names, in its title and in its instructions."""
    return mentions(title, of_work=True), mentions(instructions, _lead_of(title))


@lru_cache(maxsize=4096)
def mentions(text: str, lead: Verdict | None = None, *, of_work: bool = False) -> tuple[Mention, ...]:
    """The paths that a Markdown text names, in its order.

    What stands in fenced code or in a comment is no prose, and so not named. `lead` is what the line above the text
    says of a list at its start. A text `of_work` says what is to be done: what it names, it is about.
    """
    prose = prose_of(text)
    found = list(written_paths(_QUOTED.sub(_blank, prose) if '"' in prose else prose))
    paths = {thing.whole.start: thing for thing in found if isinstance(thing, WrittenPath)}
    return tuple(_mentions(text, _masked(prose, found), paths, lead, of_work=of_work)) if paths else ()


@lru_cache(maxsize=4096)
def _lead_of(title: str) -> Verdict | None:
    """What a title that ends with a colon says of the list below it."""
    if not title.rstrip(" \t*_").endswith((":", "\uff1a")):
        return None
    found = list(written_paths(title))
    paths = {thing.whole.start: thing for thing in found if isinstance(thing, WrittenPath)}
    masked = _masked(title, found)
    return leading([*_tokens(masked, Span(0, len(masked)), paths)])


_QUOTED = re.compile(r'"[^"\n`]{0,200}\s[^"\n`]{0,200}"')
"""Words in quotation marks are somebody else's, such as the text of a message. A single one may be a path."""


def _blank(quoted: re.Match[str]) -> str:
    return " " * len(quoted[0])


# Private-use characters: the first one of a path, and all others of what is no prose.
_PATH_MASK = "\ue000"
_CODE_MASK = "\ue001"
_UNMASK = str.maketrans({_PATH_MASK: " ", _CODE_MASK: " "})

_TOKEN = re.compile(
    rf"{_PATH_MASK}{_CODE_MASK}*|{_CODE_MASK}+|\w+(?:[-'\u2019]\w+)*|[,:()&+/\u2014\u2013\uff08\uff09\uff0c\uff1a\u3001\u00b7]"
    r"|(?<=\s)-(?=\s)"
)
_PLAIN = str.maketrans("\u2019\uff08\uff09\uff0c\uff1a\u3001\u00b7", "'(),:,,")
"""Punctuation that means what another one does, in languages that write it so."""


def _masked(prose: str, found: Iterable[WrittenPath | Opaque]) -> str:
    """The prose in which every path, code span and address became one token of the same length."""
    parts: list[str] = []
    at = 0
    for thing in found:
        length = thing.whole.end - thing.whole.start
        parts.append(prose[at : thing.whole.start].translate(_UNMASK))
        parts.append(_PATH_MASK + _CODE_MASK * (length - 1) if isinstance(thing, WrittenPath) else _CODE_MASK * length)
        at = thing.whole.end
    return "".join((*parts, prose[at:].translate(_UNMASK)))


def _mentions(
    text: str, masked: str, paths: Mapping[int, WrittenPath], lead: Verdict | None, *, of_work: bool
) -> Iterator[Mention]:
    for block in blocks(masked):
        leads: Verdict | None = None
        for sentence in block.sentences:
            words = sentence.of(masked)
            if _PATH_MASK not in words and not words.rstrip(" \t*_").endswith((":", "\uff1a")):
                continue
            tokens = list(_tokens(masked, sentence, paths))
            leads = leading(tokens)
            for used in verdicts(tokens, lead if block.is_item else None, of_work=of_work):
                quoted = " ".join(sentence.of(text).split())
                path, verdict = used.path, used.verdict
                use, word, confidence = verdict.use, verdict.word, verdict.confidence
                of_work = of_work and use is not Use.WRITES
                yield Mention(path.path, path.span, use, path.sure, word, quoted, confidence, used.is_vague)
        if leads or not block.is_item:
            lead = leads


def _tokens(masked: str, sentence: Span, paths: Mapping[int, WrittenPath]) -> Iterator[Token]:
    for match in _TOKEN.finditer(masked, sentence.start, sentence.end):
        if match[0][0] == _PATH_MASK:
            yield Token(PATH, paths[match.start()])
        elif match[0][0] == _CODE_MASK:
            yield Token(CODE)
        else:
            yield Token(match[0].lower().translate(_PLAIN))
