"""`task-failed`: an agent of the last run did not finish its task."""

from collections.abc import Iterator

from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import sentence
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for task_id, facts in analysis.facts.tasks.items():
        found = analysis.tasks.get(task_id)
        if facts.state is TaskState.FAILED and found is not None and found.task.is_open:
            why = sentence(facts.message)
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"In the last run `{task_id}` failed{f': {why}' if why else '.'} Nothing of it has landed.",
                span=found.task.id_span,
                tasks=(task_id,),
            )


RULE = Rule(
    code="task-failed",
    severity=Severity.ERROR,
    summary="An agent of the last run did not finish its task.",
    explanation="""\
One agent's failure does not stop the others of its wave, and nothing of a failed task lands. The message is what the
agent, or its backend, last said; the whole conversation is in the run's record.

Run the wave again when the cause was outside (a limit, a lost connection). When the agent gave up, the task is
usually too large, or its instructions miss what it needed to know. The finding goes when the task is run again, done
or skipped.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write all the entries.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- reads: `texts/clay.txt`

Write one entry for each section of `texts/clay.txt`, with its heading as title.
""",
    files={"texts/clay.txt": "Clay body\n"},
    facts=RunFacts(
        run="1",
        tasks={"data": TaskFacts(TaskState.FAILED, "the agent stopped: it could not find out which entries are meant")},
    ),
    check=_check,
    guards=True,
)
