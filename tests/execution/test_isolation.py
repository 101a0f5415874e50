"""What went wrong with a sandbox or a file, as a sentence for people."""

import errno
import os

import pytest

from agent_server.execution.records.database import DatabaseError
from agent_server.execution.sandboxes.isolation import SandboxError, in_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SandboxError("There is no sandbox."), "There is no sandbox."),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device."),
        (OSError(errno.ENOSPC, "No space left on device", b"a.txt"), "`a.txt`: No space left on device."),
        (OSError(errno.EACCES, os.strerror(errno.EACCES), "b.txt"), "`b.txt`: Permission denied."),
        (OSError("It is away"), "It is away."),
        (DatabaseError(errno.EIO, "`state.db`: disk I/O error"), "`state.db`: disk I/O error."),
    ],
)
def test_every_fault_is_a_sentence_that_names_no_file_which_is_not_known(error: Exception, words: str) -> None:
    assert in_words(error) == words
