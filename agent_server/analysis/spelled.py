"""The paths in folders that the open tasks of a plan would write, as they spell them.

They tell what a bare name means, and in which folders a plan works. They are kept up to date task by task, so that an
edit asks the words of those tasks only that it has changed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from agent_server.analysis.absolute_paths import is_absolute
from agent_server.analysis.columns import Column
from agent_server.analysis.roster import Roster
from agent_server.analysis.words.mention_words import CREATES, Use
from agent_server.analysis.words.mentions import Mention, mentions, task_words
from agent_server.analysis.words.path_shapes import BUILD_FILES
from agent_server.plan.model import Task


class Spelled:
    """The paths of one version of a plan after the other; how many tasks spell each is counted."""

    def __init__(self) -> None:
        self._works = Column[Task]({}, ())
        self._repeated: tuple[Task, ...] = ()
        self._by_name: dict[str, Counter[str]] = {}

    @classmethod
    def of(cls, roster: Roster) -> "Spelled":
        """Those of the tasks of this roster, and of no others before."""
        spelled = cls()
        spelled.follow(roster)
        return spelled

    def follow(self, roster: Roster, checkpoint: Callable[[], None] = lambda: None) -> None:
        """Those of the tasks of this roster. The less has changed since the last one, the sooner.

        `checkpoint` is called before the words of each task are read, and may raise: then nothing has changed.
        """
        works, known = roster.works, self._works
        before: Column[Task] | Column[Task | None] = known
        gone: list[Task] = []
        if works.rows is not known.rows:
            gone = [task for name, task in known.items() if name not in works.rows]
            before = known.over(works.rows, None)
        rows = [*works.changed_since(before)]
        repeated = tuple([task for _, _, task in roster.repeated])
        old = [*gone, *self._repeated, *filter(None, [before.cells[row] for row in rows])]
        new = [*repeated, *[works.cells[row] for row in rows]]
        for task in new:
            checkpoint()
            _paths(task)  # which is kept
        was, now = (Counter(chain.from_iterable(map(_paths, tasks))) for tasks in (old, new))
        for path, fewer in (was - now).items():
            self._count(path, -fewer)
        for path, more in (now - was).items():
            self._count(path, more)
        self._works, self._repeated = works, repeated

    def full_path(self, name: str) -> str | None:
        """The one path whose file is called so; None where there is none, or where there are several."""
        found = self._by_name.get(name, ())
        return next(iter(found)) if len(found) == 1 else None

    def folders(self) -> frozenset[str]:
        """The folders at the root in which the paths lie."""
        paths = (path for several in self._by_name.values() for path in several if not is_absolute(path))
        return frozenset(path.partition("/")[0] for path in paths)

    def _count(self, path: str, more: int) -> None:
        """So many more tasks spell a path, or fewer."""
        name = path.rpartition("/")[2]
        known = self._by_name.setdefault(name, Counter())
        known[path] += more
        if not known[path]:
            del known[path]
        if not known:
            del self._by_name[name]


def files_written(words: str) -> Iterator[Mention]:
    """What words of a task surely write."""
    return (found for found in mentions(words, of_work=True) if found.use is Use.WRITES and found.sure)


def _paths(task: Task) -> tuple[str, ...]:
    if not task.is_open:
        return ()
    return _written(tuple([item.text for item in task.writes]), task_words(task))


@lru_cache(maxsize=16384)
def _written(declared: Sequence[str], words: str) -> tuple[str, ...]:
    """The paths in folders that a task declares or, where it declares none, names to be written.

    And a `Dockerfile` at the root, where a task makes it.
    """
    named = (found.path for found in files_written(words) if found.path not in BUILD_FILES or found.word in CREATES)
    paths = declared or tuple(named)
    wanted = (path.removeprefix("./") for path in paths if "/" in path[:-1] or path in BUILD_FILES)
    return tuple([path for path in wanted if not path.startswith("!")])
