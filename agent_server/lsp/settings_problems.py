"""What is wrong with a workspace's own settings, shown where the user looks.

It stands as diagnostics in the settings file. Where that file is not open, each problem is also said once: some editors
show nothing of a file that is closed.
"""

from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from agent_server.lsp import convert
from agent_server.lsp.diagnostics_json import SOURCE
from agent_server.lsp.documents import Documents
from agent_server.settings import SettingsProblem

_CODE = "settings"
_LINE_END = 1_000  # LSP takes a character beyond the end of a line for the end of it


class SettingsProblems:
    """What one client has been told. `push` sends diagnostics, `say` shows a message."""

    def __init__(
        self,
        documents: Documents,
        push: Callable[[types.PublishDiagnosticsParams], None],
        say: Callable[[str], None],
    ) -> None:
        self._documents = documents
        self._push = push
        self._say = say
        self._told: dict[Path, tuple[SettingsProblem, ...]] = {}

    def tell(self, root: Path, now: tuple[SettingsProblem, ...]) -> None:
        """Tell what is new with the settings of the workspace at `root`, and take back what is mended."""
        before = self._told.get(root, ())
        if now == before:
            return
        self._told[root] = now
        for name in dict.fromkeys(each.place.name for each in (*before, *now)):
            self._show(root / name, [each for each in now if each.place.name == name], before)

    def forget(self, root: Path) -> None:
        """Take back what was told of a project that is no longer open."""
        for name in dict.fromkeys(each.place.name for each in self._told.pop(root, ())):
            self._push(types.PublishDiagnosticsParams(convert.to_uri(root / name), []))

    def _show(self, file: Path, problems: list[SettingsProblem], before: tuple[SettingsProblem, ...]) -> None:
        uri = convert.to_uri(file)
        self._push(types.PublishDiagnosticsParams(uri, [_diagnostic(each) for each in problems]))
        if any(document.path == file for document in self._documents):
            return
        for problem in problems:
            if problem not in before:
                self._say(str(problem))


def _diagnostic(problem: SettingsProblem) -> types.Diagnostic:
    line = problem.line or 0
    return types.Diagnostic(
        range=types.Range(types.Position(line, 0), types.Position(line, _LINE_END)),
        severity=types.DiagnosticSeverity.Warning,
        code=_CODE,
        source=SOURCE,
        message=problem.message,
    )
