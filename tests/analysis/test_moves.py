"""Plans that follow files which move."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.moves import Move, follow
from agent_server.analysis.tree import Tree
from agent_server.plan.model import apply_edits
from agent_server.plan.native import parse

FILES = {
    "src/auth/login.py": "",
    "src/auth/deep/token.py": "",
    "src/nav.py": "",
    "app/[slug]/page.tsx": "",
    "data/__init__.py": "",
    "data/wood_wiki.py": "WOOD = 1\n",
    "data/deep/__init__.py": "",
    "web/src/store.ts": "export const store = 1\n",
    "web/tsconfig.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"]}}}',
    "web/package.json": "{}",
}


def analysis_of(text: str, *, case_sensitive: bool = True) -> Analysis:
    plan, problems = parse(text)
    return analyse(plan, problems, Tree(FILES, FILES, case_sensitive=case_sensitive))


def field_after(field: str, *moves: tuple[str, str], name: str = "writes", **tree: bool) -> str:
    """A field's value, as it stands in the plan after the moves."""
    text = f"# P\n\n## a: One\n- {name}: {field}\n\nDo it.\n"
    edits = follow(analysis_of(text, **tree), [Move(old, new) for old, new in moves])
    return apply_edits(text, edits).partition(f"- {name}: ")[2].partition("\n\n")[0]


@pytest.mark.parametrize(
    ("before", "move", "after"),
    [
        # The file itself, however it is spelled.
        ("`src/nav.py`", ("src/nav.py", "src/menu.py"), "`src/menu.py`"),
        ("src/nav.py", ("src/nav.py", "src/menu.py"), "src/menu.py"),
        ("src/nav.py, `x.py`", ("src/nav.py", "a b, c.py"), "`a b, c.py`, `x.py`"),
        ("`src/nav.py`", ("src/nav.py", "a`b.py"), "``a`b.py``"),
        ("./src//nav.py", ("src/nav.py", "src/menu.py"), "src/menu.py"),
        ("`!src/nav.py`", ("src/nav.py", "src/menu.py"), "`!src/menu.py`"),
        ("`app/[slug]/page.tsx`", ("app/[slug]/page.tsx", "app/[id]/page.tsx"), "`app/[id]/page.tsx`"),
        # A folder, and what lies below it, there or not yet there.
        ("`src/auth`", ("src/auth", "src/login"), "`src/login`"),
        ("`src/auth/`", ("src/auth", "src/login"), "`src/login/`"),
        ("`src/auth/new.py`", ("src/auth", "src/login"), "`src/login/new.py`"),
        ("`src/auth/deep/token.py`", ("src", "lib"), "`lib/auth/deep/token.py`"),
        # A glob below a folder that moved.
        ("`src/auth/**`", ("src/auth", "src/login"), "`src/login/**`"),
        ("`src/auth/*/{a,b}.py`", ("src", "lib/x"), "`lib/x/auth/*/{a,b}.py`"),
        ("`!src/auth/deep/*.py`", ("src/auth", "src/login"), "`!src/login/deep/*.py`"),
        ("`src/auth/**`", ("src/auth", "src/[id]"), "`src/[id]/**`"),
    ],
)
def test_a_path_follows(before: str, move: tuple[str, str], after: str) -> None:
    for name in ("writes", "reads", "mirrors"):
        assert field_after(before, move, name=name) == after


@pytest.mark.parametrize(
    ("field", "move"),
    [
        ("`src/nav.py`", ("src/other.py", "src/x.py")),
        ("`src/navigation.py`", ("src/nav", "src/x")),
        ("`src/nav.py`", ("nav.py", "x.py")),
        ("`src/nav.py`", ("src/nav.py", "src/nav.py")),
        # It still matches, or nobody can tell what was meant.
        ("`src/auth/*.py`", ("src/auth/login.py", "src/auth/enter.py")),
        ("`src/auth/*.py`", ("src/auth/login.py", "src/enter.py")),
        ("`src/**/*.py`", ("src/auth", "src/login")),
        ("`src/{auth,nav}/*.py`", ("src/auth", "src/login")),
        ("`**/login.py`", ("src/auth/login.py", "src/auth/enter.py")),
        # What could not be spelled so that it is read as it is meant.
        ("`src/auth/**`", ("src/auth", "src/a*b")),
        ("`src/auth/**`", ("src/auth", "src/{a,b}")),
        ("`src/nav.py`", ("src/nav.py", "a\nb.py")),
        # No path at all.
        ("`/src/nav.py`", ("src/nav.py", "x.py")),
        ("`../src/nav.py`", ("src/nav.py", "x.py")),
        ("`src/[`", ("src", "lib")),
    ],
)
def test_a_path_stays_as_it_is(field: str, move: tuple[str, str]) -> None:
    assert field_after(field, move) == field


