"""What an agent is told: words that lean on another agent's context, and briefs that are too long for their model."""

import pytest

from agent_server.analysis import rules
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.plan.model import apply_edits
from tests.analysis.analysed import analysed


def of(analysis: Analysis, code: str) -> list[Diagnostic]:
    return [found for found in analysis.diagnostics if found.code == code]


def leaning(instructions: str) -> list[str]:
    text = f"## hub: Hub\n- writes: a.py\n\nBuild it.\n\n## print: Print\n- writes: b.py\n\n{instructions}\n"
    text += "\n## t007: Seven\n- writes: c.py\n\nBuild it.\n"
    return [found.span.of(text) for found in of(analysed(text), "shared-context")]


@pytest.mark.parametrize(
    ("instructions", "words"),
    [
        ("Do as above.", "as above"),
        ("Same as task 2, but in blue.", "Same as task 2"),
        ("Same as `hub`, but in blue.", "Same as `hub`"),
        ("Ask the other agent which names it used.", "Ask the other agent"),
        ("Use the other agent's output.", "the other agent's output"),
        ("Repeat the previous step for German.", "the previous step"),
        ("Continue from the previous task.", "Continue from the previous task"),
        ("Do it like before.", "Do it like before"),
        ("See earlier.", "See earlier"),
        ("Extend the file we just created.", "the file we just created"),
        ("Ditto for French.", "Ditto"),
        ("As discussed, use blue.", "As discussed"),
        ("Use the colours from the last wave.", "the last wave"),
        ("Same layout as task 2, but in blue.", "Same layout as task 2"),
        ("It is the same as T007, but in blue.", "same as T007"),
        ("Build it like the hub task, but in blue.", "like the hub task"),
        ("The previous task created the table.", "The previous task created"),
        ("Finish what the previous agent started.", "the previous agent started"),
        ("Use the names that we agreed on.", "we agreed on"),
        ("Show the schema you designed earlier.", "you designed earlier"),
        ("As you did for the hub, use blue.", "As you did"),
        ("Do the same for the footer.", "Do the same for"),
        ("Per our discussion, use blue.", "Per our discussion"),
        ("Coordinate with the agent working on the hub.", "Coordinate with the agent working"),
    ],
)
def test_words_that_only_another_agent_has_seen_are_found(instructions: str, words: str) -> None:
    assert leaning(instructions) == [words]


@pytest.mark.parametrize(
    "instructions",
    [
        "As discussed in `docs/decisions.md`, use blue.",
        "The layout stays as before, and works as before.",
        "Use the above-mentioned API.",
        "Show the other agent's cursor in the editor.",
        "The previous task in the list is highlighted.",
        "The last task of the queue gets a badge.",
        'The button says "as above", or `see above`.',
        "```\nsame as task 2\n```",
        "Write the table.\n\nFill it as described above.",
        "All tests of every phase must pass.",
        "A button returns to the previous step of the wizard, and the previous step stays open.",
        "End the previous session when the user logs in again.",
        "If the previous task failed, cancel the last task and show the previous agent's name.",
        "Keep the hero as above the fold as possible, and list the pages in it as above all others.",
        "As before 2020, the old tariff applies.",
        "Show what was discussed earlier in the thread.",
        "The importer goes on from the last step that succeeded.",
        "The left arrow goes to the previous section.",
        "Build the header. Do the same for the footer.",
        "Repeat for every row.",
        "Use the same layout as the mobile app.",
    ],
)
def test_words_that_mean_something_else_are_left_alone(instructions: str) -> None:
    assert leaning(instructions) == []


def test_a_brief_that_is_too_long_for_a_small_model_can_go_to_a_larger_one() -> None:
    context = "All pages share one layout. " * 1000
    text = f"# Wiki\n\n{context}\n\n## hub: Hub\n- writes: a.py\n- model: fast\n\nBuild it.\n"
    (found,) = of(analysed(text), "long-instructions")
    assert found.severity == "information"
    assert "about 7,001 tokens, 6,999 of them context" in found.message
    (fix,) = rules.fixes(analysed(text), found)
    assert "- model: default" in apply_edits(text, fix.edits)
    assert of(analysed(apply_edits(text, fix.edits)), "long-instructions") == []


def test_a_brief_that_crowds_out_its_files_is_a_warning() -> None:
    text = f"## hub: Hub\n- writes: a.py\n- model: fast\n\n{'Build the page. ' * 7000}\n"
    (found,) = of(analysed(text), "long-instructions")
    assert found.severity == "warning"
    assert "Split the task" in found.message


def test_a_script_without_spaces_counts_each_character() -> None:
    text = f"## hub: Hub\n- writes: a.py\n- model: fast\n\n{7000 * chr(0x7A91)}\n"
    (found,) = of(analysed(text), "long-instructions")
    assert "about 7,000 tokens" in found.message
