"""What a person is asked before a run is discarded, undone, or landed unverified: what will happen, in words.

What a plan says is shown so that it cannot pass for words of ours.
"""

from collections.abc import Collection, Sequence

from agent_server.analysis.picture import count
from agent_server.analysis.rules.wording import listed
from agent_server.execution.landing.commits import branch_name
from agent_server.execution.records.run_record import RunRecord
from agent_server.lsp.commands.asking import BULLET
from agent_server.plan.visible import visible

_SHOWN = 200  # characters of a name, a path or a command
_MOST_FILES = 5


def before_discard(record: RunRecord, tasks: Collection[str]) -> str:
    """Before what `tasks` of a run made is given up."""
    made = [name for name in tasks if record.tasks[name].changed]
    lines = [f"{_names(made)} made {_files(record, made)}: none of that lands."] if made else []
    lines += ["What landed before stays as it is."] if record.landed else []
    return _question(f"Discard {in_words(record)}?", *lines, "You cannot take this back. Your files stay as they are.")


def before_undo(record: RunRecord, tasks: Collection[str]) -> str:
    """Before the last landing of a run, which is of `tasks`, is taken back."""
    landing = next(record.tasks[name].landing for name in tasks)
    if landing in record.commits:
        branch = _shown(branch_name(record.approval.plan, landing))
        what = f"The branch {branch} is deleted, if nobody has changed it. Your files stay as they are."
    else:
        what = f"What changed in {_files(record, tasks)} is taken back. Where a file was changed since, nothing is."
    return _question(
        f"Undo the last landing of {in_words(record)}?", what, f"{_names(tasks)} will be open in the plan again."
    )


def before_unverified(record: RunRecord, tasks: Collection[str]) -> str:
    """Before what `tasks` of a run made lands without a verification."""
    verify, command = record.verify, record.approval.verify
    if verify is not None and not verify.passed and verify.command:
        why = f"{_shown(verify.command)} failed in the last run, and is not run again."
    elif command:
        why = f"{_shown(command)} is not run."
    else:
        why = "Nothing verifies it."
    where = f"What {_names(tasks)} made lands as it stands: {_files(record, tasks)}. You can undo that."
    return _question(f"Land {in_words(record)} without verification?", why, where)


def in_words(record: RunRecord) -> str:
    """Which run it is."""
    return f"{record.approval.part} of {_shown(record.approval.plan)}"


def _question(*lines: str) -> str:
    return BULLET.join(lines)


def _names(tasks: Collection[str]) -> str:
    return listed([visible(name, _SHOWN) for name in tasks])


def _files(record: RunRecord, tasks: Collection[str]) -> str:
    """The files that tasks changed: how many, and the first of them by name."""
    paths: Sequence[str] = sorted({path for name in tasks for path in record.tasks[name].changed})
    shown = listed([visible(path, _SHOWN) for path in paths], _MOST_FILES)
    return f"{count(len(paths), 'file')} ({shown})" if paths else "no file"


def _shown(text: str) -> str:
    return f"`{visible(text, _SHOWN)}`"
