"""The code in a task's words: which language it is in, of which file, and what it is there for."""

import pytest

from agent_server.plan.code.model import CodeBlock, Role
from agent_server.plan.code.reading import code_of
from agent_server.plan.formats import reader_for
from agent_server.plan.model import Plan
from agent_server.plan.native import parse


def blocks(instructions: str) -> tuple[CodeBlock, ...]:
    """The blocks of the one task of a plan whose instructions these are."""
    plan = plan_of(instructions)
    return code_of(plan.tasks[0]).blocks


def plan_of(instructions: str) -> Plan:
    return parse(f"# Shop\n\n## page: Build the page\n- writes: `app/page.py`\n\n{instructions}\n")[0]


def block(lead: str, info: str = "python", code: str = "import app.cart") -> CodeBlock:
    """The one block below a lead."""
    (found,) = blocks(f"{lead}\n\n```{info}\n{code}\n```")
    return found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\na = 1\nb = 2\n```", "a = 1\nb = 2"),
        ("~~~python\na = 1\n```\n~~~", "a = 1\n```"),
        ("````python\n```\n````", "```"),
        ("- Add:\n\n  ```python\n  if a:\n      b\n  ```", "if a:\n    b"),
        ("1. ```python\n   a = 1\n   ```", "a = 1"),
        ("<details>\n<summary>Code</summary>\n\n```python\na = 1\n```\n\n</details>", "a = 1"),
        ('<pre><code class="language-python">\na = 1\n</code></pre>', "a = 1"),
        ("```python\na = 1", "a = 1"),
        ("```python\n```", ""),
        ("- Add:\n    ```python\n    a = 1\nAnd go on.", "a = 1"),
    ],
)
def test_blocks_are_read_however_they_are_fenced(text: str, code: str) -> None:
    found = blocks(text)
    assert [(each.language, each.code.text) for each in found] == [("python", code)]


def test_comments_hold_no_code() -> None:
    assert blocks("<!--\n```python\na = 1\n```\n-->\nAdd it.") == ()


def test_places_are_those_of_the_plan() -> None:
    plan = plan_of("- Add:\n\n  ```python\n  # app/cart.py\n  from app import nothing\n  ```")
    (found,) = code_of(plan.tasks[0]).blocks
    assert found.whole.of(plan.text).startswith("```python\n")
    assert found.whole.of(plan.text).endswith("  ```")
    assert found.span.of(plan.text) == "  # app/cart.py\n  from app import nothing"
    assert found.file is not None
    assert found.file.span.of(plan.text) == "app/cart.py"
    at = found.code.text.index("nothing")
    assert found.code.place(at, at + 7).of(plan.text) == "nothing"
    whole = found.code.place(0, len(found.code.text))
    assert whole.of(plan.text) == "# app/cart.py\n  from app import nothing"


@pytest.mark.parametrize(
    ("info", "code", "language"),
    [
        ("py", "", "python"),
        ("TSX", "", "tsx"),
        ("{.rust}", "", "rust"),
        ("src/cart.go", "", "go"),
        ("", "from app.cart import Cart\n", "python"),
        ("", "import { Cart } from './cart';\n", "typescript"),
        ("", "package cart\n", "go"),
        ("", "use crate::cart::Cart;\n", "rust"),
        ("", "import shop.Cart;\n", "java"),
        ("", "CREATE TABLE carts (id int);\n", "sql"),
        ("", "$ make all\n", "shell"),
        ("", "npm install cart\n", "shell"),
        ("", '{"a": 1}\n', "json"),
        ("", "some words\n", ""),
    ],
)
def test_a_language_is_said_or_seen(info: str, code: str, language: str) -> None:
    assert block("Write:", info, code).language == language


