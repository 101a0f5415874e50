"""Diagnostics apart from where they stand, so that an edit elsewhere leaves them the same objects."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent_server.analysis.model import Diagnostic, Related
from agent_server.analysis.roster import Roster
from agent_server.plan.moving import moved


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic, each place of it as if the task that it lies in stood at the very start of the text.

    `tasks` are these tasks: first that of the span, then that of each related place. None is a place outside of all
    tasks, which is where it says.
    """

    home: Diagnostic
    tasks: tuple[str | None, ...]

    def placed(self, roster: Roster) -> Diagnostic:
        """The diagnostic as it stands in the text."""
        by, *others = map(roster.place_of, self.tasks)
        if all(other == by for other in others):
            return moved(self.home, by)
        related = zip(self.home.related, others, strict=True)
        return replace(
            self.home, span=moved(self.home.span, by), related=tuple([moved(each, other) for each, other in related])
        )

    def order(self, roster: Roster) -> tuple[int, int, str, str]:
        """What diagnostics are sorted by: where they stand, then what they say."""
        by, home = roster.place_of(self.tasks[0]), self.home
        return home.span.start + by, home.span.end + by, home.code, home.message


def findings(diagnostics: Iterable[Diagnostic], roster: Roster) -> tuple[Finding, ...]:
    """Diagnostics of the text in which these tasks stand, apart from their places."""
    return tuple([_finding(each, roster) for each in diagnostics])


def _finding(diagnostic: Diagnostic, roster: Roster) -> Finding:
    spans = (diagnostic.span, *[each.span for each in diagnostic.related])
    tasks = tuple(map(roster.task_around, spans))
    span, *others = (moved(span, -roster.place_of(task)) for task, span in zip(tasks, spans, strict=True))
    related = tuple([Related(span, each.message) for each, span in zip(diagnostic.related, others, strict=True)])
    return Finding(replace(diagnostic, span=span, related=related), tasks)
