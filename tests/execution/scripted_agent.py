"""An agent that does what its first argument says, a JSON object, and speaks the protocol by hand: so it can cheat.

`start` says how it greets: `version`, `modes`, `login` (it wants one; `key` means that a key will do). `steps` are what
it does in its turn. What a request is answered with is said as JSON. Run by `python -c`, so it needs no file.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any

script: dict[str, Any] = json.loads(sys.argv[1])
start = script.get("start", {})
logged_in = {not start.get("login")}


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def receive() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def update(**what: Any) -> None:
    send({"method": "session/update", "params": {"sessionId": "one", "update": what}})


def say(text: str) -> None:
    update(sessionUpdate="agent_message_chunk", content={"type": "text", "text": text})


def ask(method: str, params: dict[str, Any]) -> Any:
    send({"id": "asked", "method": method, "params": {"sessionId": "one", **params}})
    while (answer := receive()).get("id") != "asked":
        pass
    return answer.get("result", answer.get("error"))


def do(step: dict[str, Any]) -> None:  # noqa: C901  # one case a step
    match step:
        case {"say": text}:
            say(text)
        case {"update": what}:
            update(**what)
        case {"ask": method, "params": params}:
            say(json.dumps(ask(method, params)) + "\n")
        case {"shell": command}:
            subprocess.run(["sh", "-c", command], check=False, stderr=subprocess.DEVNULL)
        case {"raw": text, "times": times}:
            for _ in range(times):
                sys.stdout.write(text)
            sys.stdout.flush()
        case {"die": status, "words": words}:
            sys.stderr.write(words)
            sys.stderr.flush()
            os._exit(status)
        case {"await": "cancel"}:
            while receive().get("method") != "session/cancel":
                pass
            say("stopped in good order")
        case {"await": "nothing"}:
            while True:
                time.sleep(1000)


def answer_to(message: dict[str, Any]) -> Any:
    match message["method"]:
        case "initialize":
            methods = [{"id": "key", "name": "Key", "_meta": {"api-key": {}}}] if start.get("key") else []
            return {"result": {"protocolVersion": start.get("version", 1), "authMethods": methods}}
        case "authenticate":
            logged_in.add(True)
            return {"result": {}}
        case "session/new" if True not in logged_in:
            return {"error": {"code": -32000, "message": "Authentication required"}}
        case "session/new":
            say(json.dumps(message["params"]))
            modes = [{"id": mode, "name": mode} for mode in start.get("modes", [])]
            state = {"modes": {"currentModeId": modes[0]["id"], "availableModes": modes}} if modes else {}
            return {"result": {"sessionId": "one", **state}}
        case "session/set_mode":
            say(f"mode {message['params']['modeId']}")
            return {"result": {}}
        case "session/prompt":
            say(f"\n{message['params']['prompt'][0]['text']}\n")
            for step in script["steps"]:
                do(step)
            return script.get("answer", {"result": {"stopReason": "end_turn"}})


for step in script.get("first", []):
    do(step)
while True:
    message = receive()
    if "id" in message:
        send({"id": message["id"], **answer_to(message)})
