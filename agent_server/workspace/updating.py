"""What a batch of events means for a listing: nothing, a second look at a few paths, or a whole new listing."""

import os
import stat
from collections.abc import Callable

from agent_server.workspace.git import GitError, never
from agent_server.workspace.listing import Listing, list_again, list_files
from agent_server.workspace.watching import Seen

MOST_NAMES = 2000
"""More names than this at once, and everything is listed again rather than each looked up."""

MOST_QUESTIONS = 200
"""The most paths that git is asked about at once: they are arguments of one command."""


def update(listing: Listing, seen: Seen, *, cancelled: Callable[[], bool] = never) -> Listing:
    """The listing after `seen` happened; the same object where that changed nothing."""
    if seen.lost or len(seen.names) > MOST_NAMES or any(_governs(listing, path) for path in seen.names | seen.written):
        return list_files(listing.root, cancelled=cancelled)
    inside = (_inside(listing, path) for path in seen.names)
    questions = {path for path in inside if path and _is_open(listing, path)}
    if not questions:
        return listing
    if len(questions) > MOST_QUESTIONS:
        return list_files(listing.root, cancelled=cancelled)
    try:
        return list_again(listing, questions, cancelled=cancelled)
    except GitError:
        return list_files(listing.root, cancelled=cancelled)


def _governs(listing: Listing, path: str) -> bool:
    """Whether `path` decides about other paths: a `.gitignore`, a `.git` that comes or goes, the root, git's index."""
    name = path.rpartition("/")[2]
    return name in {".git", ".gitignore"} or path in listing.governors or path == str(listing.root)


def _inside(listing: Listing, path: str) -> str:
    """`path` relative to the root; `""` if it is not inside, or not in its plain form, or inside of git's metadata."""
    start = f"{str(listing.root).rstrip('/')}/"
    inside = path[len(start) :] if path.startswith(start) else ""
    names = inside.split("/")
    return "" if ".git" in names[:-1] or not {"", ".", ".."}.isdisjoint(names) else inside


def _is_open(listing: Listing, path: str) -> bool:
    """Whether the disk must be asked what is listed at `path` now."""
    try:
        mode = os.lstat(listing.root / path).st_mode
    except OSError:
        return listing.has_file(path) or listing.has_below(path)
    except ValueError:  # No file can have this name.
        return False
    if stat.S_ISDIR(mode):
        return f"{path}/" not in listing.ignored
    if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
        return listing.has_below(path) or not (listing.has_file(path) or path in listing.ignored)
    return listing.has_file(path) or listing.has_below(path)
