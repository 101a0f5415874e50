"""What holds for every analysis, whatever the plan."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.analysis.analyse import analyse, sources_needed
from agent_server.analysis.model import Analysis
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse
from tests.analysis.analysed import analysed, plan_of, tree_of

CLAY = """
---
verify: python build.py
---
# Clay wiki

## data: Write the data
- writes: `data/clay_wiki.py`
- model: capable

Write 17 entries.

## hub: Build the hub page
- writes: `pages/clay_wiki/hub.py`
- imports: `data.clay_wiki`
- mirrors: `pages/knowledge/hub.py`

Build it like the other one.

## nav: Link the wiki
- writes: `nav.py`
- reads: `pages/**/hub.py`

Add the link.
"""
SITE = {
    "data/knowledge.py": "KNOWLEDGE = []\n",
    "pages/knowledge/hub.py": "from data.knowledge import KNOWLEDGE\n",
    "nav.py": "",
}


def test_a_plan_as_it_should_be() -> None:
    analysis = analysed(CLAY, SITE)
    assert analysis.schedule.waves == (("data", "hub"), ("nav",))
    assert [found.producer for found in analysis.contracts] == ["data"]
    assert {task_id: found.wave for task_id, found in analysis.tasks.items()} == {"data": 1, "hub": 1, "nav": 2}


def test_the_texts_that_an_analysis_needs_are_those_of_mirrored_files() -> None:
    plan = plan_of(CLAY)
    assert sources_needed(plan, Tree(SITE)) == {"pages/knowledge/hub.py"}
    assert sources_needed(plan, Tree()) == frozenset()


def test_nobody_asks_for_more_texts_than_are_worth_reading() -> None:
    plan = plan_of("## a: A\n- writes: a.py\n- imports: b\n- mirrors: `src/**`\n")
    assert len(sources_needed(plan, tree_of(*(f"src/{number}.py" for number in range(1000))))) == 200


def test_of_equal_ids_the_first_counts() -> None:
    analysis = analysed("## a: A\n- writes: x.py\n\n## b: B\n- writes: b.py\n\n## a: Again\n- writes: y.py\n")
    assert list(analysis.tasks) == ["a", "b"]
    assert [entry.path for entry in analysis.tasks["a"].writes.entries] == ["x.py"]
    assert analysis.schedule.waves == (("a", "b"),)


def test_a_task_whose_files_nobody_knows_runs_alone() -> None:
    analysis = analysed("## a: A\n- writes: a.py\n\n## b: B\n\nMake it nice.\n\n## c: C\n- writes: c.py\n")
    assert ("b",) in analysis.schedule.waves


def test_the_plans_width_outweighs_the_settings() -> None:
    tasks = "".join(f"## t{number}: T\n- writes: {number}.py\n\n" for number in range(4))
    assert len(analysed(tasks, agents=2).schedule.waves) == 2
    assert len(analysed(f"---\nagents: 4\n---\n{tasks}", agents=2).schedule.waves) == 1


def test_an_empty_plan_is_analysed_too() -> None:
    analysis = analysed("")
    assert (analysis.tasks, analysis.schedule.waves) == ({}, ())


PATHS = ("nav.py", "data/a.py", "data/b.py", "pages/a.py", "pages/b.py", "docs/x.md")
GLOBS = (*PATHS, "data/*.py", "pages/", "**/a.py", "!data/b.py", "../up", "nothing")
SENTENCES = (
    "Edit `nav.py`.",
    "Create `data/c.py` like `data/a.py`.",
    "Use `pages/a.py`, but do not change it.",
    "Make it nice.",
)


@st.composite
def plans(draw: st.DrawFn) -> str:
    lines = [f"---\nagents: {draw(st.integers(1, 4))}\n---\n# P\n"]
    ids = [f"t{number}" for number in range(draw(st.integers(0, 7)))]
    for task_id in ids:
        lines.append(f"## {task_id}: T")
        for field, values in (
            ("writes", GLOBS),
            ("reads", GLOBS),
            ("imports", ("data.a", "data.c", "pages/b.py", "requests")),
            ("mirrors", PATHS),
            ("needs", ids),
            ("locks", ("database", "port")),
        ):
            items = draw(st.lists(st.sampled_from(values), max_size=2, unique=True))
            lines += [f"- {field}: {', '.join(items)}"] if items else []
        lines += draw(st.sampled_from(([], [], [], ["- wave: 1"], ["- wave: 2"], ["- status: done"])))
        lines += ["", draw(st.sampled_from(SENTENCES)), ""]
    return "\n".join(lines)


def analysis_of(text: str, existing: frozenset[str]) -> Analysis:
    plan, problems = parse(text)
    return analyse(plan, problems, Tree(existing, dict.fromkeys(existing, "import data.a\n")))


EXISTING = st.frozensets(st.sampled_from(PATHS))


@settings(max_examples=max(100, settings.default.max_examples))
@given(text=plans(), existing=EXISTING)
def test_what_holds_for_the_waves_of_every_plan(text: str, existing: frozenset[str]) -> None:
    analysis = analysis_of(text, existing)
    scheduled = [task_id for wave in analysis.schedule.waves for task_id in wave]
    opened = [task.id for task in analysis.plan.tasks if task.is_open]

    # Every open task that is on no cycle, nor behind one, appears once.
    assert sorted((*scheduled, *analysis.schedule.unscheduled)) == sorted(opened)
    if not analysis.cycles:
        assert analysis.schedule.unscheduled == ()

    # Members of a wave never share a write, existing or not.
    for wave in analysis.schedule.waves:
        for at, first in enumerate(wave):
            for second in wave[at + 1 :]:
                left, right = analysis.tasks[first].writes, analysis.tasks[second].writes
                assert left.paths.overlap(right.paths, analysis.tree) is None
                assert not left.unknown

    # Dependencies come first.
    waves = {task_id: found.wave for task_id, found in analysis.tasks.items()}
    for found in analysis.dependencies:
        before, after = waves[found.on], waves[found.task]
        assert before is None or after is None or before < after

    # A wave is never wider than the plan allows.
    assert all(len(wave) <= (analysis.plan.settings.agents or 5) for wave in analysis.schedule.waves)


@given(text=plans(), existing=EXISTING)
def test_contracts_and_conflicts_agree_with_the_dependencies(text: str, existing: frozenset[str]) -> None:
    analysis = analysis_of(text, existing)
    ordered = {(found.task, found.on) for found in analysis.dependencies}
    assert not any((found.task, found.producer) in ordered for found in analysis.contracts)
    assert len(ordered) == len(analysis.dependencies)
    for found in analysis.conflicts:
        assert list(analysis.tasks).index(found.first) < list(analysis.tasks).index(found.second)
        assert found.paths


@given(text=plans(), existing=EXISTING)
def test_an_analysis_is_a_function_of_its_arguments(text: str, existing: frozenset[str]) -> None:
    first, second = analysis_of(text, existing), analysis_of(text, existing)
    assert first.schedule == second.schedule
    assert first.diagnostics == second.diagnostics
    assert first.dependencies == second.dependencies


@given(st.text(max_size=300))
def test_half_typed_plans_are_analysed_too(text: str) -> None:
    analysis_of(text, frozenset(PATHS))


@pytest.mark.parametrize("cut", range(0, len(CLAY), 7))
def test_a_plan_cut_off_anywhere_is_analysed(cut: int) -> None:
    analysed(CLAY[:cut], SITE)
