"""What the rules share that only pass on what the reader of the plan saw."""

from collections.abc import Callable, Iterator

from agent_server.analysis.model import Analysis, Diagnostic, Fix, Related
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Edit, Plan, Problem


def reported(code: str, severity: Severity, elsewhere: str = "") -> Callable[[Analysis], Iterator[Diagnostic]]:
    """A check that finds the reader's problems of that code. `elsewhere` says what a problem's other place is."""

    def check(analysis: Analysis) -> Iterator[Diagnostic]:
        for problem in analysis.problems:
            if problem.code == code:
                yield _diagnostic(analysis.plan, problem, severity, elsewhere)

    return check


def suggested(_analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """The fix that puts the diagnostic's suggestion in the place of its span, where it has one."""
    if diagnostic.suggestion is None:
        return ()
    edit = Edit(diagnostic.span, diagnostic.suggestion)
    return (Fix(f"Change to `{diagnostic.suggestion.strip('`')}`", (edit,), preferred=True),)


def _diagnostic(plan: Plan, problem: Problem, severity: Severity, elsewhere: str) -> Diagnostic:
    task = plan.task_at(problem.span.start)
    related = () if problem.related is None else (Related(problem.related, elsewhere),)
    return Diagnostic(
        code=problem.code,
        severity=severity,
        message=problem.message,
        span=problem.span,
        tasks=() if task is None else (task.id,),
        related=related,
        suggestion=problem.suggestion,
    )
