"""An edit of what one task in JSON says: that task is read again, and everything else stays where it is.

Files of such plans have megabytes, and most of what is typed are words. They must be those of the task's title or of
its text: ids, statuses and dependencies also decide how other tasks are read, and have the whole text read.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from agent_server.plan.assembling import change_of, retyped_task
from agent_server.plan.json_plans.reading import Form, read_task, with_problems
from agent_server.plan.json_plans.text import Value, read_json
from agent_server.plan.model import Plan, Reading
from agent_server.plan.moving import moved


def retyped(form: Form, text: str, before: Plan) -> Reading | None:
    """The plan in a text in which one task of `before` says something else; None where more has to be read."""
    change = change_of(text, before)
    if change is None or not before.is_sound or before.format != form.format:
        return None
    start = before.tasks.places[change.place]
    end = start + before.tasks.homes[change.place].span.end
    old, new = before.text[start:end], text[start : end + change.by]
    shape = [*_shape(form, old)]
    if change.end >= end or not shape or shape != [*_shape(form, new)]:
        return None
    parts = retyped_task(before, change, new, partial(read_task, form))
    if parts is None:
        return None
    tasks, phases, readings = parts
    title = moved(before.title_span, change.by if before.title_span.start >= end else 0)
    return with_problems(replace(before, text=text, tasks=tasks, phases=phases, readings=readings, title_span=title))


def _shape(form: Form, source: str) -> Iterator[tuple[str, str]]:
    """All that a task has beside its words, as it is written; nothing where the text is not one whole object."""
    value, problem = read_json(source)
    if value is None or problem is not None or value.end != len(source) or not source.startswith("{"):
        return
    for name, item in value.members():
        yield name, "" if name in form.words or name in form.title else _written(item)


def _written(value: Value) -> str:
    return value.span.of(value.text)
