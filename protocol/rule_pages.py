"""A rule's documentation page, made from the rule: what stands there is what the tests have tried. Pure."""

from collections.abc import Mapping

from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules import fixes
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.analysis.tree import Tree


def page(rule: Rule) -> str:
    """The page of a rule, as Markdown."""
    plan, problems = rule.read(rule.bad)
    analysis = analyse(plan, problems, Tree(rule.files, rule.files), facts=rule.facts)
    found = [each for each in analysis.diagnostics if each.code == rule.code]
    parts = (
        f"# {rule.code}",
        rule.summary,
        f"Severity: {rule.severity}{_elsewhere(rule)}, unless you set another one (see below).",
        rule.explanation.strip(),
        "## What raises it",
        _fenced(rule.bad, _language(rule)),
        _workspace(rule.files),
        _shown(analysis, found[0]),
        _offers(analysis, found[0]),
        "## What does not",
        _fenced(rule.good, _language(rule)),
        _AFTER_A_RUN if rule.facts != rule.good_facts else "",
        "## How to change it",
        _how_to_change(rule),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _elsewhere(rule: Rule) -> str:
    """How loud it is in plans of other formats, where that is something else."""
    if rule.elsewhere in {None, rule.severity}:
        return ""
    return f" ({rule.elsewhere} in plans of other formats than ours)"


_AFTER_A_RUN = "The finding is about the plan's last run, and goes with the next one."


def _language(rule: Rule) -> str:
    """What the examples are written in."""
    return "markdown" if rule.example.endswith(".md") else "json"


def _fenced(text: str, language: str) -> str:
    lines = text.splitlines()
    # A plan of a thousand words makes its point in twenty.
    shown = lines if len(lines) <= 40 else [*lines[:10], "..."]
    fence = "````" if "```" in text else "```"
    return "\n".join((f"{fence}{language}", *shown, fence))


def _workspace(files: Mapping[str, str]) -> str:
    if not files:
        return ""
    shown = (
        f"{path}\n" + "".join(f"    {line}\n" if line else "\n" for line in files[path].splitlines()) for path in files
    )
    return f"in a workspace with\n\n{_fenced(''.join(shown), 'text')}"


def _shown(analysis: Analysis, found: Diagnostic) -> str:
    return f"> {found.severity.capitalize()}, at `{found.span.of(analysis.plan.text)}`: {found.message}"


def _offers(analysis: Analysis, found: Diagnostic) -> str:
    titles = [f"- {fix.title}" for fix in fixes(analysis, found)]
    return "\n".join(("The editor offers:\n", *titles)) if titles else ""


def _how_to_change(rule: Rule) -> str:
    blocks = rule.severity is Severity.ERROR and not rule.is_about_a_run
    return "\n\n".join(
        (
            f"Set its severity to {_LEVELS}, {_PLACES}{'' if rule.guards else _OR_HERE}:",
            _fenced(f'[severities]\n{rule.code} = "off"\n', "toml"),
            _GUARDED if rule.guards else "",
            "A task with an error does not run; any lower severity lets it." if blocks else "",
        )
    ).strip()


_GUARDED = """\
A workspace's own `agent-server.toml` cannot make it quieter. The rule guards what agents must not touch, or tells what
they did, and the files of a workspace may come from anybody."""

_PLACES = "in your editor's settings for Agent\nServer or in your `settings.toml`"
_OR_HERE = ", or for a workspace in its `agent-server.toml`"
_LEVELS = "`error`, `warning`, `information`, `hint` or `off`"
