"""What an agent has used, held against its limits."""

from collections.abc import Callable

from agent_server.agents.backend import Limits, Outcome, OutcomeKind, Used


class Meter:
    """Counts an agent's exchanges with its model, and the tokens that they use, of which `emit` hears."""

    def __init__(self, limits: Limits, emit: Callable[[Used], None]) -> None:
        """See the class."""
        self._limits = limits
        self._emit = emit
        self._tokens = 0
        self.turns = 0

    def count(self, used: Used) -> None:
        """Count one exchange with a model, and what it used."""
        self.begin_turn()
        self.add(used)

    def begin_turn(self) -> None:
        """Count one exchange of which it is yet to be heard what it used."""
        self.turns += 1

    def add(self, used: Used) -> None:
        """Count what was used, in whatever exchange."""
        self._tokens += used.input_tokens + used.output_tokens
        self._emit(used)

    def over_budget(self) -> Outcome | None:
        """How the agent ends where its tokens are used up."""
        most = self._limits.tokens
        if most is None or self._tokens <= most:
            return None
        return Outcome(
            OutcomeKind.OVER_BUDGET,
            f"The agent used {self._tokens:,} of its {most:,} tokens. Make the task smaller, or raise `task_tokens`.",
        )

    @property
    def turns_left(self) -> int:
        """How many exchanges the agent still has."""
        return max(0, self._limits.turns - self.turns)

    def out_of_turns(self) -> Outcome | None:
        """How the agent ends where it has no exchange left, but wants one."""
        if self.turns_left:
            return None
        return Outcome(
            OutcomeKind.MAX_TURNS,
            f"The agent was not done after {self.turns:,} turns. Make the task smaller, or raise `turns`.",
        )


def timed_out(limits: Limits) -> Outcome:
    """How the agent ends where its time is up."""
    minutes = (limits.seconds or 0) / 60
    return Outcome(
        OutcomeKind.TIMED_OUT,
        f"The agent was not done after {minutes:.3g} minutes. Make the task smaller, or raise `task_minutes`.",
        retryable=True,
    )
