"""The settings above a plan: every key and form, and YAML from strangers."""

import subprocess
import sys

import pytest

from agent_server.plan.model import Budget, Landing, PlanSettings
from agent_server.plan.native import parse


def settings_of(front_matter: str) -> tuple[PlanSettings, list[tuple[str, str, str | None]]]:
    """The settings, and the problems as (code, marked text, suggestion)."""
    text = f"---\n{front_matter}\n---\n## a\n"
    plan, problems = parse(text)
    assert [task.id for task in plan.tasks] == ["a"]
    return plan.settings, [(problem.code, problem.span.of(text), problem.suggestion) for problem in problems]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ("5 USD", Budget(usd=5.0)),
        ("$5", Budget(usd=5.0)),
        ("$0.50", Budget(usd=0.5)),
        ("2M tokens", Budget(tokens=2_000_000)),
        ("500k tokens", Budget(tokens=500_000)),
        ("1.5M tokens", Budget(tokens=1_500_000)),
        ("30 min", Budget(minutes=30.0)),
        ("30min", Budget(minutes=30.0)),
        ("2 h", Budget(minutes=120.0)),
        ("5 USD, 2M tokens, 30 minutes", Budget(5.0, 2_000_000, 30.0)),
        ("[5 USD, 30 min]", Budget(usd=5.0, minutes=30.0)),
        ("\n  - 5 USD\n  - 2M tokens", Budget(usd=5.0, tokens=2_000_000)),
    ],
)
def test_a_budget(budget: str, expected: Budget) -> None:
    settings, problems = settings_of(f"budget: {budget}")
    assert problems == []
    assert settings.budget == expected


@pytest.mark.parametrize("budget", ["5", "5 EUR", "0 USD", "-5 USD", "much", "1.2.3 USD", "$5 USD", "USD"])
def test_what_is_no_budget(budget: str) -> None:
    settings, problems = settings_of(f"budget: {budget}")
    assert problems == [("bad-value", budget, None)]
    assert settings.budget == Budget()


def test_a_budget_that_names_a_unit_twice() -> None:
    settings, problems = settings_of("budget: 5 USD, $6")
    assert [code for code, _, _ in problems] == ["bad-value"]
    assert settings.budget.usd == 5.0


@pytest.mark.parametrize("written", ["npm test", "'npm test'", '"npm test"', "!!str npm test", "&x npm test"])
def test_a_value_has_the_span_of_its_text(written: str) -> None:
    settings, problems = settings_of(f"verify: {written}  # why")
    assert problems == []
    assert settings.verify.text == "npm test"
    text = f"---\nverify: {written}  # why\n---\n"
    assert settings.verify.span.of(text) == "npm test"


@pytest.mark.parametrize(
    ("front_matter", "problem"),
    [
        ("verfy: npm test", ("unknown-setting", "verfy", "verify")),
        ("colour: red", ("unknown-setting", "colour", None)),
        ("agents: many", ("bad-value", "many", None)),
        ("agents: 0", ("bad-value", "0", None)),
        ("land: comit", ("bad-value", "comit", "commit")),
        ("model: capabel", ("bad-value", "capabel", "capable")),
        ("agent: two words", ("bad-value", "two words", None)),
        ("verify:", ("bad-value", "verify", None)),
        ("verify: [a, b]", ("bad-value", "b", None)),
        ("agents: {most: 3}", ("bad-value", "agents", None)),
        ("- verify", ("bad-front-matter", "- verify", None)),
        ("just words", ("bad-front-matter", "just words", None)),
        ("verify: 'open", ("bad-front-matter", "verify: 'open", None)),
        ("verify: [", ("bad-front-matter", "verify: [", None)),
        ("\tverify: a", ("bad-front-matter", "\tverify: a", None)),
        ("verify: *nowhere", ("bad-front-matter", "*nowhere", None)),
        ("verify: \x07", ("bad-front-matter", "\x07", None)),
        ('verify: "\\UFFFFFFFF"', ("bad-front-matter", 'verify: "\\UFFFFFFFF"', None)),
    ],
)
def test_what_cannot_be_read_is_a_problem_in_its_place(front_matter: str, problem: tuple[str, str, str | None]) -> None:
    settings, problems = settings_of(front_matter)
    assert problems == [problem]
    assert (settings.agents, settings.land) == (None, Landing.TREE)


def test_a_key_that_is_set_twice() -> None:
    settings, problems = settings_of("verify: a\nagents: 2\nverify: b")
    assert problems == [("duplicate-field", "verify", None)]
    assert settings.verify.text == "a"


@pytest.mark.parametrize("closing", ["---", "...", "---  "])
def test_how_a_block_ends(closing: str) -> None:
    text = f"---\nagents: 2\n{closing}\n# T\n"
    plan, problems = parse(text)
    assert problems == ()
    assert plan.settings.agents == 2
    assert plan.front_matter.of(text) == f"---\nagents: 2\n{closing}"
    assert plan.title == "T"


@pytest.mark.parametrize("block", ["---\n---", "---\n\n---", "---\n# only a comment\n---"])
def test_an_empty_block(block: str) -> None:
    plan, problems = parse(block)
    assert problems == ()
    assert plan.settings == PlanSettings()
    assert plan.front_matter.of(block) == block


def test_a_block_that_is_never_closed_is_text() -> None:
    text = "---\nverify: a\n# T\n## a\n"
    plan, (problem,) = parse(text)
    assert (problem.code, problem.span.of(text)) == ("bad-front-matter", "---")
    assert plan.title == "T"
    assert [task.id for task in plan.tasks] == ["a"]


@pytest.mark.parametrize("text", ["\n---\nagents: 2\n---\n", "----\nagents: 2\n----\n", "# T\n---\nagents: 2\n---\n"])
def test_only_the_very_first_line_opens_a_block(text: str) -> None:
    plan, problems = parse(text)
    assert problems == ()
    assert plan.settings.agents is None


@pytest.mark.parametrize(
    "hostile",
    [
        "a: &a [x]\n" + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 9)}]\n" for n in range(30)),
        "a: &a [*a]",
        "a: " + "[" * 10_000,
        "a: " + "{a: " * 3_000,
        "- " * 8_000,
        "%YAML 1." + "9" * 5_000 + "\n--- a",
        "a: " + "x" * 20_000,
        "? " * 8_000,
        "a: !!python/object/apply:os.system [x]",
        "<<: {verify: a}",
    ],
    ids=["bomb", "loop", "brackets", "braces", "dashes", "digits", "large", "keys", "tag", "merge"],
)
def test_hostile_yaml_is_just_a_problem(hostile: str) -> None:
    settings, problems = settings_of(hostile)
    assert problems
    assert {code for code, _, _ in problems} <= {"bad-front-matter", "unknown-setting"}
    assert settings.verify is None


def test_a_plan_without_front_matter_never_loads_yaml() -> None:
    script = "import sys; from agent_server.plan.native import parse; parse('# T'); sys.exit('yaml' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
