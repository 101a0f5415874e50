"""A project's settings as they are now: the editor's and the user's, and the file of the workspace, saved or not."""

from collections.abc import Callable

from agent_server.settings import WORKSPACE_FILES, Settings, SettingsProblem, in_workspace
from agent_server.workspace.workspace import Workspace


class LiveSettings:
    """What holds in one workspace. `given` is what the client and the user have set; it may be replaced.

    `settled` says how settings hold in this folder, where it is a special one.
    """

    def __init__(
        self, workspace: Workspace, given: Settings, settled: Callable[[Settings], Settings] = lambda settings: settings
    ) -> None:
        self.given = given
        self._workspace = workspace
        self._settled = settled
        self._known: tuple[Settings, int] | None = None
        self._texts: tuple[Settings, tuple[str | None, ...]] | None = None
        self._now: tuple[Settings, tuple[SettingsProblem, ...]] = (given, ())

    @property
    def now(self) -> Settings:
        """The settings, with the workspace's own laid over `given`."""
        self._look()
        return self._now[0]

    @property
    def problems(self) -> tuple[SettingsProblem, ...]:
        """What is wrong with the workspace's own settings now."""
        self._look()
        return self._now[1]

    def _look(self) -> None:
        """Read the files again where the workspace has changed, and what they say where their texts have."""
        if self._known is not None and self._known == (self.given, self._workspace.revision):
            return
        self._known = (self.given, self._workspace.revision)
        contents = self._workspace.tree_with(WORKSPACE_FILES).contents
        texts = tuple(contents.get(name) for name in sorted(WORKSPACE_FILES))
        if self._texts is None or self._texts[0] is not self.given or self._texts[1] != texts:
            self._texts = (self.given, texts)
            settings, problems = in_workspace(self.given, contents)
            self._now = (self._settled(settings), problems)
