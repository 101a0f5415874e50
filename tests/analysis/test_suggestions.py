from collections.abc import Mapping
from textwrap import dedent

import pytest

from agent_server.analysis.analyse import analyse
from agent_server.analysis.suggestions import MOST, Suggestions, suggestions
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse
from agent_server.plan.slots import slot_at

SHOP = {
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "README.md": "",
    "src/shop/__init__.py": "",
    "src/shop/cart.py": "",
    "src/shop/order.py": "",
    "src/shop/test_cart.py": "",
    "docs/guide.md": "",
}


def at_cursor(text: str, files: Mapping[str, str] = SHOP) -> Suggestions:
    before, _, behind = dedent(text).partition("$0")
    plan, problems = parse(before + behind)
    slot = slot_at(plan, len(before))
    assert slot is not None
    return suggestions(
        analyse(plan, problems, Tree(files, files)), slot, {"anthropic": "a model", "replay": "a transcript"}
    )


def texts(text: str, files: Mapping[str, str] = SHOP) -> list[str]:
    return [each.text for each in at_cursor(text, files).items]


def test_a_task_may_need_any_other_the_nearest_above_first() -> None:
    assert texts("## a: A\n\n## b: B\n\n## c: C\n- needs: $0\n\n## d: D\n") == ["b", "a", "d"]
    assert [each.detail for each in at_cursor("## a: One\n\n## c: C\n- needs: $0\n").items] == ["One"]


def test_what_a_task_seems_to_use_comes_first() -> None:
    plan = "## a: A\n\nCreate the class `Total`.\n\n## b: B\n\n## c: C\n- needs: $0\n\nUse `Total` for the page.\n"
    assert texts(plan.replace("Total", "CartTotal")) == ["a", "b"]
    assert texts(plan.replace("Use `Total`", "Use a table")) == ["b", "a"]


@pytest.mark.parametrize(
    "text",
    [
        "## a: A\n- needs: $0\n\n## b: B\n- needs: a\n\n## c: C\n- needs: b\n\n## d: D\n",
        "## a: A\n- needs: $0\n- writes: src/x.py\n\n## b: B\n- reads: src/x.py\n\n## c: C\n- needs: b\n\n## d: D\n",
        "## a: A\n- needs: $0\n- wave: 1\n\n## b: B\n- wave: 2\n\n## c: C\n- wave: 3\n\n## d: D\n",
    ],
)
def test_what_waits_for_a_task_is_nothing_that_it_may_need(text: str) -> None:
    assert texts(text) == ["d"]


def test_what_is_needed_already_is_left_out_but_for_what_is_being_typed() -> None:
    assert texts("## a: A\n\n## b: B\n\n## c: C\n- needs: a, $0\n") == ["b"]
    assert texts("## a: A\n\n## b: B\n\n## c: C\n- needs: a, b$0\n") == ["b"]


def test_of_very_many_tasks_those_are_told_that_hold_what_is_typed() -> None:
    plan = "".join(f"## task-{number}: T\n\n" for number in range(500))
    found = at_cursor(f"{plan}## last: L\n- needs: $0\n")
    assert (len(found.items), found.complete) == (MOST, False)
    assert texts(f"{plan}## last: L\n- needs: k-49$0\n")[:2] == ["task-499", "task-498"]


def test_fields_are_those_that_are_not_written_yet() -> None:
    found = texts("## a: A\n- writes: b\n- $0\n- status: todo\n")
    assert "writes" not in found
    assert "status" not in found
    assert found[0] == "reads"
    assert "writes" in texts("## a: A\n- writ$0es: b\n")


def test_a_path_is_typed_folder_by_folder() -> None:
    assert texts("## a: A\n- writes: $0\n") == ["README.md", "docs/", "pyproject.toml", "src/"]
    assert texts("## a: A\n- writes: src/$0\n") == ["src/shop/"]
    found = at_cursor("## a: A\n- writes: src/shop/c$0\n").items
    assert [(each.text, each.label) for each in found] == [
        ("src/shop/cart.py", "cart.py"),
        ("src/shop/test_cart.py", "test_cart.py"),
    ]


def test_a_path_is_found_by_its_name() -> None:
    assert texts("## a: A\n- writes: order$0\n") == ["src/shop/order.py"]
    assert texts("## a: A\n- writes: docs/order$0\n") == []


