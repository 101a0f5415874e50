"""Finding a regular expression that a model wrote.

Such an expression may take longer than the universe to fail, and Python's `re` holds the interpreter's lock all the
while: one agent's search would freeze the whole server. So anything but plain words is matched in a process of its
own, this file run as a script, which is killed when it takes too long. It therefore imports the standard library only.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 200
"""The most lines that one search returns."""

MAX_COLUMNS = 400
"""Where a line of a result is cut, in code points."""

MAX_SECONDS = 10.0
"""How long one search may take."""

_PLAIN = re.compile(r"[\w\s\"'`/<>=:;,@#%&!~-]*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that matched. `number` counts from 1."""

    path: str
    number: int
    text: str


def search(
    pattern: str, texts: Iterable[tuple[str, str]], *, seconds: float = MAX_SECONDS
) -> tuple[tuple[Line, ...], bool]:
    """The lines of `texts`, pairs of path and text, in which `pattern` occurs, and whether there are more.

    Raises `ValueError`, with a message for whoever wrote it, for a pattern that is wrong or takes too long.
    """
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"The regular expression is wrong: {error}") from None
    found = _scan(compiled, texts) if _PLAIN.fullmatch(pattern) else _scan_apart(pattern, texts, seconds)
    return tuple(found[:MAX_LINES]), len(found) > MAX_LINES


def _scan(pattern: re.Pattern[str], texts: Iterable[tuple[str, str]]) -> list[Line]:
    """One line more than the cap tells that there are more."""
    found: list[Line] = []
    for path, text in texts:
        for number, line in enumerate(text.split("\n"), 1):
            if pattern.search(line):
                found.append(Line(path, number, line[:MAX_COLUMNS].rstrip("\r")))
                if len(found) > MAX_LINES:
                    return found
    return found


def _scan_apart(pattern: str, texts: Iterable[tuple[str, str]], seconds: float) -> list[Line]:
    question = json.dumps([pattern, list(texts)]).encode()
    try:
        answer = subprocess.run(  # the child sees no environment and no path of ours
            [sys.executable, "-I", "-S", __file__],
            input=question,
            capture_output=True,
            timeout=seconds,
            check=True,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"The search took more than {seconds:g} seconds; make the expression simpler") from None
    except (OSError, subprocess.CalledProcessError):
        raise ValueError("The search could not be run; search for plain words instead") from None
    return [Line(*line) for line in json.loads(answer.stdout)]


def _main() -> None:
    pattern, texts = json.load(sys.stdin.buffer)
    found = _scan(re.compile(pattern), texts)
    json.dump([(line.path, line.number, line.text) for line in found], sys.stdout)


if __name__ == "__main__":
    _main()
