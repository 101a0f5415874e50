"""The fence of an attempt: of several plays of it, which one counts.

A worker may be lost, and then the attempt is played again elsewhere; but who looks lost may only be out of reach, and
come back with a result. So each play has a token of its own, and the last play that began is the only one that is
listened to.
"""

MOST_PLAYS = 2
"""How often one attempt is begun: once, and once more when its worker was lost."""


class Fence:
    """Lets in what comes from the last play of one attempt, and keeps everything else out."""

    def __init__(self) -> None:
        self.plays = 0
        """How many plays have begun."""
        self._token: str | None = None

    def enter(self, token: str) -> bool:
        """A play begins, and from now on it is the one that counts; False, and none counts, where it is one too many.

        A play begins once, so a token that was there before is one too many as well.
        """
        self.plays += 1
        allowed = self.plays <= MOST_PLAYS and token != self._token
        self._token = token if allowed else None
        return allowed

    def admits(self, token: str) -> bool:
        """Whether what bears this token counts."""
        return token == self._token
