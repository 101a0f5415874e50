"""`implied-write`: what a task does changes a file that it does not declare."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent_server.analysis.implied.ecosystems import MANIFESTS
from agent_server.analysis.implied.generated import looks_generated, made_from
from agent_server.analysis.model import Access, Analysis, Diagnostic, Fix, Related, Source, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.integration import give_to_first_task, give_to_last_task
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed, sentence
from agent_server.analysis.settings import Severity
from agent_server.analysis.tree import Tree
from agent_server.analysis.write_sets import SURE
from agent_server.plan.edits import add_items
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class _Forgotten:
    """What one task leaves out, for reasons that stand at one place."""

    found: TaskAnalysis
    entries: tuple[Access, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(entry.path for entry in self.entries)

    @property
    def span(self) -> Span:
        return self.entries[0].span or self.found.task.id_span

    @property
    def is_sure(self) -> bool:
        return self.entries[0].confidence >= SURE


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    forgotten = list(_forgotten(analysis))
    wanted: dict[str, list[_Forgotten]] = {}
    for each in forgotten:
        for path in each.paths:
            wanted.setdefault(path, []).append(each)
    for each in forgotten:
        others = {id(other): other for path in each.paths for other in wanted[path] if other.found is not each.found}
        yield _diagnostic(each, others.values())


def _forgotten(analysis: Analysis) -> Iterator[_Forgotten]:
    """What each open task whose writes are known leaves out, and no other open task writes."""
    for name, home in analysis.at_home.items():
        if not home.writes.beyond or home.writes.unknown or not home.task.is_open:
            continue
        found = analysis.tasks[name]
        reasons: dict[tuple[Span | None, bool], list[Access]] = {}
        for entry in found.writes.beyond:
            if entry.source is Source.IMPLIED and not _is_written(analysis, entry.path):
                reasons.setdefault((entry.span, entry.confidence >= SURE), []).append(entry)
        yield from (_Forgotten(found, tuple(entries)) for entries in reasons.values())


def _is_written(analysis: Analysis, path: str) -> bool:
    """Whether some open task writes the path: its author has thought of it, and gave it to that task."""
    return any(each.task.is_open and each.writes.paths.matches(path) for each in analysis.at_home.values())


def _diagnostic(each: _Forgotten, others: Iterable[_Forgotten]) -> Diagnostic:
    task = each.found.task
    says = "declare" if task.writes else "name"
    it = "it" if len(each.paths) == 1 else "them"
    reasons = "; ".join(dict.fromkeys(entry.because for entry in each.entries))
    message = f"`{task.id}` does not {says} {listed(each.paths)}, so its agent could not write {it}: {reasons}."
    names = tuple(dict.fromkeys(other.found.task.id for other in others))
    if names:
        shared = [path for path in each.paths if any(path in other.paths for other in others)]
        message += f" {listed(names)} would have to change {listed(shared)} too."
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity if each.is_sure else Severity.HINT,
        message=message,
        span=each.span,
        tasks=(task.id, *names),
        paths=each.paths,
        related=tuple(Related(other.span, _because(other)) for other in others),
    )


def _because(other: _Forgotten) -> str:
    return sentence(f"`{other.found.task.id}`: {other.entries[0].because}")


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    """Generated files that a task is to write although no task writes their source."""
    task = found.task.id
    for entry in found.writes.entries if found.task.is_open else ():
        source = _source(entry.path, around.tree) if entry.exists and looks_generated(entry.path) else None
        if source is not None and entry.span is not None and not around.is_written(source):
            yield Diagnostic(
                code=RULE.code,
                severity=Severity.INFORMATION,
                message=f"`{entry.path}` is generated from `{source}`, which no task changes: what `{task}` "
                "writes there is lost as soon as somebody generates it again. Change the source too.",
                span=entry.span,
                tasks=(task,),
                paths=(source,),
            )


def _source(path: str, tree: Tree) -> str | None:
    text = tree.contents.get(path)
    return None if text is None else made_from(path, text, tree)


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """Declare the files or, where several tasks forget them, give them to one task of their own."""
    tasks = [analysis.tasks[task_id].task for task_id in diagnostic.tasks]
    if not tasks[0].writes:
        return ()  # A `writes` field would now be all that the task may write.
    declare = Fix(
        f"Declare {listed(diagnostic.paths)} in `writes`",
        add_items(analysis.plan, tasks[0], "writes", diagnostic.paths),
        preferred=len(tasks) == 1,
    )
    if len(tasks) == 1:
        return (declare,)
    before = any(path.rpartition("/")[2] in MANIFESTS for path in diagnostic.paths)
    given = give_to_first_task if before else give_to_last_task
    return (given(analysis, tasks, diagnostic.paths), declare)


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
neighbour of the new file today. Where another task declares the file, nothing is reported. What is less certain is
only a hint: a snapshot of a test, the same texts in other languages, a file that the instructions say to write.
""",
    elsewhere=Severity.OFF,
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
    check_task=_check_task,
    fixes=_fixes,
)
