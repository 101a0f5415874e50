"""Settings from several places: who has the last word, and what a workspace may not say."""

from collections.abc import Mapping
from typing import Any

import pytest

from agent_server.analysis.estimates.prices import DEFAULT_PRICES, Price
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import DEFAULT_MINUTES, AnalysisSettings, Severity, Tier
from agent_server.settings import (
    EDITOR,
    Layer,
    Origin,
    Place,
    Settings,
    SettingsProblem,
    in_workspace,
    layered,
    read_settings,
    workspace_layer,
)
from agent_server.settings.layers import OPEN_TO_WORKSPACES
from agent_server.settings.readers import NAMES, TRUSTED

USER = Place(Origin.USER, "settings.toml")


def workspace(text: str, name: str = "agent-server.toml") -> Layer:
    return workspace_layer({name: text})


def settings_of(*layers: Layer) -> Settings:
    settings, problems = layered(layers)
    assert problems == ()
    return settings


def problem_in(text: str, name: str = "agent-server.toml", **user: Any) -> SettingsProblem:
    settings, problems = layered([Layer(USER, user), workspace(text, name)])
    (problem,) = problems
    assert settings == layered([Layer(USER, user)])[0]
    return problem


def test_the_editor_outweighs_the_workspace_and_that_the_user() -> None:
    user = Layer(USER, {"agents": 2, "minutes": {"fast": 1, "default": 2, "capable": 3}})
    own = workspace("agents = 3\n[minutes]\ndefault = 20\ncapable = 30\n")
    editor = Layer(EDITOR, {"minutes": {"capable": 300}})
    for layers in ([user, own, editor], [user, editor, own]):
        settings = settings_of(*layers)
        assert settings.analysis.agents == 3
        assert settings.analysis.minutes == {Tier.FAST: 1, Tier.DEFAULT: 20, Tier.CAPABLE: 300}
    assert settings.decided["agents"].name == "agent-server.toml"
    assert settings.decided["minutes.fast"] == USER
    assert settings.decided["minutes.capable"] == EDITOR


def test_tables_are_merged_entry_by_entry() -> None:
    user = Layer(USER, {"severities": {"no-verify": "off", "hot-file": "error"}})
    settings = settings_of(user, workspace('[severities]\nhot-file = "hint"\n'))
    assert settings.analysis.severities == {"no-verify": Severity.OFF, "hot-file": Severity.HINT}
    assert settings_of(Layer(USER, {"minutes": {"fast": 1}})).analysis.minutes == {**DEFAULT_MINUTES, Tier.FAST: 1}


def test_protected_files_only_ever_grow() -> None:
    settings = settings_of(
        Layer(USER, {"protected": ["a/**"]}), Layer(EDITOR, {"protected": ["b/**"]}), workspace('protected = ["c/**"]')
    )
    assert settings.analysis.protected == (*AnalysisSettings().protected, "a/**", "b/**", "c/**")


def test_places_of_plans_are_merged_format_by_format() -> None:
    user = Layer(USER, {"plans": {"spec-kit": ["todo/*.md"], "agent-plan": ["plans/*.md"]}})
    settings = settings_of(user, workspace('[plans]\nspec-kit = ["docs/features/**/tasks.md"]\n'))
    assert settings.formats.is_plan("docs/features/a/b/tasks.md")
    assert settings.formats.is_plan("plans/a.md")
    assert not settings.formats.is_plan("todo/a.md")


def test_what_an_editor_leaves_alone_it_sends_as_null() -> None:
    editor = Layer(EDITOR, {"agents": None, "severities": {"no-verify": None}, "verify": None, "minutes": None})
    assert settings_of(editor, workspace("agents = 3")).analysis.agents == 3


@pytest.mark.parametrize("name", sorted(NAMES - OPEN_TO_WORKSPACES))
def test_a_workspace_cannot_choose_what_runs(name: str) -> None:
    values: Mapping[str, str] = {"models": '{fast = "x"}', "prices": "{x = {input = 1, output = 1}}"}
    problem = problem_in(f"agents = 5\n{name} = {values.get(name, '1')}\n")
    assert f"`{name}`" in problem.message
    assert problem.line == 1
    if name != TRUSTED:
        assert "Set it in your editor's settings for Agent Server, or in your own `settings.toml`." in problem.message


def test_only_harmless_settings_are_open_to_workspaces() -> None:
    assert {"agents", "brief_tokens", "minutes", "plans", "severities", "protected"} == OPEN_TO_WORKSPACES


def test_a_workspace_changes_nothing_of_how_agents_run() -> None:
    text = "".join(f"{name} = 1\n" for name in NAMES)
    assert in_workspace(Settings(), {"agent-server.toml": text})[0].execution == Settings().execution


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if rule.guards])
def test_a_rule_that_guards_cannot_be_made_quieter_by_a_workspace(code: str) -> None:
    problem = problem_in(f'[severities]\n{code} = "off"\n')
    assert problem.message.startswith(f"A workspace cannot make `{code}` quieter than `{RULES[code].severity}`")
    assert problem.line == 1
    assert settings_of(Layer(USER, {"severities": {code: "off"}})).analysis.severities == {code: Severity.OFF}


def test_the_rules_that_guard_are_these() -> None:
    assert {code for code, rule in RULES.items() if rule.guards} == {
        *("protected-path", "bad-glob"),  # what agents must not touch
        *("stale-approval", "unsaved-changes"),  # what nobody has said yes to
        *("undeclared-write", "task-failed", "verify-failed", "broken-contract", "not-landed"),  # what agents did
    }


