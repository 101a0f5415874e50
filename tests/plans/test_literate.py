"""The literate cases, and the harness that reads them."""

from pathlib import Path

import pytest

from agent_server.analysis import rules
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity
from agent_server.plan.model import apply_edits
from tests.answering import Editor
from tests.plans.literate import BadCase, Case, Expected, differences, load_cases, read_cases, update

CASES = load_cases()


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.id)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def editor(case: Case) -> Editor:
    return case.editor()


@pytest.fixture(scope="module")
def analysis(case: Case, editor: Editor) -> Analysis:
    return editor.analysis(case.read(case.text))


def test_case(case: Case, analysis: Analysis, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-plans", default=False):
        update(case, analysis)
        return
    found = differences(case, analysis)
    assert not found, "\n".join((f"{case.file.name}: {case.title}", *found))


def test_every_fix_mends_its_finding_and_breaks_nothing(case: Case, editor: Editor, analysis: Analysis) -> None:
    errors = {each.code for each in analysis.diagnostics if each.severity is Severity.ERROR}
    for found in analysis.diagnostics:
        before = [each for each in analysis.diagnostics if _about(each) == _about(found)]
        for fix in rules.fixes(analysis, found):
            text = apply_edits(case.text, fix.edits)
            after = editor.analysis(case.read(text))
            same = [each for each in after.diagnostics if _about(each) == _about(found)]
            assert len(same) < len(before), f"{fix.title}:\n{text}"
            worse = {each.code for each in after.diagnostics if each.severity is Severity.ERROR} - errors
            assert not worse, f"{fix.title}: {worse}\n{text}"


def _about(found: Diagnostic) -> tuple[object, ...]:
    return found.code, found.tasks, found.paths


def test_every_rule_has_a_case() -> None:
    assert set(RULES) - {each.code for case in CASES for each in case.expected} == set()


def test_headings_are_unique_within_a_file() -> None:
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))


CASE = """\
# A file

```files
src/shared.py
```

## Two tasks want one file

Some words.

````plan
# Plan

## a: First
- writes: nav.py

Do this.

```python
## not a heading
```

## b: Second
- writes: nav.py  <-- warning[write-conflict] nav.py ~ one after the other  <-- hint[made-up] nav.py

Do that.
````

```waves
a, b
```

```file:src/own.py
OWN = 1
```
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.md"
    path.write_text(CASE)
    return path


def test_a_case_is_read(file: Path) -> None:
    (case,) = read_cases(file)
    assert case.title == "Two tasks want one file"
    assert "<--" not in case.text
    assert "- writes: nav.py\n\nDo that.\n" in case.text
    assert case.files == {"src/shared.py": "", "src/own.py": "OWN = 1\n"}
    assert case.waves == (("a", "b"),)
    assert case.expected == (
        Expected(12, "warning", "write-conflict", "nav.py", "one after the other"),
        Expected(12, "hint", "made-up", "nav.py"),
    )


def test_what_is_missing_and_what_is_not_expected_both_fail(file: Path) -> None:
    file.write_text(CASE.replace("- writes: nav.py\n\nDo this", "- write: nav.py\n\nDo this"))
    (case,) = read_cases(file)
    found = differences(case, case.analysis())
    assert any("line 13: not found: <-- warning[write-conflict] nav.py" in each for each in found)
    assert any("line 4: not expected: <-- error[unknown-field] write" in each for each in found)
    assert any(each.startswith("waves are ") for each in found)


def test_a_wrong_message_fails(file: Path) -> None:
    file.write_text(CASE.replace("one after the other", "side by side").replace("  <-- hint[made-up] nav.py", ""))
    (case,) = read_cases(file)
    assert any("side by side" in each for each in differences(case, case.analysis()))


def test_updating_makes_the_case_pass_and_keeps_what_still_holds(file: Path) -> None:
    (case,) = read_cases(file)
    update(case, case.analysis())
    (updated,) = read_cases(file)
    assert differences(updated, updated.analysis()) == []
    assert updated.text == case.text
    text = file.read_text()
    assert "- writes: nav.py  <-- warning[write-conflict] nav.py ~ one after the other\n" in text
    assert "```waves\na\nb\n```" in text
    assert "made-up" not in text
    assert text.startswith("# A file\n\n```files\nsrc/shared.py\n```\n")


def test_a_case_can_be_written_to_disk(file: Path, tmp_path: Path) -> None:
    (case,) = read_cases(file)
    plan = case.write_to(tmp_path / "workspace")
    assert plan.read_text() == case.text
    assert (tmp_path / "workspace/src/own.py").read_text() == "OWN = 1\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("```waves", "```wave", "line 29: `wave` is none of"),
        ("OWN = 1\n```\n", "OWN = 1\n", "is never closed"),
        ("````plan", "````files", "a case has one plan, this one has 0"),
    ],
)
def test_a_mistake_in_a_case_is_told(file: Path, old: str, new: str, message: str) -> None:
    file.write_text(CASE.replace(old, new))
    with pytest.raises(BadCase, match=message):
        read_cases(file)
