"""Plans counted: how many tasks of which format, what their authors let run side by side, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from agent_server.analysis.model import Analysis, Contention, HazardKind
from agent_server.plan.model import Status


@dataclass(slots=True)
class FormatCounts:
    """The plans of one format.

    `parallel` are the tasks that are marked as such. `conflicts` are pairs of tasks that write one file and that their
    author lets run at the same time, by marks or by waves: `plans_in_conflict` have some.
    """

    plans: int = 0
    tasks: int = 0
    done: int = 0
    parallel: int = 0
    conflicts: int = 0
    plans_in_conflict: int = 0

    def add(self, analysis: Analysis) -> None:
        """Count one plan more."""
        homes = analysis.plan.tasks.homes
        conflicts = len(claimed_conflicts(analysis))
        self.plans += 1
        self.tasks += len(homes)
        self.done += sum(task.status is Status.DONE for task in homes)
        self.parallel += sum(task.parallel is not None for task in homes)
        self.conflicts += conflicts
        self.plans_in_conflict += bool(conflicts)

    def __add__(self, other: "FormatCounts") -> "FormatCounts":
        mine, others = (tuple(getattr(each, name) for name in FormatCounts.__slots__) for each in (self, other))
        return FormatCounts(*(one + two for one, two in zip(mine, others, strict=True)))


@dataclass(slots=True)
class Statistics:
    """Plans by their formats, and findings by their rules, the most frequent first."""

    formats: dict[str, FormatCounts] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> FormatCounts:
        """All plans together."""
        return sum(self.formats.values(), FormatCounts())


def statistics(analyses: Iterable[Analysis]) -> Statistics:
    """Count plans."""
    found = Statistics()
    for analysis in analyses:
        found.formats.setdefault(analysis.plan.format, FormatCounts()).add(analysis)
        found.rules.update(diagnostic.code for diagnostic in analysis.diagnostics)
    return found


def claimed_conflicts(analysis: Analysis) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The pairs of open tasks that write one file although their author lets them run at the same time, with the files.

    In formats with marks that are tasks with a mark; a phase in which none has one only says what comes before it.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for contention in analysis.contentions:
        if contention.together and contention.kind is HazardKind.WRITE_CONFLICT:
            for pair in combinations(_side_by_side(analysis, contention), 2):
                found.setdefault(pair, []).extend(contention.paths)
    return {pair: tuple(dict.fromkeys(paths)) for pair, paths in found.items()}


def _side_by_side(analysis: Analysis, contention: Contention) -> list[str]:
    tasks = contention.tasks
    if analysis.plan.writer is None and not analysis.plan.phases:
        return list(tasks)
    return [task for task in tasks if analysis.tasks[task].task.parallel is not None]
