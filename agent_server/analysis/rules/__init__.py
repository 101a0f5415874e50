"""The rules: one file a diagnostic, with its explanation, its examples and its fixes.

Adding a file adds a rule. A rule's file exposes `RULE` and is named after its code (`write_conflict.py` holds
`write-conflict`); a file without `RULE` is what several rules share.

Invariant: a rule reads the `Analysis` and nothing else. It never computes a hazard: what an editor shows, what the
waves are made of and what the executor obeys are one value. A rule about single tasks may read one `TaskAnalysis` and
what is `Around` it instead; its findings are then kept while an edit elsewhere leaves the task alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules

from agent_server.analysis.columns import Column
from agent_server.analysis.findings import Finding, findings
from agent_server.analysis.inputs import Inputs
from agent_server.analysis.memory import Memory
from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.roster import Roster
from agent_server.analysis.rules.around import Around, created_in
from agent_server.analysis.rules.rule import Rule, no_findings
from agent_server.analysis.settings import Severity
from agent_server.plan.moving import moved

__all__ = ["RULES", "Rule", "Told", "find", "fixes", "run"]


@dataclass(frozen=True, slots=True)
class Told:
    """What rules rest on, but for those that read the text of the plan.

    Those about hazards rest on `hazards` alone, others about the plan on `plan` too. Those about single tasks are given
    the `tasks` at home, whatever their waves and phases.
    """

    hazards: tuple[object, ...]
    plan: tuple[object, ...]
    tasks: Column[TaskAnalysis]


def run(analysis: Analysis) -> tuple[Diagnostic, ...]:
    """All findings in the order of the text, at the severities that the user has set.

    Rules that are off are not even checked. A rule that raises is a bug of ours and is let through.
    """
    inputs, memory = Inputs(analysis.plan, analysis.tree, analysis.roster), Memory()
    around = Around(analysis, inputs.tree, inputs.notes, partial(created_in, analysis))
    memory.begin(inputs, None)
    return tuple(
        [
            each.placed(analysis.roster)
            for each in find(analysis, around, inputs, memory, Told((), (), analysis.at_home))
        ]
    )


def find(analysis: Analysis, around: Around, inputs: Inputs, memory: Memory, told: Told) -> tuple[Finding, ...]:
    """What `run` answers, apart from where it stands.

    What `memory` holds of an earlier analysis saves work and changes no answer.
    """
    roster = analysis.roster
    noted = replace(analysis, tree=inputs.tree)
    hazards = memory.recall("hazards", lambda *_: findings(_about(_of_hazards, noted), roster), *told.hazards)
    plan = memory.recall("plan", lambda *_: findings(_about(_of_tasks, noted), roster), *told.hazards, *told.plan)
    text = findings(_about(_of_text, analysis), roster)
    of_tasks = memory.recall_each("task", partial(_about_task, roster, around), told.tasks)
    tasks = memory.recall("tasks", _joined, of_tasks)
    found = (*hazards, *plan, *memory.same("text", text, text), *tasks)
    return tuple(sorted(found, key=lambda each: each.order(roster)))


def fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """The edits of the plan that would mend `diagnostic`, best first. `analysis` is the one that found it.

    What the plan's format cannot hold is not among them.
    """
    rule = RULES.get(diagnostic.code)
    return tuple([fix for fix in rule.fixes(analysis, diagnostic) if fix.edits]) if rule else ()


def _of_hazards(rule: Rule) -> bool:
    return rule.about_hazards


def _of_text(rule: Rule) -> bool:
    return rule.reads_text


def _of_tasks(rule: Rule) -> bool:
    return not (rule.about_hazards or rule.reads_text)


def _about(chosen: Callable[[Rule], bool], analysis: Analysis) -> Iterator[Diagnostic]:
    """What the chosen rules find in the whole plan."""
    severities, has_fields = analysis.settings.severities, analysis.plan.has_fields
    for rule in RULES.values():
        severity = rule.loudness(severities, has_fields=has_fields)
        if chosen(rule) and severity is not Severity.OFF:
            for diagnostic in rule.check(analysis):
                yield diagnostic if severity is None else replace(diagnostic, severity=severity)


def _about_task(roster: Roster, around: Around, home: TaskAnalysis) -> tuple[Finding, ...]:
    """What the rules find in one task; nothing in one that is done, since no agent gets it."""
    if not home.task.is_open:
        return ()
    # Only where a task stands now do its places fit those of other tasks.
    found = moved(home, roster.place_of(home.task.id))
    severities, has_fields = around.settings.severities, around.has_fields
    diagnostics: list[Diagnostic] = []
    for rule in TASK_RULES.values():
        severity = rule.loudness(severities, has_fields=has_fields)
        if severity is None:
            diagnostics += rule.check_task(found, around)
        elif severity is not Severity.OFF:
            diagnostics += [replace(each, severity=severity) for each in rule.check_task(found, around)]
    return findings(diagnostics, roster)


def _joined(found: Column[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    return tuple(chain.from_iterable(found.values()))


def _discover() -> Mapping[str, Rule]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    rules = (vars(module).get("RULE") for module in modules)
    return {rule.code: rule for rule in sorted(filter(None, rules), key=lambda rule: rule.code)}


RULES: Mapping[str, Rule] = _discover()
"""Every rule by its code, in alphabetical order."""

TASK_RULES: Mapping[str, Rule] = {code: rule for code, rule in RULES.items() if rule.check_task is not no_findings}
"""Those that check task by task."""
