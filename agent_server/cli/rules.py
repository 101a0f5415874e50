"""`agent-server rules`: every rule, how loud it is in this workspace, and who decided that."""

import argparse
import json
from pathlib import Path
from typing import TypedDict

from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity
from agent_server.cli.configuration import user_settings, workspace_settings
from agent_server.cli.main import UsageError
from agent_server.cli.terminal import colours
from agent_server.settings import Settings, severity_of


class RuleJson(TypedDict):
    """One rule. `severity` holds in this workspace, `default` where nobody sets another; `set_by` is who did."""

    code: str
    severity: str
    default: str
    set_by: str | None
    guards: bool
    summary: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="FOLDER", help="a workspace (default: the one here)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the rules; always 0."""
    if not options.folder.is_dir():
        raise UsageError(f"There is no folder `{options.folder}`.")
    found = listed(workspace_settings(options.folder, user_settings()))
    if options.format == "json":
        print(json.dumps(found, indent=2))
    else:
        print(in_words(found, colour=colours.are_wanted()))
    return 0


def listed(settings: Settings) -> list[RuleJson]:
    """All rules as they are under `settings`, by their codes."""
    return [
        {
            "code": code,
            "severity": severity_of(settings.analysis, code).value,
            "default": rule.severity.value,
            "set_by": place.name if (place := settings.decided.get(f"severities.{code}")) else None,
            "guards": rule.guards,
            "summary": rule.summary,
        }
        for code, rule in RULES.items()
    ]


def in_words(rules: list[RuleJson], *, colour: bool = False) -> str:
    """One line for each rule; who changed a severity stands behind it."""
    width = max(len(rule["code"]) for rule in rules)
    return "\n".join(_line(rule, width, colour=colour) for rule in rules)


def _line(rule: RuleJson, width: int, *, colour: bool) -> str:
    severity = f"{rule['severity']:<11}"
    if colour:
        severity = colours.painted(severity, Severity(rule["severity"]))
    changed = f" ({rule['default']} by default; set by {rule['set_by']})" if rule["set_by"] else ""
    return f"{rule['code']:<{width}}  {severity}  {rule['summary']}{changed}"
