"""What tasks would change together, as the record of a run knows it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.changes.harvest import Harvest
from agent_server.execution.records.record import RunStore, TaskRecord
from agent_server.execution.runs.ledger import Ledger
from tests.execution.records import RUN, record

BOTH = frozenset("ab")


def change(path: str, new: str) -> Change:
    return Change(path, ChangeKind.MODIFY, FileType.FILE, "file-base", f"file-{new}", None)


def test_a_part_of_what_was_brought_up_is_as_it_is_in_the_whole(tmp_path: Path) -> None:
    a, same, b = change("a.txt", "a"), change("same.txt", "a"), change("b.txt", "b")
    harvests = {"a": Harvest((a, same), ()), "b": Harvest((b,), ())}
    with ThreadPoolExecutor(1) as disk:
        ledger = Ledger(record(RUN, TaskRecord(), TaskRecord()), harvests, RunStore(tmp_path), disk)
        assert ledger.combined(frozenset("a")) == (a, same)
        merged = replace(a, base="file-users", new="file-merged")
        ledger.bring_up(BOTH, (merged, b))  # and the user has made `same` as well
        assert ledger.combined(BOTH) == (merged, b)
        assert ledger.combined(frozenset("a")) == (merged,)
        assert ledger.combined(frozenset("b")) == (b,)
        assert ledger.combined(frozenset()) == ()


def test_what_another_task_has_changed_since_is_not_taken_for_a_part(tmp_path: Path) -> None:
    first = change("a.txt", "a")
    second = replace(change("a.txt", "b"), base="file-a")
    run = record(RUN, TaskRecord(), TaskRecord())
    one, other = run.approval.tasks
    run = replace(run, approval=replace(run.approval, tasks=(one, replace(other, after=("a",)))))
    with ThreadPoolExecutor(1) as disk:
        ledger = Ledger(run, {"a": Harvest((first,), ()), "b": Harvest((second,), ())}, RunStore(tmp_path), disk)
        ledger.bring_up(BOTH, (change("a.txt", "merged"),))
        assert ledger.combined(frozenset("a")) == (first,)
