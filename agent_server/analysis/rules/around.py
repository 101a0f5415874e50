"""What the check of one task may see beside that task."""

from collections.abc import Callable
from typing import TypeVar

from agent_server.analysis.created import Created
from agent_server.analysis.inputs import Notes
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import AnalysisSettings
from agent_server.analysis.tree import Tree
from agent_server.plan.text import Span

T = TypeVar("T")


class Around:
    """What surrounds a task. Looks are noted, so that findings are kept until something that was looked at changes.

    The tree's paths and the settings are free: where they change, everything is checked again.
    """

    def __init__(self, analysis: Analysis, tree: Tree, notes: Notes, created: Callable[[], Created]) -> None:
        self.tree = tree
        self.settings: AnalysisSettings = analysis.settings
        self._analysis = analysis
        self._notes = notes
        self._created = created

    @property
    def has_fields(self) -> bool:
        """Whether the plan is of our own format, in which fields say all that there is to say of a task."""
        return self._noted("has_fields", self._analysis.plan.has_fields)

    @property
    def mark(self) -> str:
        """What claims in the plan's format that a task may run beside others."""
        return self._noted("mark", self._analysis.plan.mark)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all tasks."""
        return self._noted("ids", self._analysis.roster.ids)

    def is_created(self, path: str) -> bool:
        """Whether an open task would create the path, a file or folder; of a glob, something that it matches."""
        return self._notes.look("created", ("creates", path), self._created().creates(path))

    def is_written(self, path: str) -> bool:
        """Whether an open task would write the file."""
        return self._notes.look("created", ("writes", path), self._created().writes(path))

    def created_beside(self, path: str) -> tuple[str, ...]:
        """The files that open tasks spell out in the folder of a path."""
        return self._notes.look("created", ("beside", path), self._created().beside(path))

    @property
    def context(self) -> str:
        """The prose that every agent gets."""
        return self._noted("context", self._analysis.plan.context)

    @property
    def unsaved(self) -> frozenset[str]:
        """The files that have unsaved changes in the editor."""
        return self._noted("unsaved", self._analysis.facts.unsaved)

    @property
    def text(self) -> str:
        """The text of the whole plan. It changes at every key, so nothing that is found with it is kept."""
        return self._noted("text", self._analysis.plan.text)

    def place_of(self, task: str) -> Span:
        """Where the id of another task stands. That changes at nearly every key, so nothing that tells it is kept."""
        self._noted("text", self._analysis.plan.text)
        return self._analysis.tasks[task].task.id_span

    def _noted(self, name: str, value: T) -> T:
        return self._notes.look("rules", name, value)


def created_in(analysis: Analysis) -> Created:
    """What the open tasks would write."""
    return Created(tuple([found.writes.paths for found in analysis.at_home.values() if found.task.is_open]))
