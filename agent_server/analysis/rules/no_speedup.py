"""`no-speedup`: the waves are so narrow that one agent would be as fast."""

from collections.abc import Iterator, Sequence

from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.picture import count
from agent_server.analysis.rules.alternative import schedule_without
from agent_server.analysis.rules.contention import contentions
from agent_server.analysis.rules.places import plan_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed, minutes
from agent_server.analysis.settings import Severity

FEWEST_TASKS = 3
"""Two tasks that depend on each other are an ordinary plan, not a failed attempt at a parallel one."""

LEAST_SPEEDUP = 1.2
"""Below this, what parallel work gains is less than what setting it up and verifying it costs."""

_MOST_LINKS = 6
"""How many tasks of a chain a message names."""


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    schedule = analysis.schedule
    tasks = sum(len(wave) for wave in schedule.waves)
    if tasks < FEWEST_TASKS or _width(analysis) == 1 or schedule.speedup >= LEAST_SPEEDUP:
        return
    if any(found.writes.unknown for found in analysis.tasks.values() if found.task.is_open):
        return  # Whoever says what these tasks write may find that they run side by side.
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"These {count(tasks, 'task')} need {count(len(schedule.waves), 'wave')} and "
        f"{minutes(schedule.parallel_minutes)}; one agent, task after task, needs "
        f"{minutes(schedule.sequential_minutes)}. A single agent would do, with all of it in one context; or "
        f"{_remedy(analysis)}.",
        span=plan_span(analysis.plan),
    )


def _remedy(analysis: Analysis) -> str:
    """What would make the waves wider: a file that the tasks queue for, else the chain that takes longest."""
    dearest = max(contentions(analysis), key=lambda each: len(each.tasks), default=None)
    without = None if dearest is None else schedule_without(analysis, dearest)
    if dearest is not None and without is not None and _speedup(analysis, without.minutes) >= LEAST_SPEEDUP:
        return f"give {listed(dearest.paths)} to one integration task, and the rest takes {minutes(without.minutes)}"
    links = _shortened(analysis.schedule.critical_path)
    tasks = " → ".join(task if task == "…" else f"`{task}`" for task in links)
    if len(analysis.schedule.critical_path) == 1:
        return f"divide {tasks}, which takes longest"
    return f"shorten the chain {tasks}"


def _speedup(analysis: Analysis, parallel_minutes: float) -> float:
    return analysis.schedule.sequential_minutes / parallel_minutes if parallel_minutes else 1.0


def _shortened(chain: Sequence[str]) -> Sequence[str]:
    """A long chain as its beginning and its end."""
    return chain if len(chain) <= _MOST_LINKS else (*chain[: _MOST_LINKS - 2], "…", chain[-1])


def _width(analysis: Analysis) -> int:
    return analysis.plan.settings.agents or analysis.settings.agents


RULE = Rule(
    code="no-speedup",
    severity=Severity.INFORMATION,
    summary="Running the plan in parallel gains almost nothing.",
    explanation="""\
Parallel agents pay off when most of the work lies side by side. When nearly every task waits for the one before it, a
single agent that keeps its context does the same in the same time, and cheaper.

Look at the critical path, the chain that is named: let tasks own different files, let a page rely on a contract
(`exports`, `mirrors`) instead of on a finished module, or give a file that everybody wants to one integration task.
""",
    elsewhere=Severity.OFF,
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: data

Build the page that lists every entry.

## nav: Link the wiki
- writes: `src/nav.py`
- needs: hub

Link the hub page from the navigation.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry of `clay.ENTRIES`, each with its `title`.

## nav: Link the wiki
- writes: `src/nav.py`

Link `/clay/` from the navigation.
""",
    check=_check,
)
