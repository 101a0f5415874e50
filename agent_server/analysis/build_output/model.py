"""One thing that a build says is wrong."""

from dataclasses import dataclass

from agent_server.analysis.settings import Severity


@dataclass(frozen=True, slots=True)
class BuildProblem:
    """A problem at a place of a file.

    `path` is relative to the workspace's root. `line` counts from 0, `column` too, in the tool's own units (most count
    code points or UTF-16 units); None where it tells none. `source` is the tool, `code` what it calls the problem.
    `tasks` are those whose agents wrote the file.
    """

    path: str
    line: int
    message: str
    column: int | None = None
    severity: Severity = Severity.ERROR
    source: str = ""
    code: str = ""
    tasks: tuple[str, ...] = ()
