"""`predicted-write`: which files a task that says nothing of its files would probably write."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from agent_server.analysis.likelihood.pairs import pair_score
from agent_server.analysis.model import Access, Analysis, Diagnostic, Fix, Source, TaskAnalysis
from agent_server.analysis.rules.places import stands_here
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import declaring, joined, listed
from agent_server.analysis.scheduling.claimed import Claims
from agent_server.analysis.settings import Severity
from agent_server.plan.edits import set_field

MOST_SHOWN = 3
"""How many files a finding names."""

LIKELY = 0.5
"""From this probability on, the fix declares a file; where none is so likely, the likeliest."""

MEETING = 0.5
"""From this probability on, it is worth saying that two tasks would write the same file."""

MOST_COMPARED = 40
"""Of more tasks that say nothing, pairs are not compared."""

_ALIKE = "Tasks like this one would change"
_KNOWN_FROM: Mapping[Source, str] = {
    Source.IMPLIED: "What it says implies changes of",
    Source.OBSERVED: "Earlier runs of it changed, or wanted to change,",
}


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One hint at each task, and one at each task that would probably meet an earlier one.

    In other formats than ours these are the tasks that are claimed to run beside others: elsewhere it does not matter.
    """
    claims = Claims.of(analysis.plan)
    told = (name for name, home in analysis.at_home.items() if not claims.in_order or claims.group(home.task))
    unknown = {name: analysis.tasks[name] for name in told if _is_unknown(analysis.at_home[name])}
    predicted = {task_id: _predicted(found) for task_id, found in unknown.items() if _predicted(found)}
    yield from (_likely_files(unknown[task_id], entries) for task_id, entries in predicted.items())
    if len(predicted) <= MOST_COMPARED:
        yield from _meetings(analysis, {task: _probabilities(entries) for task, entries in predicted.items()})


def _is_unknown(found: TaskAnalysis) -> bool:
    return found.writes.unknown and found.task.is_open and not found.task.writes


def _predicted(found: TaskAnalysis) -> tuple[Access, ...]:
    """What the task would write, the likeliest first; what its words imply is surer than what they only resemble."""
    return tuple(sorted(found.writes.beyond, key=lambda entry: -entry.confidence))


def _probabilities(entries: tuple[Access, ...]) -> Mapping[str, float]:
    return {entry.path: entry.confidence for entry in entries}


def _likely_files(found: TaskAnalysis, entries: tuple[Access, ...]) -> Diagnostic:
    shown = joined([f"`{entry.path}` ({entry.confidence:.0%})" for entry in entries[:MOST_SHOWN]])
    sources = {entry.source for entry in entries}
    like = _KNOWN_FROM.get(next(iter(sources)), _ALIKE) if len(sources) == 1 else _ALIKE
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{like} {shown}. Say what `{found.task.id}` may write, and it can run beside others.",
        span=found.task.id_span,
        tasks=(found.task.id,),
        paths=tuple(entry.path for entry in entries),
    )


def _meetings(analysis: Analysis, predicted: Mapping[str, Mapping[str, float]]) -> Iterator[Diagnostic]:
    for (first, one), (second, other) in combinations(predicted.items(), 2):
        shared = sorted(one.keys() & other.keys(), key=lambda path: -one[path] * other[path])
        score = pair_score(one, other) if shared else 0.0
        if score >= MEETING:
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"`{second}` and `{first}` would probably ({score:.0%}) change a file in common, such as "
                f"{listed(shared[:MOST_SHOWN])}. Say who changes what.",
                span=analysis.tasks[second].task.id_span,
                tasks=(second, first),
                paths=tuple(shared),
                related=(stands_here(analysis.tasks[first].task),),
            )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """Declare the likely files: a start that its author has to look at, so never the preferred fix."""
    found = analysis.tasks[diagnostic.tasks[0]]
    entries = _predicted(found)
    likely = [entry.path for entry in entries if entry.confidence >= LIKELY] or [entries[0].path]
    edits = set_field(analysis.plan, found.task, "writes", likely)
    return (Fix(declaring(analysis.plan, found.task, likely), edits),)


RULE = Rule(
    code="predicted-write",
    severity=Severity.HINT,
    summary="Files that a task which names none would probably write.",
    explanation="""\
A task that neither declares nor names a file runs alone, since nobody knows what it writes. Its words still say
something: which files are about the same things, which ones past commits with such messages have changed, and which
ones change together. From that the likely files are predicted, each with a probability; hover over the task to see
the reasons.

A prediction is a hint and never more. It keeps no tasks apart, it allows an agent nothing, and the task keeps its own
wave until its author writes `writes`. The fix declares the files that are more likely than not, or the likeliest one:
look at them before you agree.
""",
    bad="""\
# Clay wiki

## checks: Refuse entries without a title

Add the `zod` package, and refuse what has no title.
""",
    good="""\
# Clay wiki

## checks: Refuse entries without a title
- writes: `src/api.ts`, `package.json`, `pnpm-lock.yaml`

Add the `zod` package, and refuse what has no title.
""",
    files={"package.json": "{}\n", "pnpm-lock.yaml": "", "src/api.ts": ""},
    check=_check,
    fixes=_fixes,
)
