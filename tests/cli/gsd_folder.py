"""A workspace with a GSD phase: two plans of one wave, and one of the next; and an agent that does them.

The agent of the first plan also writes the summary by which GSD knows that a plan is done; the others forget it.
"""

import json
import subprocess
from pathlib import Path

FOLDER = ".planning/phases/01-words/"

WORKER = """\
prompt=$(cat)
case "$prompt" in
*"Write the text of a."*) echo a > a.txt; echo Done. > .planning/phases/01-words/01-01-SUMMARY.md;;
*"Write the text of b."*) echo b > b.txt;;
*"Write the text of c."*) cat a.txt b.txt > c.txt;;
esac
"""


def made(root: Path, settings: Path) -> Path:
    """Make the workspace and the user's settings; returns the plan's folder."""
    folder = root / FOLDER
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    command = json.dumps(["sh", "-c", WORKER])
    settings.write_text(f'[backends.worker]\nprotocol = "command"\ncommand = {command}\n')
    (folder / "01-01-PLAN.md").write_text(plan(1, 1, "[]", "a"))
    (folder / "01-02-PLAN.md").write_text(plan(2, 1, "[]", "b").removesuffix("\n"))
    (folder / "01-03-PLAN.md").write_text(plan(3, 2, '["01-01", "01-02"]', "c"))
    return folder


def plan(number: int, wave: int, needs: str, word: str) -> str:
    """One plan of the phase: it writes one file, and its summary."""
    return f"""\
---
phase: 01-words
plan: 0{number}
wave: {wave}
depends_on: {needs}
files_modified: [{word}.txt]
---
<objective>
Write the text of {word}.
</objective>
<output>
In the end, create `{FOLDER}01-0{number}-SUMMARY.md`
</output>
"""
