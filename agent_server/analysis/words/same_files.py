"""A file that a text names by the task that writes it: "the same file as T006", "T006's file", "in the same file"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class SameFile:
    """The file of a task, named at `span`. An empty `task` is the task before."""

    task: str
    span: Span
    sentence: str


_ID = r"[*`]{0,3}(?P<%s>[A-Za-z]{0,5}-?\d[\w.-]{0,20}(?<![.-]))"
_IN = r"(?:in|to|into|within)\s+(?:the\s+|that\s+)?"
_SAME = re.compile(
    rf"\b(?:{_IN})?same\s+(?:\w+\s+)?file\s+(?:as|of|like)\s+(?:in\s+)?(?:task\s+)?{_ID % 'same'}"
    rf"|{_ID % 'owner'}(?:'|\u2019)s\s+(?:\w+\s+)?file\b"
    rf"|\b{_IN}same\s+(?:\w+\s+)?file\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|n't|no longer)\b[^.,;]*$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def same_files(text: str) -> tuple[SameFile, ...]:
    """The files that a Markdown text names by other tasks, in its order."""
    return tuple(_found(text)) if "file" in text else ()


def _found(text: str) -> Iterator[SameFile]:
    prose = prose_of(text)
    for block in blocks(prose):
        for sentence in block.sentences:
            for match in _SAME.finditer(prose, sentence.start, sentence.end):
                if not _NOT.search(prose, sentence.start, match.start()):
                    quoted = " ".join(sentence.of(text).split())
                    yield SameFile(match["same"] or match["owner"] or "", Span(*match.span()), quoted)
