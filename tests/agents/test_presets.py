import pytest

from agent_server.agents.output import PARSERS
from agent_server.agents.presets import PRESETS
from agent_server.settings import read_settings


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_could_be_spelled_in_settings(name: str) -> None:
    preset = PRESETS[name]
    table = {
        "protocol": preset.protocol,
        "command": list(preset.command),
        "prompt": preset.prompt,
        "output": preset.output,
        "variables": list(preset.variables),
        "logins": list(preset.logins),
        "unseen": list(preset.unseen),
    }
    settings, problems = read_settings({"backends": {name: table}})
    assert problems == ()
    assert settings.execution.backends[name].command == preset.command
    assert preset.output in PARSERS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_how_it_is_installed_and_logged_in(name: str) -> None:
    preset = PRESETS[name]
    assert len(preset.install.split()) > 1
    assert preset.login.endswith(".")


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.protocol == "command"])
def test_a_command_is_given_its_prompt_where_it_looks_for_it(name: str) -> None:
    preset = PRESETS[name]
    assert (preset.prompt == "file") == any("{prompt_file}" in word for word in preset.command)


def test_claude_code_has_no_shell_and_runs_nothing_of_the_workspace() -> None:
    words = PRESETS["claude"].command
    assert words[words.index("--tools") + 1] == "Read,Write,Edit,Glob,Grep"
    assert words[words.index("--setting-sources") + 1] == "user"
    assert "--strict-mcp-config" in words
