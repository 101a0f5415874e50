from textwrap import dedent

import pytest

from agent_server.analysis.analyse import analyse
from agent_server.analysis.occurrences import Occurrences
from agent_server.analysis.renaming import CannotRename, renameable, renamed
from agent_server.analysis.tree import Tree
from agent_server.plan.model import apply_edits
from agent_server.plan.native import parse


def after(text: str, name: str, *files: str) -> str | None:
    """The text after the thing at the cursor was renamed; None where nothing can be."""
    before, _, behind = dedent(text).partition("$0")
    plan, problems = parse(before + behind)
    analysis = analyse(plan, problems, Tree(files, dict.fromkeys(files, "")))
    known = Occurrences(analysis)
    found = renameable(known.find(len(before)), known)
    return None if found is None else apply_edits(plan.text, renamed(analysis, known, found, name))


def test_a_task_is_renamed_wherever_it_is_named_by_its_id() -> None:
    text = """\
        ## data: Write the data

        ## hub: Build the hub
        - needs: da$0ta, `other`

        Start after task data, once `data` is done. The data is in `data.json`.

        ## other: Other
        - needs:
          - `data`

        Uses the output of Task 1.
        """
    expected = (
        text.replace("## data", "## wiki").replace("needs: da$0ta", "needs: wiki").replace("- `data`", "- `wiki`")
    )
    expected = expected.replace("task data", "task wiki").replace("once `data`", "once `wiki`")
    assert after(text, "wiki") == dedent(expected)


def test_a_task_without_an_id_gets_one_in_front_of_its_title() -> None:
    text = "## Build the hub$0\n\n## b: B\n- needs: build-the-hub\n"
    assert after(text, "hub") == "## hub: Build the hub\n\n## b: B\n- needs: hub\n"
    assert after("## Build the hub\n\n## b: B\n- needs: $0build-the-hub\n", "hub") == after(text, "hub")


def test_a_task_with_an_id_alone_keeps_its_colon() -> None:
    assert after("## hu$0b:\n\nDo it.\n", "wiki") == "## wiki:\n\nDo it.\n"


def test_of_equal_ids_only_the_one_under_the_cursor_is_renamed() -> None:
    text = "## a: One\n\n## $0a: Two\n\n## b: B\n- needs: a\n"
    assert after(text, "c") == "## a: One\n\n## c: Two\n\n## b: B\n- needs: a\n"


def test_a_number_that_is_an_id_becomes_a_reference_that_is_still_read() -> None:
    text = "## $0t004: One\n\n## b: B\n\nStart after T004.\n"
    assert after(text, "data") == "## data: One\n\n## b: B\n\nStart after `data`.\n"
    assert after(text, "t007") == "## t007: One\n\n## b: B\n\nStart after T007.\n"


def test_a_number_that_would_mean_nothing_any_more_becomes_the_id() -> None:
    text = "## $0t004: One\n\n## t005: B\n\nStart after Task 4, and after the One task.\n"
    assert after(text, "data") == "## data: One\n\n## t005: B\n\nStart after Task `data`, and after the One task.\n"


def test_a_title_that_is_an_id_is_left_alone() -> None:
    text = "## $0a: A\n- writes: x.py\n\n## Start after task `a` on x.py\n"
    assert after(text, "b") == "## b: A\n- writes: x.py\n\n## Start after task `a` on x.py\n"
    assert after(text.replace("$0", "").replace("x.py\n", "x$0.py\n", 1), "y.py") == (
        "## a: A\n- writes: y.py\n\n## Start after task `a` on x.py\n"
    )


def test_a_heading_without_a_word_gets_an_id() -> None:
    assert after("##$0\n\nDo it.\n", "a") == "## a: \n\nDo it.\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("b", "Another task is called `b`"),
        ("Big Data", "such as `big-data`"),
        ("4", "begins with a letter"),
        ("", "begins with a letter"),
        ("a\nb", "begins with a letter"),
    ],
)
def test_an_id_that_is_none_or_is_taken_is_refused(name: str, words: str) -> None:
    with pytest.raises(CannotRename, match=words):
        after("## $0a: A\n\n## b: B\n", name)


def test_a_task_cannot_be_renamed_into_shared_context() -> None:
    with pytest.raises(CannotRename, match="context"):
        after("## $0a:\n\nDo it.\n", "notes")
    assert after("## $0a: A\n", "notes") == "## notes: A\n"


def test_the_same_id_changes_nothing() -> None:
    assert after("## $0a: A\n", "a") == "## a: A\n"
    assert after("## $0Do it\n", "do-it") == "## Do it\n"


def test_a_path_is_renamed_where_it_stands_by_itself() -> None:
    text = """\
        ## a: A
        - writes: `src/$0new.ts`, src/*.ts

        Create `src/new.ts` beside src/other.ts.

        ## b: B
        - reads: ./src/new.ts
        - imports: src/new.ts

        ## c: C
        - writes: src/**, !src/new.ts
        """
    expected = text.replace("$0", "").replace("./src/new.ts", "src/wiki.ts").replace("src/new.ts", "src/wiki.ts")
    assert after(text, "src/wiki.ts") == dedent(expected)


def test_a_path_gets_the_backticks_that_it_needs() -> None:
    assert after("## a: A\n- writes: $0a.ts, b.ts\n", "a,c.ts") == "## a: A\n- writes: `a,c.ts`, b.ts\n"
    assert after("## a: A\n- writes: b/**, !$0b/a.ts\n", "b/a,c.ts") == "## a: A\n- writes: b/**, `!b/a,c.ts`\n"
    assert after("## a: A\n- writes: b/**, `!$0b/a.ts`\n", "b/a,c.ts") == "## a: A\n- writes: b/**, `!b/a,c.ts`\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "absolute"),
        ("../x", "workspace"),
        ("", "empty"),
        ("a`b", "backticks"),
        ("a\nb", "line ends"),
        ("nothing", "no path"),
        ("!a", "no path"),
    ],
)
def test_a_path_that_cannot_be_is_refused(name: str, words: str) -> None:
    with pytest.raises(CannotRename, match=words):
        after("## a: A\n- writes: $0a.ts\n", name)


def test_a_lock_is_renamed_for_all_its_holders() -> None:
    text = "## a: A\n- locks: $0database\n\n## b: B\n- locks: `database`, port\n"
    assert after(text, "db") == "## a: A\n- locks: db\n\n## b: B\n- locks: `db`, port\n"


@pytest.mark.parametrize(
    "text",
    [
        "## a: A\n- needs: $0nowhere\n",
        "## a: A\n- imports: $0shop.cart\n",
        "## a: A\n\n## b: B\n\nStart after Task $01.\n",
        "## a: A\n- model: $0fast\n",
        "Prose$0\n",
    ],
)
def test_what_is_not_the_name_itself_cannot_be_renamed(text: str) -> None:
    assert after(text, "x", "shop/__init__.py", "shop/cart.py") is None
