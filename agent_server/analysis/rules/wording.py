"""How the messages of all rules name things."""

from collections.abc import Sequence

from agent_server.plan.model import Plan, Task

_MOST_NAMES = 4


def listed(names: Sequence[str], most: int = _MOST_NAMES) -> str:
    """The names in backticks as one phrase: "`a`, `b` and `c`". Past `most`, the rest is only counted."""
    shown = [f"`{name}`" for name in names[:most]]
    return joined([*shown[:-1], f"{len(names) - most + 1} more"] if len(names) > most else shown)


def joined(words: Sequence[str]) -> str:
    """The words as one phrase: "1, 2 and 3"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def declaring(plan: Plan, task: Task, paths: Sequence[str]) -> str:
    """What a fix is called that adds to what a task declares to write."""
    if plan.has_fields:
        return f"Declare {listed(paths)} in `writes` of `{task.id}`"
    return f"Name {listed(paths)} among the files of `{task.id}`"


def minutes(number: float) -> str:
    """A duration in minutes, to the half minute below ten: "4.5 minutes"."""
    rounded = round(number * 2) / 2 if number < 10 else round(number)
    return f"{rounded:g} minute" if rounded == 1 else f"{rounded:g} minutes"


def sentence(text: str) -> str:
    """`text` on one line with a capital and a full stop, whoever wrote it."""
    line = " ".join(text.split())
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith((".", "!", "?")) or not line else ".")
