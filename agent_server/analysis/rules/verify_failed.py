"""`verify-failed`: the verify command failed in the last run."""

from collections.abc import Iterator

from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState, VerifyFacts
from agent_server.analysis.model import Analysis, Diagnostic, FilePlace
from agent_server.analysis.rules.places import plan_span, title_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed, sentence
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Plan
from agent_server.plan.text import Span
from agent_server.plan.visible import visible

_MOST_PLACES = 20


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    verify = analysis.facts.verify
    # Once all has landed in spite of it, or was discarded, nobody has to do anything about it.
    if verify is None or verify.passed or not verify.command or not analysis.facts.waits:
        return
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=_whole(verify),
        span=_span(analysis.plan, verify.command),
    )
    for task_id, words in _blamed(verify):
        found = analysis.tasks.get(task_id)
        if found is not None and found.task.is_open:
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=words,
                span=title_span(found.task),
                tasks=(task_id,),
                elsewhere=tuple(_places(analysis, task_id, verify)),
            )


def _whole(verify: VerifyFacts) -> str:
    """What is said of the command: that it failed, how it ended, and what is known of the cause."""
    end = next((line.strip() for line in reversed(verify.output.splitlines()) if line.strip()), "")
    words = [f"`{verify.command}` failed in the last run, so nothing of it has landed."]
    if end:
        words.append(f"It ended with `{end}`.")
    if verify.base_fails:
        words.append("It fails in the workspace as it is, too, without any task's work: mend that first.")
    if verify.passed_again:
        words.append("Tried once more with the same work, it passed: it does not always end in the same way.")
    if verify.passing:
        words.append(f"With the work of {listed(verify.passing)} alone it passes.")
    return " ".join(words)


def _blamed(verify: VerifyFacts) -> Iterator[tuple[str, str]]:
    """The tasks that fail together, each with what is said of it; where that is not known, who wrote what is wrong."""
    if verify.base_fails or verify.passed_again:
        return
    if verify.failing:
        together = f"the work of {listed(verify.failing)}{' together' if len(verify.failing) > 1 else ' alone'}"
        doubt = "" if verify.is_smallest else " Whether it takes all of them was not found out."
        for task in verify.failing:
            yield task, f"`{verify.command}` fails with {together}.{doubt}{_first(_of(task, verify))}"
    else:
        for task in dict.fromkeys(task for problem in verify.problems for task in problem.tasks):
            own = _of(task, verify)
            if any(each.severity is Severity.ERROR for each in own):
                yield (
                    task,
                    f"`{verify.command}` failed, and says what is wrong in files that `{task}` wrote.{_first(own)}",
                )


def _of(task: str, verify: VerifyFacts) -> list[BuildProblem]:
    """The problems in files that a task wrote, the errors first."""
    own = (each for each in verify.problems if task in each.tasks)
    return sorted(own, key=lambda each: each.severity is not Severity.ERROR)


def _first(problems: list[BuildProblem]) -> str:
    """The first problem in words, and how many more there are."""
    if not problems:
        return ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f" `{problems[0].path}`, line {problems[0].line + 1}: {sentence(visible(problems[0].message))}{more}"


def _places(analysis: Analysis, task: str, verify: VerifyFacts) -> Iterator[FilePlace]:
    """Where the problems are that the output tells of: in the task's own files, or else in any."""
    for each in (_of(task, verify) or list(verify.problems))[:_MOST_PLACES]:
        writer = task if task in each.tasks else next(iter(each.tasks), "")
        now = each.path in analysis.tree
        if now or writer:
            message = visible(each.message)
            yield FilePlace(each.path, each.line, each.column, message, analysis.facts.run, writer, now)


def _span(plan: Plan, command: str) -> Span:
    """Where the plan gives the command: for the whole wave, or for one task alone."""
    written = (plan.settings.verify, *(task.verify for task in plan.tasks))
    return next((item.span for item in written if item is not None and item.text == command), plan_span(plan))


RULE = Rule(
    code="verify-failed",
    severity=Severity.ERROR,
    summary="The verify command failed in the last run.",
    explanation="""\
Agents can each succeed and fail together, so the combined result of a wave is verified once, in a sandbox, before
anything lands. When that fails, the workspace stays as it was and the agents' changes are kept.

The command is then run again over parts of the wave, to find out which tasks fail together and what passes without
them. Where no part fails, all is tried once more: if that passes, the command does not always end in the same way, and
nobody is blamed. What its output says of single files is shown in these files, until the run lands or is discarded.

Often two tasks understood a name or a format differently: write it down above the first task, where every agent sees
it, and run the wave again.
""",
    bad="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

The data module has one list, `ENTRIES`, of dictionaries with `title` and `body`.

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries.

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.
""",
    facts=RunFacts(
        run="1",
        tasks={"data": TaskFacts(TaskState.HELD), "hub": TaskFacts(TaskState.HELD)},
        verify=VerifyFacts(
            "python build.py",
            passed=False,
            output="Traceback (most recent call last):\nKeyError: 'title'\n",
            problems=(BuildProblem("src/pages/clay.py", 7, "KeyError: 'title'", source="python", tasks=("hub",)),),
            failing=("data", "hub"),
        ),
    ),
    check=_check,
    guards=True,
)
