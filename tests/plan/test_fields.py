"""The bullets under a task's heading: which of them are fields, and how a value splits into items."""

import pytest

from agent_server.plan.model import Task
from agent_server.plan.native import parse


def task_of(*lines: str) -> tuple[Task, list[tuple[str, str, str | None]]]:
    """The task whose heading the lines follow, and the problems as (code, marked text, suggestion)."""
    text = "\n".join(("## a: One", *lines))
    plan, problems = parse(text)
    return plan.tasks[0], [(problem.code, problem.span.of(text), problem.suggestion) for problem in problems]


def fields_of(*lines: str) -> dict[str, list[str]]:
    task, problems = task_of(*lines)
    assert problems == []
    return {field.name: [item.text for item in field.items] for field in task.fields}


class TestValues:
    @pytest.mark.parametrize(
        ("value", "items"),
        [
            ("a.py", ["a.py"]),
            ("`a.py`", ["a.py"]),
            ("a.py, b.py", ["a.py", "b.py"]),
            ("`a.py`,`b.py` , c.py", ["a.py", "b.py", "c.py"]),
            ("a.py,", ["a.py"]),
            (", a.py,, b.py ,", ["a.py", "b.py"]),
            ("`a,b.py`, c.py", ["a,b.py", "c.py"]),
            ("``a`b.py``", ["a`b.py"]),
            ("`` `a` ``", ["`a`"]),
            ("src/{a,b}.py, c.py", ["src/{a,b}.py", "c.py"]),
            ("{a,{b,c}}/d, e", ["{a,{b,c}}/d", "e"]),
            ("`{a,b}`", ["{a,b}"]),
            ("{a, b", ["{a", "b"]),
            ("a}, b", ["a}", "b"]),
            ("app/[slug]/page.tsx", ["app/[slug]/page.tsx"]),
            ("!a", ["!a"]),
            ("my file.txt, b", ["my file.txt", "b"]),
            ("a <!-- why -->, b <!-- c, d -->", ["a", "b"]),
            ("`a<!--b-->`", ["a<!--b-->"]),
        ],
    )
    def test_commas_separate_except_in_backticks_and_braces(self, value: str, items: list[str]) -> None:
        assert fields_of(f"- writes: {value}") == {"writes": items}

    @pytest.mark.parametrize(
        ("value", "command"),
        [
            ("npm run build, then test", "npm run build, then test"),
            ("`npm test -- --grep 'a, b'`", "npm test -- --grep 'a, b'"),
            ("`a` && `b`", "`a` && `b`"),
            ("echo {a,b}", "echo {a,b}"),
        ],
    )
    def test_a_command_is_one_item(self, value: str, command: str) -> None:
        assert fields_of(f"- verify: {value}") == {"verify": [command]}

    def test_a_nested_list(self) -> None:
        text = "## a: One\n- writes:\n  - `a.py`\n  * b.py\n\n    + c.py, d.py\n- reads: e\n"
        plan, problems = parse(text)
        assert problems == ()
        writes, reads = plan.tasks[0].fields
        assert [item.text for item in writes.items] == ["a.py", "b.py", "c.py", "d.py"]
        assert [item.span.of(text) for item in writes.items] == ["a.py", "b.py", "c.py", "d.py"]
        assert writes.span.of(text) == "- writes:\n  - `a.py`\n  * b.py\n\n    + c.py, d.py"
        assert writes.value_span.start == writes.value_span.end == text.index(":", 9) + 1
        assert reads.span.of(text) == "- reads: e"

    def test_a_list_may_begin_on_the_line_and_go_on_below(self) -> None:
        assert fields_of("- writes: a", "  - b") == {"writes": ["a", "b"]}

    def test_a_formatter_may_wrap_a_value_behind_a_comma(self) -> None:
        lines = ("- writes: `a`, `b`,", "  `c`,", "  d", "- verify:", "    npm test")
        assert fields_of(*lines) == {"writes": ["a", "b", "c", "d"], "verify": ["npm test"]}

    def test_prose_that_goes_on_below_a_value_is_instructions(self) -> None:
        task, problems = task_of("- writes: a", "  and then some")
        assert problems == []
        assert [item.text for item in task.writes] == ["a"]
        assert task.instructions == "and then some"


