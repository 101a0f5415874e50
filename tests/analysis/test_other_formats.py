"""What is found in plans of other formats, beyond what the literate cases can hold."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pytest

from agent_server.analysis import rules
from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.scheduling.claimed import Claims
from agent_server.analysis.settings import AnalysisSettings, Severity
from agent_server.analysis.tree import Tree
from agent_server.plan.formats import READERS
from agent_server.plan.model import apply_edits

NO_WORDS: Mapping[int, str] = MappingProxyType({})
FOLDER = ".planning/phases/01-accounts"
PLAN = """\
---
phase: 01-accounts
plan: 0{number}
wave: {wave}
depends_on: [{needs}]
files_modified: [{paths}]
---

<objective>
Do part {number}.
</objective>
"""


def phase(*plans: tuple[int, str, str], words: Mapping[int, str] = NO_WORDS, files: Sequence[str] = ()) -> Analysis:
    """GSD's plans of one phase: the wave of each, its files, and what it depends on; and the `words` of some."""
    texts = [
        (f"{FOLDER}/01-0{number}-PLAN.md", PLAN.format(number=number, wave=wave, paths=paths, needs=needs))
        for number, (wave, paths, needs) in enumerate(plans, 1)
    ]
    parse = READERS["gsd"].parse_files
    assert parse is not None
    return analyse(*parse([(path, text + words.get(at, "")) for at, (path, text) in enumerate(texts, 1)]), Tree(files))


def told(analysis: Analysis) -> list[tuple[str, Severity, tuple[str, ...]]]:
    return [(each.code, each.severity, each.tasks) for each in analysis.diagnostics]


def checklist(text: str, settings: AnalysisSettings | None = None, path: str = "spec-kit") -> Analysis:
    return analyse(*READERS[path].parse(text), Tree(()), settings or AnalysisSettings())


def test_waves_that_span_files_claim_that_their_plans_run_at_once() -> None:
    analysis = phase((1, "src/a.ts", ""), (1, "src/a.ts, src/b.ts", ""), (2, "src/a.ts", ""))
    found = [(each.code, each.severity, each.tasks) for each in analysis.diagnostics]
    assert found == [
        ("write-conflict", Severity.ERROR, ("01-01", "01-02")),
        ("write-conflict", Severity.ERROR, ("01-02", "01-01")),
    ]
    assert analysis.schedule.waves == (("01-01",), ("01-02",), ("01-03",))
    (fix,) = rules.fixes(analysis, analysis.diagnostics[1])
    assert fix.title == "Move `01-02` to wave 3"
    assert "wave: 3" in apply_edits(analysis.plan.text, fix.edits)


def test_a_plan_of_a_wave_that_depends_on_one_of_the_same_can_be_moved_or_let_go() -> None:
    analysis = phase((1, "src/a.ts", ""), (1, "src/b.ts", '"01-01"'))
    (found,) = analysis.diagnostics
    assert (found.code, found.severity) == ("fixed-wave", Severity.ERROR)
    assert [fix.title for fix in rules.fixes(analysis, found)] == [
        "Move `01-02` to wave 2",
        "Let `01-02` no longer depend on `01-01`",
    ]


READS_A = "\n<context>\n@src/a.ts\n</context>\n"


def test_a_file_that_both_write_is_no_reason_to_wait_although_one_of_them_reads_it_first() -> None:
    analysis = phase((1, "src/a.ts", ""), (1, "src/a.ts", ""), words={2: READS_A}, files=("src/b.ts",))
    assert {each[0] for each in told(analysis)} == {"write-conflict"}


def test_needs_within_a_wave_are_told_and_no_circle_with_what_a_plan_reads() -> None:
    analysis = phase((1, "src/a.ts", '"01-02"'), (1, "src/b.ts", ""), words={2: READS_A}, files=("src/b.ts",))
    assert told(analysis) == [("fixed-wave", Severity.ERROR, ("01-01", "01-02"))]


@pytest.mark.parametrize(
    ("files", "words"),
    [(("src/b.ts",), ""), ((), "\n<action>\nCreate `src/a.ts`.\n</action>\n")],
    ids=["the workspace has what lies round it", "its plan says so"],
)
def test_a_plan_of_the_same_wave_that_makes_what_another_reads_is_an_error(files: Sequence[str], words: str) -> None:
    analysis = phase((1, "src/a.ts", ""), (1, "src/c.ts", ""), words={1: words, 2: READS_A}, files=files)
    (found,) = analysis.diagnostics
    assert (found.code, found.severity, found.tasks) == ("output-dependency", Severity.ERROR, ("01-02", "01-01"))
    assert "`01-02` uses `src/a.ts`, which `01-01` makes, yet both stand together in wave 1" in found.message


