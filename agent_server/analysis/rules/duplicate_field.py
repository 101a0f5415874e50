"""`duplicate-field`: a task says the same field twice."""

from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.problems import reported
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.edits import set_field
from agent_server.plan.fields import FIELDS, Shape


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """One bullet that says what the two say now; a setting of the front matter is left to a person."""
    task = analysis.plan.task_at(diagnostic.span.start)
    name = diagnostic.span.of(analysis.plan.text)
    same = [field for field in task.fields if field.name == name] if task else []
    if task is None or len(same) < 2:
        return ()
    is_list = FIELDS[name].shape is Shape.LIST
    items = [item.text for field in (same if is_list else same[:1]) for item in field.items]
    title = f"Join the two `{name}`" if is_list else f"Keep only the first `{name}`"
    return (Fix(title, set_field(analysis.plan, task, name, items)),)


RULE = Rule(
    code="duplicate-field",
    severity=Severity.WARNING,
    summary="A task has the same field more than once.",
    explanation="""\
Two bullets of one name are usually the trace of a merge or of a paste, and a reader sees only one of them. Put all
values in one bullet, separated by commas or as a nested list.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- minutes: 10
- minutes: 25

Write 17 entries, each with a title and a body.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- minutes: 25

Write 17 entries, each with a title and a body.
""",
    check=reported("duplicate-field", Severity.WARNING, "The field stands here first."),
    reads_text=True,
    fixes=_fixes,
)
