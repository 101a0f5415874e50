"""`broken-contract`: a task of the last run did not write what others were allowed to rely on."""

from collections.abc import Iterator

from agent_server.analysis.facts import BrokenContract, RunFacts, TaskFacts, TaskState, VerifyFacts
from agent_server.analysis.model import Analysis, Diagnostic, FilePlace, Related
from agent_server.analysis.rules.places import title_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import sentence
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    verify = analysis.facts.verify
    # Once it was discarded, or has landed in spite of that, nobody has to do anything about it.
    for each in verify.broken if verify is not None and analysis.facts.waits else ():
        producer = analysis.tasks.get(each.producer)
        if producer is not None and producer.task.is_open:
            users = [analysis.tasks[task].task for task in each.tasks if task in analysis.tasks]
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"{sentence(each.message)} Nothing of the last run has landed.",
                span=title_span(producer.task),
                tasks=(each.producer, *(task.id for task in users)),
                paths=(each.path,),
                related=tuple(Related(title_span(task), f"`{task.id}` relies on it.") for task in users),
                elsewhere=tuple(_written(analysis, each)),
            )


def _written(analysis: Analysis, broken: BrokenContract) -> Iterator[FilePlace]:
    """The file as the producer wrote it, where the workspace has such a file."""
    if broken.path in analysis.tree:
        words = "This is what others rely on."
        yield FilePlace(broken.path, 0, None, words, analysis.facts.run, broken.producer, now=True)


RULE = Rule(
    code="broken-contract",
    severity=Severity.ERROR,
    summary="A task of the last run did not write what others were allowed to rely on.",
    explanation="""\
Two tasks may run at once although one imports what the other creates, where a pattern or an `exports` field says in
advance what that will be. Whether it came so is checked when all agents have ended, before anything is built.

Say in `exports` which names the task must write, or in its instructions where it has to put them, and try it again.
""",
    bad="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- exports: `ENTRIES`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- imports: `src/data/clay.py`

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- exports: `ENTRIES`

Write 17 entries into one list, `ENTRIES`: each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- imports: `src/data/clay.py`

Build the page that lists every entry.
""",
    facts=RunFacts(
        run="1",
        tasks={"data": TaskFacts(TaskState.HELD), "hub": TaskFacts(TaskState.HELD)},
        verify=VerifyFacts(
            "",
            passed=False,
            broken=(
                BrokenContract(
                    "data",
                    ("hub",),
                    "src/data/clay.py",
                    "`src/data/clay.py`, as `data` wrote it, does not define `ENTRIES`, which others rely on.",
                ),
            ),
        ),
    ),
    check=_check,
    guards=True,
)
