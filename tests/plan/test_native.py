"""The plan format, section by section: settings, shared context, tasks, waves, instructions."""

import pytest

from agent_server.plan.model import Item, Landing, Plan, Status
from agent_server.plan.native import parse
from agent_server.plan.text import Span

CLAY = """\
---
verify: npm run build
agents: 5
---
# Clay wiki

Everything above the first task is shared context: each agent gets it.

## data: Write the wiki's data file
- writes: `src/data/clay-wiki.ts`
- exports: `clayEntries`, `ClayEntry`
- model: capable

Write 17 entries, each with a title, a level and a body.

## hub: Build the hub page
- writes: `src/app/clay-wiki/page.tsx`
- imports: `src/data/clay-wiki.ts`
- mirrors: `src/app/knowledge/page.tsx`

## nav: Link the wiki from exports, navigation and cross-links
- writes: `src/data/index.ts`, `src/components/nav.tsx`
- reads: `src/app/**/page.tsx`
"""


def read(text: str) -> Plan:
    """The plan of a text without problems."""
    plan, problems = parse(text)
    assert problems == ()
    return plan


def texts(items: tuple[Item, ...]) -> list[str]:
    return [item.text for item in items]


def test_a_whole_plan() -> None:
    plan = read(CLAY)
    assert (plan.format, plan.title) == ("agent-plan", "Clay wiki")
    assert plan.context == "Everything above the first task is shared context: each agent gets it."
    assert plan.settings.verify.text == "npm run build"
    assert plan.settings.agents == 5
    assert [(task.id, task.title) for task in plan.tasks] == [
        ("data", "Write the wiki's data file"),
        ("hub", "Build the hub page"),
        ("nav", "Link the wiki from exports, navigation and cross-links"),
    ]
    data, hub, nav = plan.tasks
    assert texts(data.writes) == ["src/data/clay-wiki.ts"]
    assert texts(data.exports) == ["clayEntries", "ClayEntry"]
    assert data.model.text == "capable"
    assert data.instructions == "Write 17 entries, each with a title, a level and a body."
    assert texts(hub.imports) == ["src/data/clay-wiki.ts"]
    assert texts(hub.mirrors) == ["src/app/knowledge/page.tsx"]
    assert hub.instructions == ""
    assert texts(nav.writes) == ["src/data/index.ts", "src/components/nav.tsx"]
    assert texts(nav.reads) == ["src/app/**/page.tsx"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_token_has_its_exact_span(mark: str, line_end: str) -> None:
    text = mark + CLAY.replace("\n", line_end)
    plan = read(text)
    assert plan.front_matter.of(text) == f"---{line_end}verify: npm run build{line_end}agents: 5{line_end}---"
    assert plan.title_span.of(text) == "Clay wiki"
    assert plan.settings.verify.span.of(text) == "npm run build"
    assert {name: span.of(text) for name, span in plan.settings.spans.items()} == {
        "verify": "verify",
        "agents": "agents",
    }
    data, hub, nav = plan.tasks
    assert data.heading.of(text) == "## data: Write the wiki's data file"
    assert data.id_span.of(text) == "data"
    assert data.title_span.of(text) == "Write the wiki's data file"
    assert data.instructions_span.of(text) == data.instructions
    assert data.span.of(text).startswith("## data")
    assert data.span.end == hub.span.start
    assert nav.span.end == len(text)
    exports = data.field("exports")
    assert exports.name_span.of(text) == "exports"
    assert exports.value_span.of(text) == "`clayEntries`, `ClayEntry`"
    assert exports.span.of(text) == "- exports: `clayEntries`, `ClayEntry`"
    assert [item.span.of(text) for item in exports.items] == ["clayEntries", "ClayEntry"]
    assert text[: data.fields_end].endswith(f"- model: capable{line_end}")


def test_a_plan_without_anything() -> None:
    plan = read("")
    assert plan.title == plan.context == ""
    assert plan.tasks == ()
    assert plan.title_span == plan.front_matter == Span(0, 0)


def test_u_2028_is_no_line_end() -> None:
    (task,) = read("## a: One\u2028## b: Two\n- writes: `x\u2028y`\n").tasks
    assert task.title == "One\u2028## b: Two"
    assert texts(task.writes) == ["x\u2028y"]


class TestIds:
    @pytest.mark.parametrize(
        ("heading", "task_id", "title"),
        [
            ("data: Write it", "data", "Write it"),
            ("a-1-b: Write it", "a-1-b", "Write it"),
            ("Write the data file", "write-the-data-file", "Write the data file"),
            ("Build `src/app.py` (again!)", "build-srcapppy-again", "Build `src/app.py` (again!)"),
            ("Data: Write it", "data-write-it", "Data: Write it"),
            ("1st: Write it", "1st-write-it", "1st: Write it"),
            ("data:write", "datawrite", "data:write"),
            ("Über die Brücke", "uber-die-brucke", "Über die Brücke"),
            ("snake_case & Co", "snake-case-co", "snake_case & Co"),
            ("文档", "task-1", "文档"),
            ("🦊", "task-1", "🦊"),
            ("data:", "data", "data"),
        ],
    )
    def test_the_id_is_written_or_made_from_the_title(self, heading: str, task_id: str, title: str) -> None:
        text = f"## {heading}\n"
        (task,) = read(text).tasks
        assert (task.id, task.title) == (task_id, title)
        assert task.title_span.of(text) == title

    def test_where_no_id_is_written_its_span_is_the_titles(self) -> None:
        (task,) = read("## Write the data\n").tasks
        assert task.id_span == task.title_span

    @pytest.mark.parametrize("heading", ["##", "## ", "## ##"])
    def test_a_heading_that_is_being_typed_is_a_task_already(self, heading: str) -> None:
        text = f"## first\n{heading}\n"
        _, task = read(text).tasks
        assert (task.id, task.title) == ("task-2", "")
        assert task.id_span.start == task.id_span.end
        assert task.heading.of(text) == heading.rstrip()


class TestSharedContext:
    @pytest.mark.parametrize("name", ["Context", "BACKGROUND", "goal", "Goals", "Notes", "Notes:"])
    def test_named_sections_are_context(self, name: str) -> None:
        plan = read(f"# T\n\nTop.\n\n## a\n\nDo it.\n\n## {name}\n\nMore.\n\n### Deeper\n\nStill.\n")
        assert [task.id for task in plan.tasks] == ["a"]
        assert plan.context == f"Top.\n\n## {name}\n\nMore.\n\n### Deeper\n\nStill."

    def test_a_heading_that_only_begins_like_one_is_a_task(self) -> None:
        assert [task.id for task in read("## notes: Write the notes\n## Context menus\n").tasks] == [
            "notes",
            "context-menus",
        ]

    def test_prose_of_a_wave_and_of_further_level_1_headings_is_context(self) -> None:
        plan = read("Top.\n# T\n## Wave 1\nFirst the data.\n### a\nDo it.\n# Later\nMore.\n")
        assert plan.context == "Top.\n\n## Wave 1\n\nFirst the data.\n\nMore."
        assert plan.task("a").instructions == "Do it."

    def test_the_title_may_come_late(self) -> None:
        plan = read("Intro.\n\n## a\n\n# The title\n")
        assert plan.title == "The title"
        assert plan.context == "Intro."


class TestWaves:
    @pytest.mark.parametrize(
        "heading", ["Wave 2", "wave 2: pages", "Wave  2 — pages", "WAVE 2 - pages", "Wave 2 (pages)"]
    )
    def test_a_wave_heading_groups_the_level_3_headings_below_it(self, heading: str) -> None:
        plan = read(
            f"# T\n## {heading}\n### a: One\n- writes: `x`\n\nDo it.\n#### Detail\n### Two\n## c: Three\n### Part\n"
        )
        assert [(task.id, task.wave) for task in plan.tasks] == [("a", 2), ("two", 2), ("c", None)]
        assert plan.task("a").instructions == "Do it.\n#### Detail"
        assert plan.task("c").instructions == "### Part"

    @pytest.mark.parametrize("heading", ["Wave goodbye", "Wave 2 tests", "Waves 2", "Wave", "Wave 1.5"])
    def test_other_headings_with_the_word_are_tasks(self, heading: str) -> None:
        assert len(read(f"## {heading}\n").tasks) == 1

    def test_shared_context_inside_of_a_wave(self) -> None:
        plan = read("## Wave 1\n### a\n### Notes\nMind the gap.\n### b\n")
        assert [task.id for task in plan.tasks] == ["a", "b"]
        assert plan.context == "### Notes\n\nMind the gap."

    def test_a_field_may_fix_the_wave(self) -> None:
        assert read("## a\n- wave: 3\n").tasks[0].wave == 3
        assert read("## Wave 3\n### a\n- wave: 3\n").tasks[0].wave == 3


class TestInstructions:
    def test_they_are_the_rest_of_the_section(self) -> None:
        text = "## a\n- writes: `x`\n\n\n  First.\n\n### Part\n\n- a list\n\n```\n## code\n- reads: `no`\n```\n\n## b\n"
        task = read(text).task("a")
        assert task.instructions == "First.\n\n### Part\n\n- a list\n\n```\n## code\n- reads: `no`\n```"
        assert task.instructions_span.of(text) == task.instructions

    def test_without_any_their_span_is_empty_and_lies_in_the_task(self) -> None:
        task = read("## a\n\n## b\n").task("a")
        assert task.instructions_span == Span(5, 5)

    def test_comments_are_the_agents_to_read(self) -> None:
        assert read("## a\n\nDo <!-- really --> it.\n").tasks[0].instructions == "Do <!-- really --> it."


def test_every_field_arrives_typed() -> None:
    text = """\
## a: One
- writes: `a`, b, c/**
- reads: `d`
- imports: e.f
- exports: `g`
- mirrors: h
- needs: b
- locks: database, port-3000
- model: claude-opus-5-5
- agent: codex
- verify: pytest -q tests/a,b
- minutes: 2.5
- wave: 2
- status: done

## b: Two
"""
    task = read(text).tasks[0]
    lists = (task.writes, task.reads, task.imports, task.exports, task.mirrors, task.needs, task.locks)
    assert [texts(items) for items in lists] == [
        ["a", "b", "c/**"],
        ["d"],
        ["e.f"],
        ["g"],
        ["h"],
        ["b"],
        ["database", "port-3000"],
    ]
    assert task.model.text == "claude-opus-5-5"
    assert task.agent.text == "codex"
    assert task.verify.text == "pytest -q tests/a,b"
    assert (task.minutes, task.wave, task.status, task.is_open) == (2.5, 2, Status.DONE, False)


def test_every_setting_arrives_typed() -> None:
    plan = read("---\nmodel: fast\nagent: codex\nbudget: $5, 2M tokens, 30 min\nland: commit\n---\n")
    settings = plan.settings
    assert (settings.model.text, settings.agent.text, settings.land) == ("fast", "codex", Landing.COMMIT)
    assert (settings.budget.usd, settings.budget.tokens, settings.budget.minutes) == (5.0, 2_000_000, 30.0)
