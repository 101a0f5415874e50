"""Whole tasks of a checklist as lines: moved to another phase, and added.

The blank lines between tasks are as they are elsewhere in the plan. What comes out is read again: where it does not say
just what was meant, there is no edit.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.model import Edit, Plan, Task, apply_edits
from agent_server.plan.text import Span
from agent_server.plan.writing import line_end_of, line_start, next_line

_NUMBERED = re.compile(r"(?P<stem>(?:.*\D)?)(?P<number>\d+)[a-zA-Z]?\Z", re.DOTALL)
_STAR = re.compile(r"\\?\*(?=[ \t])|(?<=[ \t])\\?\*(?=\d)")
_DECORATION = re.compile(r"[*_~`\[]+")


class _Said(NamedTuple):
    """What a task says, and where it stands."""

    id: str
    title: str
    instructions: str
    status: str
    phase: str
    needs: tuple[str, ...]


def moved_to(plan: Plan, task: Task, phase: int, parse: Callable[[str, Plan], Plan]) -> tuple[Edit, ...]:
    """Put the lines of a task behind the last task of a phase, by its number."""
    if task.phase == phase or not 0 <= phase < len(plan.phases):
        return ()
    last = max(at for at, other in enumerate(plan.tasks.homes) if other.phase == phase)
    lines = task.span.of(plan.text)
    if _indent_of(lines) != _indent_of(plan.tasks[last].span.of(plan.text)) or lines.startswith("#"):
        return ()
    edits = (_removed(plan.text, task.span), _inserted(plan, last, lines))
    after = parse(apply_edits(plan.text, edits), plan)
    meant = Counter(_told(plan))
    meant.subtract([_of(plan, task, task.phase)])
    meant[_of(plan, task, phase)] += 1
    return edits if +meant == Counter(_told(after)) else ()


def added(
    plan: Plan, dialect: Dialect, title: str, *, is_marked: bool, parse: Callable[[str, Plan], Plan]
) -> tuple[Edit, ...]:
    """Add a task of that title behind the last task of the plan's last phase."""
    homes = plan.tasks.homes
    last = max((at for at, task in enumerate(homes) if task.phase == len(plan.phases) - 1), default=None)
    named = [at for at, task in enumerate(homes) if task.id_span != task.title_span and task.status_span is not None]
    words = " ".join(title.split())
    if last is None or not words or homes[last].status_span is None:
        return ()
    like = max((at for at in named if homes[at].phase == homes[last].phase), default=last)
    source = plan.text[plan.tasks.places[like] :][: homes[like].span.end]
    if source.startswith("#"):
        return ()
    mark = f"{dialect.mark_text} " if is_marked and dialect.mark_text else ""
    edit = _inserted(plan, last, f"{_head(plan, homes[like], source)}{mark}{words}")
    after = parse(apply_edits(plan.text, (edit,)), plan)
    new = Counter(_told(after))
    new.subtract(_told(plan))
    is_right = len(after.tasks) == len(plan.tasks) + 1 and [words] == [said.title for said in (+new)] and not -new
    return (edit,) if is_right else ()


def _told(plan: Plan) -> Iterator[_Said]:
    return (_of(plan, task, task.phase) for task in plan.tasks.homes)


def _of(plan: Plan, task: Task, phase: int | None) -> _Said:
    """What a task says, if it stands in that phase."""
    where = "" if phase is None else plan.phases[phase].title
    return _Said(task.id, task.title, task.instructions, task.status, where, tuple(item.text for item in task.needs))


def _head(plan: Plan, task: Task, source: str) -> str:
    """What stands before the title of a new task: the bullet, an empty box, and the next id, as `task` has them."""
    box, named = task.status_span or Span(0, 0), task.id_span != task.title_span
    start = task.id_span.start if named else task.title_span.start
    before = _STAR.sub("", f"{source[: box.start]} {source[box.end : start]}")
    bullet, word = before[: box.start + 2], before[box.start + 2 :]
    if not named:
        return f"{bullet}{_DECORATION.sub('', word)}"
    behind = "".join(reversed("".join(_DECORATION.findall(word)))).replace("[", "]")
    if not source.startswith(behind, task.id_span.end):
        word, behind = _DECORATION.sub("", word), ""
    at = task.id_span.end + len(behind)
    point = source[at] if source[at : at + 1] in {":", ".", ")", "\uff1a"} else ""
    return f"{bullet}{word}{_next_id(plan, task.id)}{behind}{point} "


def _next_id(plan: Plan, task_id: str) -> str:
    """The id behind the highest that is written like this one."""
    like = _NUMBERED.match(task_id)
    if like is None:
        return task_id
    taken = (_NUMBERED.match(task.id) for task in plan.tasks.homes)
    highest = max(int(found["number"]) for found in taken if found is not None and found["stem"] == like["stem"])
    return f"{like['stem']}{highest + 1:0{len(like['number'])}}"


def _removed(text: str, span: Span) -> Edit:
    """Take lines out, and the blank line behind them where there is another before them."""
    above = len(text[: span.start].removesuffix("\n").removesuffix("\r"))
    before = text[line_start(text, above) : above]
    after = next_line(text, span.end)
    is_between = not before.strip() and span.end < len(text) and not text[span.end : after].strip()
    return Edit(Span(span.start, after if is_between else span.end), "")


def _inserted(plan: Plan, last: int, lines: str) -> Edit:
    """Put lines behind a task, by its number."""
    text, eol = plan.text, line_end_of(plan.text)
    at = plan.tasks.places[last] + plan.tasks.homes[last].span.end
    gap = eol if _is_spaced(plan, last) else ""
    bare = lines.rstrip("\r\n")
    if text[:at].endswith(("\n", "\r")):
        return Edit(Span(at, at), f"{gap}{bare}{eol}")
    return Edit(Span(at, at), f"{eol}{gap}{bare}")


def _is_spaced(plan: Plan, last: int) -> bool:
    """Whether blank lines stand between tasks: of this phase where it has some, else of the plan."""
    homes, places = plan.tasks.homes, plan.tasks.places
    gaps = [
        (homes[at].phase == homes[last].phase, plan.text[places[at - 1] + homes[at - 1].span.end : places[at]])
        for at in range(1, len(homes))
        if homes[at].phase == homes[at - 1].phase
    ]
    near = [gap for is_near, gap in gaps if is_near] or [gap for _, gap in gaps]
    return sum(bool(gap) and not gap.strip() for gap in near) * 2 > len(near)


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
