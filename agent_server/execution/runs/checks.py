"""What must hold before work may land, or others may build on it: contracts, each task's own check, the plan's."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from agent_server.agents.threads import in_thread
from agent_server.analysis.facts import VerifyFacts
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.harvest import OverlapError, followed
from agent_server.execution.runs.conditions import Conditions
from agent_server.execution.runs.contracts import producers, unkept
from agent_server.execution.runs.ledger import Ledger
from agent_server.execution.runs.verify import Combined, Verification, verified
from agent_server.execution.sandboxes.sandbox import Base, SandboxError
from agent_server.plan.visible import visible

# How often the watchers hear of a verification's output, in seconds; a command may print megabytes.
_OUTPUT_INTERVAL = 0.1
_LINE_WIDTH = 200


class Checks:
    """The checks of one run. Each returns what is wrong, as a sentence; empty where nothing is."""

    def __init__(self, ledger: Ledger, conditions: Conditions) -> None:
        self._ledger = ledger
        self._conditions = conditions

    async def whole(self, base: Base, names: frozenset[str]) -> str:
        """Whether these tasks may land together."""
        try:
            return await self._fault(base, names, own=names, whole=True)
        except (OverlapError, SandboxError) as error:
            return str(error)

    async def one(self, base: Base, name: str, others: frozenset[str], *, whole: bool) -> str:
        """Whether others may build on a task; with `whole`, it must pass the plan's check together with `others`."""
        try:
            return await self._fault(base, others | {name}, own=frozenset({name}), whole=whole)
        except (OverlapError, SandboxError) as error:
            return str(error)

    async def _fault(self, base: Base, names: frozenset[str], *, own: frozenset[str], whole: bool) -> str:
        ledger = self._ledger
        ledger.combined(names)
        made = {name: ledger.harvests[name] for name in ledger.record.tasks if name in names}
        broken = await in_thread(unkept, ledger.record.contracts, made)
        if broken:
            ledger.note_run(verify=VerifyFacts("", passed=False, broken=broken))
            return " ".join(each.message for each in broken)
        for task in ledger.record.approval.tasks:
            if task.verify and task.id in own:
                behind = followed(task.id, ledger.order) & ledger.with_work()
                alone = Combined((task.id,), partial(self._with, behind))
                if not await self._passes(base, f"{task.id}-verify", alone, task.verify):
                    return f"`{visible(task.verify)}`, which `{task.id}` must pass alone, failed."
        command = ledger.record.approval.verify
        together = Combined(tuple(made), ledger.combined, self._relied_on(names))
        if whole and command and not await self._passes(base, "verify", together, command, bisect=own == names):
            return f"`{visible(command)}` failed on the combined result."
        return ""

    def _with(self, behind: frozenset[str], chosen: frozenset[str]) -> tuple[Change, ...]:
        return self._ledger.combined(behind | chosen)

    def _relied_on(self, names: frozenset[str]) -> Mapping[str, frozenset[str]]:
        """Without whose work that of each task cannot be built: those that it began with, and its contracts' makers."""
        makers = producers(self._ledger.record.contracts)
        order = self._ledger.order
        return {name: (makers.get(name, frozenset()) | frozenset(order[name])) & names for name in names}

    async def _passes(self, base: Base, name: str, combined: Combined, command: str, *, bisect: bool = False) -> bool:
        self._ledger.say(f"Verifying: {visible(command)}")
        conditions = self._conditions
        wanted = Verification(
            command,
            conditions.verify_seconds,
            conditions.environ,
            network=self._ledger.record.approval.network == "on",
            root=str(conditions.root),
            paths=conditions.paths,
            bisect=bisect and conditions.bisect,
        )
        facts = await verified(base, name, combined, wanted, self._line_teller())
        self._ledger.note_run(verify=facts)
        return facts.passed

    def _line_teller(self) -> Callable[[str], None]:
        told = 0.0

        def tell(line: str) -> None:
            nonlocal told
            if line.strip() and time.monotonic() - told >= _OUTPUT_INTERVAL:
                told = time.monotonic()
                self._ledger.say(f"Verifying: {visible(line.strip()[:_LINE_WIDTH])}")

        return tell
