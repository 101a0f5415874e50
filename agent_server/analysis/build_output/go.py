"""The Go tools: build, vet, test and panics; and golangci-lint."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import COLUMN, LINE, Place, Remark, matched, place

_SAID = re.compile(rf"\s*(?:vet: )?(?P<path>[^:\s][^:]*\.go):{LINE}(?::{COLUMN})?: (?P<message>.+)")
_LINTER = re.compile(r"(?P<message>.*) \((?P<code>[a-z][a-z0-9]+)\)$")
_PANIC = re.compile(r"\s*(?P<message>(?:panic|fatal error): .+)")
_FRAME = re.compile(rf"\t(?P<path>[^:\s][^:]*\.go):{LINE}(?: \+0x[0-9a-f]+)?$")
_RECOVERED = " [recovered]"


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What compilers, checks and tests say of files, and where programs have panicked."""
    for at, found in matched(lines, _SAID):
        linter = _LINTER.match(found["message"])
        if linter is not None:
            yield Remark(at, (place(found),), linter["message"], source="golangci-lint", code=linter["code"])
        else:
            yield Remark(at, (place(found),), found["message"], source="go")
    yield from _panics(lines)


def _panics(lines: Sequence[str]) -> Iterator[Remark]:
    """What a panic says, at the innermost frame of its goroutine that lies in the workspace."""
    said: int | None = None
    places: list[Place] = []
    for at, line in enumerate((*lines, "panic: ")):
        if _PANIC.match(line) or at == len(lines):
            if said is not None and places:
                message = lines[said].strip().removesuffix(_RECOVERED)
                yield Remark(said, tuple(places), message, source="go")
                said, places = None, []
            said = at if said is None else said
        elif said is not None and (frame := _FRAME.match(line)) is not None:
            places.append(place(frame))