@pytest.mark.parametrize(
    ("lead", "info", "code", "file"),
    [
        ("Write it:", 'python title="app/cart.py"', "", "app/cart.py"),
        ("Write it:", "python filename=app/cart.py", "", "app/cart.py"),
        ("Write it:", "python:app/cart.py", "", "app/cart.py"),
        ("Write it:", "app/cart.py", "", "app/cart.py"),
        ("Write it:", "python", "# app/cart.py\na = 1", "app/cart.py"),
        ("Write it:", "python", "#!/usr/bin/env python\n# app/cart.py (new)", "app/cart.py"),
        ("Write it:", "ts", "// File: src/cart.ts", "src/cart.ts"),
        ("Write it:", "css", "/* src/cart.css */", "src/cart.css"),
        ("Write it:", "html", "<!-- public/index.html -->", "public/index.html"),
        ("Write it:", "sql", "-- db/001_cart.sql", "db/001_cart.sql"),
        ("Create `app/cart.py`:", "python", "", "app/cart.py"),
        ("In **app/cart.py**:", "python", "", "app/cart.py"),
        ("In [app/cart.py](../app/cart.py):", "python", "", "app/cart.py"),
        ("- Create: `app/cart.py`", "python", "", "app/cart.py"),
        ("### 2.1 Cart (`app/cart.py`)\n\nIt says:", "python", "", "app/cart.py"),
        ("**File:** `app/cart.py`\n\n**Change:**", "python", "", "app/cart.py"),
        ("In `app/cart.py`, as `app/page.py` does:", "python", "", "app/cart.py"),
        ("Copy the loop of `app/page.py` into `app/cart.py`:", "python", "", "app/cart.py"),
        ("Add to `app/cart.py:12`:", "python", "", "app/cart.py"),
        ("Follow `app/page.py`:", "python", "", None),
        ("In `src/cart.ts`:", "python", "", None),
        ("As told on https://example.com/a.py:", "python", "", None),
        ("Run `python app/cart.py`:", "bash", "python app/cart.py", None),
        ("In `../other/cart.py`:", "python", "", None),
        ("- Modify: `app/page.py`\n- Create: `app/cart.py`\n\nWrite the cart:", "python", "", None),
    ],
)
def test_a_block_is_of_the_file_that_the_plan_names(lead: str, info: str, code: str, file: str | None) -> None:
    found = block(lead, info, code).file
    assert (found.text if found else None) == file


@pytest.mark.parametrize(
    ("lead", "role"),
    [
        ("The page starts with this:", Role.WRITTEN),
        ("Add the import:", Role.WRITTEN),
        ("Replace the whole body (currently empty) with:", Role.WRITTEN),
        ("Add this at the top - do NOT change the component:", Role.WRITTEN),
        ("Do not import the store, but use:", Role.WRITTEN),
        ("Append after the existing imports:", Role.WRITTEN),
        ("Do not write it so:", Role.REFUSED),
        ("Never import the store:", Role.REFUSED),
        ("\u274c Wrong:", Role.REFUSED),
        ("Use the client instead of:", Role.REFUSED),
        ("The page currently reads:", Role.SHOWN),
        ("Before:", Role.SHOWN),
        ("Replace:", Role.SHOWN),
        ("Find the block:", Role.SHOWN),
        ("Change the line from:", Role.SHOWN),
        ("This follows the pattern in the other pages:", Role.SHOWN),
        ("For example:", Role.EXAMPLE),
        ("Usage:", Role.EXAMPLE),
        ("### Example\n\nIt may be called:", Role.EXAMPLE),
        ("It prints:", Role.OUTPUT),
    ],
)
def test_words_above_say_what_code_is_for(lead: str, role: Role) -> None:
    assert block(lead).role is role


@pytest.mark.parametrize(
    ("lead", "info", "code", "role"),
    [
        ("Run:", "bash", "npm test", Role.COMMAND),
        ("Run:", "", "$ npm test\nok", Role.COMMAND),
        ("Create `run.sh`:", "bash", "npm test", Role.WRITTEN),
        ("Write it:", "bash", "#!/bin/sh\nnpm test", Role.WRITTEN),
        ("Do not run:", "bash", "npm test", Role.REFUSED),
        ("Expected:", "console", "1 passed", Role.OUTPUT),
        ("Expected:", "text", "1 passed", Role.OUTPUT),
        ("The answer:", "json", '{"a": 1}', Role.DATA),
        ("Create `config/a.json`:", "json", '{"a": 1}', Role.WRITTEN),
        ("Add it:", "ts", "// BEFORE\nimport a from './a';", Role.SHOWN),
        ("Add it:", "ts", "// \u274c wrong\nimport a from './a';", Role.REFUSED),
        ("As it stands:", "12:14:app/page.py", "import app.cart", Role.SHOWN),
    ],
)
def test_fences_and_first_lines_say_what_code_is_for(lead: str, info: str, code: str, role: Role) -> None:
    assert block(lead, info, code).role is role


