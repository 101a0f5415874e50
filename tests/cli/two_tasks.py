"""A workspace with a plan of two tasks, and an agent that does `a` badly until it is told to mind something."""

import json
import os
import subprocess
from pathlib import Path

from agent_server.execution.records.record import RunRecord, RunStore
from agent_server.execution.state import StateDirectory

PLAN = "two.plan.md"

_TEXT = """\
---
verify: "! grep -Hn bad *.txt"
agent: worker
---
# Two

## a: Write the file a
- writes: `a.txt`, `more/**`

Write the text of a.

## b: Write the file b
- writes: `b.txt`

Write the text of b.
"""
_WORKER = """\
prompt=$(cat)
case "$prompt" in
*"# What fails"*) sed -i s/bad/mended/ a.txt; exit;;
*"Write the text of a."*) name=a;;
*"Write the text of b."*) name=b;;
esac
word=good
if [ $name = a ]; then
    word=bad
    mkdir -p more && echo one > more/1.txt && echo two > more/2.txt
fi
case "$prompt" in *mind*) word=better;; esac
echo "$word $name" > $name.txt
if [ -f wait ] && [ $name = b ]; then sleep 600; fi
"""


def made(root: Path, settings: Path) -> Path:
    """Make the workspace and the user's settings; returns the plan."""
    root.mkdir()
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    command = json.dumps(["sh", "-c", _WORKER])
    settings.write_text(f'[backends.worker]\nprotocol = "command"\ncommand = {command}\n')
    (root / PLAN).write_text(_TEXT)
    return root / PLAN


def last(root: Path) -> RunRecord:
    """The record of the plan's last run."""
    store = RunStore(StateDirectory.for_workspace(root, os.environ).runs)
    record = store.latest(PLAN)
    store.close()
    assert record is not None
    return record


def done(plan: Path) -> int:
    """How many tasks are ticked off in the plan."""
    return plan.read_text().count("- status: done\n")
