from dataclasses import replace

from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.picture import critical_path, headline, minutes, picture
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse

PLAN = """\
# Two waves

## long: The long one
- writes: `long.py`
- minutes: 30

## short: The short one
- writes: `short.py`
- minutes: 10

## last: After the long one
- writes: `last.py`
- needs: long
- minutes: 20
"""


def analysed(text: str) -> Analysis:
    return analyse(*parse(text), Tree())


def test_the_headline_says_what_is_gained() -> None:
    words = headline(analysed(PLAN))
    assert words == "3 tasks · 2 waves · 1 h one by one, 50 min in parallel (1.2x)"


def test_bars_share_one_axis_and_the_critical_path_is_marked() -> None:
    long, short, last = picture(analysed(PLAN)).splitlines()
    assert long.startswith("wave 1   * long")
    assert short.startswith("           short")
    assert last.startswith("wave 2   * last")
    assert (long.count("█"), short.count("█"), last.count("█")) == (24, 8, 16)
    assert last.index("█") == long.index("█") + 24


def test_the_critical_path_in_words() -> None:
    assert critical_path(analysed(PLAN)) == "critical path: long → last (50 min)"
    assert critical_path(analysed("# Empty\n")) == ""


def test_a_plan_without_open_tasks_says_why() -> None:
    assert headline(analysed("# Empty\n")) == "Nothing to run"
    assert headline(analysed(PLAN.replace("- writes", "- status: done\n- writes"))) == "All 3 tasks are done"
    assert headline(analysed("# One\n\n## a: A\n- status: done\n")) == "The task is done"
    assert headline(analysed("# One\n\n## a: A\n- status: skip\n")) == "Nothing to run"


def test_bars_never_leave_the_axis() -> None:
    analysis = analysed(PLAN)
    schedule = replace(analysis.schedule, parallel_minutes=0.001)
    assert max(map(len, picture(replace(analysis, schedule=schedule)).splitlines())) < 80


def test_minutes_for_people() -> None:
    assert [minutes(value) for value in (0.5, 9.0, 9.44, 60, 65.2)] == [
        "0.5 min",
        "9 min",
        "9.4 min",
        "1 h",
        "1 h 5 min",
    ]
