"""`agent-server rule CODE`: what a rule is about, with examples and how to mend the finding."""

import argparse
import json
import sys
from collections.abc import Iterable
from importlib.resources import files

from agent_server.cli.main import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("code", metavar="CODE", help="a rule's code, as it stands behind a finding: `write-conflict`")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the page of the rule; always 0 where there is such a rule."""
    from agent_server.analysis.rules import RULES

    rule = RULES.get(options.code)
    if rule is None:
        raise UsageError(no_such_rule(options.code, RULES))
    page = page_of(rule.code)
    if options.format == "json":
        told = {"code": rule.code, "severity": rule.severity.value, "guards": rule.guards, "summary": rule.summary}
        print(json.dumps({**told, "page": page}, indent=2))
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(page, hyperlinks=False))
    else:
        print(page, end="")
    return 0


def page_of(code: str) -> str:
    """The page of a rule, as Markdown; it ships with the package."""
    return (files("agent_server.analysis.rules") / "pages" / f"{code}.md").read_text("utf-8")


def no_such_rule(code: str, known: Iterable[str]) -> str:
    """What is said to whoever names a rule that there is not, with the one that may be meant."""
    from agent_server.plan.fields import did_you_mean

    near = did_you_mean(code.replace("_", "-"), known)
    hint = f"Did you mean `{near}`?" if near else "`agent-server rules` lists all."
    return f"There is no rule `{code}`. {hint}"
