"""What the tasks of a plan speak of, and which of it several of them share: anything else matters to nobody else.

It is kept up to date word by word. An edit makes few words, and of these only one that is shared now and was not, or
the other way round, matters to a task that was not edited.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from agent_server.analysis.columns import Column
from agent_server.analysis.words.task_words import TaskWords


class Spoken(NamedTuple):
    """What one task speaks of: names, names in modules, keys of plain words, and what it makes by such keys.

    Who speaks of `store.Open` speaks of `Open`.
    """

    names: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    made: tuple[tuple[str, str], ...] = ()


class Shared(NamedTuple):
    """What of it another task speaks of, too: names, keys of plain words, and keys of what it makes."""

    names: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


def spoken_by(words: TaskWords) -> Spoken:
    """What the words of a task speak of."""
    members = tuple([name for _, name, _ in words.members])
    return Spoken(tuple(words.names), members, tuple(words.phrases), tuple(words.made.items()))


class Vocabulary:
    """The words of all tasks, by who says them.

    Plain words mean something where a task makes something that is called so. A name is shared if several tasks say
    it, or if it is what plain words mean.
    """

    def __init__(self) -> None:
        self._spoken = Column[Spoken]({}, ())
        self._shared = Column[Shared]({}, ())
        self._by_name: dict[str, set[str]] = {}
        self._by_phrase: dict[str, set[str]] = {}
        self._by_made: dict[str, dict[str, str]] = {}
        """By their keys, the names of what each task makes."""
        self._meant: set[str] = set()
        """The keys of the plain words that mean something."""
        self._called: set[str] = set()
        """The names of what they mean."""

    def shared(self, spoken: Column[Spoken]) -> Column[Shared]:
        """For each task, what of it is shared. The less has changed since the last time, the sooner."""
        gone = {}
        if spoken.rows is not self._spoken.rows:
            gone = {task: (each, Spoken()) for task, each in self._spoken.items() if task not in spoken.rows}
            self._spoken = self._spoken.over(spoken.rows, Spoken())
            self._shared = self._shared.over(spoken.rows, Shared())
        before, self._spoken = self._spoken, spoken
        rows = [*spoken.changed_since(before)]
        if not rows and not gone:
            return self._shared
        names = list(spoken.rows)
        versions = gone | {names[row]: (before.cells[row], spoken.cells[row]) for row in rows}
        said = {name for pair in versions.values() for each in pair for name in chain(each.names, each.members)}
        were, meant = self._shared_names(said), self._meant
        for task, (old, new) in versions.items():
            self._take_out(task, old)
            self._put_in(task, new)
        self._meant = self._by_phrase.keys() & self._by_made.keys()
        self._called = {name for key in self._meant for name in self._by_made[key].values()}
        concerned = {*versions, *self._concerned(were ^ self._shared_names(said), meant ^ self._meant)}
        tasks = concerned.difference(gone)
        self._shared = self._shared.replaced({spoken.rows[task]: self._of(spoken[task]) for task in tasks})
        return self._shared

    def _shared_names(self, said: Iterable[str]) -> set[str]:
        """Of the names that are said, those that are shared; of others, those that plain words mean."""
        return self._called.union(filter(self._is_shared, said))

    def _is_shared(self, name: str) -> bool:
        return len(self._by_name.get(name, ())) > 1 or name in self._called

    def _concerned(self, names: Iterable[str], keys: Iterable[str]) -> Iterator[str]:
        """The tasks that speak of these, or did."""
        for name in names:
            yield from self._by_name.get(name, ())
        for key in keys:
            yield from self._by_phrase.get(key, ())
            yield from self._by_made.get(key, ())

    def _put_in(self, task: str, spoken: Spoken) -> None:
        for name in chain(spoken.names, spoken.members):
            self._by_name.setdefault(name, set()).add(task)
        for key in spoken.phrases:
            self._by_phrase.setdefault(key, set()).add(task)
        for key, name in spoken.made:
            self._by_made.setdefault(key, {})[task] = name

    def _take_out(self, task: str, spoken: Spoken) -> None:
        for name in {*spoken.names, *spoken.members}:
            _discard(self._by_name, name, task)
        for key in spoken.phrases:
            _discard(self._by_phrase, key, task)
        for key, _ in spoken.made:
            self._by_made[key].pop(task)
            if not self._by_made[key]:
                del self._by_made[key]

    def _of(self, spoken: Spoken) -> Shared:
        return Shared(
            tuple(filter(self._is_shared, spoken.names)),
            tuple(filter(self._meant.__contains__, spoken.phrases)),
            tuple([key for key, _ in spoken.made if key in self._meant]),
        )


def _discard(speakers: dict[str, set[str]], word: str, task: str) -> None:
    speakers[word].discard(task)
    if not speakers[word]:
        del speakers[word]
