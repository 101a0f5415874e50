"""A verification that ends when the test says so: until then its run goes on, however slow anybody is."""

import socket
from pathlib import Path

_COMMAND = "python3 build.py"

_WAIT = """\
import contextlib
import socket

with contextlib.suppress(OSError):  # the test has let go of it
    socket.create_connection(("127.0.0.1", {port})).recv(1)
"""


class HeldVerification:
    """What verifies a plan of the demo, from now on: it waits, and builds the site once it was released."""

    def __init__(self, plan: Path) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        (plan.parent / "wait.py").write_text(_WAIT.format(port=self._listening.getsockname()[1]))
        text = plan.read_text("utf-8")
        assert f"verify: {_COMMAND}\n" in text
        plan.write_text(text.replace(f"verify: {_COMMAND}\n", f"verify: python3 wait.py && {_COMMAND}\n"), "utf-8")

    def release(self) -> None:
        """Let it go on: who waits is hung up on, and who comes later finds nobody. Doing it twice does nothing more."""
        self._listening.close()
