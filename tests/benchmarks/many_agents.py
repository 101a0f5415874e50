"""Memory and time of many `anthropic` agents in one process, all under way at once, against a local Messages API.

`python -m tests.benchmarks.many_agents [AGENTS]` prints one JSON object. Each agent reads a file, writes another and is
done; no turn is answered before all agents have asked, so at the peak every one of them has a conversation, a
connection and a stream. What one agent takes is the growth of the process from one agent to all, a share each.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.anthropic import AnthropicBackend
from agent_server.agents.backend import Brief, Outcome
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.settings import Tier

AGENTS = 500
_SERVER = Path(__file__).parent / "servers" / "messages.py"
_PROMPT = "Write your file as its neighbours are written. " * 100


@dataclass(frozen=True)
class Folder:
    """A plain folder to work in: what sandboxes take is measured elsewhere."""

    root: Path

    @property
    def place(self) -> Path:
        return self.root


async def play(agents: int, folder: Path) -> list[Outcome]:
    """Let so many agents work at once, against a server of their own."""
    with subprocess.Popen(
        [sys.executable, str(_SERVER), str(agents)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        environ = {"ANTHROPIC_API_KEY": "sk-local", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}"}
        backend = AnthropicBackend(environ, requests=agents)
        outcomes = await asyncio.gather(*(_agent(backend, number, folder) for number in range(agents)))
        server.terminate()
    return list(outcomes)


async def _agent(backend: AnthropicBackend, number: int, folder: Path) -> Outcome:
    name = f"agent-{number}"
    writes = PathSet.of((f"{name}.txt",))
    brief = Brief(name, name, f"{_PROMPT}\n{name}", writes, "claude-sonnet-5-5", Tier.DEFAULT)
    return await backend.run(brief, Folder(folder), lambda _: None)  # type: ignore[arg-type]  # no program runs here


async def measure(agents: int) -> dict[str, float]:
    """Megabytes an agent, and seconds for all of them, against one agent alone."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "read.txt").write_text("neighbour\n" * 100)
        await play(1, Path(folder))  # what the first agent loads stays
        alone = _peak()
        began, cpu = time.monotonic(), time.process_time()
        outcomes = await play(agents, Path(folder))
        written = sum(1 for each in Path(folder).glob("agent-*.txt"))
        return {
            "agents": agents,
            "done": sum(outcome.kind.value == "done" for outcome in outcomes),
            "written": written,
            "base_mb": round(alone, 1),
            "mb_each": round((_peak() - alone) / agents, 3),
            "seconds": round(time.monotonic() - began, 2),
            "cpu_ms_each": round((time.process_time() - cpu) * 1000 / agents, 1),
        }


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """See the module."""
    agents = int(sys.argv[1]) if len(sys.argv) > 1 else AGENTS
    sys.stdout.write(json.dumps(asyncio.run(measure(agents))) + "\n")


if __name__ == "__main__":
    main()