class TestWhichBulletsAreFields:
    @pytest.mark.parametrize("marker", ["-", "*", "+", " -", "   *"])
    def test_any_marker_will_do(self, marker: str) -> None:
        assert fields_of(f"{marker} writes: a", f"{marker} reads: b") == {"writes": ["a"], "reads": ["b"]}

    def test_blank_lines_and_comments_may_stand_between(self) -> None:
        assert fields_of("", "- writes: a", "", "<!-- why -->", "- reads: b") == {"writes": ["a"], "reads": ["b"]}

    @pytest.mark.parametrize(
        "prose",
        [
            "Write the file.",
            "- Note: this is prose",
            "- do this: and that",
            "- [ ] a step",
            "- see http://example.org",
            "- http://example.org",
            "1. writes: a",
            "> - writes: a",
            "```\n- writes: a\n```",
            "### writes: a",
            "---",
        ],
    )
    def test_the_first_other_line_begins_the_instructions(self, prose: str) -> None:
        task, problems = task_of("- writes: a", prose, "", "Then test.")
        assert problems == []
        assert [field.name for field in task.fields] == ["writes"]
        assert task.instructions == f"{prose}\n\nThen test."
        task, problems = task_of(prose)
        assert problems == []
        assert task.fields == ()
        assert task.instructions == prose

    def test_the_space_behind_a_known_name_may_be_missing(self) -> None:
        assert fields_of("- writes:src/a.py") == {"writes": ["src/a.py"]}

    @pytest.mark.parametrize(
        ("bullet", "marked", "suggestion"),
        [
            ("write: a", "write", "writes"),
            ("depends: b", "depends", None),
            ("read: a", "read", "reads"),
            ("Writes: a", "Writes", "writes"),
            ("**writes:** a", "**writes:**", "writes:"),
            ("**Writes**: a", "**Writes**", "writes"),
            ("`writes`: a", "`writes`", "writes"),
            ("priority: high", "priority", None),
        ],
    )
    def test_an_unknown_field_is_reported_and_kept_as_written(
        self, bullet: str, marked: str, suggestion: str | None
    ) -> None:
        task, problems = task_of(f"- {bullet}", "- locks: db")
        assert problems == [("unknown-field", marked, suggestion)]
        assert [field.name for field in task.fields] == [marked, "locks"]
        assert task.writes == ()

    def test_a_field_below_other_bullets_of_its_list_is_reported(self) -> None:
        task, problems = task_of(
            "- writes: a", "- Do this", "  - reads: no", "- reads: b", "", "- locks: c", "End.", "- needs: d"
        )
        assert problems == [("unknown-field", "reads", None), ("unknown-field", "locks", None)]
        assert [field.name for field in task.fields] == ["writes"]

    def test_a_field_that_is_indented_below_another_is_reported(self) -> None:
        task, problems = task_of("- writes: a", "  - reads: b")
        assert problems == [("bad-value", "reads", None)]
        assert [item.text for item in task.writes] == ["a"]


class TestHalfTyped:
    @pytest.mark.parametrize("bullet", ["-", "- ", "*"])
    def test_an_empty_bullet_ends_nothing(self, bullet: str) -> None:
        assert fields_of("- writes: a", bullet, "- reads: b") == {"writes": ["a"], "reads": ["b"]}

    @pytest.mark.parametrize(
        ("word", "suggestion"), [("wri", "writes:"), ("re", "reads:"), ("m", None), ("writes", "writes:")]
    )
    def test_the_beginning_of_a_name_ends_nothing_either(self, word: str, suggestion: str | None) -> None:
        task, problems = task_of(f"- {word}", "- locks: b")
        assert problems == [("unknown-field", word, suggestion)]
        assert [field.name for field in task.fields] == ["locks"]

    def test_a_name_without_a_value(self) -> None:
        text = "## a\n- writes:  "
        plan, problems = parse(text)
        (field,) = plan.tasks[0].fields
        assert [(problem.code, problem.span.of(text)) for problem in problems] == [("bad-value", "writes")]
        assert field.value_span.start == field.value_span.end == len("## a\n- writes:")
        assert field.span.of(text) == "- writes:"

    @pytest.mark.parametrize(
        ("value", "items", "problem"),
        [
            ("`src/a", ["src/a"], ("bad-value", "`src/a", "`src/a`")),
            ("src/a`", ["src/a"], ("bad-value", "src/a`", "`src/a`")),
            ("`a`, `b", ["a", "b"], ("bad-value", "`b", "`b`")),
        ],
    )
    def test_a_backtick_without_a_partner(
        self, value: str, items: list[str], problem: tuple[str, str, str | None]
    ) -> None:
        task, problems = task_of(f"- writes: {value}")
        assert [item.text for item in task.writes] == items
        assert problems == [problem]

    @pytest.mark.parametrize("value", ["`", "``", "` ", "`a`, `"])
    def test_a_backtick_alone_is_no_item(self, value: str) -> None:
        task, _ = task_of(f"- writes: {value}")
        assert "" not in [item.text for item in task.writes]

    def test_text_between_items_is_reported(self) -> None:
        task, problems = task_of("- writes: `a` and `b` (new), `c`")
        assert [item.text for item in task.writes] == ["a", "b", "c"]
        assert problems == [("bad-value", "and", None), ("bad-value", "(new)", None)]


