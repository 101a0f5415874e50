"""Small programs that play agents, and what defines them."""

import sys
from pathlib import Path
from typing import Any

from agent_server.settings import AgentProgram

PROGRAM = """\
import json, os, pathlib, subprocess, sys, time
{body}
"""


def shell(script: str, **more: Any) -> AgentProgram:
    """An agent that is a shell script."""
    return AgentProgram("command", ("sh", "-c", script), **more)


def python(body: str, *arguments: str, **more: Any) -> AgentProgram:
    """An agent that is a Python program; `json`, `os`, `pathlib`, `subprocess`, `sys` and `time` are imported."""
    return AgentProgram("command", (sys.executable, "-c", PROGRAM.format(body=body), *arguments), **more)


def script_at(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path
