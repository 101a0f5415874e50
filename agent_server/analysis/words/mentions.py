"""The paths that a task's title and instructions name, and how each sentence uses them.

This file cuts Markdown into sentences of tokens; `path_shapes` says what is a path, `mention_verdicts` how it is used.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.words.mention_folders import Used, Verdict
from agent_server.analysis.words.mention_verdicts import asks_for_tests, is_order, leading, of_tested, verdicts
from agent_server.analysis.words.mention_words import CREATES, PLACES, Use
from agent_server.analysis.words.path_shapes import Opaque, WrittenPath, written_paths
from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.analysis.words.sentences import CODE, PATH, Token
from agent_server.plan.model import Task
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Mention:
    """One path that a text names, with its span in that text, without markup.

    `sure` says that its shape alone makes it a path; otherwise it is one only where the workspace has it. `word` is
    the word that decided the use, `sentence` the sentence for the reader, `confidence` how far to trust the use.
    `is_vague` says that it leaves open which files these are: a folder that is only where something is done, or the
    name of a file that each of several packages has. `is_place`: it is where something is done, "in `x.py`".
    `is_at_root`: words say that a bare name lies at the root.
    """

    path: str
    span: Span
    use: Use
    sure: bool
    word: str
    sentence: str
    confidence: float
    is_vague: bool = False
    is_place: bool = False
    is_at_root: bool = False

    @classmethod
    def of(cls, used: Used, sentence: str) -> "Mention":
        """A path of a sentence, as the sentence uses it."""
        path, verdict = used.path, used.verdict
        return cls(
            path=path.path,
            span=path.span,
            use=verdict.use,
            sure=path.sure,
            word=verdict.word,
            sentence=sentence,
            confidence=verdict.confidence,
            is_vague=used.is_vague,
            is_place=used.cue in PLACES,
            is_at_root=used.is_at_root and "/" not in path.path,
        )

    @property
    def is_made(self) -> bool:
        """Whether the file is new, and what is made: "create `x.py`", but not "create a table in `x.py`"."""
        return self.use is Use.WRITES and self.word in CREATES and not self.is_place


def task_words(task: Task) -> str:
    """What a task says, as one text: its title and its instructions."""
    return f"{task.title}{_joint(task)}{task.instructions}"


def task_mentions(task: Task) -> Iterator[tuple[Mention, int]]:
    """The paths that a task names, each with where the text that its span counts from starts in the task."""
    border = len(task.title)
    below = task.instructions_span.start - border - len(_joint(task))
    for mention in mentions(task_words(task), of_work=True):
        yield mention, task.title_span.start if mention.span.start < border else below


_OTHER_BLOCK = re.compile(r"[-*+](?!\*)|[#|>]|```|~~~|\d{1,9}[.)]|[*_]{0,3}\w{1,20}(?: \w{1,20})?[*_]{0,3}:|\Z")
_INDENTED = range(3, 12)
"""What stands between a title and what goes on below it: so many characters, a line's end and an indentation."""


def _joint(task: Task) -> str:
    """What is put between a title and the instructions: one paragraph are they where a list item goes on below."""
    gap = task.instructions_span.start - task.title_span.end
    goes_on = gap in _INDENTED and not task.fields and not _OTHER_BLOCK.match(task.instructions)
    return "\n" if goes_on and not task.title.endswith((".", "!", "?", ":", "\u3002")) else "\n\n"


@lru_cache(maxsize=8192)
def mentions(text: str, *, of_work: bool = False) -> tuple[Mention, ...]:
    """The paths that a Markdown text names, in its order.

    What stands in fenced code or in a comment is no prose, and so not named. A text `of_work` begins by saying what is
    to be done: what that names, the work is about.
    """
    prose = prose_of(text)
    found = written_paths(without_quoted(prose))
    return tuple(Mention.of(*use) for use in uses(text, prose, found, of_work=of_work))


def without_quoted(prose: str) -> str:
    """Prose in which words in quotation marks are blanked out: every offset stays as it is."""
    return _QUOTED.sub(_blank, prose) if '"' in prose else prose


def uses(
    text: str, prose: str, found: Iterable[WrittenPath | Opaque], *, of_work: bool = False
) -> Iterator[tuple[Used, str]]:
    """How the sentences of a text use what is `found` in its prose, each with its sentence."""
    found = tuple(found)
    paths = {thing.whole.start: thing for thing in found if isinstance(thing, WrittenPath)}
    return _uses(text, masked(prose, found), paths, of_work=of_work) if paths else iter(())


_QUOTED = re.compile(r'"[^"\n`]{0,200}\s[^"\n`]{0,200}"')
"""Words in quotation marks are somebody else's, such as the text of a message. A single one may be a path."""


