"""`agent-server lsp` where no editor has started it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.raw_client import ENTRY


def test_a_terminal_is_told_what_the_command_is_for() -> None:
    done = subprocess.run([*ENTRY, "lsp"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "started by editors" in done.stderr
    assert "agent-server check" in done.stderr


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [*ENTRY, "lsp", "--standalone", "--log", str(tmp_path)], input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"`{tmp_path}` cannot be written" in done.stderr


def test_the_start_imports_nothing_heavy_that_a_session_may_never_need() -> None:
    code = (
        "import asyncio, sys; from agent_server.daemon import sessions; from agent_server.lsp.projects import Projects;"
        "asyncio.run(asyncio.to_thread(sessions.make_ready));"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"anthropic", "httpx", "rich", "yaml", "watchfiles", "pydantic", "hypothesis", "acp", "distributed"}
    assert not heavy & set(done.stdout.split())


def test_a_refusal_is_an_answer_and_leaves_no_traceback(tmp_path: Path) -> None:
    unknown = {"command": "agentServer.launch", "arguments": [{"uri": "file:///no.plan.md"}]}
    messages = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"id": 2, "method": "workspace/executeCommand", "params": unknown},
        {"id": 3, "method": "shutdown"},
        {"method": "exit"},
    ]
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    sent = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    environ = {**os.environ, "AGENT_SERVER_SETTINGS": str(tmp_path / "none")}
    done = subprocess.run([*ENTRY, "lsp", "--standalone"], input=sent, capture_output=True, env=environ, check=False)
    assert done.returncode == 0
    assert b"is not open. Open the plan first." in done.stdout
    assert done.stderr == b""
