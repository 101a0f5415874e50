"""Our own messages: the code that sends them holds to the model in `protocol/`."""

import json
from pathlib import Path
from typing import get_args

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.lifecycle import RunState
from agent_server.execution.record import RunRecord, TaskRecord
from agent_server.execution.run import Progress
from agent_server.lsp import messages
from agent_server.lsp.reporting import status
from agent_server.plan.model import Budget

MODEL = json.loads(Path("protocol/agent-server.json").read_text("utf-8"))
STRUCTURES = {structure["name"]: structure for structure in MODEL["structures"]}
ENUMERATIONS = {
    enumeration["name"]: {value["value"] for value in enumeration["values"]} for enumeration in MODEL["enumerations"]
}


def conforms(value: object, kind: dict[str, object]) -> bool:
    match kind:
        case {"kind": "base", "name": "uinteger"}:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case {"kind": "base", "name": "string" | "DocumentUri"}:
            return isinstance(value, str)
        case {"kind": "array", "element": dict(element)}:
            return isinstance(value, list) and all(conforms(each, element) for each in value)
        case {"kind": "map", "value": dict(element)}:
            return isinstance(value, dict) and all(conforms(each, element) for each in value.values())
        case {"kind": "reference", "name": str(name)} if name in ENUMERATIONS:
            return value in ENUMERATIONS[name]
        case {"kind": "reference", "name": str(name)}:
            properties = {each["name"]: each["type"] for each in STRUCTURES[name]["properties"]}
            return (
                isinstance(value, dict)
                and set(value) == set(properties)
                and all(conforms(value[each], kind) for each, kind in properties.items())
            )
    raise AssertionError(kind)


@pytest.mark.parametrize("state", TaskState)
def test_the_status_that_is_sent_is_the_status_that_is_promised(state: TaskState) -> None:
    task = ApprovedTask("data", "Write the data", ("data.py",), "model", "replay")
    approval = Approval("x.plan.md", "digest", 1, (task,), "make", Budget())
    tasks = {"data": TaskRecord(state, "done", ("data.py",), ("other.py",), 12, 3.4)}
    progress = Progress(
        RunRecord("run", approval, RunState.RUNNING, tasks, "overlay"), 40, "0/1 agents done", {"data": "read"}, {}
    )
    sent = json.loads(json.dumps(status("file:///x.plan.md", progress)))
    assert conforms(sent, {"kind": "reference", "name": "StatusParams"})


def test_states_have_one_author_each() -> None:
    assert ENUMERATIONS["RunState"] == {state.value for state in RunState} == set(get_args(messages.RunState))
    assert ENUMERATIONS["TaskState"] == {state.value for state in TaskState} == set(get_args(messages.TaskState))


def test_every_reference_in_the_model_exists() -> None:
    references = {part["name"] for part in _parts(MODEL) if isinstance(part, dict) and part.get("kind") == "reference"}
    assert references <= set(STRUCTURES) | set(ENUMERATIONS)


def _parts(value: object) -> list[object]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for each in inside for part in _parts(each))]
