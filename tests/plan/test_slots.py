import pytest

from agent_server.plan.native import parse
from agent_server.plan.slots import Slot, SlotKind, slot_at


def slot_in(text: str) -> Slot | None:
    before, _, behind = text.partition("$0")
    return slot_at(parse(before + behind)[0], len(before))


def replaced(text: str, word: str, *, whole: bool = True) -> str:
    """The text after `word` was chosen at the cursor."""
    before, _, behind = text.partition("$0")
    slot = slot_in(text)
    assert slot is not None
    plain = before + behind
    return plain[: slot.span.start] + slot.fitted(word, whole=whole) + plain[slot.span.end :]


@pytest.mark.parametrize(
    ("text", "word", "after"),
    [
        ("## a: A\n- $0", "writes", "## a: A\n- writes: "),
        ("## a: A\n-$0", "writes", "## a: A\n- writes: "),
        ("## a: A\n- wri$0\n\nDo it.\n", "writes", "## a: A\n- writes: \n\nDo it.\n"),
        ("## a: A\n- wr$0itten: b\n", "writes", "## a: A\n- writes: b\n"),
        ("## a: A\n- writes: b\n* $0\n", "reads", "## a: A\n- writes: b\n* reads: \n"),
    ],
)
def test_the_name_of_a_field_is_completed_with_its_colon(text: str, word: str, after: str) -> None:
    assert replaced(text, word) == after


@pytest.mark.parametrize(
    ("text", "word", "after"),
    [
        ("## a: A\n- needs: $0", "b", "## a: A\n- needs: b"),
        ("## a: A\n- needs:$0", "b", "## a: A\n- needs: b"),
        ("## a: A\n- needs: b, $0\n", "c", "## a: A\n- needs: b, c\n"),
        ("## a: A\n- needs: b, x$0y, d\n", "c", "## a: A\n- needs: b, c, d\n"),
        ("## a: A\n- needs:\n  - b\n  - $0\n", "c", "## a: A\n- needs:\n  - b\n  - c\n"),
        ("## a: A\n- needs: b,\n  x$0\n", "c", "## a: A\n- needs: b,\n  c\n"),
        ("## a: A\r\n- needs: x$0\r\n", "c", "## a: A\r\n- needs: c\r\n"),
        ("## a: A 🦊\n- model: fa$0st\n", "capable", "## a: A 🦊\n- model: capable\n"),
    ],
)
def test_an_item_is_replaced_whole(text: str, word: str, after: str) -> None:
    assert replaced(text, word) == after


@pytest.mark.parametrize(
    ("text", "word", "after"),
    [
        ("## a: A\n- writes: `src/$0`\n", "src/b.ts", "## a: A\n- writes: `src/b.ts`\n"),
        ("## a: A\n- writes: `src/$0\n", "src/b.ts", "## a: A\n- writes: `src/b.ts`\n"),
        ("## a: A\n- writes: `src/$0, `c`\n", "src/b.ts", "## a: A\n- writes: `src/b.ts`, `c`\n"),
        ("## a: A\n- writes: `$0`, `c`\n", "b", "## a: A\n- writes: `b`, `c`\n"),
        ("## a: A\n- writes: `c`, $0\n", "b", "## a: A\n- writes: `c`, `b`\n"),
        ("## a: A\n- writes: $0, `c`\n", "b", "## a: A\n- writes: `b`, `c`\n"),
        ("## a: A\n- writes: c, $0\n", "b", "## a: A\n- writes: c, b\n"),
        ("## a: A\n- writes: $0\n", "a,b.ts", "## a: A\n- writes: `a,b.ts`\n"),
        ("## a: A\n- writes: ``a`$0``\n", "b", "## a: A\n- writes: ``b``\n"),
        ("## a: A\n- writes: src/{a,$0b}.ts, c\n", "d", "## a: A\n- writes: d, c\n"),
    ],
)
def test_backticks_stay_whole(text: str, word: str, after: str) -> None:
    assert replaced(text, word) == after


def test_a_folder_is_gone_on_with_so_its_backtick_stays_open() -> None:
    assert replaced("## a: A\n- writes: `sr$0\n", "src/", whole=False) == "## a: A\n- writes: `src/\n"


@pytest.mark.parametrize(
    ("text", "word", "after"),
    [
        ("---\n$0\n---\n", "model", "---\nmodel: \n---\n"),
        ("---\nmo$0: fast\n---\n", "model", "---\nmodel: fast\n---\n"),
        ("---\nmodel: fa$0\n---\n", "fast", "---\nmodel: fast\n---\n"),
        ("---\nmodel:$0\n---\n", "fast", "---\nmodel: fast\n---\n"),
        ('---\nmodel: "fa$0"\n---\n', "fast", '---\nmodel: "fast"\n---\n'),
        ("---\nmod$0", "model", "---\nmodel: "),
        ("---\nmodel: $0\n\n# Plan\n", "fast", "---\nmodel: fast\n\n# Plan\n"),
    ],
)
def test_settings_are_completed_even_before_the_front_matter_is_closed(text: str, word: str, after: str) -> None:
    assert replaced(text, word) == after


@pytest.mark.parametrize(
    "text",
    [
        "$0",
        "# Plan$0\n",
        "## a: A$0\n",
        "## a: A\n\nDo - $0\n",
        "## a: A\n- Add it.\n- $0\n",
        "## a: A\n- verify: make $0\n",
        "## a: A\n- nonsense: $0\n",
        "## a: A\n$0- writes: b\n",
        "## a: A\n- writes:\n$0  - b\n",
        "---\nmodel: fast\n---$0\n",
        "---\nother: $0\n---\n",
    ],
)
def test_nothing_belongs_into_free_text(text: str) -> None:
    assert slot_in(text) is None


def test_what_is_typed_ends_at_the_cursor() -> None:
    slot = slot_in("## a: A\n- writes: src/sh$0op.ts\n")
    assert slot is not None
    assert (slot.kind, slot.name, slot.typed) == (SlotKind.ITEM, "writes", "src/sh")
