from collections.abc import Mapping
from textwrap import dedent

import pytest

from agent_server.analysis.analyse import analyse
from agent_server.analysis.model import Analysis
from agent_server.analysis.occurrences import Kind, Occurrence, Occurrences, Role
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse

FILES = ("src/shop/__init__.py", "src/shop/cart.py", "src/shop/order.py", "docs/guide.md")

PLAN = """\
    # Shop

    ## data: Write the catalogue
    - writes: `src/shop/catalogue.py`, `src/shop/cart.py`

    ## hub: Build the hub
    - reads: src/shop/*.py
    - imports: shop.cart
    - needs: data
    - locks: database

    Start after task `data`. Leave `src/shop/cart.py` alone.

    ## Link it all
    - mirrors: src/shop/cart.py
    - needs: `hub`, data
    - locks: `database`

    Uses the output of Task 2.
    """


def at_cursor(text: str, files: Mapping[str, str] | tuple[str, ...] = FILES) -> tuple[Analysis, int]:
    """The analysis of a plan without its cursor, and where the cursor stood."""
    before, _, behind = dedent(text).partition("$0")
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files, "")
    plan, problems = parse(before + behind)
    return analyse(plan, problems, Tree(contents, contents)), len(before)


def found_in(text: str, files: Mapping[str, str] | tuple[str, ...] = FILES) -> Occurrence | None:
    analysis, offset = at_cursor(text, files)
    return Occurrences(analysis).find(offset)


def named_with(text: str, files: Mapping[str, str] | tuple[str, ...] = FILES) -> list[tuple[str, str, str]]:
    """The task, the role and the text of every place that names what the cursor stands at."""
    analysis, offset = at_cursor(text, files)
    known = Occurrences(analysis)
    found = known.find(offset)
    assert found is not None
    tasks = analysis.plan.tasks
    return [(tasks[each.at].id, str(each.role), each.span.of(analysis.plan.text)) for each in known.of(found)]


def with_cursor(before: str) -> str:
    """The plan with the cursor behind the first place that reads so."""
    assert before in PLAN
    return PLAN.replace(before, f"{before}$0", 1)


@pytest.mark.parametrize("before", ["## da", "needs: da", "`hub`, da", "after task `da"])
def test_a_task_is_the_same_wherever_it_is_named(before: str) -> None:
    assert named_with(with_cursor(before)) == [
        ("data", "names", "data"),
        ("hub", "needs", "data"),
        ("hub", "relies", "data"),
        ("link-it-all", "needs", "data"),
    ]


def test_a_number_means_a_task_but_is_not_its_name() -> None:
    found = found_in(with_cursor("output of Task "))
    assert found is not None
    assert (found.kind, found.name, found.exact) == (Kind.TASK, "hub", False)
    assert ("link-it-all", "relies", "2") in named_with(with_cursor("## hu"))


@pytest.mark.parametrize("before", ["`src/shop/ca", "imports: shop.ca", "Leave `src/shop/ca", "mirrors: src/shop/ca"])
def test_a_path_is_the_same_wherever_it_is_named(before: str) -> None:
    at = with_cursor(before) if before != "`src/shop/ca" else PLAN.replace("`, `src/", "`, `$0src/", 1)
    assert named_with(at) == [
        ("data", "writes", "src/shop/cart.py"),
        ("hub", "reads", "src/shop/*.py"),
        ("hub", "imports", "shop.cart"),
        ("hub", "cites", "src/shop/cart.py"),
        ("link-it-all", "mirrors", "src/shop/cart.py"),
    ]


def test_only_what_spells_the_path_is_its_name() -> None:
    analysis, _ = at_cursor(PLAN)
    found = Occurrences(analysis).of_path("src/shop/cart.py")
    assert [each.role for each in found if not each.exact] == [Role.READS, Role.IMPORTS]


def test_a_glob_is_named_by_all_that_share_a_path_with_it() -> None:
    assert named_with(with_cursor("reads: src/")) == [
        ("data", "writes", "src/shop/catalogue.py"),
        ("data", "writes", "src/shop/cart.py"),
        ("hub", "reads", "src/shop/*.py"),
        ("hub", "imports", "shop.cart"),
        ("link-it-all", "mirrors", "src/shop/cart.py"),
    ]


def test_an_exception_names_its_path_though_it_does_not_hold_it() -> None:
    text = "## a: A\n- writes: src/**, !src/b.py$0\n\n## b: B\n- reads: ./src/b.py\n"
    assert named_with(text) == [("a", "writes", "src/b.py"), ("b", "reads", "./src/b.py")]


def test_a_lock_is_named_by_its_holders() -> None:
    assert named_with(with_cursor("locks: data")) == [
        ("hub", "locks", "database"),
        ("link-it-all", "locks", "database"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# P$0\n",
        "## a: A\n- model: fa$0st\n",
        "## a: A\n- writes: noth$0ing\n",
        "## a: A\n- imports: requ$0ests\n",
        "## a: A\n- ver$0ify: make\n",
        "## a: A\n\nSome wo$0rds.\n",
        "$0",
    ],
)
def test_nothing_is_named_elsewhere(text: str) -> None:
    assert found_in(text) is None


def test_of_equal_ids_the_first_is_meant() -> None:
    text = "## a: One\n\n## a: Two\n\n## b: B\n- needs: a\n"
    analysis, _ = at_cursor(text)
    known = Occurrences(analysis)
    assert [each.role for each in known.of_task(0)] == [Role.NAMES, Role.NEEDS]
    assert [(each.at, each.role) for each in known.of_task(1)] == [(1, Role.NAMES)]


def test_an_import_means_the_file_that_a_task_will_create() -> None:
    text = "## a: A\n- writes: src/shop/new.py\n\n## b: B\n- writes: src/shop/b.py\n- imports: shop.ne$0w\n"
    assert named_with(text) == [("a", "writes", "src/shop/new.py"), ("b", "imports", "shop.new")]
    analysis, offset = at_cursor(text)
    known = Occurrences(analysis)
    found = known.find(offset)
    assert found is not None
    assert known.creators(found.name) == (0,)


def test_a_glob_creates_what_it_matches() -> None:
    analysis, _ = at_cursor(
        "## a: A\n- writes: src/new/**\n\n## b: B\n- reads: src/new/x.py\n\n## c: C\n- reads: src/new/*.py\n"
    )
    known = Occurrences(analysis)
    assert known.creators("src/new/x.py") == (0,)
    assert known.creators("src/new/*.py") == (0,)
    assert known.creators("lib/x.py") == ()


def test_a_package_of_go_is_named_by_its_files() -> None:
    files = {"go.mod": "module example.com/m\n", "store/store.go": "package store\n", "main.go": "package main\n"}
    text = "## a: A\n- writes: store/sto$0re.go\n\n## b: B\n- writes: main.go\n- imports: example.com/m/store\n"
    assert named_with(text, files) == [
        ("a", "writes", "store/store.go"),
        ("b", "imports", "example.com/m/store"),
    ]
