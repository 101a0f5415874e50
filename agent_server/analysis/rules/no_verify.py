"""`no-verify`: several agents work at once, and nothing checks what they made together."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.places import plan_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Edit, Plan
from agent_server.plan.text import Span

_COMMANDS = {
    "package.json": ("npm run build", "npm test"),
    "pyproject.toml": ("python -m pytest",),
    "pytest.ini": ("python -m pytest",),
    "Cargo.toml": ("cargo test",),
    "go.mod": ("go build ./... && go test ./...",),
    "build.gradle": ("gradle check",),
    "pom.xml": ("mvn verify",),
    "Gemfile": ("bundle exec rake",),
    "Makefile": ("make",),
}
"""The usual commands of a workspace, by a file at its root."""


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    widest = max(analysis.schedule.waves, key=len, default=())
    if len(widest) > 1 and analysis.plan.settings.verify is None and not analysis.settings.verify:
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"{len(widest)} agents will work at once, and nothing checks what they make together. "
            f"Add `verify` to {_where(analysis.plan)}, with the command that builds or tests the result.",
            span=plan_span(analysis.plan),
        )


def _where(plan: Plan) -> str:
    return "the front matter" if plan.has_fields else "your settings"


def _fixes(analysis: Analysis, _diagnostic: Diagnostic) -> tuple[Fix, ...]:
    if not analysis.plan.has_fields:
        return ()
    commands = (each for manifest, known in _COMMANDS.items() if manifest in analysis.tree for each in known)
    return tuple(
        Fix(f"Verify with `{command}`", (_verified(analysis.plan, command),)) for command in dict.fromkeys(commands)
    )


def _verified(plan: Plan, command: str) -> Edit:
    """The command as the first setting of the front matter, which is made where there is none."""
    front_matter = plan.front_matter.of(plan.text)
    if front_matter:
        at = plan.front_matter.start + front_matter.index("\n") + 1
        return Edit(Span(at, at), f"verify: {command}\n")
    start = 1 if plan.text.startswith("\ufeff") else 0
    return Edit(Span(start, start), f"---\nverify: {command}\n---\n")


RULE = Rule(
    code="no-verify",
    severity=Severity.WARNING,
    summary="Several agents work at once, and nothing checks the combined result.",
    explanation="""\
Agents can each succeed and fail together: one renames what the other one calls. `verify` names a command that runs
once on the combined result, in a sandbox, after all agents of a wave have finished. Nothing lands unless it passes.

A build, a type check or the tests will do. Your own settings may name a command for plans that have none; a
workspace's settings may not, since a stranger's repository must not choose what runs.
""",
    elsewhere=Severity.OFF,
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.ts`

Write 17 entries, each with a title and a body.

## style: Style the wiki
- writes: `src/styles/clay.css`

Give the entries more room.
""",
    good="""\
---
verify: npm run build
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.ts`

Write 17 entries, each with a title and a body.

## style: Style the wiki
- writes: `src/styles/clay.css`

Give the entries more room.
""",
    files={"package.json": "{}\n"},
    check=_check,
    fixes=_fixes,
)
