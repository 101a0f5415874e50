from collections.abc import Mapping

from lsprotocol import types

from agent_server.lsp.features.inlay_hint import inlay_hint
from tests.lsp.cursor import URI, plan_at

TEXT = """\
# P

## a: One
- writes: `a.py`
- minutes: 3

## b: Two
- writes: `b.py`
- needs: a
- minutes: 9

## c: Three
- status: done
"""
MANIFEST = {"package.json": "{}", "package-lock.json": "{}"}


def hints(
    text: str, files: Mapping[str, str] | None = None, first: int = 0, last: int = 99, *, lenses: bool = False
) -> list[types.InlayHint]:
    plan, _ = plan_at(text, files, shows_lenses=lenses)
    asked = types.Range(types.Position(first, 0), types.Position(last, 0))
    return inlay_hint(plan, types.InlayHintParams(types.TextDocumentIdentifier(URI), asked))


def shown(hint: types.InlayHint) -> str:
    return hint.label if isinstance(hint.label, str) else "".join(part.value for part in hint.label)


def test_a_heading_is_followed_by_its_wave_its_model_and_its_minutes() -> None:
    assert [(hint.position, shown(hint)) for hint in hints(TEXT)] == [
        (types.Position(2, 9), "wave 1 · default · 3 min"),
        (types.Position(6, 9), "wave 2 · default · 9 min"),
    ]


def test_the_wave_is_left_to_the_lenses_where_there_are_any() -> None:
    assert [shown(hint) for hint in hints(TEXT, lenses=True)] == ["default · 3 min", "default · 9 min"]


def test_the_tooltip_says_why() -> None:
    first, second = (str(hint.tooltip) for hint in hints(TEXT))
    assert first.startswith("Waits for no other task.\n")
    assert second.startswith("Waits for a.\n")
    assert "because" in second
    assert second.endswith("9 min, as the task says.")


def test_tasks_at_one_file_wait_for_those_before_them_unless_the_plan_fixes_their_waves() -> None:
    loose, fixed = (
        "# P\n\n" + "".join(f"## t{number}: Do\n- writes: `a.py`\n{field}\n" for number, field in enumerate(fields, 1))
        for fields in (("",) * 8, ("- wave: 1\n", "- wave: 2\n"))
    )
    first, second, *_, last = (str(hint.tooltip).partition("\n")[0] for hint in hints(loose))
    assert (first, second) == ("Waits for no other task.", "Waits for t1.")
    assert last == "Waits for t1, t2, t3, t4, t5 and 2 more."
    assert [str(hint.tooltip).partition("\n")[0] for hint in hints(fixed)] == [
        "Waits for no other task.",
        "The plan fixes wave 2 for it.",
    ]


def test_only_the_range_that_is_asked_for_has_hints() -> None:
    assert [hint.position.line for hint in hints(TEXT, first=3, last=8)] == [6]
    assert hints(TEXT, first=3, last=5) == []


def test_a_task_on_a_cycle_and_a_second_one_of_its_id() -> None:
    text = "## a\n- writes: `x`\n- needs: a\n\n## a\n- writes: `y`\n"
    assert [shown(hint).partition(" · ")[0] for hint in hints(text)] == ["not scheduled"]


def test_likely_files_stand_behind_the_write_set_and_can_be_opened() -> None:
    text = "## a: Add the lodash dependency\n- writes: `package.json`\n"
    _, files = hints(text, MANIFEST)
    assert files.position == types.Position(1, 24)
    assert shown(files) == "likely: package-lock.json"
    assert not isinstance(files.label, str)
    part = files.label[-1]
    assert part.location is not None
    assert part.location.uri == "file:///w/package-lock.json"
    why, advice = str(part.tooltip).splitlines()
    assert (why[0].isupper(), why[-1], advice) == (True, ".", "Add it to `writes` to allow it.")


def test_a_write_set_in_words_is_followed_by_what_it_implies() -> None:
    found = hints("## a: Add the lodash dependency\n\nAdd lodash to package.json.\n", MANIFEST)
    assert [(hint.position.line, shown(hint)) for hint in found][1:] == [(0, "likely: package-lock.json")]