@pytest.mark.parametrize("files", [("src/a.ts",), ()], ids=["it is there", "nobody knows whether it is new"])
def test_what_a_plan_reads_is_the_file_of_today_where_another_of_its_wave_changes_it(files: Sequence[str]) -> None:
    assert told(phase((1, "src/a.ts", ""), (1, "src/c.ts", ""), words={2: READS_A}, files=files)) == []


def test_a_mark_is_told_of_a_file_that_changes_that_it_changes() -> None:
    marked = "- [ ] T001 [P] Add roles to src/user.py\n- [ ] T002 [P] Import `User` from src/user.py in src/page.py\n"
    text = f"# Tasks: Accounts\n\n## Phase 1: Models\n\n{marked}"
    analysis = analyse(*READERS["spec-kit"].parse(text), Tree(["src/user.py"]))
    (found,) = analysis.diagnostics
    assert "`T002` uses `src/user.py`, which `T001` changes, yet both are marked [P]" in found.message


def test_what_nobody_claims_keeps_the_order_of_the_text() -> None:
    analysis = checklist(
        """\
- [ ] 1. Models
  - [ ] 1.1 Write src/c.py and src/a.py
  - [ ] 1.2 Think
  - [ ] 1.3 Write src/b.py
  - [ ] 1.4 Write src/a.py and src/b.py
  - [ ] 1.5 Write src/d.py
""",
        path="kiro",
    )
    waves = analysis.schedule.waves
    assert waves[:2] == (("1.1",), ("1.2",))
    assert [task for wave in waves for task in wave if task in {"1.3", "1.4"}] == ["1.3", "1.4"]
    assert not analysis.diagnostics


def test_a_need_against_the_text_wins() -> None:
    analysis = checklist("- [ ] T001 Write a.py (depends on T002)\n- [ ] T002 Write a.py\n")
    assert analysis.schedule.waves == (("T002",), ("T001",))


def test_claims_are_told_by_marks_or_by_waves_of_the_authors_own() -> None:
    def claims(reader: str, text: str) -> Claims:
        return Claims.of(READERS[reader].parse(text)[0])

    assert claims("agent-plan", "# P\n") == Claims(waves=True, in_order=False)
    assert claims("spec-kit", "- [ ] T001 [P] A\n- [ ] T002 B\n") == Claims(waves=False, in_order=True)
    grouped = "- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n- [ ] 2. D\n  - [ ] 2.1 E\n"
    assert claims("kiro", grouped) == Claims(waves=False, in_order=True)
    graph = '\n## Task Dependency Graph\n\n```json\n{"waves": [["1.1", "2.1"], ["1.2"]]}\n```\n'
    assert claims("kiro", grouped + graph) == Claims(waves=True, in_order=True)


def test_rules_that_are_off_in_other_formats_can_be_set() -> None:
    text = "## Phase 1\n\n- [ ] T001 [P] Write a.py\n- [ ] T002 [P] Write b.py\n"
    assert not checklist(text).diagnostics
    settings = AnalysisSettings(severities={"no-verify": Severity.WARNING})
    (found,) = checklist(text, settings).diagnostics
    assert (found.code, found.severity) == ("no-verify", Severity.WARNING)
    assert "your settings" in found.message
    assert rules.fixes(checklist(text, settings), found) == ()


def test_forty_marked_tasks_at_one_file_are_forty_findings() -> None:
    lines = [f"- [ ] T{number:03} [P] Add part {number} to src/all.py\n" for number in range(40)]
    found = checklist("".join(lines)).diagnostics
    assert [each.code for each in found] == ["write-conflict"] * 40
    assert all(len(each.message) < 320 for each in found)


def test_paths_of_another_place_are_one_information_a_task() -> None:
    paths = "".join(f"  - /Users/ada/tiles/src/{name}.ts\n" for name in "abc")
    keys = "id: task-1\ntitle: Show tiles\nstatus: To Do\ndependencies: []"
    text = f"---\n{keys}\nmodified_files:\n{paths}---\nShow them.\n"
    analysis = analyse(*READERS["backlog"].parse(text), Tree(()))
    (found,) = [each for each in analysis.diagnostics if each.code == "bad-glob"]
    assert found.severity is Severity.INFORMATION
    assert found.message.startswith("`/Users/ada/tiles/src/a.ts` is absolute.")
    assert found.message.endswith(" The same goes for 2 more paths of this task.")
    assert len(found.paths) == 3
