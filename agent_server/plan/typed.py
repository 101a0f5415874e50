"""A task's typed attributes, read from its fields; what a field cannot say becomes a problem."""

from typing import TypedDict

from agent_server.plan.fields import FIELDS, Shape
from agent_server.plan.model import Field, Item, Problem, Status
from agent_server.plan.sections import FixedWave
from agent_server.plan.values import agent_of, command_of, minutes_of, model_of, single, status_of, wave_of


class TypedFields(TypedDict):
    """The attributes of a `Task` that come from its fields."""

    writes: tuple[Item, ...]
    reads: tuple[Item, ...]
    imports: tuple[Item, ...]
    exports: tuple[Item, ...]
    mirrors: tuple[Item, ...]
    needs: tuple[Item, ...]
    locks: tuple[Item, ...]
    model: Item | None
    agent: Item | None
    verify: Item | None
    minutes: float | None
    wave: int | None
    status: Status


def read_typed(fields: tuple[Field, ...], fixed: FixedWave | None, problems: list[Problem]) -> TypedFields:
    """What the fields say. Lists that are written twice add up; of any other field the first counts."""
    items = _by_name(fields, problems)
    wave = single(items, "wave", wave_of, problems)
    if wave is not None and fixed is not None and wave != fixed.number:
        problems.append(_against_heading(items["wave"][0], fixed))
    return {
        "writes": items.get("writes", ()),
        "reads": items.get("reads", ()),
        "imports": items.get("imports", ()),
        "exports": items.get("exports", ()),
        "mirrors": items.get("mirrors", ()),
        "needs": items.get("needs", ()),
        "locks": items.get("locks", ()),
        "model": single(items, "model", model_of, problems),
        "agent": single(items, "agent", agent_of, problems),
        "verify": single(items, "verify", command_of, problems),
        "minutes": single(items, "minutes", minutes_of, problems),
        "wave": wave if fixed is None else fixed.number,
        "status": single(items, "status", status_of, problems) or Status.TODO,
    }


def _by_name(fields: tuple[Field, ...], problems: list[Problem]) -> dict[str, tuple[Item, ...]]:
    found: dict[str, tuple[Item, ...]] = {}
    for field in fields:
        kind = FIELDS.get(field.name)
        if kind is None:
            continue
        if not field.items:
            problems.append(Problem("bad-value", f"`{field.name}` has no value yet.", field.name_span))
        if field.name not in found:
            found[field.name] = field.items
            continue
        problems.append(_written_twice(field, next(first for first in fields if first.name == field.name)))
        if kind.shape is Shape.LIST:
            found[field.name] += field.items
    return found


def _written_twice(field: Field, first: Field) -> Problem:
    rest = "Both lists count; join them." if FIELDS[field.name].shape is Shape.LIST else "The first one counts."
    message = f"`{field.name}` is written twice. {rest}"
    return Problem("duplicate-field", message, field.name_span, related=first.name_span)


def _against_heading(item: Item, fixed: FixedWave) -> Problem:
    message = f"The task stands below the heading of wave {fixed.number}, which counts. Change or remove `wave` here."
    return Problem("bad-value", message, item.span, str(fixed.number), fixed.span)
