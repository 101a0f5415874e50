"""Words that send one task behind another: "after task `data`", "uses the output of Task 2", "once `hub` is done".

A reference counts only behind words that say that the work rests on the other task. "See task 2", "same as task 2" and
"before task 2" do not: the first two point, and the third is the other task's matter. Words that only say where
something comes from, "the table (T004)", "is added in task 4", may tell of work yet to come: they are less sure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.plan.model import Task
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Reference:
    """A task that a text relies on: `spelled` is its id, its number, or words of its title, at `span`.

    `is_words` says that it is words of its title. An empty `spelled` is the task before. `confidence` is how far to
    trust that the text relies on it (0 to 1). `whole` is the word with a hyphen in which it stands, as a number of a
    range: `01-03` may be the id of one task, and so may what `01-03-T1` begins with.
    """

    spelled: str
    span: Span
    is_words: bool
    sentence: str
    confidence: float
    whole: str = ""


@lru_cache(maxsize=8192)
def references(text: str) -> tuple[Reference, ...]:
    """The tasks that a Markdown text relies on, in its order."""
    if not _MAY_REFER.search(text):
        return ()
    prose = prose_of(text)
    return tuple(
        found
        for block in blocks(prose)
        for sentence in block.sentences
        if _MAY_REFER.search(prose, sentence.start, sentence.end)
        for found in _in_sentence(prose, sentence)
    )


class TaskNames:
    """What the tasks of a plan may be called: by their ids, their numbers and the words of their titles."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        """`tasks` are all tasks of the plan, in its order: numbers count those that are done, too."""
        self._tasks = tasks

    def meant(self, reference: Reference, by: Task) -> str | None:
        """The id of the task that `by` refers to; None where there is none, or nobody can tell which."""
        if not reference.spelled:
            place = self._places[by.id]
            return self._tasks[place - 1].id if place else None
        if reference.is_words:
            return self._by_words(frozenset(_words(reference.spelled)), by)
        if reference.whole and (self._have_hyphens or not _RANGE_ALONE.fullmatch(reference.whole)):
            return self._by_start(reference.whole)
        spelled = reference.spelled.lower()
        return spelled if spelled in self._places else self._numbers.get(spelled.lstrip("#t0") or "0")

    def _by_start(self, word: str) -> str | None:
        """The one task whose id is how a word with hyphens begins, or begins as the word does."""
        parts = word.split("-")
        for length in range(len(parts), 1, -1):
            found = self._starting.get("-".join(parts[:length]), ())
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _by_words(self, words: frozenset[str], by: Task) -> str | None:
        found = [task_id for task_id, known in self._titles.items() if words and words <= known and task_id != by.id]
        exact = "-".join(sorted(words))
        return exact if exact in self._places else found[0] if len(found) == 1 else None

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {task.id: place for place, task in enumerate(self._tasks)}

    @cached_property
    def _have_hyphens(self) -> bool:
        """Whether the ids are numbers with hyphens between them: then such a word is an id, and no range."""
        return any(_WITH_HYPHEN.match(task_id) for task_id in self._places)

    @cached_property
    def _starting(self) -> Mapping[str, Sequence[str]]:
        """The tasks by how their ids begin, up to each hyphen behind the first, and in full."""
        found: dict[str, list[str]] = {}
        for task_id in self._places:
            parts = task_id.split("-")
            for length in range(2, len(parts) + 1):
                found.setdefault("-".join(parts[:length]), []).append(task_id)
        return found

    @cached_property
    def _numbers(self) -> Mapping[str, str]:
        """The tasks by the numbers that they bear or, where none bears one, by their places in the plan.

        Where ids are numbers with hyphens, one number alone is that of a part of a task.
        """
        borne = {number: task.id for task in reversed(self._tasks) if (number := number_of(task))}
        if borne or self._have_hyphens:
            return borne
        return {str(number): task.id for number, task in enumerate(self._tasks, 1)}

    @cached_property
    def _titles(self) -> Mapping[str, frozenset[str]]:
        return {task.id: frozenset((*_words(task.title), *task.id.split("-"))) for task in self._tasks}


_MAY_REFER = re.compile(
    r"\b[Tt]asks?\b|\bT\d\d|\b(?:[Aa]fter|[Oo]nce|when|until|on|of|for|by|from|needs|requires|what)\s+(?:the\s+)?`[a-z]"
)

_NUMBER = r"[Tt]?\d{1,4}(?:\.\d{1,3})*[a-z]?\b"
_ID = r"(?!(?:and|or)\b)[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_RANGE = r"[Tt]?\d{1,4}\s?[-\u2013]\s?[Tt]?\d{1,4}\b"
_ONE = rf"(?:\#?{_RANGE}|\#?{_NUMBER}|`{_ID}`|{_ID})"
_AND = r"\s*(?:,\s*and\b|,|\band\b|&|\+|/)\s*"
_PLAIN = r"(?!(?:of|from|in|by|for|to|on|and|or|with)\b)[\w`-]+"
_TARGET = re.compile(
    rf"""
      \b[Tt]asks?\s+ (?P<tasks> {_ONE} (?:{_AND}(?:[Tt]ask\s+)?{_ONE})* )
    | \b(?P<numbers> (?:{_RANGE}|T\d{{2,4}}[a-z]?) (?:{_AND}(?:{_RANGE}|T\d{{2,4}}[a-z]?))* )\b
    | (?P<ids> `{_ID}` (?:{_AND}`{_ID}`)* )
    | \b(?P<before> (?:the\s+)?(?:previous|preceding|prior)\s+task\b )
    | \bthe\s+ (?P<words> {_PLAIN}(?:\s+{_PLAIN}){{0,2}}? ) \s+task\b
    """,
    re.VERBOSE,
)
_EACH = re.compile(rf"(?P<first>[Tt]?\d{{1,4}})\s?[-\u2013]\s?(?P<last>[Tt]?\d{{1,4}})\b|{_NUMBER}|\b{_ID}")
_LONGEST_RANGE = 100
_NEAR = 200
"""Characters before a task and behind it that may tell what it is to the text. In longer sentences all else is far."""
_RANGE_ALONE = re.compile(_RANGE)
_REST_OF_WORD = re.compile(r"(?:[-.]?\w){0,40}+")
_WITH_HYPHEN = re.compile(r"\d++(?:\.\d++)*+-\d")

_MAKING = (
    r"(?:created|added|defined|introduced|built|written|implemented|produced|exported|provided|made|established|set"
    r"|configured|documented|generated|extracted|registered|scaffolded|seeded|migrated|chosen|drafted)"
)
_CUE = re.compile(
    rf"""
    (?: \b after (?:\s+(?:completing|finishing|completion\s+of))?
      | \b (?:depend(?:s|ing|ent)?|rel(?:y|ies|ying)|build(?:s|ing)?|rest(?:s|ing)?|based|top) \s+ (?:up)?on
      | \b depends? (?:\s+on)? \s* :
      | \b (?:dependenc(?:y|ies)|prerequisites?|preconditions?|blocked\s+by|requires?|needs) \s* :?
      | \b what | \b wait(?:s|ing)? \s+ for | \b blocked \s+ by | \b follows
      | \b (?:outputs?|results?|work|code|changes) \s+ (?:of|from)
      | \b {_MAKING} \s+ (?:in|by|during|for)
      | \b (?:uses?|using|consumes?|calls?|imports?|extends?) (?:\s+[\w`.()-]+){{1,5}}? \s+ (?:of|from)
    )
    \s* (?:\(\s*)? (?:\b(?:the|both|all|of|on|in)\s+)* $
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Only before a task that is called one, or that is spelled as a number.
_HINT = re.compile(
    r"(?:\b(?:runs?|makes?|drives?|invokes?|calls?|uses?|reuses?|extends?|consumes?|continues?|completes?)(?:\s+the)?\s+"
    r"|(?<!different )(?<!separate )(?<!apart )(?<!away )\bfrom\s+(?:the\s+)?)$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[\w`'\u2019\"/)]\s+\((?:from\s+)?$"), re.compile(r"\s*\)(?!\s+(?:are|is)\s+blocked)")
_PASSES = re.compile(r"(?:'s)?\s+(?:tests?\s+)?pass(?:es)?\b")
_ONCE = re.compile(r"\b(?:once|when|until|as soon as)\s+(?:the\s+)?$", re.IGNORECASE)
_DONE = re.compile(
    r"\s+(?:task\s+)?(?:is|are|has|have|lands?|finishes|completes?|exists?)\b(?!\s+(?:not|called|set|null|empty))",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|no|independent|without|instead|doesn't|don't|unlike|be|gets?|same|similar|like)\b[^,:]{0,40}$",
    re.IGNORECASE,
)
_IS = re.compile(r"\b(?:is|are)\b[^,:]{0,40}$", re.IGNORECASE)
_MARKUP = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_SURE, _LIKELY = 0.95, 0.7
_LEADING_NUMBER = re.compile(rf"(?:task\s+)?#?(?P<number>{_NUMBER})[.:)\s-]", re.IGNORECASE)
_LONGEST_QUOTE = 160
_IDLE = frozenset({"current", "each", "entire", "first", "last", "main", "next", "other", "same", "this", "whole"})


def _in_sentence(prose: str, sentence: Span) -> Iterator[Reference]:
    quoted = " ".join(sentence.of(prose).split())[:_LONGEST_QUOTE]
    for target in _TARGET.finditer(prose, sentence.start, sentence.end):
        before = prose[max(sentence.start, target.start() - _NEAR) : target.start()]
        after = prose[target.end() : min(sentence.end, target.end() + _NEAR)]
        is_called_task = bool(target["tasks"] or target["numbers"])
        confidence = _reliance(_MARKUP.sub("", before), after, is_called_task=is_called_task)
        if not confidence:
            continue
        if target["before"]:
            span = Span(*target.span("before"))
            yield Reference("", span, is_words=False, sentence=quoted, confidence=confidence)
        elif target["words"]:
            words = target["words"]
            if words.lower() not in _IDLE:
                span = Span(*target.span("words"))
                yield Reference(words.strip("`"), span, "`" not in words, quoted, confidence)
        else:
            group = "tasks" if target["tasks"] else "numbers" if target["numbers"] else "ids"
            for each in _EACH.finditer(prose, *target.span(group)):
                whole = _whole(prose, each)
                for spelled in _range(each):
                    span = Span(*each.span())
                    yield Reference(spelled, span, is_words=False, sentence=quoted, confidence=confidence, whole=whole)


def _whole(prose: str, each: re.Match[str]) -> str:
    """The word in which a range stands, if that is one word: `01-03-T1`."""
    if each["last"] is None:
        return ""
    rest = _REST_OF_WORD.match(prose, each.end())
    return each[0] + (rest[0] if rest else "")


def _range(each: re.Match[str]) -> Iterator[str]:
    """The numbers of a range (`T004-T009`), or the one thing that is spelled."""
    if each["last"] is None:
        yield each[0]
        return
    first, last = int(each["first"].strip("Tt")), int(each["last"].strip("Tt"))
    yield from map(str, range(first, min(last, first + _LONGEST_RANGE) + 1))


def _reliance(before: str, after: str, *, is_called_task: bool) -> float:
    """How surely the words round a task say that the work rests on it; 0 where they do not."""
    if _ONCE.search(before):
        return _SURE if _DONE.match(after) else 0.0
    cue = _CUE.search(before)
    if cue is not None:
        says = before[: cue.start()]
        return 0.0 if _NOT.search(says) else _LIKELY if _IS.search(says) else _SURE
    if not is_called_task:
        return 0.0
    opening, closing = _IN_BRACKETS
    hint = _HINT.search(before) or (opening.search(before) if closing.match(after) else None)
    if hint is not None:
        return 0.0 if _NOT.search(before[: hint.start()]) else _LIKELY
    return _LIKELY if _PASSES.match(after) and not _NOT.search(before) else 0.0


def number_of(task: Task) -> str:
    """The number that a task bears in its id or before its title, without leading zeros."""
    return _number(task.id, task.title)


@lru_cache(maxsize=16384)
def _number(task_id: str, title: str) -> str:
    found = _LEADING_NUMBER.match(f"{title} ")
    if found is None:
        found = re.fullmatch(r"(?:t|task-?|step-?)(?P<number>\d{1,4}[a-z]?)", task_id)
    return found["number"].lower().lstrip("t0") if found else ""


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())
