"""What a task says with its words: the names of the code that it makes and uses, and the tasks that it relies on."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from agent_server.analysis.words.mention_words import DATA_ENDINGS
from agent_server.analysis.words.path_shapes import KNOWN_EXTENSIONS
from agent_server.analysis.words.phrases import phrase_key, phrases
from agent_server.analysis.words.symbol_names import is_distinctive
from agent_server.analysis.words.symbol_words import TESTING, Role
from agent_server.analysis.words.symbols import Symbol, name_of, symbols
from agent_server.analysis.words.task_references import Reference, references
from agent_server.plan.model import Task
from agent_server.plan.text import Span


class Part(Enum):
    """The parts of a task that hold its words."""

    TITLE = "title"
    INSTRUCTIONS = "instructions"
    EXPORTS = "exports"
    FILES = "files"
    """The new files that it writes: a module or a class is called like its file."""


@dataclass(frozen=True, slots=True)
class Said:
    """A name in one part of a task; of `exports`, in the item `number`. Its span counts from where that part starts."""

    symbol: Symbol
    part: Part
    number: int = 0

    @property
    def is_declared(self) -> bool:
        """Whether the name is one of the task's `exports`."""
        return self.part is Part.EXPORTS

    def span(self, task: Task) -> Span:
        """Where the name stands in the plan, given the task as it stands there."""
        if self.part is Part.EXPORTS:
            return task.exports[self.number].span
        if self.part is Part.FILES:
            return task.id_span
        return _placed(self.symbol.span, self.part, task)


@dataclass(frozen=True, slots=True, eq=False)
class TaskWords:
    """The words of one task, wherever it stands. Equal words are one object.

    `names` gives, for each name, the surest place for each role. `members` are names in modules (`store.Open`), each
    with its module and its name: a task that does not write the module uses them, also where it says "add `store.Open`
    to the wiring"; the name is empty for "the `store` package". `phrases` are names in plain words, by their keys, and
    `made` the names that the task may make, by the same. `tests`: the task's title says that it tests.
    """

    names: Mapping[str, Mapping[Role, Said]]
    members: tuple[tuple[str, str, Said], ...]
    references: tuple[tuple[Reference, Part], ...]
    tests: bool
    phrases: Mapping[str, Said] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)


NO_WORDS = TaskWords({}, (), (), tests=False)


def words_of(task: Task, created: Iterable[str]) -> TaskWords:
    """What a task says with its title, its instructions, its `exports` and the paths of the files that it creates."""
    stems = tuple(dict.fromkeys(stem for path in created if (stem := _stem(path))))
    return _words(task.title, task.instructions, tuple([item.text for item in task.exports]), stems)


def _stem(path: str) -> str:
    """What code calls a file: its name without an ending, where no word is spelled like that. No test is called."""
    stem, _, ending = path.rpartition("/")[2].partition(".")
    is_code = ending in KNOWN_EXTENSIONS and ending not in DATA_ENDINGS
    is_test = "test" in stem.lower() or "spec" in stem.lower()
    return stem if is_code and not is_test and is_distinctive(stem) else ""


def reference_span(reference: Reference, part: Part, task: Task) -> Span:
    """Where a reference stands in the plan, given the task as it stands there."""
    return _placed(reference.span, part, task)


@lru_cache(maxsize=16384)
def _words(title: str, instructions: str, exports: tuple[str, ...], stems: tuple[str, ...]) -> TaskWords:
    names: dict[str, dict[Role, Said]] = {}
    for said in _said(title, instructions, exports, stems):
        roles = names.setdefault(said.symbol.name, {})
        known = roles.get(said.symbol.role)
        if known is None or known.symbol.confidence < said.symbol.confidence:
            roles[said.symbol.role] = said
    texts = ((title, Part.TITLE), (instructions, Part.INSTRUCTIONS))
    found = tuple((reference, part) for text, part in texts for reference in references(text))
    tests = not TESTING.isdisjoint(re.findall(r"[a-z]+", title.lower()))
    plain = {symbol.name: Said(symbol, part) for text, part in reversed(texts) for symbol in phrases(text)}
    made = {key: name for name, roles in names.items() if Role.CREATES in roles and (key := phrase_key(name))}
    members = (*_members(names), *_packages(instructions))
    return TaskWords(names, members, found, tests, plain, made)


def _members(names: Mapping[str, Mapping[Role, Said]]) -> Iterator[tuple[str, str, Said]]:
    for spelled, roles in names.items():
        module, dot, name = spelled.partition(".")
        found = [said for role, said in roles.items() if role not in _LEAVING]
        if found and dot and module.islower() and name.isidentifier():
            yield module, name, max(found, key=lambda said: said.symbol.confidence)


_LEAVING = frozenset({Role.CITES, Role.REMOVES})
"""Roles of names that are not relied on."""


def _packages(instructions: str) -> Iterator[tuple[str, str, Said]]:
    """The packages that a text speaks of as such: they are modules, and no name in them is told."""
    for match in _PACKAGE.finditer(instructions):
        name = match[1] or match[2]
        span, sentence = Span(*match.span()), " ".join(match[0].split())
        used = Symbol(name, span, Role.USES, 0.8, distinctive=False, named=True, sentence=sentence)
        yield name, "", Said(used, Part.INSTRUCTIONS)


_PACKAGE = re.compile(r"\bpackage\s+`([a-z]\w{2,40})`|\b([a-z]\w{2,40})`?\s+package\b")


def _said(title: str, instructions: str, exports: tuple[str, ...], stems: tuple[str, ...]) -> Iterator[Said]:
    for number, item in enumerate(exports):
        name = name_of(item)
        sentence = f"exports: {name}"
        made = Symbol(name, Span(0, 0), Role.CREATES, 1.0, distinctive=True, named=True, sentence=sentence)
        yield Said(made, Part.EXPORTS, number)
    for stem in stems:
        made = Symbol(stem, Span(0, 0), Role.CREATES, 0.85, distinctive=True, named=True, sentence=f"writes: {stem}")
        yield Said(made, Part.FILES)
    for symbol in symbols(title, title=True):
        yield Said(symbol, Part.TITLE)
    for symbol in symbols(instructions):
        yield Said(symbol, Part.INSTRUCTIONS)


def _placed(span: Span, part: Part, task: Task) -> Span:
    start = (task.title_span if part is Part.TITLE else task.instructions_span).start
    return Span(span.start + start, span.end + start)
