"""`protected-path`: a task would write where no agent may."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from agent_server.analysis.claims import path_set
from agent_server.analysis.globs.path_sets import BadGlob, PathSet
from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.places import item_at
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.analysis.tree import Tree
from agent_server.plan.edits import remove_item


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    task, tree, protected = found.task, around.tree, protected_paths(around)
    for item in task.writes if task.is_open else ():
        path = _found(item.text, protected, tree)
        if path is not None:
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"No agent may write `{item.text}`: it is protected. Take it out of `writes` and make that "
                "change yourself, or change the setting `protected`.",
                span=item.span,
                tasks=(task.id,),
                paths=(path,),
            )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    task = analysis.tasks[diagnostic.tasks[0]].task
    place = item_at(task, diagnostic.span)
    if place is None:
        return ()
    field, item = place
    return (Fix(f"Remove `{item.text}` from `{field.name}`", remove_item(analysis.plan, task, field.name, item.text)),)


def protected_paths(around: Around) -> PathSet:
    """What no task may write."""
    tree, patterns = around.tree, around.settings.protected
    return tree.derived((_protected, patterns), lambda: _protected(patterns, tree))


def _protected(patterns: Iterable[str], tree: Tree) -> PathSet:
    """What the settings protect. A glob there that cannot be read is for whoever reads the settings to report."""
    found = PathSet()
    for pattern in patterns:
        with suppress(BadGlob):
            found = found.union(PathSet.of((pattern,), tree))
    return found


def _found(text: str, protected: PathSet, tree: Tree) -> str | None:
    """A protected path that an item of `writes` stands for; None where there is none, or the item is bad.

    A wide glob such as `src/**` is not taken for the protected file that it might also match: landing leaves that out.
    """
    if text.startswith("!"):
        return None
    with suppress(BadGlob):
        paths = path_set((text,), tree)
        example = paths.literals[0] if paths.is_literal else paths.overlap(paths)
        return example if example is not None and protected.matches(example) else None
    return None


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
    check_task=_check_task,
    guards=True,
    fixes=_fixes,
)
