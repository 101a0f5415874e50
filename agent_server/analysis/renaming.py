"""Other names for tasks, paths and locks, everywhere in the plan at once.

Of a task everything that names it by its id follows. A number ("task 2") and words of its title are left as they are,
unless they would mean nothing any more: then they become its id. A path is renamed where it stands by itself; globs
that hold it are left alone.
"""

import re
from collections.abc import Iterator

from agent_server.analysis.globs.path_sets import BadGlob, parse_glob
from agent_server.analysis.model import Analysis
from agent_server.analysis.occurrences import Kind, Occurrence, Occurrences, Role, is_implicit
from agent_server.plan.formats import READERS
from agent_server.plan.ids import slug_of
from agent_server.plan.model import Edit, Plan, apply_edits
from agent_server.plan.sections import is_shared
from agent_server.plan.text import Span
from agent_server.plan.writing import written

_ID = re.compile(r"[a-z][a-z0-9-]*")
_UNLIKE_WORDS = re.compile(r"(?=.*\d)[A-Za-z]{1,8}-?\d[\w.-]*")
"""Ids of other formats that are nothing but ids wherever they stand: `T001`, `bd-12`; not `1.1`, nor a slug."""

_NUMBERED = re.compile(r"T\d{2,4}[a-z]?")
_NOTHING = frozenset({"nothing", "none"})


class CannotRename(ValueError):
    """A name that cannot be given. The message says why, for the user."""


def renameable(found: Occurrence | None, known: Occurrences) -> Occurrence | None:
    """What may be renamed at a place; None where the text is not the name itself, or names no task of the plan.

    In other formats than ours that a task cannot be given another id is told when that is asked for.
    """
    if found is None or not found.exact:
        return None
    if found.kind is Kind.TASK and known.target(found) is None:
        return None
    return found


def renamed(analysis: Analysis, known: Occurrences, found: Occurrence, name: str) -> tuple[Edit, ...]:
    """The edits that give what `found` names another name. Raises `CannotRename`."""
    name = name.strip()
    if found.kind is Kind.TASK:
        at = known.target(found)
        if at is None:
            return ()
        return (_renamed_task if analysis.plan.has_fields else _renamed_in_words)(analysis.plan, known, at, name)
    if found.kind is Kind.PATH:
        _check_path(name, analysis)
    _check_item(name)
    plan = analysis.plan
    places = (each for each in known.of(found) if each.exact and not _is_in_id(plan, each))
    return tuple(_replaced(plan.text, each, name) for each in places)


def _renamed_task(plan: Plan, known: Occurrences, at: int, name: str) -> tuple[Edit, ...]:
    if name == plan.tasks.homes[at].id:
        return ()
    _check_id(plan, at, name)
    return tuple(_edits(plan, known, at, name))


def _renamed_in_words(plan: Plan, _known: Occurrences, at: int, name: str) -> tuple[Edit, ...]:
    """The same in another format: the id is replaced wherever it stands as a word, also outside of all tasks.

    The text is read again with the edits: all must be as before, but for that name.
    """
    old = plan.tasks.homes[at].id
    if name == old:
        return ()
    if not _UNLIKE_WORDS.fullmatch(old):
        raise CannotRename(
            f"`{old}` is no id that can be told from other words, so not all its mentions would be found."
        )
    if any(home.id == name for home in plan.tasks.homes):
        raise CannotRename(f"Another task is called `{name}`. Ids are unique within a plan.")
    places = re.finditer(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", plan.text)
    edits = tuple([Edit(Span(*found.span()), name) for found in places])
    after, _ = READERS[plan.format].parse(apply_edits(plan.text, edits))
    if plan.parts or _says(after) != [_with_name(said, old, name) for said in _says(plan)]:
        raise CannotRename(f"`{name}` would not be read as this task's id. Write one like `{old}`.")
    return edits


def _says(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """The ids of the tasks, and what each needs."""
    return [(home.id, tuple([need.text for need in home.needs])) for home in plan.tasks.homes]


def _with_name(said: tuple[str, tuple[str, ...]], old: str, name: str) -> tuple[str, tuple[str, ...]]:
    own, needs = said
    return name if own == old else own, tuple([name if need == old else need for need in needs])


def _edits(plan: Plan, known: Occurrences, at: int, name: str) -> Iterator[Edit]:
    lost = known.lost(at, name)
    for each in known.of_task(at):
        task = plan.tasks[each.at]
        if each.role is Role.NAMES and is_implicit(task, plan.text):
            # There is no id yet, only a title (or not even that): it gets one in front of it.
            start = each.span.start
            blank = "" if plan.text[start - 1] in " \t" else " "
            yield Edit(Span(start, start), f"{blank}{name}: ")
        elif _is_in_id(plan, each):
            continue
        elif each.span in lost:
            yield Edit(each.span, f"`{name}`")
        elif each.exact:
            yield Edit(each.span, _referring(plan.text, each, name) if each.role is Role.RELIES else name)


def _referring(text: str, each: Occurrence, name: str) -> str:
    """The id in words, so that it goes on being read as one: without backticks, `T004` is, and `data` is not."""
    is_quoted = text[each.span.start - 1 : each.span.start] == "`"
    if is_quoted or not _NUMBERED.fullmatch(each.span.of(text)):
        return name
    return f"T{name[1:]}" if name.startswith("t") and _NUMBERED.fullmatch(f"T{name[1:]}") else f"`{name}`"


def _is_in_id(plan: Plan, each: Occurrence) -> bool:
    """Whether a place is part of a title that is all the id that its task has: a change there would rename that one."""
    task = plan.tasks[each.at]
    return is_implicit(task, plan.text) and task.title_span.start <= each.span.start < task.title_span.end


def _check_id(plan: Plan, at: int, name: str) -> None:
    if not _ID.fullmatch(name):
        fitting = slug_of(name)
        hint = f", such as `{fitting}`" if _ID.fullmatch(fitting) else ""
        raise CannotRename(f"An id is made of `a-z`, `0-9` and `-`, and begins with a letter{hint}.")
    if any(task.id == name for place, task in enumerate(plan.tasks.homes) if place != at):
        raise CannotRename(f"Another task is called `{name}`. Ids are unique within a plan.")
    task = plan.tasks[at]
    if task.id_span == task.title_span and not is_implicit(task, plan.text) and is_shared(name):
        raise CannotRename(f"A section that is called `{name}` alone is context for all tasks, and no task.")


def _check_path(name: str, analysis: Analysis) -> None:
    try:
        parse_glob(name, analysis.tree)
    except BadGlob as error:
        raise CannotRename(str(error)) from None
    if name.startswith("!") or name.lower() in _NOTHING:
        raise CannotRename(f"`{name}` is no path. Write one relative to the workspace root.")


def _check_item(name: str) -> None:
    if not name or "`" in name or not name.isprintable():
        raise CannotRename("A name is not empty, and holds no backticks and no line ends.")


def _replaced(text: str, each: Occurrence, name: str) -> Edit:
    """One item replaced; between backticks where it needs them and has none yet."""
    before = text[each.span.start - 1 : each.span.start]
    marked = before == "!" and text[each.span.start - 2 : each.span.start - 1] == "`"
    if before == "`" or marked or written(name, quoted=False) == name:
        return Edit(each.span, name)
    if before == "!":
        return Edit(Span(each.span.start - 1, each.span.end), f"`!{name}`")
    return Edit(each.span, written(name, quoted=True))
