"""The rules: one file a diagnostic, with its explanation, its examples and its fixes.

Adding a file adds a rule. A rule's file exposes `RULE` and is named after its code (`write_conflict.py` holds
`write-conflict`); a file without `RULE` is what several rules share.

Invariant: a rule reads the `Analysis` and nothing else. It never computes a hazard: what an editor shows, what the
waves are made of and what the executor obeys are one value.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

__all__ = ["RULES", "Rule", "fixes", "run"]


def run(analysis: Analysis) -> tuple[Diagnostic, ...]:
    """All findings in the order of the text, at the severities that the user has set.

    Rules that are off are not even checked. A rule that raises is a bug of ours and is let through.
    """
    severities = analysis.settings.severities
    found = [
        _with_severity(diagnostic, severities.get(code))
        for code, rule in RULES.items()
        if severities.get(code) is not Severity.OFF
        for diagnostic in rule.check(analysis)
    ]
    return tuple(sorted(found, key=lambda each: (each.span, each.code, each.message)))


def fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """The edits of the plan that would mend `diagnostic`, best first. `analysis` is the one that found it."""
    rule = RULES.get(diagnostic.code)
    return rule.fixes(analysis, diagnostic) if rule else ()


def _with_severity(diagnostic: Diagnostic, severity: Severity | None) -> Diagnostic:
    return diagnostic if severity is None else replace(diagnostic, severity=severity)


def _discover() -> Mapping[str, Rule]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    rules = (vars(module).get("RULE") for module in modules)
    return {rule.code: rule for rule in sorted(filter(None, rules), key=lambda rule: rule.code)}


RULES: Mapping[str, Rule] = _discover()
"""Every rule by its code, in alphabetical order."""
