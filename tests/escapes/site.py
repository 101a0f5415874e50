"""The workspace that agents try to leave, what lies around it, and whether anything of that has changed."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent_server.execution.changes.changes import fingerprint
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.settings import ExecutionSettings
from tests.execution.plans import analysed

PLAN = "escape.plan.md"
_MARKED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/usr/local/bin")  # where a script may leave `escape-NN`


@dataclass(frozen=True)
class Site:
    """A workspace for so many attempts."""

    folder: Path
    attempts: int

    @property
    def root(self) -> Path:
        return self.folder / "workspace"

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.folder / "home"), "AGENT_SERVER_STATE_DIR": str(self.folder / "state")}

    def places(self, number: int) -> dict[str, str]:
        """What stands for the places of an attempt."""
        return {
            "number": str(number),
            "mine": f"t{number}",
            "workspace": str(self.root),
            "outside": str(self.folder / f"outside-{number}"),
            "real_home": str(self.folder / "home"),
            "state": str(self.folder / "state"),
        }

    def prologue(self, number: int) -> str:
        """The shell variables of an attempt."""
        lines = (f"{name.upper()}='{place}'; export {name.upper()}" for name, place in self.places(number).items())
        return "".join(f"{line}\n" for line in lines)

    def plant(self) -> None:
        """Make it all."""
        for number in range(self.attempts):
            outside = self.folder / f"outside-{number}"
            outside.mkdir(parents=True)
            (outside / "canary").write_text("canary\n")
            own = self.root / f"t{number}"
            (own / "dir").mkdir(parents=True)
            (own / "mine.txt").write_text("mine\n")
            (own / "dir" / "file.txt").write_text("file\n")
            (self.root / f"link-{number}").symlink_to(f"../outside-{number}/canary")
            (self.root / f"linked-{number}").symlink_to(outside)
        (self.root / "kept.txt").write_text("kept\n")
        (self.root / "shared").mkdir()
        (self.root / "shared" / "file.txt").write_text("shared\n")
        (self.folder / "home").mkdir()
        (self.folder / "home" / ".bashrc").write_text("home\n")
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)

    def plan(self, verify: Sequence[str] = ()) -> str:
        """A plan with a task for each attempt; `verify` are their own verify commands."""
        tasks = []
        for number in range(self.attempts):
            writes = f"`t{number}/mine.txt`, `t{number}/new.txt`, `t{number}/dir/`"
            own = f"- verify: `{verify[number]}`\n" if verify else ""
            tasks.append(
                f"## t{number}: Attempt {number}\n- writes: {writes}\n{own}\nThis is attempt-{number}-end.\n\n"
            )
        return f"---\nverify: 'true'\nagents: 100\n---\n# Escape\n\n{''.join(tasks)}"

    async def run(self, settings: ExecutionSettings, plan: str, more: Mapping[str, str] | None = None) -> RunRecord:
        """Run the wave with real backends; how it ended."""
        executor = Executor(self.root, settings, {**self.environ, **(more or {})})
        try:
            analysis = analysed(self.root, plan)
            executor.approve(executor.propose(PLAN, analysis, 1))
            return await executor.launch(PLAN, analysis).wait()
        finally:
            await executor.close()

    def fingerprints(self) -> dict[str, str | None]:
        """All that lies around the workspace and in it, but for what the server keeps, by its path."""
        found: dict[str, str | None] = {}
        for folder in (self.root, self.folder / "home", *self.folder.glob("outside-*")):
            for path in _below(folder):
                mode = "" if path.is_symlink() else oct(path.stat().st_mode)
                found[str(path.relative_to(self.folder))] = f"{fingerprint(path)} {mode}"
        return found

    def escapes(self, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
        """What changed that no task may change."""
        changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        return sorted(path for path in changed if not self._is_declared(path))

    def marks(self) -> list[str]:
        """Files that scripts left elsewhere on the host. They are removed."""
        found = []
        for place in _MARKED:
            for number in range(self.attempts):
                mark = Path(place) / f"escape-{number}"
                if mark.exists():
                    found.append(str(mark))
                    with suppress(OSError):
                        mark.unlink()
        return found

    def _is_declared(self, path: str) -> bool:
        match path.split("/"):
            case ["workspace", task] | ["workspace", task, "mine.txt" | "new.txt" | "dir"]:
                pass
            case ["workspace", task, "dir", *below] if ".git" not in map(str.lower, below):
                pass
            case _:
                return False
        return task.startswith("t") and task[1:].isdigit()


def landed(record: RunRecord) -> bool:
    """Whether the run came to its end, with the landing."""
    return record.state is RunState.LANDED


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        yield from (Path(place) / name for name in (*folders, *files))
