"""`implied-write`: what a task does changes a file that it does not declare."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.model import Access, Analysis, Diagnostic, Fix, Related, Source, TaskAnalysis
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed, sentence
from agent_server.analysis.settings import Severity
from agent_server.plan.edits import add_items
from agent_server.plan.text import Span

SURE = 0.8
"""From this confidence on, the finding is a warning; below, a hint."""


@dataclass(frozen=True, slots=True)
class _Forgotten:
    """What one task leaves out of its declaration for one reason."""

    found: TaskAnalysis
    entries: tuple[Access, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(entry.path for entry in self.entries)

    @property
    def span(self) -> Span:
        return self.entries[0].span or self.found.task.id_span


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    forgotten = list(_forgotten(analysis))
    for each in forgotten:
        others = [other for other in forgotten if other is not each and set(other.paths) & set(each.paths)]
        yield _diagnostic(each, others)


def _forgotten(analysis: Analysis) -> Iterator[_Forgotten]:
    """What each open task that declares its writes leaves out, and no other open task declares or names."""
    for found in analysis.tasks.values():
        if not found.task.is_open or not found.task.writes:
            continue
        reasons: dict[tuple[Span | None, bool], list[Access]] = {}
        for entry in found.writes.beyond:
            if entry.source is Source.IMPLIED and not _is_written(analysis, entry.path):
                reasons.setdefault((entry.span, entry.confidence >= SURE), []).append(entry)
        yield from (_Forgotten(found, tuple(entries)) for entries in reasons.values())


def _is_written(analysis: Analysis, path: str) -> bool:
    """Whether some open task writes the path: its author has thought of it, and gave it to that task."""
    return any(each.task.is_open and each.writes.paths.matches(path) for each in analysis.tasks.values())


def _diagnostic(each: _Forgotten, others: list[_Forgotten]) -> Diagnostic:
    task = each.found.task
    it = "it" if len(each.paths) == 1 else "them"
    reasons = "; ".join(dict.fromkeys(entry.because for entry in each.entries))
    message = f"`{task.id}` does not declare {listed(each.paths)}, so its agent could not write {it}: {reasons}."
    names = tuple(dict.fromkeys(other.found.task.id for other in others if other.found.task.id != task.id))
    if names:
        shared = [path for path in each.paths if any(path in other.paths for other in others)]
        message += f" {listed(names)} would change {listed(shared)} too."
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity if each.entries[0].confidence >= SURE else Severity.HINT,
        message=message,
        span=each.span,
        tasks=(task.id, *names),
        paths=each.paths,
        related=tuple(Related(other.span, f"{sentence(other.entries[0].because)}") for other in others),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    task = analysis.tasks[diagnostic.tasks[0]].task
    declare = Fix(
        f"Declare {listed(diagnostic.paths)} in `writes`",
        add_items(analysis.plan, task, "writes", diagnostic.paths),
        preferred=True,
    )
    return (declare,)


RULE = Rule(
    code="implied-write",
    severity=Severity.WARNING,
    summary="What a task does changes a file that it does not declare.",
    explanation="""\
Adding a dependency changes the manifest and its lock file, a new page belongs into the list of pages, generated code
follows its source. Such files are easily forgotten. What a task declares is what its agent is held to, so it could not
write them, and the work would be left half done; and two tasks that both change the lock file would not be seen to
collide.

Declare the file. Where several tasks would change it, give it to one integration task that needs them all.

What is implied is learnt from the workspace: a lock file counts where there is one, a list where it names every
neighbour of the new file today. Where another task declares the file, nothing is reported. What is less certain, such
as a snapshot of a test, is only a hint.
""",
    bad="""\
# Clay wiki

## api: Check what is sent to the wiki
- writes: `src/api.ts`

Add the `zod` package, and refuse entries without a title.
""",
    good="""\
# Clay wiki

## api: Check what is sent to the wiki
- writes: `src/api.ts`, `package.json`, `pnpm-lock.yaml`

Add the `zod` package, and refuse entries without a title.
""",
    files={"package.json": "{}\n", "pnpm-lock.yaml": "", "src/api.ts": ""},
    check=_check,
    fixes=_fixes,
)
