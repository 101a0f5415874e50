"""What earlier runs of a workspace left behind, for who analyses its plans and runs none.

Where nothing has run yet, which is most often the case, neither the record nor SQLite is loaded: a check of a plan
starts that much sooner.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from agent_server.analysis.estimates.past_runs import NO_HISTORY, History
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.execution.state import DATABASE, StateDirectory, StateError

_log = logging.getLogger(__name__)


def recorded_facts(root: Path, environ: Mapping[str, str], plans: Iterable[str]) -> dict[str, RunFacts]:
    """For each of the `plans`, what its last run left behind, and what all runs took. Reads the disk.

    Where that cannot be read, it is as if nothing had run.
    """
    names = tuple(plans)
    try:
        state = StateDirectory.for_workspace(root, environ)
        if (state.root / DATABASE).exists() or any(state.runs.iterdir()):
            return _read(state, names)
    except (StateError, OSError) as error:
        _log.warning("%s", error)
    return dict.fromkeys(names, NO_FACTS)


def _read(state: StateDirectory, plans: tuple[str, ...]) -> dict[str, RunFacts]:
    from agent_server.execution.records.past_runs import past_tasks  # noqa: PLC0415  # as the module says
    from agent_server.execution.records.record import RunStore  # noqa: PLC0415

    store = RunStore(state.runs)
    past = past_tasks(store)
    records = {plan: store.latest(plan) for plan in plans}
    return {
        plan: replace(record.facts() if record else NO_FACTS, history=History(plan, past) if past else NO_HISTORY)
        for plan, record in records.items()
    }
