"""Tasks remembered by the text of their sections, since an edit leaves nearly all sections of a plan as they were.

What a section says depends on its text and on the wave that fixes it, and on nothing else, so remembering changes no
answer. Only sections without problems are kept: a problem may point outside of its section.
"""

from agent_server.plan.model import Field, Item, Task
from agent_server.plan.text import Span

_MOST = 8192
_known: dict[tuple[str, int | None], Task] = {}


def recall(source: str, start: int, wave: int | None) -> Task | None:
    """The task that such a section holds, with its spans as the section stands at `start`; None for a new one."""
    task = _known.get((source, wave))
    if task is None or task.span.start == start:
        return task
    task = moved(task, start - task.span.start)
    _known[source, wave] = task
    return task


def remember(source: str, wave: int | None, task: Task) -> None:
    """Keep the task of a section that had no problems. When too many are kept, all are dropped."""
    if len(_known) >= _MOST:
        forget()
    _known[source, wave] = task


def forget() -> None:
    """Drop all that is kept."""
    _known.clear()


def moved(task: Task, by: int) -> Task:
    """The same task `by` code points further down in its text. No field may be written twice."""
    fields = tuple(_moved_field(field, by) for field in task.fields)
    items = {field.name: field.items for field in fields}
    return Task(
        id=task.id,
        id_span=_moved(task.id_span, by),
        title=task.title,
        title_span=_moved(task.title_span, by),
        heading=_moved(task.heading, by),
        span=_moved(task.span, by),
        fields=fields,
        fields_end=task.fields_end + by,
        instructions=task.instructions,
        instructions_span=_moved(task.instructions_span, by),
        writes=items.get("writes", ()),
        reads=items.get("reads", ()),
        imports=items.get("imports", ()),
        exports=items.get("exports", ()),
        mirrors=items.get("mirrors", ()),
        needs=items.get("needs", ()),
        locks=items.get("locks", ()),
        model=task.model and items["model"][0],
        agent=task.agent and items["agent"][0],
        verify=task.verify and items["verify"][0],
        minutes=task.minutes,
        wave=task.wave,
        status=task.status,
    )


def _moved_field(field: Field, by: int) -> Field:
    return Field(
        field.name,
        _moved(field.name_span, by),
        tuple([Item(item.text, _moved(item.span, by)) for item in field.items]),
        _moved(field.value_span, by),
        _moved(field.span, by),
    )


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
