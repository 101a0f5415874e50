"""A file that a text names by the task that writes it: "the same file as T006", "T006's file", "in the same file"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class SameFile:
    """The file of a task, named at `span`. An empty `task` is the task before.

    `role` is what the text calls it, if that may be something else than a file: "in the same service".
    """

    task: str
    span: Span
    sentence: str
    role: str = ""

    def fits(self, path: str) -> bool:
        """Whether a file may be called so: `order_service.py` and `services/orders.py` are a service."""
        words = (word.lower() for word in _WORD.findall(path.rpartition(".")[0]))
        is_component = self.role == "component" and path.endswith(_COMPONENTS)
        return not self.role or is_component or any(map(self._is_called, words))

    def _is_called(self, word: str) -> bool:
        return word.startswith(self.role[:_STEM]) or (len(word) >= _SHORTEST and self.role.startswith(word))


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_COMPONENTS = (".jsx", ".svelte", ".tsx", ".vue")
_STEM = 6
"""So many letters do singular and plural have in common: `repository`, `repositories`."""
_SHORTEST = 4
"""A word of so many letters may be short for another: `repo`."""
_ROLE = (
    r"(?P<role>component|controller|handler|helper|hook|middleware|migration|model|page|repo(?:sitory)?|route[rs]?|schema"
    r"|service|store|view|workflow)"
)


_ID = r"[*`]{0,3}(?P<%s>[A-Za-z]{0,5}-?\d[\w.-]{0,20}(?<![.-]))"
_KIND = (
    r"(?:files?|tests?|suite|class|module|script|spec|datei|klasse|testklasse|archivo|fichero|arquivo|ficheiro|teste"
    r"|fichier|файл\w{0,2}|тест\w{0,2}|\u6587\u4ef6|\u6a94\u6848|\u6d4b\u8bd5|\u6e2c\u8a66|\u30d5\u30a1\u30a4\u30eb"
    r"|\u30c6\u30b9\u30c8|\ud30c\uc77c|\ud14c\uc2a4\ud2b8)"
)
_EQUAL = (
    r"(?:same|selben|derselben|dieselbe|gleichen?|mism[oa]|mesm[oa]|m\u00eame|stess[oa]|том же|той же|тот же"
    r"|\u540c\u4e00\u4e2a?|\u76f8\u540c\u7684?|\u540c\u3058|\uac19\uc740)"
)
_AS = r"(?:as|of|like|wie|que|de|da|do|di|что и)"
_IN = r"(?:in|to|into|within|im|en|no|na|dans|dans le|nello|в|\u5728)"
_SAME = re.compile(
    rf"\b(?:{_IN}\s+(?:the\s+|that\s+|der\s+|dem\s+|el\s+|la\s+|le\s+)?)?{_EQUAL}\s*(?:\w+\s+)?{_KIND},?\s+{_AS}\s+"
    rf"(?:in\s+)?(?:task\s+)?{_ID % 'same'}"
    rf"|{_ID % 'owner'}(?:'|\u2019)s\s+(?:\w+\s+)?{_KIND}\b"
    rf"|\b(?:in|to|into|within)\s+(?:the\s+)?same\s+{_ROLE}\b"
    rf"|\u6587\u4ef6\u540c\s*{_ID % 'chinese'}"
    rf"|(?:\b{_IN}\s*(?:the\s+|that\s+|der\s+|dem\s+|el\s+|la\s+|le\s+)?|^\W*){_EQUAL}\s*(?:\w+\s+)?{_KIND}(?![A-Za-z])",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|n't|no longer)\b[^.,;]*$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def same_files(text: str) -> tuple[SameFile, ...]:
    """The files that a Markdown text names by other tasks, in its order."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[SameFile]:
    prose = prose_of(text)
    for block in blocks(prose):
        for sentence in block.sentences:
            words = sentence.of(prose)
            for match in _SAME.finditer(words):
                if not _NOT.search(words, 0, match.start()):
                    task = match["same"] or match["owner"] or match["chinese"] or ""
                    span = Span(sentence.start + match.start(), sentence.start + match.end())
                    yield SameFile(task, span, " ".join(sentence.of(text).split()), (match["role"] or "").lower())
