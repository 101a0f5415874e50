import pytest

from agent_server.analysis.model import ModelChoice
from agent_server.analysis.settings import Tier
from tests.analysis.analysed import analysed


def model_of(fields: str, prose: str = "Do it.", title: str = "T", front: str = "") -> ModelChoice:
    analysis = analysed(f"{front}# P\n\n## t: {title}\n{fields}\n\n{prose}\n", ("old.py",))
    return analysis.tasks["t"].model


@pytest.mark.parametrize(
    ("fields", "prose", "tier", "because"),
    [
        ("- writes: new.py\n- mirrors: old.py", "Copy it.", Tier.FAST, "it mirrors `old.py` and writes one file"),
        ("- writes: a.py, b.py, c.py\n- mirrors: old.py", "x", Tier.DEFAULT, "it writes 3 files after a pattern"),
        ("- writes: a.py", "x", Tier.DEFAULT, "it writes one file without a pattern to copy"),
        ("- mirrors: old.py", "Do it well.", Tier.DEFAULT, "nothing tells which files it writes"),
        ("- writes: a.py\n- mirrors: old.py", "word " * 151, Tier.DEFAULT, "its instructions run to 151 words"),
        ("- writes: a.py", "word " * 601, Tier.CAPABLE, "its instructions run to 601 words"),
        ("- writes: a.py", "Design the store.", Tier.CAPABLE, "it asks to design"),
        ("- writes: a.py", "Choose the architecture.", Tier.CAPABLE, "it asks to work out an architecture"),
        ("- writes: a.py", "Use the design tokens.", Tier.DEFAULT, "it writes one file without a pattern to copy"),
        ("- writes: a.py\n- mirrors: old.py", "Write 17 entries.", Tier.CAPABLE, "it composes 17 entries"),
        ("- writes: a.py\n- mirrors: old.py", "Write 3 entries.", Tier.FAST, "it mirrors `old.py` and writes one file"),
        ("- writes: " + ", ".join(f"f{n}.py" for n in range(9)), "x", Tier.CAPABLE, "it writes 9 files"),
        ("- writes: a/x, b/x, c/x, d/x, e/x", "x", Tier.CAPABLE, "it writes in 5 folders"),
        (
            "- writes: a.py",
            "x\n```\ndesign the store\n```",
            Tier.DEFAULT,
            "it writes one file without a pattern to copy",
        ),
    ],
)
def test_the_tier_that_a_task_asks_for_and_the_reason(fields: str, prose: str, tier: Tier, because: str) -> None:
    model = model_of(fields, prose)
    assert (model.tier, model.wanted, model.because) == (tier, tier, because)


def test_a_tier_that_the_task_pins_is_obeyed_and_what_it_asks_for_is_kept() -> None:
    model = model_of("- writes: new.py\n- mirrors: old.py\n- model: capable")
    assert (model.tier, model.wanted) == (Tier.CAPABLE, Tier.FAST)
    assert model.id == "claude-opus-5-5"
    assert model.because == "the task asks for `capable`; it mirrors `old.py` and writes one file"


def test_any_other_word_is_a_models_id() -> None:
    model = model_of("- writes: new.py\n- mirrors: old.py\n- model: other-model-7")
    assert (model.id, model.tier, model.wanted) == ("other-model-7", Tier.FAST, Tier.FAST)


def test_the_plans_model_counts_for_tasks_that_say_nothing() -> None:
    front = "---\nmodel: capable\n---\n"
    assert model_of("- writes: a.py", front=front).tier is Tier.CAPABLE
    assert model_of("- writes: a.py\n- model: fast", front=front).tier is Tier.FAST
    assert model_of("- writes: a.py\n- model: auto", front=front).tier is Tier.DEFAULT


def test_minutes_are_declared_or_those_of_the_tier_that_runs() -> None:
    analysis = analysed("""
        ## a: A
        - writes: a.py
        - minutes: 2.5
        ## b: B
        - writes: b.py
        - model: capable
    """)
    assert [found.minutes for found in analysis.tasks.values()] == [2.5, 15.0]