def _blank(quoted: re.Match[str]) -> str:
    return " " * len(quoted[0])


# Private-use characters: the first one of a path, and all others of what is no prose.
_PATH_MASK = "\ue000"
_CODE_MASK = "\ue001"
_UNMASK = str.maketrans({_PATH_MASK: " ", _CODE_MASK: " "})

_TOKEN = re.compile(
    rf"{_PATH_MASK}{_CODE_MASK}*|{_CODE_MASK}+|\w+(?:(?:[-'\u2019]|:(?=[a-z]))\w+)*|[,:()&+/\u2014\u2013\u2192\uff08\uff09\uff0c\uff1a\u3001\u00b7]"
    rf"|(?<=\s)-(?=\s)|(?<=\s)[\u2022@](?=\s+{_PATH_MASK})"
)
_PARTING = frozenset("\u00b7\u2022@")
_WHERE = re.compile(rf"\s[\u00b7\u2022@]\s+{_PATH_MASK}")
"""A mark that parts what is to be done from where, as a dash does; between two paths it only lists them."""

_PLAIN = str.maketrans("\u2019\uff08\uff09\uff0c\uff1a\u3001\u00b7", "'(),:,,")
"""Punctuation that means what another one does, in languages that write it so."""


def masked(prose: str, found: Iterable[WrittenPath | Opaque]) -> str:
    """The prose in which every path, code span and address became one token of the same length."""
    parts: list[str] = []
    at = 0
    for thing in found:
        length = thing.whole.end - thing.whole.start
        parts.append(prose[at : thing.whole.start].translate(_UNMASK))
        parts.append(_PATH_MASK + _CODE_MASK * (length - 1) if isinstance(thing, WrittenPath) else _CODE_MASK * length)
        at = thing.whole.end
    return "".join((*parts, prose[at:].translate(_UNMASK)))


_TELLING = re.compile(
    r"\s*(?:`(?:(?:grep|rg|curl|ls|find) |git (?:grep|diff|status|log|ls-files)\b"
    r"|(?:npm|pnpm|yarn|bun) (?:run |test\b|lint\b))|[*_]{0,3}(?:note|verified)[*_]{0,3} ?:)",
    re.IGNORECASE,
)
"""How a text begins that tells what was found, or what a command must find: no path is what it is about."""

_LONGEST = 500
"""Words of a sentence that are read together. A longer one is no sentence, and would cost the square of its length."""


def _uses(text: str, prose: str, paths: Mapping[int, WrittenPath], *, of_work: bool) -> Iterator[tuple[Used, str]]:
    lead: Verdict | None = None
    lists_parts = of_work
    is_testing = False
    of_work = of_work and not _TELLING.match(text)
    for number, block in enumerate(blocks(prose)):
        leads: Verdict | None = None
        if number == 0:
            opening = [token for sentence in block.sentences[:1] for token in _tokens(prose, sentence, paths)]
            lists_parts = of_work and is_order(opening[:_LONGEST])
            is_testing = of_work and asks_for_tests(opening[:_LONGEST])
        elif not block.is_item:
            lists_parts = False
        is_part = lists_parts and number > 0 and lead is None
        for sentence in block.sentences:
            words = sentence.of(prose)
            if _PATH_MASK not in words and not words.rstrip(" \t*_").endswith((":", "\uff1a")):
                continue
            tokens = list(_tokens(prose, sentence, paths))
            leads = leading(tokens[-_LONGEST:])
            quoted = " ".join(sentence.of(text).split())
            for at in range(0, len(tokens), _LONGEST):
                part = tokens[at : at + _LONGEST]
                for used in verdicts(part, lead if block.is_item else None, of_work=of_work, is_part=is_part):
                    of_work = of_work and used.verdict.use is not Use.WRITES
                    yield of_tested(used) if is_testing and number else used, quoted
        if leads or not block.is_item:
            lead = leads
        of_work = False


def _tokens(prose: str, sentence: Span, paths: Mapping[int, WrittenPath]) -> Iterator[Token]:
    is_behind_path = False
    for match in _TOKEN.finditer(prose, sentence.start, sentence.end):
        was_behind_path, is_behind_path = is_behind_path, match[0][0] == _PATH_MASK
        if match[0] in _PARTING and not was_behind_path and _WHERE.match(prose, match.start() - 1):
            yield Token("\u2014")
        elif match[0][0] == _PATH_MASK:
            yield Token(PATH, paths[match.start()])
        elif match[0][0] == _CODE_MASK:
            yield Token(CODE)
        else:
            yield Token(match[0].strip("_").lower().translate(_PLAIN))
