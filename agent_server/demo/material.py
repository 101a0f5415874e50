"""What the demo works on: the site as a fresh Git repository, a bad and a good plan for it, and the transcripts.

`site/` holds the site's files as they are, except for `gitignore`: under its real name it would rule the files of this
package too.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BAD_PLAN = "clay-wiki-first-try.plan.md"
"""The plan as people write it first: three tasks want one file, and more."""

GOOD_PLAN = "clay-wiki.plan.md"
"""The plan whose five tasks form one wave."""

_HERE = Path(__file__).parent
_NO_CONFIG = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_NAME, _EMAIL = "Agent Server demo", "demo@localhost"
_AUTHOR = {
    "GIT_AUTHOR_NAME": _NAME,
    "GIT_AUTHOR_EMAIL": _EMAIL,
    "GIT_COMMITTER_NAME": _NAME,
    "GIT_COMMITTER_EMAIL": _EMAIL,
}


@dataclass(frozen=True, slots=True)
class DemoPaths:
    """Where the demo lies. `no_git` says, in a sentence for the user, why it is no Git repository; empty if it is."""

    root: Path
    bad_plan: Path
    good_plan: Path
    no_git: str = ""


def materialise(folder: Path) -> DemoPaths:
    """Copy the site and both plans into `folder`, and make it a Git repository with one commit that holds them all.

    So `git status` afterwards shows what a run has landed and nothing else. Without a working Git the demo goes on,
    and the result says why.

    Raises:
        FileExistsError: `folder` exists and is not empty.
        OSError: it cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"`{folder}` is not empty. Choose a new folder for the demo.")
    folder.mkdir(parents=True, exist_ok=True)
    _copy(_HERE / "site", folder)
    _copy(_HERE / "plans", folder)
    (folder / "gitignore").rename(folder / ".gitignore")
    return DemoPaths(folder, folder / BAD_PLAN, folder / GOOD_PLAN, _commit_all(folder))


def transcripts_folder() -> Path:
    """Where the transcripts lie, one a task of the good plan. Its `README.md` says what they are and are not."""
    return _HERE / "work"


def transcripts() -> Mapping[str, Path]:
    """The transcript of each task of the good plan, by the task's id."""
    return {path.stem: path for path in sorted(transcripts_folder().glob("*.jsonl"))}


def _copy(source: Path, target: Path) -> None:
    """Copy contents alone: an installation may be read-only, and the demo's folder must not be."""
    for file in (path.relative_to(source) for path in source.rglob("*") if path.is_file()):
        # Installers compile the site's modules and tools leave caches; none of that is the demo's business.
        if not any(part.startswith((".", "__pycache__")) for part in file.parts):
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target / file)


def _commit_all(folder: Path) -> str:
    """Make `folder` a repository with one commit. Why that did not work, or nothing."""
    try:
        _git(folder, "-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
        _git(folder, "add", "--all")
        _git(folder, "commit", "--quiet", "--message", "Two wikis, about wood and about wool")
    except FileNotFoundError:
        return "Git is not installed, so the demo's folder is no repository. Everything else works without it."
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip().splitlines() or [f"exit status {error.returncode}"])[-1]
        return f"Git did not work, so the demo's folder has no commit: {said}. Everything else works without it."
    return ""


def _git(folder: Path, *arguments: str) -> None:
    """Run Git with nobody's configuration: no hooks, no signing, no repository that the caller happens to be in."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**inherited, **_NO_CONFIG, **_AUTHOR, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