@pytest.mark.parametrize(
    ("before", "move", "after"),
    [
        ("`data.wood_wiki`", ("data/wood_wiki.py", "data/oak_wiki.py"), "`data.oak_wiki`"),
        ("data.wood_wiki.WOOD", ("data/wood_wiki.py", "data/oak/wiki.py"), "data.oak.wiki.WOOD"),
        ("`from data.wood_wiki import WOOD`", ("data", "info"), "`from info.wood_wiki import WOOD`"),
        ("`data`", ("data", "info"), "`info`"),
        ("`data/wood_wiki.py`", ("data", "info"), "`info/wood_wiki.py`"),
    ],
)
def test_an_import_follows_its_file(before: str, move: tuple[str, str], after: str) -> None:
    assert field_after(f"{before}\n- writes: `page.py`", move, name="imports") == f"{after}\n- writes: `page.py`"


@pytest.mark.parametrize(
    ("before", "move", "after"),
    [
        ("`@/store`", ("web/src/store.ts", "web/src/state.ts"), "`@/state`"),
        ("`./store`", ("web/src/store.ts", "web/src/deep/state.ts"), "`./deep/state`"),
        # The alias still leads there.
        ("`@/store`", ("web", "site"), "`@/store`"),
        # The alias leads there no more, and nothing says what would.
        ("`@/store`", ("web/src/store.ts", "lib/store.ts"), "`@/store`"),
    ],
)
def test_an_import_behind_an_alias_follows_where_that_is_sure(before: str, move: tuple[str, str], after: str) -> None:
    assert field_after(f"{before}\n- writes: `web/src/page.ts`", move, name="imports").startswith(after)


def test_an_import_follows_a_package_that_another_task_is_to_write() -> None:
    text = (
        "# P\n\n## a: One\n- writes: `data/oak/__init__.py`\n\nDo it.\n\n"
        "## b: Two\n- writes: `page.py`\n- imports: `data.oak`\n\nDo it.\n"
    )
    after = apply_edits(text, follow(analysis_of(text), [Move("data", "info")]))
    assert "- imports: `info.oak`" in after


def test_an_import_follows_a_file_that_another_task_is_to_write() -> None:
    text = (
        "# P\n\n## a: One\n- writes: `data/oak.py`\n\nDo it.\n\n"
        "## b: Two\n- writes: `page.py`\n- imports: `data.oak`, `requests`\n\nDo it.\n"
    )
    after = apply_edits(text, follow(analysis_of(text), [Move("data", "info")]))
    assert "- writes: `info/oak.py`" in after
    assert "- imports: `info.oak`, `requests`" in after


def test_the_deepest_move_counts_and_two_may_change_places() -> None:
    moves = [("src", "lib"), ("src/auth", "core/auth")]
    assert field_after("`src/auth/login.py`, `src/nav.py`", *moves) == "`core/auth/login.py`, `lib/nav.py`"
    assert field_after("`a`, `b`", ("a", "b"), ("b", "a")) == "`b`, `a`"


def test_case_does_not_count_where_the_file_system_ignores_it() -> None:
    move = ("src/auth", "src/login")
    assert field_after("`SRC/Auth/new.py`", move, case_sensitive=False) == "`src/login/new.py`"
    assert field_after("`SRC/Auth/new.py`", move) == "`SRC/Auth/new.py`"


def test_done_and_repeated_tasks_follow_and_prose_does_not() -> None:
    text = (
        "# P\n\n## a: Move `src/nav.py`\n- writes: `src/nav.py`\n- status: done\n\nAdd to `src/nav.py`.\n\n"
        "## a: Again\n- writes:\n  - `src/nav.py`\n  - `x.py`\n"
    )
    after = apply_edits(text, follow(analysis_of(text), [Move("src/nav.py", "src/menu.py")]))
    assert after == text.replace("- writes: `src/nav.py`", "- writes: `src/menu.py`").replace(
        "  - `src/nav.py`", "  - `src/menu.py`"
    )


PATHS = st.sampled_from([*FILES, "src", "src/auth", "data", "new", "a b", "x/[y]", "w*"])


@settings(max_examples=40)
@given(
    st.lists(st.tuples(PATHS, PATHS), max_size=3),
    st.lists(st.one_of(PATHS, st.sampled_from(["src/**", "!data/*.py", "data.wood_wiki", ""]), st.text()), max_size=4),
)
def test_any_move_of_any_paths_leaves_a_plan_that_says_as_much(moves: list[tuple[str, str]], items: list[str]) -> None:
    value = ", ".join(f"`{item}`" for item in items)
    text = f"# P\n\n## a: One\n- writes: {value}\n- imports: {value}\n\nDo it.\n"
    before = analysis_of(text)
    after, _ = parse(apply_edits(text, follow(before, [Move(old, new) for old, new in moves])))
    assert [len(task.writes) for task in after.tasks] == [len(task.writes) for task in before.plan.tasks]
    assert [task.instructions for task in after.tasks] == [task.instructions for task in before.plan.tasks]
