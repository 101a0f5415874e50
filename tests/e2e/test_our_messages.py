"""What really goes over the wire is what the model in `protocol/` promises."""

from typing import Any

from agent_server.lsp import messages
from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site
from tests.protocol.conformance import conforms, reference

FINAL = {"landed", "held", "cancelled", "failed"}


async def execute(client: RawClient, name: str, argument: dict[str, Any]) -> Any:
    """What a command answers, held to the model."""
    assert conforms(argument, reference(f"{name.capitalize()}Argument"))
    result = await client.request(
        "workspace/executeCommand", {"command": f"agentServer.{name}", "arguments": [argument]}
    )
    assert conforms(result, reference(f"{name.capitalize()}Result"))
    return result


async def test_commands_and_the_status_of_a_run_are_what_the_model_promises(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    uri = client.open(site.good_plan)
    await client.diagnostics(uri, lambda codes: not codes & {"write-conflict", "missing-import"})

    assert await execute(client, "cancel", {"uri": uri}) == {"cancelled": False}
    await execute(client, "approve", {"uri": uri})
    run = (await execute(client, "launch", {"uri": uri, "wave": 1}))["run"]
    end = await client.until(
        lambda message: message.get("method") == messages.STATUS and message["params"]["state"] in FINAL
    )

    assert (end["params"]["run"], end["params"]["state"]) == (run, "landed")
    assert all(conforms(message["params"], reference("StatusParams")) for message in client.of(messages.STATUS))
    ours = {message["method"] for message in client.received if message.get("method", "").startswith("agentServer/")}
    assert ours == {messages.STATUS}, "this client names no version, so it is one of 0.1"