class TestProblems:
    @pytest.mark.parametrize(
        ("field", "marked", "suggestion", "allowed"),
        [
            ("status: finished", "finished", None, "`todo`, `done` or `skip`"),
            ("status: Done", "Done", "done", "`todo`, `done` or `skip`"),
            ("status: doen", "doen", "done", "`todo`, `done` or `skip`"),
            ("minutes: soon", "soon", None, "a number above 0"),
            ("minutes: 0", "0", None, "a number above 0"),
            ("minutes: -1", "-1", None, "a number above 0"),
            ("minutes: 10 min", "10 min", "10", "a number above 0"),
            ("minutes: ٣", "٣", None, "a number above 0"),
            ("wave: first", "first", None, "a whole number from 1 on"),
            ("wave: 0", "0", None, "a whole number from 1 on"),
            ("wave: 1.5", "1.5", None, "a whole number from 1 on"),
            ("model: a big one", "a big one", None, "`fast`, `default`, `capable` or `auto`, or a model's id"),
            ("model: capabel", "capabel", "capable", "`fast`"),
            ("model: Fast", "Fast", "fast", "`fast`"),
            ("agent: two words", "two words", None, "the name of a configured agent"),
        ],
    )
    def test_a_value_that_cannot_be_read_says_what_is_allowed(
        self, field: str, marked: str, suggestion: str | None, allowed: str
    ) -> None:
        text = f"## a\n- {field}\n"
        plan, (problem,) = parse(text)
        assert (problem.code, problem.span.of(text), problem.suggestion) == ("bad-value", marked, suggestion)
        assert allowed in problem.message
        task = plan.tasks[0]
        assert (task.minutes, task.wave, task.model, task.agent, task.is_open) == (None, None, None, None, True)

    @pytest.mark.parametrize(
        "field", ["model: fast, capable", "status: done, skip", "wave: 1, 2", "verify:\n  - a\n  - b"]
    )
    def test_a_field_that_takes_one_value(self, field: str) -> None:
        _, problems = task_of(f"- {field}")
        assert [code for code, _, _ in problems] == ["bad-value"]

    def test_a_wave_against_its_heading(self) -> None:
        text = "## Wave 2\n### a\n- wave: 3\n"
        plan, (problem,) = parse(text)
        assert (problem.code, problem.span.of(text), problem.suggestion) == ("bad-value", "3", "2")
        assert problem.related.of(text) == "2"
        assert plan.tasks[0].wave == 2

    def test_there_is_no_wave_0(self) -> None:
        text = "## Wave 0\n### a\n"
        plan, (problem,) = parse(text)
        assert (problem.code, problem.span.of(text)) == ("bad-value", "0")
        assert plan.tasks[0].wave is None

    def test_lists_that_are_written_twice_add_up(self) -> None:
        text = "## a\n- writes: a\n- reads: b\n- writes: c\n"
        plan, (problem,) = parse(text)
        assert (problem.code, problem.span.start, problem.related.start) == (
            "duplicate-field",
            text.rindex("writes"),
            text.index("writes"),
        )
        assert [item.text for item in plan.tasks[0].writes] == ["a", "c"]

    def test_of_other_fields_that_are_written_twice_the_first_counts(self) -> None:
        plan, (problem,) = parse("## a\n- model: fast\n- model: capable\n")
        assert problem.code == "duplicate-field"
        assert plan.tasks[0].model.text == "fast"

    def test_two_tasks_of_one_id(self) -> None:
        text = "## a: One\n## a: Two\n## a-2: Three\n## a: Four\n## Same\n## same\n"
        _, problems = parse(text)
        assert [(found.code, found.span.of(text), found.suggestion, found.related.start) for found in problems] == [
            ("duplicate-id", "a", "a-3", 3),
            ("duplicate-id", "a", "a-4", 3),
            ("duplicate-id", "same", "same-2: same", text.index("Same")),
        ]

    @pytest.mark.parametrize(
        ("need", "suggestion"),
        [("dta", "data"), ("Data", "data"), ("Write the entries", "data"), ("zebra", None), ("nav", None)],
    )
    def test_a_need_that_names_no_task(self, need: str, suggestion: str | None) -> None:
        text = f"## data: Write the entries\n## nav: Link it\n- needs: {need}, data\n"
        _, problems = parse(text)
        expected = [] if need == "nav" else [("unknown-task", need, suggestion)]
        assert [(problem.code, problem.span.of(text), problem.suggestion) for problem in problems] == expected

    @pytest.mark.parametrize("opening", ["```", "<!--"])
    def test_a_block_that_is_never_closed(self, opening: str) -> None:
        text = f"## a\n{opening}\n## b\n"
        plan, (problem,) = parse(text)
        assert (problem.code, problem.span.of(text)) == ("unclosed-block", opening)
        assert [task.id for task in plan.tasks] == ["a"]

    def test_problems_stand_in_the_order_of_the_text(self) -> None:
        _, problems = parse("---\nverfy: a\n---\n## a\n- needs: x\n- wri: b\n## a\n- status: no\n```\n")
        assert [problem.code for problem in problems] == [
            "unknown-setting",
            "unknown-task",
            "unknown-field",
            "duplicate-id",
            "bad-value",
            "unclosed-block",
        ]
