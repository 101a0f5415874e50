"""`hot-file`: three or more tasks want to write one file."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from agent_server.analysis.model import Analysis, Contention, Diagnostic, Fix, Related
from agent_server.analysis.picture import count
from agent_server.analysis.rules.alternative import Price, price
from agent_server.analysis.rules.contention import HOT, contentions, found_again, in_running_order
from agent_server.analysis.rules.integration import integration
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import run_after
from agent_server.analysis.rules.wording import joined, listed, minutes
from agent_server.analysis.settings import Severity

MOST_PRICED = 3
"""For how many files the waves are tried without them: those that most tasks want."""


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One finding for a file, at the last task that wants it: the one that was probably just written."""
    hot = [each for each in contentions(analysis) if len(each.tasks) >= HOT]
    dearest = sorted(hot, key=lambda each: -len(each.tasks))[:MOST_PRICED]
    yield from (_diagnostic(analysis, each, price(analysis, each) if each in dearest else None) for each in hot)


def _diagnostic(analysis: Analysis, contention: Contention, paid: Price | None) -> Diagnostic:
    *others, (_, span) = zip(contention.tasks, contention.spans, strict=True)
    is_free = paid is not None and paid.more_waves <= 0 and paid.more_minutes <= 0
    return Diagnostic(
        code=RULE.code,
        severity=Severity.INFORMATION if is_free else RULE.severity,
        message=f"{len(contention.tasks)} tasks write {listed(contention.paths)}: {listed(contention.tasks)}. "
        f"{_cost(analysis, contention, paid)} Give {_it(contention)} to one integration task that runs after them.",
        span=span,
        tasks=contention.tasks,
        paths=contention.paths,
        related=tuple(Related(place, f"`{task}` writes it here.") for task, place in others),
    )


def _cost(analysis: Analysis, contention: Contention, paid: Price | None) -> str:
    """What the queue costs, as a sentence: exactly where that was tried, else what the tasks alone take."""
    if paid is None:
        times = [analysis.tasks[task].minutes for task in contention.tasks]
        return (
            f"They take {count(len(times), 'wave')} and {minutes(sum(times))}, where side by side they would take "
            f"{minutes(max(times))}."
        )
    if paid.more_waves <= 0 and paid.more_minutes <= 0:
        return "They run one after the other; other hazards keep the plan as slow without that."
    costs = [count(paid.more_waves, "wave")] if paid.more_waves > 0 else []
    costs += [minutes(paid.more_minutes)] if paid.more_minutes > 0 else []
    return (
        f"That costs {joined(costs)}: the plan takes {count(paid.waves, 'wave')} and {minutes(paid.minutes)}, without "
        f"that {count(paid.waves_without, 'wave')} and {minutes(paid.minutes_without)}."
    )


def _it(contention: Contention) -> str:
    return "the file" if len(contention.paths) == 1 else "the files"


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    contention = found_again(contentions(analysis), diagnostic)
    if contention is None:
        return ()
    given = integration(analysis, contention)
    chain = [run_after(analysis, task, other) for other, task in pairwise(in_running_order(analysis, contention))]
    sequenced = Fix("Run them one after the other", tuple(edit for each in chain for edit in each.edits))
    return (*((replace(given, preferred=True),) if given else ()), sequenced)


RULE = Rule(
    code="hot-file",
    severity=Severity.WARNING,
    summary="Three or more tasks want to write the same file.",
    explanation="""\
A file that everybody touches, such as a navigation, an index or a list of routes, turns a parallel plan into a queue:
each task that wants it waits for the one before. Sequencing is correct, but here it costs the whole gain.

Give the file to one integration task. The others make their own files and leave this one alone; the integration task
needs them, and does for each what it was to do there. That takes two waves, however many tasks there are.

What the file costs is worked out: the waves and minutes of the plan as it is, and as it would be if these tasks did
not meet there. Where other hazards keep the plan as slow anyway, the finding is an information only.

While a file is hot, `write-conflict` does not report its pairs again.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`, `src/nav.py`

Write 17 entries, and count them in `src/nav.py`.

## hub: Build the hub page
- writes: `src/pages/clay.py`, `src/nav.py`

Build the page that lists every entry, and link it in `src/nav.py`.

## search: Build the search page
- writes: `src/pages/search.py`, `src/nav.py`

Build a page that searches the titles, and link it in `src/nav.py`.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries.

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.

## search: Build the search page
- writes: `src/pages/search.py`

Build a page that searches the titles.

## nav: Link the new pages
- writes: `src/nav.py`
- needs: data, hub, search

Link `/clay/`, with the number of its entries, and `/search/`.
""",
    files={"src/nav.py": 'LINKS = ["/glass/"]\n'},
    check=_check,
    about_hazards=True,
    fixes=_fixes,
)
