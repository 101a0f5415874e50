"""GitHub's annotations: one workflow command a finding, which GitHub shows beside the lines of a pull request.

GitHub shows the first ten errors, warnings and notices of a step; all of them stand in its log.
"""

from collections.abc import Iterator

from agent_server.analysis.model import Diagnostic
from agent_server.analysis.settings import Severity
from agent_server.cli.outputs import Checked, Output
from agent_server.cli.plans import PlanFile
from agent_server.plan.folders import Places
from agent_server.plan.text import Encoding

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def _render(checked: Checked) -> Iterator[str]:
    for plan in checked.plans:
        places = Places(plan.analysis.plan, plan.name)
        yield from (_annotation(plan, places, each) for each in plan.analysis.diagnostics)


def _annotation(plan: PlanFile, places: Places, found: Diagnostic) -> str:
    file, start, end = places.range(found.span, Encoding.UTF32)
    # An absolute path is found by GitHub in the checkout, wherever the command ran.
    properties = {"title": f"Agent Server ({found.code})", "file": str(plan.root / file), "line": str(start.line + 1)}
    if start.line == end.line:  # GitHub takes columns only within one line
        properties |= {"endLine": str(end.line + 1), "col": str(start.character + 1)}
        properties |= {"endColumn": str(max(end.character, start.character + 1))}
    else:
        # What ends at the very start of a line ends with the line before.
        properties["endLine"] = str(end.line + bool(end.character))
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_LEVELS.get(found.severity, 'notice')} {written}::{_data(found.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


OUTPUT = Output("github", _render)
