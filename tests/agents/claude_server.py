"""The Messages API server, as Claude Code wants it: for the real program, as a command and behind the ACP adapter.

    with ClaudeServer() as server:
        server.script(*writes({"new.txt": "new\n", "other.txt": "other\n"}))
        ...  # with the environment `server.environ`

Beside its agent's conversation Claude Code asks small things of the model, such as a title of the conversation. Those
requests offer no tools; they are answered, and take nothing from the script.
"""

from collections.abc import Iterator, Mapping

from tests.agents.messages_server import Failure, MessagesServer, Reply, Request, say, use


class ClaudeServer(MessagesServer):
    """See above."""

    @property
    def told(self) -> list[str]:
        """What the tools answered in the agent's conversation, in order."""
        last = [request for request in self.requests if request.body.get("tools")][-1:]
        blocks = [
            block
            for request in last
            for message in request.body["messages"]
            if isinstance(message["content"], list)
            for block in message["content"]
        ]
        return [str(block["content"]) for block in blocks if block["type"] == "tool_result"]

    def _next(self, request: Request) -> Reply | Failure:
        return super()._next(request) if request.body.get("tools") else say("A title")


def writes(files: Mapping[str, str]) -> Iterator[Reply]:
    """The model has Claude Code write those files, by paths relative to where it works, and is done."""
    for path, text in files.items():
        yield use("Write", file_path=path, content=text)
    yield say("All is written.")