def test_a_guard_may_be_made_louder_but_not_quieter_than_the_user_has_it() -> None:
    louder = settings_of(workspace('[severities]\nstale-approval = "error"\n'))
    assert louder.analysis.severities == {"stale-approval": Severity.ERROR}
    user = {"severities": {"stale-approval": "error"}}
    assert "quieter than `error`" in problem_in('[severities]\nstale-approval = "warning"\n', **user).message


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("agents = ", 0, "The file could not be read: Invalid value"),
        ("agents = 3\n[severities\n", 1, "The file could not be read: "),
        ("\nagnets = 3", 1, "There is no setting `agnets`. Did you mean `agents`?"),
        ('agents = "3"', 0, "`agents` takes a whole number from 1"),
        ('[severities]\nno-verfy = "off"', 1, "Did you mean `no-verify`?"),
        ('severities = {hot-file = "off", no-verify = "quiet"}', 0, "`severities.no-verify` is one of"),
        ('[severities]\nno-verify = "quiet"', 1, "`severities.no-verify` is one of"),
        ("severities.no-verify = 1", 0, "`severities.no-verify` is one of"),
        ('agents = 5\n\n["minutes"]\n"fast" = "soon"', 3, "`minutes.fast` takes a number above 0"),
        ("[minutes]\nquick = 1", 1, "`minutes` takes `fast`, `default` and `capable`, not `quick`"),
        ("minutes = 3", 0, "takes a table with an entry for each tier"),
        ('protected = ["ok/**", "../secrets"]', 0, "`protected` has a glob that cannot be used"),
        ("a = " + "[" * 5_000, 0, "it is nested too deeply"),
        ("a." * 20_000 + "a = 1", 0, "a line of it has more than 64 dots"),
        ("#" * 300_000, 0, "more than 262,144 characters"),
        ("a = " + "9" * 5_000, 0, "could not be read"),
    ],
)
def test_a_slip_is_told_with_its_line(text: str, line: int, message: str) -> None:
    _, (problem, *rest) = layered([workspace(text)])
    assert message in problem.message
    assert problem.line == line
    assert rest == []
    assert str(problem).startswith(f"In `agent-server.toml`, line {line + 1}: ")


def test_a_strangers_file_cannot_fill_the_screen_nor_speak_to_the_terminal() -> None:
    _, problems = layered([workspace("".join(f"nonsense{number} = 1\n" for number in range(5_000)))])
    assert len(problems) == 21
    assert problems[-1].message == "After 20 problems the rest is not read."
    _, (problem,) = layered([workspace('"\\u001b]0;mine\\u0007" = 1')])
    assert "\x1b" not in str(problem)
    assert r"\u{1b}" in problem.message
    _, (problem,) = layered([workspace(f'agents = "{"x" * 100_000}"')])
    assert len(problem.message) < 500


def test_a_slip_in_one_entry_keeps_the_others() -> None:
    settings, problems = layered([workspace('[severities]\nhot-file = "loud"\nno-verify = "off"\n')])
    assert settings.analysis.severities == {"no-verify": Severity.OFF}
    assert len(problems) == 1


PYPROJECT = """
[project]
name = "wiki"
version = "1.2.3"

[tool.agent-server]
agents = 3

[tool.agent-server.severities]
no-verify = "off"
"""


def test_a_python_project_may_keep_its_settings_in_its_own_file() -> None:
    settings = settings_of(workspace(PYPROJECT, "pyproject.toml"))
    assert settings.analysis.agents == 3
    assert settings.analysis.severities == {"no-verify": Severity.OFF}
    assert problem_in(PYPROJECT.replace('"off"', '"shut"').replace("= 3", "= 5"), "pyproject.toml").line == 9


def test_a_file_of_its_own_wins_and_that_is_said() -> None:
    layer = workspace_layer({"agent-server.toml": "agents = 2\n", "pyproject.toml": PYPROJECT})
    settings, (problem,) = layered([layer])
    assert settings.analysis.agents == 2
    assert settings.analysis.severities == {}
    assert (problem.place.name, problem.line) == ("pyproject.toml", 5)
    assert "`[tool.agent-server]` is not read, since there is an `agent-server.toml`" in problem.message


@pytest.mark.parametrize("text", ["", "[tool.ruff]\nline-length = 120\n", "[broken", "[tool]\nblack = 1\n"])
def test_a_python_project_that_says_nothing_of_us_is_none_of_our_business(text: str) -> None:
    assert layered([workspace(text, "pyproject.toml")]) == (Settings(), ())


@pytest.mark.parametrize("text", ["tool = 3 # agent-server", "[tool]\nagent-server = 3"])
def test_a_table_that_is_none_is_told_or_left_alone(text: str) -> None:
    assert layered([workspace(text, "pyproject.toml")])[0] == Settings()


def test_a_price_is_a_table_and_the_others_stay() -> None:
    settings, problems = read_settings({"prices": {"own": {"input": 2, "output": 8, "tier": "fast"}}})
    assert not problems
    assert settings.analysis.prices == {**DEFAULT_PRICES, "own": Price(2, 8, tier=Tier.FAST)}


@pytest.mark.parametrize(
    "price",
    [
        *(3, {}, {"input": 1}, {"input": 1, "output": "2"}, {"input": 1, "output": -2}, {"input": 1, "output": True}),
        *({"input": 1, "output": 2, "tier": "huge"}, {"input": 1, "output": 2, "cached": 1}),
    ],
)
def test_a_price_that_is_none_is_told(price: Any) -> None:
    settings, (problem,) = read_settings({"prices": {"own": price}})
    assert "`prices.own` takes a table of USD per million tokens" in problem
    assert settings == Settings()
