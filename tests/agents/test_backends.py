from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.backend import OutcomeKind
from agent_server.agents.backends import (
    BACKENDS,
    UnknownBackend,
    agent_names,
    agent_of,
    backend_named,
    program_named,
)
from agent_server.analysis.analyse import analyse
from agent_server.analysis.settings import BUILT_IN_AGENTS
from agent_server.analysis.tree import Tree
from agent_server.plan.native import parse
from agent_server.settings import AgentProgram, ExecutionSettings, read_settings
from tests.agents.workbench import Workbench, brief

PROGRAM = AgentProgram("command", ("my-agent", "--go"))
OWN = ExecutionSettings(backends={"my-agent": PROGRAM})


def test_every_backend_goes_by_its_own_name() -> None:
    assert {name: backend_named(name, ExecutionSettings(), {}).name for name in BACKENDS} == {
        name: name for name in BACKENDS
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("antropic", "There is no agent named `antropic`. Did you mean `anthropic`?"),
        ("my-agnt", "There is no agent named `my-agnt`. Did you mean `my-agent`?"),
        ("", f"There is no agent named ``. There are {', '.join(f'`{each}`' for each in agent_names(OWN))}."),
    ],
)
def test_an_unknown_name_says_which_there_are(name: str, words: str) -> None:
    with pytest.raises(UnknownBackend) as error:
        backend_named(name, OWN, {})
    assert str(error.value) == words


def test_the_analysis_knows_the_same_names() -> None:
    settings, _ = read_settings({"backends": {"my-agent": {"protocol": "command", "command": ["it"]}}})
    assert agent_names() == BUILT_IN_AGENTS
    assert settings.analysis.known_agents == agent_names(settings.execution) == ("my-agent", *BUILT_IN_AGENTS)


def test_the_names_are_the_users_own_the_built_in_ones_and_the_presets() -> None:
    assert agent_names(OWN)[:3] == ("my-agent", "anthropic", "replay")
    assert {"claude", "codex", "aider"} < set(agent_names())
    assert "my-agent" not in agent_names()


def test_what_the_user_defines_wins() -> None:
    settings = ExecutionSettings(backends={"anthropic": PROGRAM, "claude": PROGRAM})
    for name in ("anthropic", "claude"):
        assert program_named(name, settings) == PROGRAM
        assert backend_named(name, settings, {}).runs == "my-agent --go"
    assert program_named("anthropic", ExecutionSettings()) is None
    assert backend_named("anthropic", ExecutionSettings(), {}).runs == ""


@pytest.mark.parametrize("name", ["my-agent", "anthropic"])
def test_a_recorded_agent_keeps_its_name_and_says_what_it_runs(name: str, tmp_path: Path) -> None:
    recorded = backend_named(name, replace(OWN, record=tmp_path), {})
    assert (recorded.name, recorded.runs) == (name, backend_named(name, OWN, {}).runs)


def test_the_agent_of_a_task_is_its_own_or_the_plans_or_the_settings() -> None:
    def agent(front: str, field: str) -> str:
        plan, problems = parse(f"{front}# A\n\n## a: B\n- writes: `c`\n{field}\nDo it.\n")
        return agent_of(analyse(plan, problems, Tree()), "a", ExecutionSettings(agent="of-settings"))

    assert agent("---\nagent: of-plan\n---\n", "- agent: of-task\n") == "of-task"
    assert agent("---\nagent: of-plan\n---\n", "") == "of-plan"
    assert agent("", "") == "of-settings"


async def test_replay_reads_the_configured_folder(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "nav.jsonl").write_text('{"version": 1}\n{"at": 600, "end": "done"}\n')
    settings = ExecutionSettings(transcripts=tmp_path, speed=100_000)
    outcome = await backend_named("replay", settings, {}).run(brief(), Workbench(workspace), print)
    assert outcome.kind is OutcomeKind.DONE


async def test_anthropic_reads_the_environment_that_it_is_given(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-this-process")
    outcome = await backend_named("anthropic", ExecutionSettings(), {}).run(brief(), Workbench(workspace), print)
    assert "There is no key" in outcome.message
