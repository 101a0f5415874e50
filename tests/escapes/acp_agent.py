"""An agent of the Agent Client Protocol that tries its way out: by itself, and by the file requests of its client.

What it tries stands in the folder `attempts` of the workspace, under the number that its brief names. It speaks the
protocol by hand, so that it can ask for anything. Run by `python -c`, so that it needs no file.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

KINDS = {"write": "edit", "edit": "edit", "delete": "delete"}


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def receive() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def ask(method: str, **params: Any) -> None:
    send({"id": "asked", "method": method, "params": {"sessionId": "one", **params}})
    while receive().get("id") != "asked":
        pass


def attempt(number: str) -> None:
    calls = json.loads(Path("attempts", "calls.json").read_text())
    script = Path("attempts", f"{number}.sh")
    if script.exists():  # in a shell of its own: an attempt may kill all that it can
        subprocess.run(["sh", str(script)], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    call = calls.get(number)
    if call is not None:
        place = {"path": call["path"]}
        told = {"toolCallId": "one", "kind": KINDS[call["tool"]], "locations": [place], "title": "Try"}
        options = [{"optionId": "yes", "name": "Yes", "kind": "allow_once"}]
        ask("session/request_permission", toolCall=told, options=options)
        ask("fs/write_text_file", content="x", **place)
        ask("fs/read_text_file", **place)


while True:
    message = receive()
    match message.get("method"):
        case "initialize":
            answer: dict[str, Any] = {"protocolVersion": 1, "authMethods": []}
        case "session/new":
            answer = {"sessionId": "one"}
        case "session/prompt":
            for number in re.findall(r"attempt-(\d+)-end", message["params"]["prompt"][0]["text"])[:1]:
                attempt(number)
            answer = {"stopReason": "end_turn"}
        case _:
            continue
    send({"id": message["id"], "result": answer})
