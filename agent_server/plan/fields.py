"""The words of the plan format: the fields that a task may have and the settings that the front matter may have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum


class Shape(StrEnum):
    """What the value of a field may look like."""

    LIST = "list"
    """Any number of items, comma-separated or as a nested list."""
    WORD = "word"
    """One item without spaces."""
    COMMAND = "command"
    """One command line; its commas are its own."""


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One field of the format. `says` is a sentence about it, without the capital and the full stop."""

    name: str
    shape: Shape
    says: str


def _table(*kinds: FieldKind) -> Mapping[str, FieldKind]:
    return {kind.name: kind for kind in kinds}


FIELDS: Mapping[str, FieldKind] = _table(
    FieldKind(
        "writes",
        Shape.LIST,
        "files the task will create, change or delete: paths or globs relative to the workspace root",
    ),
    FieldKind("reads", Shape.LIST, "files whose content the task relies on"),
    FieldKind(
        "imports",
        Shape.LIST,
        "modules or files the task's code will import, as a path or as the language spells it",
    ),
    FieldKind(
        "exports",
        Shape.LIST,
        "names that the task's new module will export: a contract that others may rely on",
    ),
    FieldKind("mirrors", Shape.LIST, "existing files whose pattern the task copies"),
    FieldKind("needs", Shape.LIST, "tasks that must land first"),
    FieldKind("locks", Shape.LIST, "named things only one task may use at a time (`database`, `port-3000`)"),
    FieldKind("model", Shape.WORD, "which model runs it: `fast`, `default`, `capable`, `auto`, or a model id"),
    FieldKind("agent", Shape.WORD, "which agent runs it (a configured backend's name)"),
    FieldKind("verify", Shape.COMMAND, "a command that must pass on this task's result alone"),
    FieldKind("minutes", Shape.WORD, "how long the author expects it to take"),
    FieldKind("wave", Shape.WORD, "the wave that the author has fixed"),
    FieldKind("status", Shape.WORD, "`todo` (default), `done`, `skip`"),
)
"""Every field, in the canonical order in which new ones are inserted."""

PATH_FIELDS = ("writes", "reads", "mirrors")
"""The fields whose items are paths and globs."""

SETTINGS: Mapping[str, str] = {
    "verify": "the command that must pass on a wave's combined result before it lands",
    "agents": "how many agents may work at once",
    "model": "the model for every task that names none: `fast`, `default`, `capable`, `auto`, or a model id",
    "agent": "the agent that runs every task that names none (a configured backend's name)",
    "budget": "the most a wave may use: `5 USD`, `2M tokens`, `30 min`, or several of them",
    "land": "how a verified wave lands: `tree` (into the working tree) or `commit` (one commit a task on a branch)",
}
"""Every key of the front matter, with what it says."""

MODEL_TIERS: tuple[str, ...] = ("fast", "default", "capable", "auto")
"""The values of `model` that are not a model's id."""


_PLACES = {name: place for place, name in enumerate(FIELDS)}


def place_of(name: str) -> int:
    """The place of a field in the canonical order; unknown ones come last."""
    return _PLACES.get(name, len(_PLACES))


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that `word` most likely stands for: equal but for case, begun, or misspelt; else None."""
    lowered = word.lower()
    candidates = tuple(known)
    for candidate in candidates:
        if candidate.lower() == lowered:
            return candidate
    close = _closest(lowered, candidates, cutoff)
    if close is not None:
        return close
    begun = [candidate for candidate in candidates if lowered and candidate.startswith(lowered)]
    return begun[0] if len(begun) == 1 else None


def _closest(word: str, candidates: Iterable[str], least: float) -> str | None:
    """The candidate most like `word`, of equal ones the first; None where none is `least` as much alike.

    `get_close_matches` of the library compares every candidate in full; this one only those that may still be best.
    """
    matcher = SequenceMatcher(b=word)
    best = None
    for candidate in candidates:
        matcher.set_seq1(candidate)
        if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
            continue
        ratio = matcher.ratio()
        if ratio > least or (ratio == least and best is None):
            best, least = candidate, ratio
    return best