def test_files_that_others_will_create_can_be_read_but_not_mirrored() -> None:
    plan = "## a: A\n- writes: src/new/x.py\n\n## b: B\n- {}: src/$0\n"
    assert texts(plan.format("reads")) == ["src/new/", "src/shop/"]
    assert texts(plan.format("mirrors")) == ["src/shop/"]
    found = at_cursor("## a: A\n- writes: src/new/x.py\n\n## b: B\n- reads: src/new/$0\n").items
    assert [(each.text, each.detail) for each in found] == [("src/new/x.py", "created by a")]


def test_a_file_that_the_words_name_comes_first() -> None:
    assert texts("## a: A\n- reads: $0\n\nFollow the pattern of `src/shop/order.py`.\n")[0] == "src/shop/order.py"


def test_an_exception_stays_one() -> None:
    assert texts("## a: A\n- writes: docs/**, !doc$0\n") == ["!docs/"]


def test_paths_that_are_written_already_are_left_out() -> None:
    assert "README.md" not in texts("## a: A\n- writes: README.md, $0\n")


def test_what_lies_in_a_glob_is_not_listed() -> None:
    assert texts("## a: A\n- writes: src/*/c$0\n") == []


def test_of_a_large_folder_no_more_is_told_than_anybody_reads() -> None:
    files = {f"src/file_{number:05}.py": "" for number in range(2000)}
    found = at_cursor("## a: A\n- writes: src/$0\n", files)
    assert (len(found.items), found.complete) == (MOST, False)
    assert texts("## a: A\n- writes: src/file_0199$0\n", files)[0] == "src/file_01990.py"


def test_modules_are_spelled_as_the_language_spells_them() -> None:
    text = "## a: A\n- writes: src/shop/new.py\n- exports: `Total`\n\n## b: B\n- writes: src/shop/b.py\n- imports: $0\n"
    found = at_cursor(text).items
    assert [each.text for each in found][:2] == ["shop.new", "shop"]
    assert found[0].detail == "src/shop/new.py, created by a, exports Total"
    assert "shop.b" not in [each.text for each in found]


def test_where_no_language_is_known_any_may_be_meant() -> None:
    found = texts("## a: A\n- writes: src/shop/new.py\n\n## b: B\n- imports: $0\n", {**SHOP, "web/page.ts": ""})
    assert found[0] == "shop.new"
    assert "web/page.ts" in found


def test_a_path_may_be_imported_too() -> None:
    assert "src/shop/" in texts("## b: B\n- writes: src/shop/b.py\n- imports: src/$0\n")
    assert "src/" in texts("## b: B\n- imports: $0\n")


@pytest.mark.parametrize(
    ("name", "first"),
    [("model", "fast"), ("agent", "anthropic"), ("status", "todo"), ("wave", "1")],
)
def test_words_have_their_values(name: str, first: str) -> None:
    assert texts(f"## a: A\n- {name}: $0\n")[0] == first


@pytest.mark.parametrize(("name", "first"), [("model", "fast"), ("agent", "anthropic"), ("land", "tree")])
def test_settings_have_their_values(name: str, first: str) -> None:
    assert texts(f"---\n{name}: $0\n---\n")[0] == first


def test_models_are_the_tiers_and_the_known_ids() -> None:
    found = at_cursor("## a: A\n- model: $0\n").items
    assert [each.text for each in found[:4]] == ["fast", "default", "capable", "auto"]
    assert found[0].detail == found[4].text == "claude-haiku-5-5"


def test_settings_are_those_that_are_not_set_yet() -> None:
    assert texts("---\nverify: make\n$0\n---\n") == ["agents", "model", "agent", "budget", "land"]


def test_locks_are_those_of_other_tasks_the_most_held_first() -> None:
    held = "## a: A\n- locks: port\n\n## b: B\n- locks: port, db\n\n## c: C\n- locks: db, port, x\n\n"
    plan = f"{held}## d: D\n- locks: $0\n"
    assert texts(plan) == ["port", "db", "x"]
    assert at_cursor(plan).items[0].detail == "held by a and 2 more"


def test_exports_are_the_names_that_others_use() -> None:
    plan = """\
        ## a: A
        - writes: src/shop/new.py
        - exports: $0

        Create the class `CartTotal`.

        ## b: B
        - writes: src/shop/b.py

        Use `CartTotal` for the page.
        """
    assert [(each.text, each.detail) for each in at_cursor(plan).items] == [("CartTotal", "used by b")]
