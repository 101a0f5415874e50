"""What an analysis would like to know of the whole workspace, as values.

The paths of a workspace are at hand, and the few texts that `sources_needed` names. Everything else (who imports this
file? which files name these words? which would a task like this write?) needs an index of all sources. An analysis
asks; a question that has no answer yet is noted, and the analysis goes on without. Whoever called it answers what was
noted and analyses again. So an analysis stays a function of values, answers at once, and gets better by itself.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Importers:
    """Which files import the file `path`? The answer is sorted paths."""

    path: str


@dataclass(frozen=True, slots=True)
class Importing:
    """Which files import a module whose spelling begins with `beginning`, whatever it means? Answer: sorted paths."""

    beginning: str


@dataclass(frozen=True, slots=True)
class Definers:
    """Which files export the name `name`? The answer is sorted paths."""

    name: str


@dataclass(frozen=True, slots=True)
class Naming:
    """Which files hold each of these words somewhere in their text? The answer is sorted paths.

    A word is a run of letters, digits and underscores, without case: `clay_wiki`, `hub`.
    """

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likely:
    """Which existing files would a task with this title and these instructions write? Answer: `Likelihood`s."""

    text: str


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A file that a task would write with `probability` (0 to 1), and why, as a clause for the user."""

    path: str
    probability: float
    because: str


Question: TypeAlias = Importers | Importing | Definers | Naming | Likely
Answer: TypeAlias = tuple[str, ...] | tuple[Likelihood, ...]


class Answers:
    """The answers that are known, and a note of every question that was asked in vain."""

    def __init__(self, known: Mapping[Question, Answer] | None = None) -> None:
        self.known: Mapping[Question, Answer] = known or {}
        self.unanswered: set[Question] = set()
        self._derived: dict[Hashable, Any] = {}

    def files(self, question: Importers | Importing | Definers | Naming) -> tuple[str, ...] | None:
        """The paths that answer a question; None where the answer is not known yet."""
        return self._answer(question)  # type: ignore[return-value]  # the kind of question tells the kind of answer

    def likely(self, question: Likely) -> tuple[Likelihood, ...] | None:
        """The files that a task would write, likeliest first; None where the answer is not known yet."""
        return self._answer(question)  # type: ignore[return-value]  # as above

    def derived(self, key: Hashable, derive: Callable[[], T]) -> T:
        """What `derive` works out from the answers, kept with them: a plan asks the same of many of its tasks."""
        if key not in self._derived:
            self._derived[key] = derive()
        value: T = self._derived[key]
        return value

    def _answer(self, question: Question) -> Answer | None:
        answer = self.known.get(question)
        if answer is None:
            self.unanswered.add(question)
        return answer
