"""The rules: one file a diagnostic, with its explanation, its examples and its fixes.

Adding a file adds a rule. A rule's file exposes `RULE` and is named after its code (`write_conflict.py` holds
`write-conflict`); a file without `RULE` is what several rules share.

Invariant: a rule reads the `Analysis` and nothing else. It never computes a hazard: what an editor shows, what the
waves are made of and what the executor obeys are one value. A rule about single tasks may read one `TaskAnalysis` and
what is `Around` it instead; its findings are then kept while an edit elsewhere leaves the task alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from agent_server.analysis.inputs import Inputs
from agent_server.analysis.memory import Memory
from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule, no_findings
from agent_server.analysis.settings import Severity
from agent_server.plan.moving import moved

__all__ = ["RULES", "Rule", "fixes", "run"]


def run(
    analysis: Analysis, inputs: Inputs | None = None, memory: Memory | None = None, *, anew: bool = False
) -> tuple[Diagnostic, ...]:
    """All findings in the order of the text, at the severities that the user has set.

    Rules that are off are not even checked. A rule that raises is a bug of ours and is let through. What `memory`
    holds of an earlier analysis saves work and changes no answer; with `anew`, none of it is good.
    """
    inputs, memory = inputs or Inputs(analysis.plan, analysis.tree), memory or Memory()
    around = inputs.seen_by_rules = Around(analysis, inputs.tree, inputs.notes)
    memory.begin(inputs, anew=anew)
    found = [*_about_the_plan(analysis), *_about_tasks(analysis, around, memory)]
    found.sort(key=lambda each: (each.span.start, each.span.end, each.code, each.message))
    return tuple(found)


def fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """The edits of the plan that would mend `diagnostic`, best first. `analysis` is the one that found it."""
    rule = RULES.get(diagnostic.code)
    return rule.fixes(analysis, diagnostic) if rule else ()


def _about_the_plan(analysis: Analysis) -> Iterator[Diagnostic]:
    severities = analysis.settings.severities
    for code, rule in RULES.items():
        severity = severities.get(code)
        if severity is not Severity.OFF:
            for diagnostic in rule.check(analysis):
                yield diagnostic if severity is None else replace(diagnostic, severity=severity)


def _about_tasks(analysis: Analysis, around: Around, memory: Memory) -> Iterator[Diagnostic]:
    """The findings of the checks of single tasks, each made where its task stood then, and moved with it."""
    tasks = analysis.plan.tasks
    places = {home.id: place for home, place in zip(reversed(tasks.homes), reversed(tasks.places), strict=True)}

    def check(home: TaskAnalysis) -> tuple[int, tuple[Diagnostic, ...]]:
        # Only where a task stands now do its places fit those of other tasks.
        return places[home.task.id], _about_task(analysis.tasks[home.task.id], around)

    kept = memory.recall_each("findings", check, analysis.at_home, analysis.at_home.values())
    for name, (then, diagnostics) in kept.items():
        if diagnostics:
            yield from moved(diagnostics, places[name] - then)


def _about_task(found: TaskAnalysis, around: Around) -> tuple[Diagnostic, ...]:
    severities = around.settings.severities
    diagnostics: list[Diagnostic] = []
    for code, rule in TASK_RULES.items():
        severity = severities.get(code)
        if severity is None:
            diagnostics += rule.check_task(found, around)
        elif severity is not Severity.OFF:
            diagnostics += [replace(each, severity=severity) for each in rule.check_task(found, around)]
    return tuple(diagnostics)


def _discover() -> Mapping[str, Rule]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    rules = (vars(module).get("RULE") for module in modules)
    return {rule.code: rule for rule in sorted(filter(None, rules), key=lambda rule: rule.code)}


RULES: Mapping[str, Rule] = _discover()
"""Every rule by its code, in alphabetical order."""

TASK_RULES: Mapping[str, Rule] = {code: rule for code, rule in RULES.items() if rule.check_task is not no_findings}
"""Those that check task by task."""
