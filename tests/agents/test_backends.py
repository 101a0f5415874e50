from pathlib import Path

import pytest

from agent_server.agents.backend import OutcomeKind
from agent_server.agents.backends import BACKENDS, UnknownBackend, backend_named
from agent_server.settings import ExecutionSettings
from tests.agents.workbench import Workbench, brief


def test_every_backend_goes_by_its_own_name() -> None:
    assert {name: backend_named(name, ExecutionSettings(), {}).name for name in BACKENDS} == {
        name: name for name in BACKENDS
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("antropic", "There is no agent named `antropic`. Did you mean `anthropic`?"),
        ("", "There is no agent named ``. There are `anthropic`, `replay`."),
    ],
)
def test_an_unknown_name_says_which_there_are(name: str, words: str) -> None:
    with pytest.raises(UnknownBackend) as error:
        backend_named(name, ExecutionSettings(), {})
    assert str(error.value) == words


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
