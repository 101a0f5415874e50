"""Plans that are documents: which files are some, and what holds for every text, however broken."""

from dataclasses import replace

import pytest

from agent_server.plan.edits import set_field
from agent_server.plan.formats import READERS, reader_for
from agent_server.plan.model import Plan, Status, apply_edits
from tests.plan.formats.cases import FOLDER, Case, load_cases, told

FORMATS = ("superpowers", "cursor", "claude-code", "execplan", "bmad")
FILES = {FOLDER / f"{name.replace('-', '_')}.md" for name in FORMATS}
CASES = [case for case in load_cases() if case.file in FILES]

TASKS = "# Wiki\n\n### Task 1: Store\n\n**Files:**\n- Create: `src/a.py`\n\n### Task 2: Page\n"
TODOS = "---\nname: Wiki\ntodos:\n  - id: a\n    content: Write src/a.ts\n---\n# Wiki\n"
STORY = "# Story 1.1\n\n## Acceptance Criteria\n\n1. It opens\n\n## Tasks / Subtasks\n\n- [ ] Task 1: Open it (AC: 1)\n"
OURS = "# Wiki\n\n## Task 1: Store\n- writes: `src/a.py`\n\n## Task 2: Page\n- writes: `src/b.py`\n"
PHASES = "# Wiki\n\n## Phase 1: Store\n\nWrite it.\n\n## Phase 2: Page\n"
LIVING = "# Wiki\n\nThis ExecPlan is a living document.\n\n## Progress\n\n- [ ] Write src/a.py\n"
NOTE = "# What we found\n\n## Findings\n\n1. It is slow.\n"


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("docs/plans/2026-01-05-wiki.md", TASKS, "superpowers"),
        ("app/docs/superpowers/plans/wiki.md", TASKS, "superpowers"),
        ("docs/plans/design.md", PHASES, "superpowers"),
        ("docs/plans/note.md", NOTE, None),
        ("docs/guide.md", TASKS, None),
        ("docs/plans/wiki.plan.md", OURS, "agent-plan"),
        ("docs/plans/wiki.plan.md", PHASES, "agent-plan"),
        ("docs/plans/wiki.plan.md", TODOS, "cursor"),
        (".cursor/plans/wiki.plan.md", NOTE, "cursor"),
        ("wiki.plan.md", NOTE, "agent-plan"),
        (".claude/plans/brave-cat.md", NOTE, "claude-code"),
        ("docs/exec-plans/active/wiki.md", NOTE, "execplan"),
        ("docs/plans/wiki.md", LIVING, "execplan"),
        ("plans/wiki.md", LIVING, "execplan"),
        ("plans/wiki.md", NOTE, None),
        ("docs/stories/1.1.story.md", STORY, "bmad"),
        ("_bmad-output/implementation-artifacts/1-1-wiki.md", STORY, "bmad"),
        ("_bmad-output/planning-artifacts/prd.md", PHASES, None),
        ("docs/stories/README.md", NOTE, None),
    ],
)
def test_a_document_is_known_by_its_path_and_by_what_it_says(path: str, text: str, name: str | None) -> None:
    reader = reader_for(path, text)
    assert (reader.name if reader else None) == name


def test_the_header_is_what_all_share_but_for_what_only_the_whole_plan_needs() -> None:
    header = "> **For Claude:** REQUIRED SUB-SKILL: Use superpowers:executing-plans.\n\n**Goal:** A wiki.\n\n---\n"
    plan, _ = READERS["superpowers"].parse(TASKS.replace("# Wiki\n", f"# Wiki\n\n{header}"))
    assert plan.context == "**Goal:** A wiki."


@pytest.fixture(params=CASES, ids=lambda case: case.id)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_a_text_that_breaks_off_anywhere_is_read(case: Case) -> None:
    text = case.files[0][1]
    before: Plan | None = None
    for end in range(0, len(text), 23):
        plan, problems = READERS[_format(case)].parse(text[:end], before)
        assert all(0 <= task.span.start < task.span.end <= end for task in plan.tasks)
        assert all(problem.span.end <= end for problem in problems)
        again, same = READERS[_format(case)].parse(text[:end])
        assert (replace(again, readings={}), same) == (replace(plan, readings={}), problems)
        before = plan


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing(case: Case) -> None:
    text = case.files[0][1]
    reader = READERS[_format(case)]
    other = "\ufeff" + text.replace("\n", "\r\n")
    plan, _ = reader.parse(text)
    same, _ = reader.parse(other)
    assert told(same) == told(plan)
    assert same.context.split() == plan.context.split()
    for at in range(len(plan.tasks)):
        for name, items in (("status", [Status.DONE]), ("writes", ["src/new.ts"]), ("needs", [plan.tasks[0].id])):
            wanted = apply_edits(text, set_field(plan, plan.tasks[at], name, items))
            assert apply_edits(other, set_field(same, same.tasks[at], name, items)) == "\ufeff" + wanted.replace(
                "\n", "\r\n"
            )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        "### Task 1: x\n**Files:** " + "`a.b` (" * 3000,
        "### Task 1: x\n**Files:** " + "[a](b" * 3000,
        "### Task 1: x\n- Modify: `" + "a.b:1" * 3000 + "`",
        "### Task 1: x\nDepends on: Task " + "1, " * 3000 + "2-99999999",
        "### Task 1: " + "**" * 3000,
        "### " + "(" * 3000 + "Task 1",
        "## Phase 1\n### Task 1\n" * 300,
        "".join(f"{'  ' * depth}- [ ] a\n" for depth in range(100)),
        "---\ntodos:\n" + "  - id: a\n" * 100,
        "---\ntodos: " + "[" * 3000 + "\n---\n",
        "---\ntodos:\n  - &a {id: b}\n  - *a\n  - {<<: *a}\n---\n",
        "---\ntodos:\n  - id: [a, b]\n    content: {c: d}\n    status:\n    dependencies: {e: f}\n---\n",
        "---\ntodos:\n  - content: \"a\n    status: 'b\n---\n",
    ],
)
def test_nothing_that_a_text_holds_is_too_odd(name: str, text: str) -> None:
    plan, _ = READERS[name].parse(text)
    assert len({task.id for task in plan.tasks}) == len(plan.tasks)
    for task in plan.tasks[:3]:
        for field, items in (("status", ["done"]), ("writes", ["src/a.b"]), ("needs", ["1"]), ("needs", [])):
            READERS[name].parse(apply_edits(text, set_field(plan, task, field, items)))


def _format(case: Case) -> str:
    return case.file.stem.replace("_", "-")
