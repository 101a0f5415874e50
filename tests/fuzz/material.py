"""A small workspace for hostile sessions, and what they say of it."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agent_server.daemon import control, ownership
from tests.fuzz.sessions import Material

ENTRY = (sys.executable, "-c", "from agent_server.cli import main; raise SystemExit(main())")
"""How the command line is started; its arguments follow."""

_PLAN = """---
verify: "true"
---
# 🦀 Crabs

## a: Write `a.py`
- writes: `a.py`, `src/*.py`
- waits for: b

Write it 🦀 well.\u2028And then some.

## b: Write b
- writes: `b.py`
- after: a
"""
_SMALL = "# One\n\n## one: Write one\n- writes: `one.txt`\n\nWrite it.\n"
_FILES = {
    "a.plan.md": _PLAN,
    "one.plan.md": _SMALL,
    "notes.md": "Not a plan.\n",
    "src/app.py": "import a\nfrom b import c\n\n\ndef main() -> None:\n    a.run(c)\n",
    ".agent-server.toml": "[rules]\nnonsense = 7\n",
}


def planted(folder: Path) -> Material:
    """Write the workspace into `folder`."""
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    model = json.loads(Path(__file__).parents[2].joinpath("protocol/agent-server.json").read_text("utf-8"))
    documents = {(folder / name).as_uri(): text for name, text in _FILES.items()}
    return Material(folder.as_uri(), documents, model)


@contextmanager
def surroundings(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment of servers that keep all they keep below `folder`; daemons are stopped at the end."""
    repository = str(Path(__file__).parents[2])
    with tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True) as runtime:  # a socket's path is short
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")},
            "PYTHONPATH": os.pathsep.join((repository, os.environ.get("PYTHONPATH", ""))).strip(os.pathsep),
            "HOME": str(folder / "home"),
            "AGENT_SERVER_STATE_DIR": str(folder / "state"),
            "AGENT_SERVER_CACHE_DIR": str(folder / "cache"),
            "AGENT_SERVER_SETTINGS": str(folder / "settings.toml"),
            "AGENT_SERVER_RUNTIME_DIR": runtime,
        }
        for name in control.names(runtime):
            control.ask(runtime, name, b"stop-now")


def logs(folder: Path, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Where standard error is written, or the log of a server without a daemon, and where a daemon logs."""
    return folder / "log", ownership.state_of(str(folder / "workspace"), dict(environ)) / ownership.LOG