def test_the_second_half_of_a_change_is_of_the_same_file() -> None:
    old, new = blocks("In `app/page.py`, replace:\n\n```python\na = 1\n```\n\nwith:\n\n```python\na = 2\n```")
    assert [each.role for each in (old, new)] == [Role.SHOWN, Role.WRITTEN]
    assert [each.file and each.file.text for each in (old, new)] == ["app/page.py", "app/page.py"]


def test_a_diff_is_read_file_by_file() -> None:
    first, second = blocks(
        "```diff\n--- a/app/page.py\n+++ b/app/page.py\n@@ -1,2 +1,2 @@\n import os\n-import app.old\n+import app.new\n"
        "--- /dev/null\n+++ b/app/cart.py\n@@ -0,0 +1 @@\n+import os\n```"
    )
    assert first.file is not None
    assert first.file.text == "app/page.py"
    assert (first.role, first.language, first.creates) == (Role.DIFF, "python", False)
    assert first.code.text == "import os\nimport app.new"
    assert first.code.chosen == (False, True)
    assert first.removed is not None
    assert first.removed.text == "import os\nimport app.old"
    assert not first.code.is_chosen(0, 9)
    assert first.code.is_chosen(10, 24)
    assert second.file is not None
    assert (second.file.text, second.creates) == ("app/cart.py", True)


def test_marked_lines_are_a_diff_whatever_the_fence_says() -> None:
    found = block("In `app/page.py`:", "python", "  import os\n-import app.old\n+import app.new")
    assert (found.role, found.code.text) == (Role.DIFF, " import os\nimport app.new")
    assert block("Tick these off:", "", "- one\n- two").role is not Role.DIFF


def test_parts_in_tags_only_show_what_there_is() -> None:
    assert blocks("<interfaces>\n```python\nclass Cart: ...\n```\n</interfaces>")[0].role is Role.SHOWN
    assert blocks("<context>\nIt.\n</context>\n\n```python\nclass Cart: ...\n```")[0].role is Role.WRITTEN


def test_statements_and_commands_in_backticks_are_read() -> None:
    plan = plan_of(
        "Use `from app.cart import Cart`, not `Cart`; then `git add app/page.py`.\n\n```python\n`make all`\n```"
    )
    spans = code_of(plan.tasks[0]).spans
    assert [(each.text, each.role) for each in spans] == [
        ("from app.cart import Cart", Role.EXAMPLE),
        ("git add app/page.py", Role.COMMAND),
    ]
    assert [each.span.of(plan.text) for each in spans] == [each.text for each in spans]


def test_code_in_strings_of_json_is_read_where_it_stands() -> None:
    details = "Write:\\n```python\\nimport app.cart\\n```\\n"
    fields = '"title": "Page", "status": "pending", "dependencies": []'
    text = f'{{"tasks": [{{"id": 1, {fields}, "details": "{details}"}}]}}'
    reader = reader_for(".taskmaster/tasks/tasks.json", text)
    assert reader is not None
    plan, _ = reader.parse(text)
    (found,) = code_of(plan.tasks[0]).blocks
    at = found.code.text.index("app.cart")
    assert found.code.place(at, at + 8).of(plan.text) == "app.cart"


def test_ends_of_lines_are_lsps() -> None:
    plan = plan_of("```python\r\nimport a\r\nimport b\r\n```")
    (found,) = code_of(plan.tasks[0]).blocks
    assert found.code.text == "import a\nimport b"
    assert found.code.lines[1].of(plan.text) == "import b"
