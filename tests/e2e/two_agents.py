"""A plan of two agents, of which one fails the verification unless it is told to be kind."""

import sys
from typing import Any

from tests.e2e.site import Site

PLAN = """\
---
agent: pair
verify: 'if grep -q unkind mine.txt; then echo "mine.txt:2:1: error: unkind words"; exit 1; fi'
---
# Two agents

## mine: Write my file
- writes: `mine.txt`

Write the first file of the two. Task one.

## theirs: Write their file
- writes: `theirs.txt`

Write the second file of the two. Task two.
"""

BASE = "".join(f"old {number}\n" for number in range(20))
"""What stands in `mine.txt` before."""

UNKIND = BASE.replace("old 1\n", "unkind\n").replace("old 19\n", "new\n")
"""What its agent makes of it at first: two hunks."""

_AGENT = f"""\
import pathlib, sys
prompt = sys.stdin.read()
pathlib.Path("stray.txt").write_text("not asked for")
if "Task two." in prompt:
    pathlib.Path("theirs.txt").write_text("theirs\\n")
else:
    words = {UNKIND!r}
    pathlib.Path("mine.txt").write_text(words.replace("unkind", "kind") if "Be kind." in prompt else words)
print("Done.")
"""


def plan_of_two(site: Site) -> None:
    """Put the plan into the site's workspace, as `two.plan.md`, and the program that its agents are."""
    (site.root / "agent.py").write_text(_AGENT)
    (site.root / "two.plan.md").write_text(PLAN)
    (site.root / "mine.txt").write_text(BASE)


def settings_of_two() -> dict[str, Any]:
    """The settings that say who the agents are."""
    return {"backends": {"pair": {"protocol": "command", "command": [sys.executable, "agent.py"]}}}
