"""What an analysis is given, handed out in such a way that it is known what each part of it rests on.

Most of what is known of a task follows from its own section of the plan and the paths of the workspace. Some parts
look further: at what other tasks declare, at the text of a file, at what an index of all sources answers. Such a look
is noted, with what was seen. So the part stays right for as long as everything that it looked at is the same, and an
analysis after an edit works out anew only those parts for which something is not.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias, TypeVar

from agent_server.analysis.created import Created
from agent_server.analysis.imports.layouts import Layouts, layouts_of
from agent_server.analysis.questions import Answer, Answers, Question
from agent_server.analysis.roster import Roster
from agent_server.analysis.spelled import Spelled, files_written
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.mention_words import CHECKS
from agent_server.analysis.words.mentions import mentions, task_words
from agent_server.analysis.words.path_shapes import stem_of_code
from agent_server.plan.model import Plan, PlanSettings, Task

T = TypeVar("T")

Look: TypeAlias = tuple[str, Hashable]
"""What was looked at: the text of a path, a question, the layouts, or something that surrounds a task, by its name."""

Looks: TypeAlias = Mapping[Look, object]
"""Everything that was looked at, with what was seen."""


class Notes:
    """The looks of the work that is being done. Work may be a part of other work; outside of any, nothing is noted."""

    def __init__(self) -> None:
        self._looks: dict[Look, object] | None = None

    def of(self, work: Callable[..., T], *basis: object) -> tuple[T, Looks]:
        """What the work makes of its basis, and what it looked at."""
        outer, looks = self._looks, dict[Look, object]()
        self._looks = looks
        try:
            return work(*basis), looks
        finally:
            self._looks = outer

    def look(self, kind: str, what: Hashable, seen: T) -> T:
        """Note what was seen; returns it."""
        if self._looks is not None:
            self._looks[kind, what] = seen
        return seen

    def add(self, looks: Looks) -> None:
        """Note looks of earlier work, whose result is used for this one."""
        if self._looks is not None:
            self._looks.update(looks)


class Surroundings:
    """What of its plan a task may see beside its own section. There is no other way from a task to its plan.

    Whoever adds to this adds a reason to analyse tasks again that nobody has edited: so it is little, and without
    places in the text, which change at every key.
    """

    def __init__(
        self, plan: Plan, notes: Notes | None = None, roster: Roster | None = None, spelled: Spelled | None = None
    ) -> None:
        """`spelled` are the paths of this plan, where they are known already."""
        self._plan = plan
        self.roster = roster or Roster.of(plan.tasks)
        self._notes = notes or Notes()
        self._known = spelled

    @property
    def settings(self) -> PlanSettings:
        """The plan's own settings."""
        return self._noted("settings", self._plan.settings)

    @property
    def context(self) -> str:
        """The prose that every agent gets."""
        return self._noted("context", self._plan.context)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all tasks."""
        return self._noted("ids", self.roster.ids)

    @property
    def declared(self) -> frozenset[str]:
        """What the open tasks declare that they write, as they spell it."""
        return self._noted("declared", self._declared)

    @property
    def absolute(self) -> frozenset[str]:
        """The paths that the words of tasks spell from the root of a machine."""
        return self._noted("absolute", self._spelled.absolute())

    @property
    def folders(self) -> frozenset[str]:
        """The folders at the root in which the paths lie that open tasks would write, as they spell them."""
        return self._noted("folders", self._spelled.folders())

    def full_path(self, ending: str) -> str | None:
        """The one path that open tasks would write and that ends so; None for several."""
        return self._notes.look("full path", ending, self._spelled.full_path(ending))

    def file_called(self, name: str) -> str | None:
        """The one file of code that open tasks would write and that is called so; None for several."""
        return self._notes.look("file called", name, self._spelled.file_called(name))

    def file_of(self, task_id: str) -> str | None:
        """The first file that the words or the fields of a task write."""
        task = self.roster.homes[task_id] if task_id in self.roster.ids else None
        return self._notes.look("file of", task_id, None if task is None else _file(task))

    def file_before(self, task_id: str) -> str | None:
        """The file that was named last before that task; none before one that there is not any more."""
        number = self.roster.numbers.get(task_id, 0)
        before = self.roster.tasks.homes[max(0, number - _MOST_BEFORE) : number]
        return self._notes.look("file before", task_id, next(filter(None, map(_file, reversed(before))), None))

    @cached_property
    def _spelled(self) -> Spelled:
        return self._known or Spelled.of(self.roster)

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset([item.text for task in self._plan.tasks.homes if task.is_open for item in task.writes])

    def _noted(self, name: str, value: T) -> T:
        return self._notes.look("plan", name, value)


class Inputs:
    """One plan and one tree, each of which notes what is looked at."""

    def __init__(self, plan: Plan, tree: Tree, roster: Roster | None = None, spelled: Spelled | None = None) -> None:
        self.notes = Notes()
        self.around = Surroundings(plan, self.notes, roster, spelled)
        self._paths = {
            "full path": self.around.full_path,
            "file called": self.around.file_called,
            "file of": self.around.file_of,
            "file before": self.around.file_before,
        }
        self.seen_by_rules: object = None
        self.created: Callable[[], Created] = Created
        """What the open tasks would write, for the rules."""
        self.texts, self.answers = tree.contents, tree.answers.known
        self._layouts = layouts_of(tree)
        self.tree = tree.with_contents(_NotedTexts(tree.contents, self.notes, self._layouts))
        self.tree.answers = _NotedAnswers(tree.answers.known, self.notes)

    def changed_since(self, before: "Inputs | None", looks: Mapping[str, Looks]) -> set[Look]:
        """Those of the looks at earlier inputs, by kind, that would see something else in these."""
        same = set[str]()
        if before is not None:
            same |= {"text"} if before.texts is self.texts else set()
            same |= {"answer"} if before.answers is self.answers else set()
        several = [found for kind, found in looks.items() if kind not in same]
        return {look for found in several for look, seen in found.items() if not _is_same(seen, self._see(look))}

    def _see(self, look: Look) -> object:
        """What is to be seen there now."""
        kind, what = look
        if kind == "text":
            return self.texts.get(what)  # type: ignore[call-overload]  # a look at a text is at a path
        if kind == "answer":
            return self.answers.get(what)  # type: ignore[call-overload]  # a look at a question
        if kind == "layouts":
            return self._layouts
        if kind == "created":
            return self.created().tells(*what)  # type: ignore[misc]  # a look at that is a question and a path
        if kind in self._paths:
            return self._paths[kind](str(what))
        return getattr(self.around if kind == "plan" else self.seen_by_rules, str(what))


def unanswered(looks: Looks) -> Iterator[Question]:
    """The questions that were asked in vain."""
    for (kind, what), seen in looks.items():
        if kind == "answer" and seen is None:
            yield what  # type: ignore[misc]  # as above


_MOST_BEFORE = 10
"""So many tasks further up, nobody would look for what "the same file" is."""


def _file(task: Task) -> str | None:
    """The file that a task is about: the first that it writes, or else the first of code that it checks."""
    if task.writes:
        return task.writes[0].text
    words = task_words(task)
    named = (found.path for found in files_written(words) if not found.path.endswith("/"))
    checked = (
        found.path for found in mentions(words, of_work=True) if found.word in CHECKS and stem_of_code(found.path)
    )
    return next(named, None) or next(checked, None)


def _is_same(one: object, other: object) -> bool:
    return one is other or one == other


class _NotedTexts(Mapping[str, str]):
    """The texts of files, and the layouts that the manifests among them make."""

    def __init__(self, texts: Mapping[str, str], notes: Notes, layouts: Layouts) -> None:
        self._texts = texts
        self._notes = notes
        self._layouts = layouts

    @property
    def layouts(self) -> Layouts:
        """One look instead of one at each manifest."""
        return self._notes.look("layouts", "", self._layouts)

    def __getitem__(self, path: str) -> str:
        self._notes.look("text", path, self._texts.get(path))
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class _NotedAnswers(Answers):
    """The answers to questions about all sources."""

    def __init__(self, known: Mapping[Question, Answer], notes: Notes) -> None:
        super().__init__(known)
        self._notes = notes

    def derived(self, key: Hashable, derive: Callable[[], T]) -> T:
        """What follows from the answers, noted for everybody who asks for it as if they had looked themselves."""
        value, looks = super().derived(key, lambda: self._notes.of(derive))
        self._notes.add(looks)
        return value

    def _answer(self, question: Question) -> Answer | None:
        return self._notes.look("answer", question, super()._answer(question))
