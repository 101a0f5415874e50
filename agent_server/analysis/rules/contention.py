"""What several tasks want at once, in no order that the plan gives: the common ground of the rules about conflicts."""

from collections.abc import Iterable

from agent_server.analysis.model import Analysis, Contention, Diagnostic, HazardKind

HOT = 3
"""From this many tasks on, a finding is about the file and no longer about pairs of tasks."""


def clashes(analysis: Analysis) -> tuple[Contention, ...]:
    """What the author has put into one wave although it cannot be."""
    return tuple(each for each in analysis.contentions if each.kind is HazardKind.WRITE_CONFLICT and each.together)


def contentions(analysis: Analysis) -> tuple[Contention, ...]:
    """What is sequenced although the plan asks for no order, neither by `needs` nor by waves.

    In other formats than ours the order of the text is the author's: there is nothing to tell.
    """
    if not analysis.plan.has_fields:
        return ()
    return tuple(each for each in analysis.contentions if each.kind is HazardKind.WRITE_CONFLICT and not each.together)


def found_again(found: Iterable[Contention], diagnostic: Diagnostic) -> Contention | None:
    """The contention that a diagnostic of the same analysis reports."""
    tasks = set(diagnostic.tasks)
    return next((each for each in found if each.paths == diagnostic.paths and set(each.tasks) == tasks), None)


def in_running_order(analysis: Analysis, contention: Contention) -> tuple[str, ...]:
    """The tasks as the waves have put them, so that saying so with `needs` changes nothing else."""
    return tuple(sorted(contention.tasks, key=lambda task: analysis.tasks[task].wave or len(analysis.tasks)))
