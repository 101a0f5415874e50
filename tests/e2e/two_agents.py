"""A plan of two agents, of which one fails the verification unless it is told to be kind."""

import socket
import sys
from typing import Any

from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site
from tests.protocol.conformance import conforms, reference

PLAN = """\
---
agent: pair
verify: 'if grep -q unkind mine.txt; then echo "mine.txt:2:1: error: unkind words"; exit 1; fi'
---
# Two agents

## mine: Write my file
- writes: `mine.txt`

Write the first file of the two. Task one.

## theirs: Write their file
- writes: `theirs.txt`

Write the second file of the two. Task two.
"""

UNVERIFIED = PLAN.replace("verify:", "# verify:")
"""The plan without its verification: what both make lands."""

BASE = "".join(f"old {number}\n" for number in range(20))
"""What stands in `mine.txt` before."""

UNKIND = BASE.replace("old 1\n", "unkind\n").replace("old 19\n", "new\n")
"""What its agent makes of it at first: two hunks."""

_AGENT = f"""\
import contextlib, pathlib, socket, sys
prompt = sys.stdin.read()
if len(sys.argv) > 1:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).recv(1)
pathlib.Path("stray.txt").write_text("not asked for")
if "Task two." in prompt:
    pathlib.Path("theirs.txt").write_text("theirs\\n")
else:
    words = {UNKIND!r}
    pathlib.Path("mine.txt").write_text(words.replace("unkind", "kind") if "Be kind." in prompt else words)
print("Done.")
"""


def plan_of_two(site: Site, plan: str = PLAN) -> None:
    """Put the plan into the site's workspace, as `two.plan.md`, and the program that its agents are."""
    (site.root / "agent.py").write_text(_AGENT)
    (site.root / "two.plan.md").write_text(plan)
    (site.root / "mine.txt").write_text(BASE)


class Gate:
    """Where agents wait until it is opened: so a run goes on for as long as a test needs, however slow the machine.

    From their sandboxes they see no file of a test's, but the network.
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def open(self) -> None:
        """Let go on who waits, and whoever comes."""
        self._listening.close()


def settings_of_two(gate: Gate | None = None) -> dict[str, Any]:
    """The settings that say who the agents are."""
    command = [sys.executable, "agent.py", *([str(gate.port)] if gate is not None else [])]
    return {"backends": {"pair": {"protocol": "command", "command": command}}}


class ClientOfTwo:
    """A client of that plan, which answers questions by `chosen`."""

    def __init__(self, client: RawClient, site: Site) -> None:
        self.client, self.site = client, site
        self.uri = (site.root / "two.plan.md").as_uri()
        self.questions: list[str] = []
        self.chosen: str | None = None
        client.answers["window/showMessageRequest"] = self._answer

    def _answer(self, params: Any) -> Any:
        self.questions.append(params["message"])
        return next((each for each in params["actions"] if each["title"] == self.chosen), None)

    async def command(self, name: str, **more: Any) -> Any:
        argument = {"uri": self.uri, **more}
        title = name[0].upper() + name[1:]
        assert conforms(argument, reference(f"{title}Argument"))
        params = {"command": f"agentServer.{name}", "arguments": [argument]}
        result = await self.client.request("workspace/executeCommand", params)
        assert conforms(result, reference(f"{title}Result"))
        return result

    async def until(self, state: str, since: int = 0) -> dict[str, Any]:
        """The first report of a run in that state, after as many messages."""
        found = await self.client.until(
            lambda message: (
                message.get("method") == "agentServer/runState"
                and message["params"]["state"] == state
                and self.client.received.index(message) >= since
            )
        )
        assert conforms(found["params"], reference("RunReport"))
        params: dict[str, Any] = found["params"]
        return params
