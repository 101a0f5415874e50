"""What the last verifications say is wrong, as diagnostics in the files that it is about.

They stand there while the run is held: once it has landed, was discarded, or the plan runs anew, they are gone. A
client that asks for the diagnostics of the whole workspace gets them with that answer; to all others they are pushed.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.facts import RunFacts
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity
from agent_server.lsp.diagnostics_json import LINE_END, SOURCE, uri_in
from agent_server.lsp.live_settings import LiveSettings
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.project import Project
from agent_server.plan.formats import FORMATS, Formats
from agent_server.plan.visible import visible

FileProblems = Mapping[str, list[types.Diagnostic]]
"""Diagnostics by the URI of their file."""

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
}


def file_problems(
    root: Path, facts: Iterable[RunFacts], files: Container[str], formats: Formats = FORMATS
) -> FileProblems:
    """What the last runs of plans say of files. `files` are those that there are now, `formats` say which are plans.

    Of a file that exists in a change set alone it stands in the document that shows what its task would write.
    """
    found: dict[str, list[types.Diagnostic]] = {}
    for each in facts:
        for problem in _held(each):
            now = problem.path in files
            # A plan's diagnostics are its own: those of one document come together, or take each other's place.
            if (now or problem.tasks) and not formats.is_plan(problem.path):
                uri = uri_in(root, problem.path, each.run, next(iter(problem.tasks), ""), now=now)
                found.setdefault(uri, []).append(_diagnostic(problem))
    return found


def of_project(project: Project, launched: Sequence[str], settings: LiveSettings) -> FileProblems:
    """What the last runs of a project's plans say of files; `launched` are plans that may lie outside of its tree.

    Called in the worker's thread.
    """
    formats = settings.now.formats
    names = dict.fromkeys((*launched, *project.plans(formats)))
    return file_problems(project.root, map(project.executor.facts, names), project.workspace.tree, formats)


class PushedProblems:
    """What one client was told of files. `push` sends diagnostics."""

    def __init__(self, push: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self._push = push
        self._told: dict[Path, FileProblems] = {}

    def tell(self, root: Path, now: FileProblems) -> None:
        """Tell what is new with the files of the workspace at `root`, and take back what no longer holds."""
        before = self._told.pop(root, {})
        if now:
            self._told[root] = now
        for uri in dict.fromkeys((*before, *now)):
            if before.get(uri) != now.get(uri):
                self._push(types.PublishDiagnosticsParams(uri, now.get(uri, [])))

    def forget(self, root: Path) -> None:
        """Take back what was told of a project that is no longer open."""
        self.tell(root, {})


def _held(facts: RunFacts) -> tuple[BuildProblem, ...]:
    """The problems of a run that failed to verify and waits for a decision."""
    return facts.verify.problems if facts.waits and facts.verify is not None and not facts.verify.passed else ()


def _diagnostic(problem: BuildProblem) -> types.Diagnostic:
    start = types.Position(problem.line, problem.column or 0)
    return types.Diagnostic(
        range=types.Range(start, types.Position(problem.line, LINE_END)),
        severity=_SEVERITIES.get(problem.severity, types.DiagnosticSeverity.Hint),
        code=visible(problem.code or problem.source) or None,
        source=SOURCE,
        message=unlinked(f"{visible(problem.message)}\n{_about(problem)}"),
    )


def _about(problem: BuildProblem) -> str:
    """Whose version of the file this is about: it is not what the editor shows."""
    if problem.tasks:
        return f"This is about the file as {listed(problem.tasks)} would write it. Nothing of that has landed."
    return "The last verification said so, with the work of agents that has not landed."
