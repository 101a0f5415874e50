"""Edits: the field is as meant afterwards, in the style that it had, and no other byte has changed."""

from collections.abc import Callable

import pytest

from agent_server.plan.edits import add_items, append_task, remove_item, replace_item, set_field
from agent_server.plan.ids import free_id
from agent_server.plan.model import Edit, apply_edits
from agent_server.plan.native import parse


def applied(edit: Callable[..., tuple[Edit, ...]], text: str, *arguments: object) -> str:
    """`text` after `edit` on its task `a`."""
    plan, _ = parse(text)
    return apply_edits(text, edit(plan, plan.task("a"), *arguments))


class TestAddItems:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("- writes: `x`\n", "- writes: `x`, `y`\n"),
            ("- writes: x\n", "- writes: x, y\n"),
            ("- writes: `x`,\n", "- writes: `x`, `y`,\n"),
            ("- writes: ``x``  \n", "- writes: ``x``, `y`  \n"),
            ("- writes: `x` <!-- why -->\n", "- writes: `x`, `y` <!-- why -->\n"),
            ("- writes:\n", "- writes: `y`\n"),
            ("- writes: \n", "- writes: `y` \n"),
            ("- writes:", "- writes: `y`"),
            ("- writes:\n  * `x`\n- reads: z\n", "- writes:\n  * `x`\n  * `y`\n- reads: z\n"),
            ("- writes:\n\t- x", "- writes:\n\t- x\n\t- y"),
            ("- writes: x,\n  w\n", "- writes: x,\n  w, y\n"),
            ("- writes: `x\n", "- writes: `x`, `y`\n"),
            ("- writes: `y`\n", "- writes: `y`\n"),
        ],
    )
    def test_a_field_keeps_its_style(self, before: str, after: str) -> None:
        assert applied(add_items, f"## a\n{before}", "writes", ["y"]) == f"## a\n{after}"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("## a", "## a\n- reads: `y`"),
            ("## a\n", "## a\n- reads: `y`\n"),
            ("## a\n\nDo it.\n", "## a\n- reads: `y`\n\nDo it.\n"),
            ("## a\nDo it.\n", "## a\n- reads: `y`\n\nDo it.\n"),
            ("## a\n- Do it.\n", "## a\n- reads: `y`\n\n- Do it.\n"),
            ("## a\n\n  - Do it.\n", "## a\n  - reads: `y`\n\n  - Do it.\n"),
            ("## a\n- writes: x\n- needs: b\n## b\n", "## a\n- writes: x\n- reads: `y`\n- needs: b\n## b\n"),
            ("## a\n* needs: b\n## b\n", "## a\n* reads: `y`\n* needs: b\n## b\n"),
            ("## a\n\n - writes:\n   - x\n\nDo it.\n", "## a\n\n - writes:\n   - x\n - reads: `y`\n\nDo it.\n"),
            ("## a\n<!-- c -->\n  - Do it.\n", "## a\n  - reads: `y`\n\n<!-- c -->\n  - Do it.\n"),
            ("## a\r\n- writes: x\r\n\r\nDo.", "## a\r\n- writes: x\r\n- reads: `y`\r\n\r\nDo."),
            ("## a\n- wri\n", "## a\n- wri\n- reads: `y`\n"),
        ],
    )
    def test_a_new_field_stands_in_the_canonical_order(self, before: str, after: str) -> None:
        assert applied(add_items, before, "reads", ["y"]) == after

    def test_ids_are_written_bare_and_odd_items_in_backticks(self) -> None:
        assert applied(add_items, "## a\n", "needs", ["b", "c"]) == "## a\n- needs: b, c\n"
        assert applied(add_items, "## a\n- writes: x\n", "writes", ["y,z", "{p,q}", "a`b"]) == (
            "## a\n- writes: x, `y,z`, `{p,q}`, ``a`b``\n"
        )


class TestSetField:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("## a\n- status: todo  <!-- still -->\n", "## a\n- status: done  <!-- still -->\n"),
            ("## a\n- status:\n", "## a\n- status: done\n"),
            ("## a\n- status:todo\n", "## a\n- status:done\n"),
            ("## a\n- writes: x\n\nDo it.\n", "## a\n- writes: x\n- status: done\n\nDo it.\n"),
            ("## a", "## a\n- status: done"),
        ],
    )
    def test_one_value(self, before: str, after: str) -> None:
        assert applied(set_field, before, "status", "done") == after

    def test_a_list(self) -> None:
        assert applied(set_field, "## a\n- writes: x, y\n", "writes", ["p", "q"]) == "## a\n- writes: `p`, `q`\n"
        nested = "## a\n- writes:\n  - x\n  - y\n\nDo it.\n"
        assert applied(set_field, nested, "writes", ["p"]) == "## a\n- writes:\n  - p\n\nDo it.\n"

    def test_a_list_that_is_written_twice_becomes_one(self) -> None:
        assert applied(set_field, "## a\n- reads: x\n- reads: y\n- locks: z\n", "reads", ["p"]) == (
            "## a\n- reads: `p`\n- locks: z\n"
        )

    def test_no_items_remove_the_field(self) -> None:
        assert (
            applied(set_field, "## a\n- writes: x\n- reads:\n  - y\n\nDo.\n", "reads", [])
            == "## a\n- writes: x\n\nDo.\n"
        )

    def test_a_command_keeps_its_commas(self) -> None:
        after = applied(set_field, "## a\n", "verify", "npm test, then build")
        assert parse(after)[0].tasks[0].verify.text == "npm test, then build"


