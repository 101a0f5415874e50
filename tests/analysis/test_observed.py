"""What earlier runs of a task wrote, as a guess at what it writes now."""

from agent_server.analysis.analyse import analyse
from agent_server.analysis.estimates.past_runs import History, Observed, PastTask, observed
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.model import Analysis, Source
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse

PLAN = "x.plan.md"
DECLARED = """\
# Two

## a: Change the data
- writes: `src/a.py`

Change it.

## b: Read the index
- writes: `src/b.py`
- reads: `src/index.py`

Read it.
"""
SILENT = """\
# One

## a: Make everything better

Somehow.
"""
FILES = ("src/a.py", "src/b.py", "src/index.py")


def ran(task: str, *wrote: str, plan: str = PLAN) -> PastTask:
    return PastTask(plan, task, "model", len(wrote), 1.0, wrote=wrote)


def analysed(text: str, *past: PastTask) -> Analysis:
    plan, problems = parse(text)
    facts = RunFacts(history=History(PLAN, past)) if past else NO_FACTS
    return analyse(plan, problems, Tree(FILES), facts=facts)


def guesses(analysis: Analysis, task: str) -> list[tuple[str, str]]:
    beyond = analysis.tasks[task].writes.beyond
    return [(access.path, access.because) for access in beyond if access.source is Source.OBSERVED]


def test_what_an_earlier_run_wrote_beside_its_write_set_is_guessed() -> None:
    analysis = analysed(DECLARED, ran("a", "src/a.py", "src/index.py", "dist/made.js"))
    assert guesses(analysis, "a") == [("src/index.py", "its agent wrote it, or wanted to, in an earlier run")]
    assert guesses(analysis, "b") == []


def test_only_the_same_task_of_the_same_plan_tells() -> None:
    assert guesses(analysed(DECLARED, ran("a", "src/index.py", plan="other.plan.md")), "a") == []
    assert guesses(analysed(DECLARED, ran("b", "src/index.py")), "a") == []


def test_a_guess_changes_no_write_set_no_wave_and_finds_no_error() -> None:
    before, after = analysed(DECLARED), analysed(DECLARED, ran("a", "src/index.py", "src/b.py"))
    assert len(guesses(after, "a")) == 2
    assert after.tasks["a"].writes.paths == before.tasks["a"].writes.paths
    assert after.tasks["a"].writes.entries == before.tasks["a"].writes.entries
    assert after.schedule.waves == before.schedule.waves == (("a", "b"),)
    assert list(after.conflicts) == list(after.dependencies) == []
    assert list(after.diagnostics) == list(before.diagnostics)


def test_a_task_that_says_nothing_is_told_what_it_wrote_before() -> None:
    analysis = analysed(SILENT, ran("a", "src/index.py"))
    (found,) = [each for each in analysis.diagnostics if each.code == "predicted-write"]
    assert found.message.startswith("Earlier runs of it changed, or wanted to change, `src/index.py` (67%).")
    assert analysis.tasks["a"].writes.unknown


def test_several_runs_tell_more_than_one_and_old_ones_nothing() -> None:
    runs = [ran("a", "x"), ran("a", "x", "y"), *[ran("a", "x")] * 3, ran("a", "old")]
    found = list(observed(History(PLAN, tuple(runs)), "a"))
    assert found == [Observed("x", 5, 5), Observed("y", 1, 5)]
    assert [round(each.probability, 2) for each in found] == [0.86, 0.29]
    assert found[1].because == "its agent wrote it, or wanted to, in 1 of its last 5 runs"
