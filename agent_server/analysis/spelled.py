"""The paths that the open tasks of a plan would write, as they spell them.

They tell what a bare name means, or the end of a path, and in which folders a plan works. With them go the paths that
any task spells from the root of a machine, which tell where the workspace lay for their author. All are kept up to date
task by task, so that an edit asks the words of those tasks only that it has changed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain

from agent_server.analysis.absolute_paths import is_absolute
from agent_server.analysis.columns import Column
from agent_server.analysis.roster import Roster
from agent_server.analysis.words.mention_words import Use
from agent_server.analysis.words.mentions import Mention, mentions, task_words
from agent_server.analysis.words.path_shapes import OF_EACH, stem_of_code
from agent_server.plan.model import Task

_MANY_FOLDERS = 3
"""So many folders say for themselves where a file lies: `app/store/models/tile.py` is that of `backend/` as well."""

_MANY_SHORT = 2
"""So many ends of full paths for each path that is none say that a folder is called so for short."""


class _Paths:
    """Paths as tasks spell them, and for each whether that is surely all of it."""

    def __init__(self, spelled: Mapping[str, bool]) -> None:
        self._spelled = spelled

    def ending(self, ending: str) -> Sequence[str]:
        """The paths that end so, and are no short forms of others."""
        return (ending,) if self._is_at_root(ending) else self._endings.get(ending, ())

    def called(self, name: str) -> Sequence[str]:
        """The files of code that are called so, without their endings."""
        return self._called.get(name, ())

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders at the root in which the paths lie."""
        paths = (path for path in self._spelled if "/" in path and not is_absolute(path))
        return frozenset(path.partition("/")[0] for path in paths)

    @cached_property
    def _endings(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path, is_whole in self._spelled.items():
            if is_whole and not self._is_short(path):
                for ending in (path, *_short_forms(path)):
                    found.setdefault(ending, []).append(path)
        return found

    @cached_property
    def _called(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path, is_whole in self._spelled.items():
            stem = stem_of_code(path)
            if stem and not (self._is_short(path) if is_whole else path in self._short):
                found.setdefault(stem, []).append(path)
        return found

    def _is_short(self, path: str) -> bool:
        return "/" in path and path in self._short and not self._is_at_root(path)

    def _is_at_root(self, path: str) -> bool:
        folder, slash, _ = path.partition("/")
        return bool(slash) and path.count("/") < _MANY_FOLDERS and folder in self._roots

    @cached_property
    def _roots(self) -> frozenset[str]:
        """The folders in which paths begin that can be no short forms, unless these are few among many that can."""
        begun = [(path.partition("/")[0], path in self._short) for path in self._spelled if "/" in path]
        short = Counter(folder for folder, is_short in begun if is_short)
        whole = Counter(folder for folder, is_short in begun if not is_short)
        return frozenset(folder for folder, times in whole.items() if short[folder] < _MANY_SHORT * times)

    @cached_property
    def _short(self) -> frozenset[str]:
        """What may be a short form of a path."""
        return frozenset(ending for path in self._spelled for ending in _short_forms(path))


class Spelled:
    """The paths of one version of a plan after the other; how many tasks spell each is counted."""

    def __init__(self) -> None:
        self._works = Column[Task]({}, ())
        self._repeated: tuple[Task, ...] = ()
        self._times: Counter[tuple[str, bool]] = Counter()
        self._absolute: Counter[str] = Counter()
        self._paths: _Paths | None = None

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
            _written_by(task)  # What its words name is kept.
            _absolute_in(task)
        was, now = (Counter(chain.from_iterable(map(_written_by, tasks))) for tasks in (old, new))
        for path, fewer in (was - now).items():
            self._count(path, -fewer)
        for path, more in (now - was).items():
            self._count(path, more)
        left, came = (Counter(chain.from_iterable(map(_absolute_in, tasks))) for tasks in (old, new))
        if left != came:
            self._absolute = self._absolute + came - left
        self._works, self._repeated = works, repeated

    def full_path(self, ending: str) -> str | None:
        """The one path that ends so: a name or a path may be a short form of it. None for several.

        A path of a folder that lies at the root is no short form: `src/app.ts` beside other files of `src/` is not
        `web/src/app.ts`, unless it tells many folders, or far more files of `src/` are the ends of full paths.
        """
        found = self._known.ending(ending)
        return found[0] if len(found) == 1 else None

    def file_called(self, name: str) -> str | None:
        """The one file of code that is called so; None for several."""
        found = self._known.called(name)
        return found[0] if len(found) == 1 else None

    def folders(self) -> frozenset[str]:
        """The folders at the root in which the paths lie."""
        return self._known.folders

    def absolute(self) -> frozenset[str]:
        """The paths that the words of tasks, also of those that are done, spell from the root of a machine."""
        return frozenset(self._absolute)

    @property
    def _known(self) -> _Paths:
        """Made again only where an edit changes what is spelled."""
        if self._paths is None:
            found: dict[str, bool] = {}
            for path, is_whole in self._times:
                found[path] = found.get(path, False) or is_whole
            self._paths = _Paths(found)
        return self._paths

    def _count(self, spelled: tuple[str, bool], more: int) -> None:
        """So many more tasks spell a path, or fewer."""
        known = self._times[spelled]
        self._times[spelled] = known + more
        if not known or not known + more:
            self._paths = None
        if not known + more:
            del self._times[spelled]


def files_written(words: str) -> Iterator[Mention]:
    """What words of a task surely write."""
    return (found for found in mentions(words, of_work=True) if found.use is Use.WRITES and found.sure)


def _absolute_in(task: Task) -> list[str]:
    return [found.path for found in mentions(task_words(task), of_work=True) if is_absolute(found.path)]


def _written_by(task: Task) -> tuple[tuple[str, bool], ...]:
    if not task.is_open:
        return ()
    return _written(tuple([item.text for item in task.writes]), task_words(task))


@lru_cache(maxsize=16384)
def _written(declared: Sequence[str], words: str) -> tuple[tuple[str, bool], ...]:
    """The paths that a task declares or, where it declares none, names to be written; and whether each is a whole path.

    A bare name may stand for a path that is spelled out elsewhere. One that each of several packages has, and that a
    task makes or finds at the root, is a path of its own.
    """
    named = ((found.path, found.is_made or found.is_at_root) for found in files_written(words))
    paths = ((path.removeprefix("./"), is_own) for path, is_own in named) if not declared else _each_own(declared)
    return tuple([(path, "/" in path or (is_own and OF_EACH.fullmatch(path) is not None)) for path, is_own in paths])


def _each_own(declared: Sequence[str]) -> Iterator[tuple[str, bool]]:
    return ((path.removeprefix("./"), True) for path in declared if not path.startswith("!"))


def _short_forms(path: str) -> Iterator[str]:
    """What is left of a path without its first folder, without its first two, and so on."""
    at = path.find("/") + 1
    while 0 < at < len(path):
        yield path[at:]
        at = path.find("/", at) + 1
