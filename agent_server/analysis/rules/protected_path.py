"""`protected-path`: a task would write where no agent may."""

from collections.abc import Iterator

from agent_server.analysis.claims import globs, readable
from agent_server.analysis.globs import BadGlob, PathSet
from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.places import item_at
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.analysis.tree import Tree
from agent_server.plan.edits import remove_item
from agent_server.plan.model import Item


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    protected = _protected(analysis)
    for task_id, found in analysis.tasks.items():
        if not found.task.is_open:
            continue
        items, _ = readable(globs(found.task.writes), analysis.tree)
        for item in items:
            path = None if item.text.startswith("!") else _example(item, analysis.tree)
            if path is not None and protected.matches(path):
                yield Diagnostic(
                    code=RULE.code,
                    severity=RULE.severity,
                    message=f"No agent may write `{item.text}`: it is protected. Take it out of `writes` and make that "
                    "change yourself, or change the setting `protected`.",
                    span=item.span,
                    tasks=(task_id,),
                    paths=(path,),
                )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    task = analysis.tasks[diagnostic.tasks[0]].task
    place = item_at(task, diagnostic.span)
    if place is None:
        return ()
    field, item = place
    return (Fix(f"Remove `{item.text}` from `{field.name}`", remove_item(analysis.plan, task, field.name, item.text)),)


def _protected(analysis: Analysis) -> PathSet:
    """What the settings protect. A glob there that cannot be read is for whoever reads the settings to report."""
    found = PathSet()
    for pattern in analysis.settings.protected:
        try:
            found = found.union(PathSet.of((pattern,), analysis.tree))
        except BadGlob:
            continue
    return found


def _example(item: Item, tree: Tree) -> str | None:
    """One path that the item stands for.

    A wide glob such as `src/**` is not taken for the protected file that it might also match: landing leaves that out.
    """
    paths = PathSet.of((item.text,), tree)
    return paths.literals[0] if paths.is_literal and paths.literals else paths.overlap(paths)


RULE = Rule(
    code="protected-path",
    severity=Severity.ERROR,
    summary="A task would write a protected path.",
    explanation="""\
Some files are nobody's to write unattended: the repository's own store (`.git`), and files that hold secrets
(`.env`). Whatever an agent does to them is never landed, so a task that counts on it could not succeed. The setting
`protected` lists the globs.
""",
    bad="""\
# Mail

## mailer: Send mail through the new provider
- writes: `src/mailer.py`, `.env`

Send through the new provider. Read its key from `MAIL_KEY`.
""",
    good="""\
# Mail

## mailer: Send mail through the new provider
- writes: `src/mailer.py`, `.env.example`

Send through the new provider. Read its key from `MAIL_KEY`.
""",
    check=_check,
    fixes=_fixes,
)
