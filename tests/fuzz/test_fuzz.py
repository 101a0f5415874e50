"""A server under hostile messages lives, answers each request once, and shows nobody its inside."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz.__main__ import fuzz, sessions
from tests.fuzz.driver import log_faults, over_stdio
from tests.fuzz.material import ENTRY, logs, planted, surroundings
from tests.fuzz.oracle import INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, Due, Heard, Json, Owed, faults
from tests.fuzz.sessions import Ending, session

ASKED = Due(Owed.ANSWER, 1, result=True)
SILENCE = Due(Owed.SILENCE)
REFUSED = Due(Owed.REFUSAL, errors=frozenset({INVALID_REQUEST}))
END = Due(Owed.END)


def result(identity: Json, value: Json = None) -> Json:
    return {"jsonrpc": "2.0", "id": identity, "result": value}


def error(identity: Json, code: int, message: str = "no") -> Json:
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": message}}


def judged(dues: Sequence[Due], *messages: Json, ended: bool = False, whole: bool = True) -> str:
    return "; ".join(faults(dues, Heard(messages, ended, whole)))


@pytest.mark.parametrize(
    ("messages", "arguments"), [(600, ["--standalone", "--log"]), (1_500, [])], ids=["alone", "daemon"]
)
async def test_hostile_messages_do_a_server_no_harm(messages: int, arguments: list[str], tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    material = planted(folder / "workspace")
    with surroundings(folder) as environ:
        written = logs(folder, environ)
        command = (*ENTRY, "lsp", *arguments, *([str(written[0])] if arguments else []))
        connect = over_stdio(command, environ, folder / "workspace", written[0])
        summary = await fuzz(sessions(1, messages, material), connect, written)
    assert summary.faults == []
    assert summary.messages >= messages
    assert summary.said > messages / 3
    assert summary.sessions >= 3


def test_a_seed_makes_a_session(tmp_path: Path) -> None:
    material = planted(tmp_path)
    assert session("3/1", material, 300) == session("3/1", material, 300)
    assert session("3/1", material, 300) != session("3/2", material, 300)


def test_sessions_are_of_every_kind(tmp_path: Path) -> None:
    material = planted(tmp_path)
    made = [session(f"2/{number}", material, 40) for number in range(100)]
    owed = [due.owed for each in made for due in each.dues]
    assert {each.ending for each in made} == set(Ending)
    assert min(owed.count(kind) for kind in Owed) > 10


@pytest.mark.parametrize(
    ("dues", "messages"),
    [
        ((ASKED,), (result(1),)),
        ((ASKED, ASKED), (result(1), result(1))),
        ((SILENCE, ASKED), ({"jsonrpc": "2.0", "method": "window/showMessage", "params": {}}, result(1))),
        ((REFUSED,), (error(None, INVALID_REQUEST),)),
        ((Due(Owed.EITHER, 1, result=True),), (result(1),)),
        ((Due(Owed.EITHER, 1, frozenset({PARSE_ERROR})),), (error(None, PARSE_ERROR),)),
        ((Due(Owed.AT_MOST_REFUSAL),), ()),
        ((Due(Owed.AT_MOST_REFUSAL),), (error(None, INVALID_REQUEST),)),
    ],
)
def test_what_is_owed_is_no_fault(dues: Sequence[Due], messages: Sequence[Json]) -> None:
    assert judged(dues, *messages) == ""


def test_a_connection_that_ends_by_a_bad_frame_may_leave_answers_out() -> None:
    assert judged((ASKED, END), error(None, PARSE_ERROR), ended=True) == ""
    assert judged((replace(ASKED, may_end=True),), error(None, PARSE_ERROR), ended=True) == ""


@pytest.mark.parametrize(
    ("dues", "messages", "fault"),
    [
        ((ASKED,), (), "were not answered"),
        ((ASKED,), (result(1), result(1)), "2 answers to 1 requests"),
        ((ASKED,), (result("1"),), "1 answers to 0 requests"),
        ((ASKED,), (error(1, -32603),), "an error that is not among"),
        ((replace(ASKED, result=False),), (result(1),), "a result where an error was due"),
        ((REFUSED,), (error(None, METHOD_NOT_FOUND),), "an answer to nobody"),
        ((SILENCE,), (error(None, INVALID_REQUEST),), "1 errors without an id, where 0 to 0 were due"),
        ((REFUSED,), (), "0 errors without an id, where 1 to 1 were due"),
        ((Due(Owed.EITHER, 1),), (error(1, METHOD_NOT_FOUND), error(None, PARSE_ERROR)), "1 errors without an id"),
        ((ASKED,), (result(1, 'a\n  File "x.py", line 3'),), "is shown to the user"),
        ((ASKED,), ({"jsonrpc": "2.0", "id": 1},), "either a result or an error"),
        ((ASKED,), ({"id": 1, "result": 1},), "no JSON-RPC message"),
        ((ASKED,), ({"jsonrpc": "2.0", "id": 1, "error": "no"},), "a code and a message"),
        ((END,), (error(None, PARSE_ERROR),), "was not closed"),
    ],
)
def test_what_is_not_owed_is_found(dues: Sequence[Due], messages: Sequence[Json], fault: str) -> None:
    assert fault in judged(dues, *messages)


def test_an_end_that_nobody_asked_for_is_found() -> None:
    assert "the server closed the connection" in judged((ASKED,), result(1), ended=True)
    assert "without a word" in judged((END,), result(1), ended=True)


def test_a_traceback_in_the_log_is_found_with_its_place() -> None:
    log = 'It failed\nTraceback (most recent call last):\n  File "x.py", line 1, in f\n    f()\nOSError: no\n'
    [fault] = log_faults(log)
    assert "It failed" in fault
    assert "x.py" in fault
    assert "OSError: no" in fault
    assert log_faults("All is well\n") == []
    assert log_faults("Task exception was never retrieved\n") != []
