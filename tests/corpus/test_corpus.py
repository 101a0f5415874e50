"""Plans that people wrote are read, analysed and converted as they should be: see `plans.py`."""

import pytest

from agent_server.analysis.statistics import statistics
from agent_server.plan.formats import READERS
from tests.analysis.conversions import check_conversion
from tests.corpus.plans import corpus, needs_corpus
from tests.plan.soundness import check_sound

pytestmark = [
    needs_corpus,
    pytest.mark.timeout(600),
]

LEAST_BOXES = 3
"""A text with so many boxes has tasks."""


def test_every_plan_is_read_and_its_spans_are_sound() -> None:
    for plan in corpus():
        for reader in filter(None, [plan.reader]):
            check_sound(reader.parse(plan.text), plan.text)


def test_no_plan_with_tasks_is_read_as_empty() -> None:
    empty = []
    for plan in corpus():
        reader = plan.reader
        tasks = len(reader.parse(plan.text)[0].tasks) if reader is not None else 0
        if not tasks and (plan.tasks > 1 or plan.text.count("- [ ]") >= LEAST_BOXES):
            empty.append(plan.file)
    assert empty == []


def test_every_plan_is_analysed_and_stays_itself_in_our_format() -> None:
    analyses = {plan.file: analysis for plan in corpus() if (analysis := plan.analysis()) is not None}
    counted = statistics(analyses.values())
    assert counted.total.plans == len(analyses)
    assert counted.total.tasks == sum(len(analysis.plan.tasks) for analysis in analyses.values())
    wrong = []
    for file, analysis in analyses.items():
        try:
            check_conversion(analysis)
        except AssertionError:
            wrong.append(file)
    assert wrong == []


def test_no_other_reader_is_broken_by_any_plan() -> None:
    for plan in corpus():
        for reader in READERS.values():
            check_sound(reader.parse(plan.text), plan.text)
            reader.recognises(plan.text)
