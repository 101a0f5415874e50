"""What the server's process and its workers say to each other: one line of JSON each, paths behind a job."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """Look at some files. `size` is that of the paths behind the job (with NUL between them), in bytes.

    A `full` job comes with all files of the workspace; the worker takes those whose folder falls to the `share`th of
    `shares` workers, and forgets what else it finds indexed in such folders. In other jobs the first `present` paths
    are files of the workspace, and the rest is to be forgotten. A `careful` job follows one that killed its worker: a
    file is noted as read before it is read, so that no file is the end of more than one worker. A `history` job is
    about no files, but about the commits of the workspace.
    """

    size: int
    full: bool = False
    share: int = 0
    shares: int = 1
    present: int = 0
    careful: bool = False
    history: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How far a job is: `done` of `files` that had to be read. `broken` and `unusable` are why it could not go on."""

    done: int = 0
    files: int = 0
    ended: bool = False
    broken: str = ""
    unusable: str = ""
