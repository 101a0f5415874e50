"""Where in the plan a finding is shown, when it is about more than one item."""

from agent_server.analysis.model import Related
from agent_server.plan.model import Field, Item, Plan, Task
from agent_server.plan.text import Span


def plan_span(plan: Plan) -> Span:
    """Where a finding about the whole plan stands: its title, else its first task's id, else its very start."""
    if plan.title_span.end > plan.title_span.start:
        return plan.title_span
    return plan.tasks[0].id_span if plan.tasks else Span(0, 0)


def title_span(task: Task) -> Span:
    """Where a finding about a whole task stands: its title, or its id where it has none besides."""
    return task.title_span if task.title_span.end > task.title_span.start else task.id_span


def stands_here(task: Task) -> Related:
    """The other place of a finding: that of another task that it names."""
    return Related(task.id_span, f"`{task.id}` stands here.")


def item_at(task: Task, span: Span) -> tuple[Field, Item] | None:
    """The field and the item of the task that stand at `span`; None for a span in the prose."""
    return next(
        (
            (field, item)
            for field in task.fields
            if field.span.overlaps(span)
            for item in field.items
            if item.span == span
        ),
        None,
    )
