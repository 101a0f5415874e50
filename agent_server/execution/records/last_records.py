"""The last run of each plan as the disk has it: other processes run plans, and decide about runs, too."""

import logging
from collections.abc import Callable, Mapping

from agent_server.execution.records.record import Moment, RunRecord, RunStore
from agent_server.execution.state import StateError

_log = logging.getLogger(__name__)


class LastRecords:
    """What the disk says of plans' last runs, read again where anything was written since. For any thread.

    `records` gives the store of the workspace's runs, and raises `StateError`. All methods look at the disk.
    """

    def __init__(self, records: Callable[[], RunStore]) -> None:
        self._records = records
        self._read: dict[str, tuple[Moment | None, RunRecord | None]] = {}
        self._told: dict[str, RunRecord | None] = {}

    @property
    def moment(self) -> Moment | None:
        """Another one whenever this process or another one has written; None where nothing can be read."""
        try:
            return self._records().moment
        except StateError:
            return None

    def of(self, plan: str) -> RunRecord | None:
        """The record of the plan's last run; None where there is none, or it cannot be read."""
        moment = self.moment
        found = self._read.get(plan)
        if found is None or found[0] != moment:
            found = self._read[plan] = moment, self._latest(plan)
        self._told.setdefault(plan, found[1])
        return found[1]

    def news(self) -> Mapping[str, RunRecord | None]:
        """Of the plans that were asked for those whose last run is, or stands, otherwise than was `told` before."""
        latest = {plan: self.of(plan) for plan in tuple(self._told)}
        return {plan: record for plan, record in latest.items() if record != self._told[plan]}

    def told(self, news: Mapping[str, RunRecord | None]) -> None:
        """These are no news any more."""
        self._told.update(news)

    def _latest(self, plan: str) -> RunRecord | None:
        try:
            return self._records().latest(plan)
        except StateError as error:
            _log.warning("%s", error)
            return None
