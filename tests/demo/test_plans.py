"""The two plans of the demo, over the demo's own folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent_server.analysis.analyse import analyse, sources_needed
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import Severity, Tier
from agent_server.analysis.tree import Tree
from agent_server.demo.material import DemoPaths
from agent_server.plan.native import parse

Analyse = Callable[[Path], Analysis]


@pytest.fixture
def analysed(demo: DemoPaths) -> Analyse:
    def run(path: Path) -> Analysis:
        plan, problems = parse(path.read_text("utf-8"))
        files = (file for file in demo.root.rglob("*") if file.is_file() and ".git" not in file.parts)
        tree = Tree(file.relative_to(demo.root).as_posix() for file in files)
        sources = {file: (demo.root / file).read_text("utf-8") for file in sources_needed(plan, tree)}
        return analyse(plan, problems, tree.with_contents(sources))

    return run


def findings(analysis: Analysis, severity: Severity) -> list[tuple[str, str]]:
    """Each finding of that severity: its code, and the files that it is about or else the words that it points at."""
    found = [each for each in analysis.diagnostics if each.severity is severity]
    return [(each.code, ", ".join(each.paths) or each.span.of(analysis.plan.text)) for each in found]


def test_the_good_plan_is_one_wave_of_five(demo: DemoPaths, analysed: Analyse) -> None:
    analysis = analysed(demo.good_plan)
    assert findings(analysis, Severity.ERROR) == findings(analysis, Severity.WARNING) == []
    assert analysis.schedule.waves == (("data", "hub", "entry", "check", "nav"),)
    assert analysis.conflicts == analysis.dependencies == ()


def test_the_good_plan_takes_45_minutes_one_by_one_and_less_than_ten_at_once(
    demo: DemoPaths, analysed: Analyse
) -> None:
    schedule = analysed(demo.good_plan).schedule
    assert schedule.sequential_minutes == pytest.approx(45)
    assert schedule.parallel_minutes == pytest.approx(9.4)
    assert schedule.critical_path == ("data",)


def test_every_import_of_the_module_that_is_not_there_yet_is_covered(demo: DemoPaths, analysed: Analyse) -> None:
    contracts = analysed(demo.good_plan).contracts
    assert {(each.task, each.producer, each.path, each.mirror) for each in contracts} == {
        ("hub", "data", "data/clay_wiki.py", "pages/wood_wiki/hub.py"),
        ("entry", "data", "data/clay_wiki.py", "pages/wood_wiki/entry.py"),
        ("check", "data", "data/clay_wiki.py", "checks/wood_wiki.py"),
        ("nav", "data", "data/clay_wiki.py", None),
    }
    assert {each.names for each in contracts} == {("CLAY_WIKI",)}


def test_only_the_creative_task_asks_for_the_most_capable_model(demo: DemoPaths, analysed: Analyse) -> None:
    tiers = {task: found.model.tier for task, found in analysed(demo.good_plan).tasks.items()}
    assert tiers == {
        "data": Tier.CAPABLE,
        "hub": Tier.FAST,
        "entry": Tier.FAST,
        "check": Tier.FAST,
        "nav": Tier.DEFAULT,
    }


def test_the_first_try_shows_what_people_get_wrong(demo: DemoPaths, analysed: Analyse) -> None:
    analysis = analysed(demo.bad_plan)
    assert findings(analysis, Severity.ERROR) == [("missing-import", "data.claywiki")]
    assert set(findings(analysis, Severity.WARNING)) == {
        ("no-verify", "Clay wiki, first try"),
        ("hot-file", "navigation.py"),
        ("write-conflict", "static/style.css"),
        ("shared-context", "as above"),
        ("shared-context", "as we discussed"),
    }
    assert {path for conflict in analysis.conflicts for path in conflict.paths} == {"navigation.py", "static/style.css"}


def test_the_first_try_is_no_faster_for_its_five_agents_than_three_waves_allow(
    demo: DemoPaths, analysed: Analyse
) -> None:
    schedule = analysed(demo.bad_plan).schedule
    assert len(schedule.waves) == 3
    assert schedule.speedup < 2
