"""Real agents, driven over the Agent Client Protocol, against a Messages API of our own. See `real_agents.py`."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent_server.agents.acp import AcpBackend
from agent_server.agents.backend import Denied, Event, OutcomeKind
from agent_server.agents.presets import PRESETS
from agent_server.execution.changes.harvest import harvest
from agent_server.execution.sandboxes.sandbox import Base
from tests.agents.messages_server import KEY, Failure, MessagesServer, Reply, Request, say, use
from tests.agents.workbench import brief, of_type
from tests.execution.real_agents import installed, skipped_unless_wanted

pytestmark = skipped_unless_wanted


@dataclass(frozen=True)
class Real:
    """A real agent: its package, its tools, and what leads it to the server, where `{url}` and `{key}` stand for that.

    `refused` and `reported` are the undeclared paths that it was refused, and that it wrote all the same.
    """

    name: str
    package: str
    write: str
    keys: tuple[str, str]
    shell: str
    refused: list[str]
    reported: list[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    mode: str | None = None


CLAUDE = Real(
    "claude-acp",
    "@agentclientprotocol/claude-agent-acp",
    "Write",
    ("file_path", "content"),
    "Bash",
    refused=["undeclared.py"],
    reported=[],  # its shell is not among its tools
)
REAL = {
    "claude": CLAUDE,
    "claude that does not ask": replace(CLAUDE, mode="acceptEdits", refused=[], reported=["undeclared.py"]),
    "opencode": Real(
        "opencode",
        "opencode-ai",
        "write",
        ("filePath", "content"),
        "bash",
        refused=["undeclared.py"],
        reported=["by-shell"],
        environ={
            "OPENCODE_CONFIG_CONTENT": json.dumps(
                {
                    "experimental": {"continue_loop_on_deny": True},
                    "model": "anthropic/claude-sonnet-4-5",
                    "small_model": "anthropic/claude-sonnet-4-5",
                    "provider": {"anthropic": {"options": {"baseURL": "{url}/v1", "apiKey": "{key}"}}},
                }
            )
        },
    ),
    "copilot": Real(
        "copilot",
        "@github/copilot",
        "create",
        ("path", "file_text"),
        "bash",
        refused=["undeclared.py"],
        reported=["by-shell"],
        environ={
            "COPILOT_MODEL": "claude-sonnet-4.5",
            "COPILOT_PROVIDER_BASE_URL": "{url}",
            "COPILOT_PROVIDER_TYPE": "anthropic",
            "COPILOT_PROVIDER_API_KEY": "{key}",
        },
    ),
}


class Messages(MessagesServer):
    """Agents also ask for a title of the conversation: a request without tools, and at a time of its own."""

    def _next(self, request: Request) -> Reply | Failure:
        return super()._next(request) if request.body.get("tools") else say("A title")


@pytest.mark.parametrize("agent", REAL.values(), ids=REAL)
async def test_its_declared_file_lands_and_an_undeclared_one_is_reported(
    base: Base, tmp_path: Path, pytestconfig: pytest.Config, agent: Real
) -> None:
    assert pytestconfig.cache is not None
    programs = installed(agent.package, pytestconfig.cache)
    home = tmp_path / "home"
    home.mkdir()
    sandbox = await base.fork("task")
    task = brief("src/new.py", prompt="Carry out the task.")
    events: list[Event] = []
    path, text = agent.keys
    with Messages() as server:
        server.script(
            use(agent.write, **{path: f"{sandbox.place}/src/new.py", text: "NEW = 1\n"}),
            use(agent.write, **{path: f"{sandbox.place}/undeclared.py", text: "NEW = 2\n"}),
            use(agent.shell, command="echo mine > by-shell", description="Write"),
            say("All is done."),
        )
        own = {name: value.replace("{url}", server.url).replace("{key}", KEY) for name, value in agent.environ.items()}
        environ = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            **server.environ,
            **own,
        }
        program = PRESETS[agent.name]
        program = replace(program, mode=agent.mode or program.mode, variables=(*program.variables, *own))
        outcome = await AcpBackend(agent.name, program, environ).run(task, sandbox, events.append)
    assert (outcome.kind, outcome.message) == (OutcomeKind.DONE, "All is done.")
    found = harvest(await sandbox.changes(tmp_path / "store"), task.writes)
    assert [change.path for change in found.declared] == ["src/new.py"]
    assert [change.path for change in found.undeclared] == agent.reported
    assert [event.path for event in of_type(events, Denied)] == agent.refused
