"""The files that people copy into editors which are not tried here: whole, and in step with the server."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent_server.lsp import commands
from agent_server.plan.formats import is_plan

CLIENTS = Path("editor_clients").resolve()
MADE = {"node_modules", "dist", "out"}
FILES = [
    path for path in CLIENTS.rglob("*") if path.is_file() and MADE.isdisjoint(path.parts) and path.suffix != ".png"
]
PAGES = [path for path in FILES if path.suffix == ".md"]
STARTS_THE_SERVER = ["agent-server", "lsp"]


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((CLIENTS / name).read_text())


def commented_json(name: str) -> Any:
    """Editors' JSON: with comments, each on lines of its own."""
    lines = (CLIENTS / name).read_text().splitlines()
    return json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))


# VS Code's settings begin like our commands; its commands come from the generated types.
@pytest.mark.parametrize(
    "file",
    [file for file in FILES if "vscode" not in file.parts or file.name == "protocol.ts"],
    ids=lambda file: str(file.relative_to(CLIENTS)),
)
def test_every_command_that_a_client_names_is_offered(file: Path) -> None:
    offered = {handler.name for handler in commands.HANDLERS}
    assert set(re.findall(r"\bagentServer\.\w+", file.read_text())) <= offered


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CLIENTS)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_index_names_every_editor() -> None:
    linked = set(re.findall(r"\]\((\w+)/", (CLIENTS / "README.md").read_text()))
    assert linked == {folder.name for folder in CLIENTS.iterdir() if folder.is_dir()} - {"pictures"}


def test_helix_starts_the_server_for_plans_alone() -> None:
    configuration = toml("helix/languages.toml")
    [language] = configuration["language"]
    [server] = language["language-servers"]
    started = configuration["language-server"][server]
    assert [started["command"], *started["args"]] == STARTS_THE_SERVER
    assert all(is_plan(each["glob"].replace("*", "any")) for each in language["file-types"])
    assert {query.name for query in (CLIENTS / "helix/runtime/queries" / language["name"]).iterdir()} == {
        "highlights.scm",
        "injections.scm",
    }


def test_helix_has_keys_for_a_run() -> None:
    keys = toml("helix/config.toml")["keys"]["normal"]["+"]
    for key in keys.values():
        command, _, argument = key.removeprefix(":lsp-workspace-command ").partition(" ")
        assert command.startswith("agentServer.")
        assert json.loads(argument)["uri"].startswith("file://")


def test_sublime_starts_the_server_and_has_commands_for_it() -> None:
    [(session, server)] = commented_json("sublime/LanguageServers.sublime-settings").items()
    assert server["enabled"] is True
    assert server["command"] == STARTS_THE_SERVER
    entries = commented_json("sublime/Default.sublime-commands")
    assert {entry["args"]["session_name"] for entry in entries} == {session}


def test_zed_names_the_server_in_its_extension_and_its_settings() -> None:
    [server] = toml("zed/extension.toml")["language_servers"]
    assert server in commented_json("zed/settings.json")["lsp"]
    assert toml("zed/Cargo.toml")["package"]["version"] == toml("zed/extension.toml")["version"]
