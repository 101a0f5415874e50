"""SARIF 2.1.0 (OASIS), as code scanning takes it: one run, with the rules that found something.

Regions count UTF-16 code units, as `columnKind` says. Paths are relative to the workspace. What is related is linked
from the message, and each fix is a set of replacements.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from agent_server import __version__
from agent_server.analysis import rules
from agent_server.analysis.model import Diagnostic, FilePlace, Fix
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity
from agent_server.cli.outputs import Checked, Output
from agent_server.cli.outputs.fingerprints import LineFingerprints
from agent_server.cli.plans import PlanFile
from agent_server.cli.rule import page_of
from agent_server.plan.folders import Places
from agent_server.plan.text import Position, Span

MOST_RESULTS = 25_000
"""GitHub refuses a run with more; the most severe are kept."""

MOST_RELATED = 100
"""So many further places of a result GitHub shows."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_LOUDNESS = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION, Severity.HINT)
_IN_LINKS = re.compile(r"[\\\[\]]")

_Json = dict[str, Any]


def log_of(checked: Checked) -> _Json:
    """What was checked, as a SARIF log."""
    found = [(plan, each) for plan in checked.plans for each in plan.analysis.diagnostics]
    if len(found) > MOST_RESULTS:
        found = sorted(found, key=lambda pair: _LOUDNESS.index(pair[1].severity))[:MOST_RESULTS]
    codes = sorted({diagnostic.code for _, diagnostic in found})
    places = {plan.name: _PlanPlaces(plan) for plan in checked.plans}
    run = {
        "tool": {
            "driver": {
                "name": "Agent Server",
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "invocations": [_invocation(checked)],
        "originalUriBaseIds": {_ROOT: {"uri": f"{checked.root.as_uri().rstrip('/')}/"}},
        "columnKind": "utf16CodeUnits",
        "results": [_result(plan, each, places[plan.name], codes.index(each.code)) for plan, each in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


class _PlanPlaces:
    """Where spans of a plan are, in SARIF's words."""

    def __init__(self, plan: PlanFile) -> None:
        self._plan = plan.analysis.plan
        self._name = plan.name
        self._places = Places(plan.analysis.plan, plan.name)
        self._fingerprints: dict[str, LineFingerprints] = {}

    def physical(self, span: Span) -> _Json:
        """The file and the region of a span."""
        file, start, end = self._places.range(span)
        return {"artifactLocation": _artifact(file), "region": _region(start, end)}

    def fingerprint(self, span: Span) -> str:
        """What tells a finding at a span from others, whatever happens above it."""
        file, start, _ = self._places.range(span)
        if file not in self._fingerprints:
            part = self._plan.part_at(span.start)
            text = part.span.of(self._plan.text) if part is not None else self._plan.text
            self._fingerprints[file] = LineFingerprints(text)
        return self._fingerprints[file].of(start.line)


def _rule(code: str) -> _Json:
    rule = RULES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(rule.explanation.split("\n\n")[0].split())},
        "help": {"text": f"{rule.summary}\n\n{rule.explanation}", "markdown": page_of(code)},
        "defaultConfiguration": {"level": _level(rule.severity)},
    }


def _invocation(checked: Checked) -> _Json:
    told = [{"level": "error", "message": {"text": _plain(sentence)}} for sentence in checked.unread]
    return {"executionSuccessful": not told, **({"toolExecutionNotifications": told} if told else {})}


def _result(plan: PlanFile, found: Diagnostic, places: _PlanPlaces, rule: int) -> _Json:
    location: _Json = {"physicalLocation": places.physical(found.span)}
    if found.tasks:
        location["logicalLocations"] = [{"name": task, "kind": "task"} for task in found.tasks[:MOST_RELATED]]
    related = _related(found, places)
    links = "".join(f"\n[{_in_link(message)}]({number})" for number, (_, message) in enumerate(related, 1))
    result: _Json = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": _level(found.severity),
        "message": {"text": _plain(found.message) + links},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": places.fingerprint(found.span)},
    }
    if related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": place, "message": {"text": _plain(message)}}
            for number, (place, message) in enumerate(related, 1)
        ]
    if fixes := [_fix(fix, places) for fix in rules.fixes(plan.analysis, found) if fix.edits]:
        result["fixes"] = fixes
    return result


def _related(found: Diagnostic, places: _PlanPlaces) -> Sequence[tuple[_Json, str]]:
    """The other places that a finding is about, as far as they exist, and what is told of them."""
    inside = [(places.physical(each.span), each.message) for each in found.related]
    elsewhere = [(_file_place(each), each.message) for each in found.elsewhere if each.now]
    return [*inside, *elsewhere][:MOST_RELATED]


def _file_place(place: FilePlace) -> _Json:
    region: _Json = {"startLine": place.line + 1}
    if place.column is not None:
        region["startColumn"] = place.column + 1
    return {"artifactLocation": _artifact(place.path), "region": region}


def _fix(fix: Fix, places: _PlanPlaces) -> _Json:
    changes: dict[str, _Json] = {}
    for edit in fix.edits:
        place = places.physical(edit.span)
        artifact = place["artifactLocation"]
        change = changes.setdefault(artifact["uri"], {"artifactLocation": artifact, "replacements": []})
        change["replacements"].append({"deletedRegion": place["region"], "insertedContent": {"text": edit.new_text}})
    return {"description": {"text": _plain(fix.title)}, "artifactChanges": list(changes.values())}


def _artifact(path: str) -> _Json:
    return {"uri": quote(path), "uriBaseId": _ROOT}


def _region(start: Position, end: Position) -> _Json:
    return {
        "startLine": start.line + 1,
        "startColumn": start.character + 1,
        "endLine": end.line + 1,
        "endColumn": end.character + 1,
    }


def _level(severity: Severity) -> str:
    return _LEVELS.get(severity, "note")


def _plain(text: str) -> str:
    """A text in which nothing is taken for a link (SARIF 2.1.0, section 3.11.6)."""
    return _IN_LINKS.sub(r"\\\g<0>", text) if "](" in text else text


def _in_link(text: str) -> str:
    return _IN_LINKS.sub(r"\\\g<0>", text)


def _render(checked: Checked) -> Iterable[str]:
    return (json.dumps(log_of(checked), indent=2),)


OUTPUT = Output("sarif", _render, one_workspace=True)
