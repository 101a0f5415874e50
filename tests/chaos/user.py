"""Somebody who saves files of the workspace now and then, while waves run and servers die."""

import random
import time
from pathlib import Path

from tests.chaos.wave import BESIDE, PATHS


class User:
    """`saved` has the last token that was saved at each path, None where the file was deleted.

    `late` are the paths that were saved last in the middle of a landing: it must not put them aside.
    """

    def __init__(self, root: Path, name: str, chance: random.Random) -> None:
        self.saved: dict[str, str | None] = {}
        self.late: set[str] = set()
        self.edits = 0
        self._root = root
        self._name = name
        self._chance = chance
        self._left = chance.choice((0, 1, 1, 2, 4))
        self._next = time.monotonic() + chance.uniform(0.0, 1.0)

    def perhaps_save(self) -> None:
        """Save something, if it is time."""
        if self._left and time.monotonic() >= self._next:
            self._left -= 1
            self._next = time.monotonic() + self._chance.uniform(0.0, 0.4)
            self.save()

    def save_late(self, path: str | None) -> None:
        """Save that file, or several, in the middle of a landing."""
        for each in [path] if path else [None] * 8:
            self.late.add(self.save(each))

    def save(self, path: str | None = None) -> str:
        """Save that file, or any: in place, by a rename, at its end; or delete it. Returns its path."""
        self.edits += 1
        path = path or self._chance.choice((*PATHS, *BESIDE))
        token = f"user {self._name}.{self.edits}"
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        way = self._chance.randrange(5)
        if way == 0:
            place.write_text(f"{token}\n")
        elif way == 1:
            draft = place.with_name(".draft")
            draft.write_text(f"{token}\n")
            draft.replace(place)
        elif way == 2:
            place.unlink(missing_ok=True)
        else:
            with place.open("a") as file:
                file.write(f"{token}\n")
        self.saved[path] = None if way == 2 else token
        self.late.discard(path)
        return path
