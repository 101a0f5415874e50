"""Every edit on real plans, where there are some: what is meant is read, and all else is as it was."""

import pytest

from agent_server.plan.formats import reader_for
from tests.corpus.plans import CorpusPlan, corpus, needs_corpus
from tests.plan.formats.edits import changes_of, check_change, check_new_task

MOST_TASKS = 6
FORMATS = ("speckit", "kiro", "openspec", "conductor", "ralph")
CHECKLISTS = [plan for plan in corpus(*FORMATS) if plan.path.endswith(".md")]


@needs_corpus
@pytest.mark.parametrize("format_", FORMATS)
def test_no_plan_with_tasks_is_read_as_empty(format_: str) -> None:
    plans = [plan for plan in CHECKLISTS if plan.kind == format_]
    assert plans
    for real in plans:
        reader = reader_for(real.path, real.text)
        assert reader is not None, real.path
        plan, _ = reader.parse(real.text)
        assert plan.tasks, real.file
        assert plan.phases, real.file


@needs_corpus
@pytest.mark.parametrize("real", CHECKLISTS, ids=lambda real: real.file)
def test_an_edit_of_a_real_plan_says_what_was_meant(real: CorpusPlan) -> None:
    reader = reader_for(real.path, real.text)
    assert reader is not None
    plan, _ = reader.parse(real.text)
    ids = [task.id for task in plan.tasks.homes]
    made = 0
    for task in plan.tasks[:: max(1, len(ids) // MOST_TASKS)]:
        if ids.count(task.id) == 1:
            made += sum([check_change(reader, plan, task, change) for change in changes_of(plan, task)])
    made += check_new_task(reader, plan, "Write the last page")
    assert made
