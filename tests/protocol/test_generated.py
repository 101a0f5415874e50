"""What is generated for other languages says what the model says."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from protocol.model import load

MODEL = load()
LUA = Path("editor_clients/neovim/lua/agent_server/protocol.lua")
TYPESCRIPT = Path("editor_clients/vscode/src/protocol.ts")


def test_neovim_can_load_the_names_of_all_messages_and_commands(tmp_path: Path) -> None:
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed")
    script = tmp_path / "print.lua"
    script.write_text(f"io.write(vim.json.encode(dofile({json.dumps(str(LUA.resolve()))})))")
    done = subprocess.run([program, "--clean", "-l", script], capture_output=True, text=True, check=True, timeout=60)
    loaded = json.loads(done.stdout)
    assert loaded["version"] == MODEL.version
    assert sorted(loaded["methods"].values()) == sorted(each.method for each in MODEL.messages)
    assert sorted(loaded["commands"].values()) == sorted(each.command for each in MODEL.commands)
    assert loaded["methods"]["change_set"] == "agentServer/changeSet"


def test_lua_has_a_class_for_every_structure_with_every_field() -> None:
    blocks = LUA.read_text("utf-8").split("\n\n")
    for structure in MODEL.structures:
        block = next(each for each in blocks if f"---@class agent_server.{structure.name}\n" in each)
        fields = re.findall(r"^---@field (\w+\??) \S+ ", block, re.MULTILINE)
        assert fields == [each.name + "?" * each.optional for each in structure.properties]


def test_typescript_has_an_interface_for_every_structure_and_imports_nothing() -> None:
    text = TYPESCRIPT.read_text("utf-8")
    assert not re.search(r"\b(import|require)\b", text)
    for structure in MODEL.structures:
        found = re.search(rf"^export interface {structure.name} {{\n(.*?)^}}$", text, re.MULTILINE | re.DOTALL)
        assert found is not None
        fields = re.findall(r"^  (\w+\??): .+;$", found[1], re.MULTILINE)
        assert fields == [each.name + "?" * each.optional for each in structure.properties]
    for message in MODEL.messages:
        assert f'{{\n  method: "{message.method}",\n}};' in text


def test_the_reference_page_has_every_message_command_and_structure() -> None:
    headings = set(re.findall(r"^### (\S+)$", Path("protocol/reference.md").read_text("utf-8"), re.MULTILINE))
    wanted = (
        *(each.method for each in MODEL.messages),
        *(each.command for each in MODEL.commands),
        *(each.name for each in MODEL.structures),
    )
    assert set(wanted) <= headings


def test_every_link_of_the_reference_page_has_a_heading() -> None:
    text = Path("protocol/reference.md").read_text("utf-8")
    headings = {heading.lower() for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    links = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert links
    assert links <= headings
