"""The waves as a picture in text: one bar per task over a common time axis."""

from agent_server.analysis.estimates.costs import basis, in_words, total
from agent_server.analysis.model import Analysis
from agent_server.plan.model import Status

_WIDTH = 40
_BAR = "█"
_EIGHTHS = " ▏▎▍▌▋▊▉"


def headline(analysis: Analysis) -> str:
    """The plan in one line: `5 tasks · 1 wave · 45 min one by one, 9.4 min in parallel (4.8x)`."""
    schedule = analysis.schedule
    tasks = sum(len(wave) for wave in schedule.waves)
    if not tasks:
        return _nothing_to_run(analysis)
    parts = [count(tasks, "task"), count(len(schedule.waves), "wave")]
    if schedule.speedup > 1:
        parts.append(
            f"{minutes(schedule.sequential_minutes)} one by one, "
            f"{minutes(schedule.parallel_minutes)} in parallel ({schedule.speedup:.1f}x)"
        )
    else:
        parts.append(f"{minutes(schedule.sequential_minutes)}, one by one")
    return " · ".join(parts)


def picture(analysis: Analysis) -> str:
    """The waves, top to bottom, each task a bar from its start to its end; `*` marks the critical path."""
    schedule = analysis.schedule
    longest = max((len(task_id) for wave in schedule.waves for task_id in wave), default=0)
    lines: list[str] = []
    start = 0.0
    for number, wave in enumerate(schedule.waves, 1):
        for place, task_id in enumerate(wave):
            task = analysis.tasks[task_id]
            label = f"wave {number}" if place == 0 else ""
            mark = "*" if task_id in schedule.critical_path else " "
            bar = _bar(start, task.minutes, schedule.parallel_minutes)
            lines.append(
                f"{label:<8} {mark} {task_id:<{longest}}  {bar}  {minutes(task.minutes):>7}  {task.model.tier}".rstrip()
            )
        start += max(analysis.tasks[task_id].minutes for task_id in wave)
    return "\n".join(lines)


def critical_path(analysis: Analysis) -> str:
    """The critical path in words; empty for a plan without open tasks."""
    schedule = analysis.schedule
    if not schedule.critical_path:
        return ""
    chain = " → ".join(schedule.critical_path)
    return f"critical path: {chain} ({minutes(schedule.critical_minutes)})"


def costs(analysis: Analysis) -> str:
    """What the waves are estimated to cost, in one line; empty for a plan without open tasks."""
    waves = [total(analysis.tasks[task_id].cost for task_id in wave) for wave in analysis.schedule.waves]
    whole = total(analysis.tasks[task_id].cost for wave in analysis.schedule.waves for task_id in wave)
    if not whole.is_anything:
        return ""
    shares = ", ".join(
        f"wave {number}: {in_words(wave).removeprefix('about ').split(', ', 1)[-1]}"
        for number, wave in enumerate(waves, 1)
    )
    parts = [f"estimate: {in_words(whole)}", f" ({shares})" if len(waves) > 1 else ""]
    dated = basis(whole)
    return "".join(parts) + (f"; {dated}" if dated else "")


def minutes(value: float) -> str:
    """Minutes for people: `9.4 min`, `45 min`, `2 h 5 min`."""
    if value < 60:
        return f"{value:.1f}".removesuffix(".0") + " min"
    hours, rest = divmod(round(value), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def count(number: int, noun: str) -> str:
    """`1 task`, `4 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _nothing_to_run(analysis: Analysis) -> str:
    statuses = {known.task.status for known in analysis.tasks.values()}
    if statuses == {Status.DONE}:
        return "The task is done" if len(analysis.tasks) == 1 else f"All {len(analysis.tasks)} tasks are done"
    return "Nothing to run"


def _bar(start: float, length: float, whole: float) -> str:
    """A bar on an axis of `_WIDTH` columns that stand for `whole` minutes, to an eighth of a column."""
    scale = _WIDTH / whole if whole else 0.0
    offset = round(start * scale)
    eighths = max(1, round(length * scale * 8))
    full, part = divmod(eighths, 8)
    bar = _BAR * full + (_EIGHTHS[part] if part else "")
    return (" " * offset + bar).ljust(_WIDTH)[:_WIDTH]
