"""Odd input: no text that somebody may have breaks a reader, makes it slow, or leads its spans astray."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.plan.formats import READERS, Reader, reader_for
from tests.plan.formats.cases import load_cases
from tests.plan.soundness import check_sound, read_after

OWN = "# Two\n\n## a: First\n- writes: `a.py`\n- needs: b\n\nWrite it.\n\n## Wave 2\n### b: Second\n- status: done\n"
CONFLICT = "<<<<<<< HEAD\n{0}\n||||||| base\n=======\n{0}\n>>>>>>> theirs\n"


def _texts() -> dict[str, list[str]]:
    """The plans of the literate cases by their formats."""
    found = {"agent-plan": [OWN]}
    for case in load_cases():
        for path, text in case.files:
            if (reader := reader_for(path, text)) is not None:
                found.setdefault(reader.name, []).append(text)
    return found


TEXTS = _texts()
EVERY_READER = pytest.mark.parametrize(
    "reader", [READERS[name] for name in sorted(TEXTS)], ids=lambda reader: reader.name
)

# Each makes a text odd; the number says where, or how.
MUTATIONS: tuple[Callable[[str, int], str], ...] = (
    lambda text, _: text.replace("\n", "\r\n"),
    lambda text, _: text.replace("\n", "\r"),
    lambda text, _: text.replace("  ", "\t"),
    lambda text, _: f"\ufeff{text}",
    lambda text, _: re.sub(r"T0*(\d)", "🧱\\1", text),
    lambda text, _: text.replace("[ ]", "[\u00a0]").replace("[x]", "[✓]"),
    lambda text, _: f"<details>\n<summary>All</summary>\n\n{text}\n</details>\n",
    lambda text, at: text[: at % (len(text) + 1)],
    lambda text, at: text[at % (len(text) + 1) :],
    lambda text, at: _inserted(text, at, "\0"),
    lambda text, at: _inserted(text, at, "```\n"),
    lambda text, at: _inserted(text, at, "<!-- "),
    lambda text, at: _inserted(text, at, "\n---\n"),
    lambda text, at: _inserted(text, at, '",\n'),
    lambda text, at: _inserted(text, at, "\u2028\x0c\ud800"),
    lambda text, at: _with_line(text, at, CONFLICT.format),
    lambda text, at: _with_line(text, at, lambda line: f"{line}\n{line}"),
    lambda text, at: _with_line(text, at, lambda line: f"      {line}"),
    lambda text, at: _with_line(text, at, lambda line: f"> {line}"),
    lambda text, at: _with_line(text, at, lambda line: f"{line} // a remark"),
    lambda text, at: _with_line(text, at, lambda _: ""),
    lambda text, at: _with_line(text, at, lambda line: line * 50),
)


def _inserted(text: str, at: int, piece: str) -> str:
    place = at % (len(text) + 1)
    return text[:place] + piece + text[place:]


def _with_line(text: str, at: int, made: Callable[[str], str]) -> str:
    lines = text.split("\n")
    place = at % len(lines)
    lines[place] = made(lines[place])
    return "\n".join(lines)


MUTATED = st.lists(st.tuples(st.sampled_from(MUTATIONS), st.integers(0, 5_000)), min_size=1, max_size=4)


@EVERY_READER
@settings(max_examples=30)
@given(data=st.data(), mutations=MUTATED)
def test_no_text_breaks_a_reader(
    reader: Reader, data: st.DataObject, mutations: list[tuple[Callable[[str, int], str], int]]
) -> None:
    before = text = data.draw(st.sampled_from(TEXTS[reader.name]))
    for mutation, at in mutations:
        text = mutation(text, at)
    read_after(reader, before, text)
    reader.recognises(text)


@EVERY_READER
@given(text=st.text(st.sampled_from('-*#[]xX T01.:|`\n{}",()P>\t'), max_size=60))
def test_no_noise_breaks_a_reader(reader: Reader, text: str) -> None:
    check_sound(reader.parse(text), text)


@EVERY_READER
def test_every_plan_can_be_typed_from_its_first_character_to_its_last(reader: Reader) -> None:
    text = min(TEXTS[reader.name], key=len)
    plan = None
    for end in range(0, len(text) + 1, max(1, len(text) // 60)):
        reading = reader.parse(text[:end], plan)
        assert reading == reader.parse(text[:end])
        plan = reading[0]


HOSTILE = (
    *(" ", "\t", "\n", "[", "(", "`", "*", "_", "#", "<", "{", '"', "\\", "|", "T0", "1.", "a/", "\u00a0"),
    *("- [ ] ", "> ", "**T001**", "[P] ", "(P) ", "[US1] ", "depends on T001, ", "```\n", "<!-- ", "---\n", "a: b\n"),
    *("- [ ] T001\n", "## 1. A\n", "- a\n  - b\n", '{"id":', "Files: "),
)


@EVERY_READER
def test_hostile_lines_cost_linear_time(reader: Reader) -> None:
    for piece in HOSTILE:  # quadratic time would not end within the time that a test has
        text = f"{piece * 5_000}\n- [ ] T001 {piece * 5_000}x\n"
        reader.parse(text)
        reader.recognises(f"{text}## {piece * 50_000}x\n- [ ] {piece * 50_000}x\n")


@EVERY_READER
def test_thousands_of_tasks_are_read(reader: Reader) -> None:
    text = max(TEXTS[reader.name], key=len)
    many = text * (100_000 // len(text))
    check_sound(reader.parse(many), many)