class TestRemoveItem:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("- writes: `x`, `y`\n", "- writes: `y`\n"),
            ("- writes: `y`, `x`\n", "- writes: `y`\n"),
            ("- writes: w, x, y\n", "- writes: w, y\n"),
            ("- writes: `x`\n- reads: z\n", "- reads: z\n"),
            ("- writes: `x`", ""),
            ("- writes:\n  - x\n  - y\n", "- writes:\n  - y\n"),
            ("- writes:\n  - x\n- reads: z\n", "- reads: z\n"),
            ("- writes: x\n  - y\n", "- writes:\n  - y\n"),
            ("- writes: x,\n  y\n", "- writes:\n  y\n"),
            ("- writes: y,\n  x\n", "- writes: y\n"),
            ("- writes: y,\n  x\n  and prose\n", "- writes: y\n  and prose\n"),
            ("- reads: y,\n- writes: x\n  prose\n", "- reads: y,\n\n  prose\n"),
            ("- writes: x, y, x\n", "- writes: `y`\n"),
            ("- writes: y\n- reads: z\n- writes: x\n", "- writes: y\n- reads: z\n"),
            ("- writes: y\n", "- writes: y\n"),
        ],
    )
    def test_the_comma_goes_too_and_with_the_last_item_the_bullet(self, before: str, after: str) -> None:
        assert applied(remove_item, f"## a\n{before}", "writes", "x") == f"## a\n{after}"


class TestAppendTask:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", "{}\n"),
            ("# T", "# T\n\n{}\n"),
            ("# T\n", "# T\n\n{}\n"),
            ("# T\n\n", "# T\n\n{}\n"),
            ("## a\nDo.\n\n## Notes\nMind.\n", "## a\nDo.\n\n{}\n\n## Notes\nMind.\n"),
            ("## a\n## Notes\n", "## a\n\n{}\n\n## Notes\n"),
            ("## Wave 1\n### a\n### Notes\n## Goal\n", "## Wave 1\n### a\n### Notes\n\n{}\n\n## Goal\n"),
            ("## Notes\n## a\n### Part\n", "## Notes\n## a\n### Part\n\n{}\n"),
            ("## a\n```\ncode", "## a\n```\ncode\n```\n\n{}\n"),
            ("\ufeff```\n", "\ufeff```\n```\n\n{}\n"),
            ("\ufeff", "\ufeff{}\n"),
            ("## a\n<!--\n", "## a\n<!--\n-->\n\n{}\n"),
            ("---\nagents: 2\n---", "---\nagents: 2\n---\n\n{}\n"),
        ],
    )
    def test_it_stands_behind_the_last_task(self, before: str, after: str) -> None:
        plan, _ = parse(before)
        fields = {"needs": ["a"], "writes": ["x.py", "y.py"]}
        edited = apply_edits(before, append_task(plan, "new", "Join the parts", fields, "Do the rest.\n"))
        task = "## new: Join the parts\n- writes: `x.py`, `y.py`\n- needs: a\n\nDo the rest."
        assert edited == after.format(task)

    def test_it_takes_over_the_line_end(self) -> None:
        plan, _ = parse("## a\r\n")
        (edit,) = append_task(plan, "b", "B", {}, "One.\nTwo.")
        assert edit.new_text == "\r\n## b: B\r\n\r\nOne.\r\nTwo.\r\n"

    def test_a_free_id(self) -> None:
        tasks = parse("## join\n## join-2\n## task\n")[0].tasks
        assert [free_id(tasks, title) for title in ("Join", "Link it", "2 things", "🦊")] == [
            "join-3",
            "link-it",
            "task-2-things",
            "task-2",
        ]


class TestReplaceItem:
    @pytest.mark.parametrize(
        ("before", "text", "after"),
        [
            ("- writes: x, y\n", "z.py", "- writes: z.py, y\n"),
            ("- writes: x, y\n", "z, z", "- writes: `z, z`, y\n"),
            ("- writes: `x`, y\n", "z, z", "- writes: `z, z`, y\n"),
            ("- writes: `x`, y\n", "z`", "- writes: `` z` ``, y\n"),
            ("- writes: ``x``\n", "z", "- writes: ``z``\n"),
            ("- writes:\r\n  - `x`\r\n", "z", "- writes:\r\n  - `z`\r\n"),
        ],
    )
    def test_an_item_is_replaced_in_its_style(self, before: str, text: str, after: str) -> None:
        plan, _ = parse(f"## a\n{before}")
        edit = replace_item(plan, plan.tasks[0].writes[0], text)
        assert edit is not None
        edited = apply_edits(plan.text, (edit,))
        assert edited == f"## a\n{after}"
        assert parse(edited)[0].tasks[0].writes[0].text == text

    @pytest.mark.parametrize("text", ["", " ", "a\nb", "a ", "\r"])
    def test_what_no_item_can_hold_replaces_none(self, text: str) -> None:
        plan, _ = parse("## a\n- writes: x\n")
        assert replace_item(plan, plan.tasks[0].writes[0], text) is None
