"""The backend `command`: any program that takes a prompt, works in the sandbox, and ends.

The program is started in the agent's sandbox, which is what holds it. What it writes to its output is read by the
parser of its format (`output/`); what it writes to its standard error is shown only when it fails.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

from agent_server.agents.backend import (
    Brief,
    Emit,
    Outcome,
    OutcomeKind,
    Used,
    Workbench,
)
from agent_server.agents.meter import Meter
from agent_server.agents.output import PARSERS, Heard, OutputParser, Turn
from agent_server.agents.program_backend import ProgramBackend, filled, not_found
from agent_server.agents.programs import ProgramError, RunningProgram
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.globs.pattern import CharClass, Pattern, Wildcard

MOST_OUTPUT = 256_000_000
"""A program that writes more than so many bytes to its output is ended."""

LONGEST_ARGUMENT = 120_000
"""The longest prompt that is given as an argument, in bytes: the kernel takes 128 KiB for one."""

LONGEST_LINE = 32_000_000
"""A longer line is read in pieces of this size, in bytes: a line may hold the text of a whole file, escaped."""

MOST_PATTERNS = 1_000
"""So many patterns of a write set are spelled: the kernel takes two megabytes of arguments, and less on some hosts."""

_WRITE = "{write}"
_READ = 1 << 16
_LONG = 50_000  # a line of more bytes is read in a thread, so as not to keep the event loop
_LONGEST_QUOTE = 600  # code points of what a program says when it fails
_LINES_AT_ONCE = 50  # so many lines are read before others of this process have their turn
_LOGGED_OUT = re.compile(
    r"log(?:ged)?[ -]?in|api[ _-]?key|key was refused|unauthori[sz]ed|authenticat|credential|\b401\b", re.IGNORECASE
)
# What patterns of other programs give a meaning, or take for the end of a word.
_SPECIAL = re.compile(r"[^\w./@%+=:~-]")

# The prompt comes on the standard input. It is put into a file of the private temporary folder, whose place only the
# sandbox knows, and the words of the command are told where it is.
_WITH_PROMPT_FILE = """\
prompt="${TMPDIR:-/tmp}/brief-$$.md"
cat > "$prompt" || exit
for word; do
  case $word in *'{prompt_file}'*) word=${word%%'{prompt_file}'*}$prompt${word#*'{prompt_file}'} ;; esac
  set -- "$@" "$word"
  shift
done
exec "$@" < /dev/null"""


class CommandBackend(ProgramBackend):
    """Carries out briefs with a program of the `command` protocol."""

    def _words(self, brief: Brief, place: Path) -> Iterator[str]:
        if self._program.prompt == "file":
            yield from ("sh", "-c", _WITH_PROMPT_FILE, "sh")
        for word in self._program.command:
            if _WRITE in word:
                yield from (word.replace(_WRITE, path) for path in absolute_patterns(brief.writes, place))
            else:
                yield filled(word, brief.model)
        if self._program.prompt == "argument":
            prompt = _prompt(brief)
            if len(prompt.encode("utf-8", "replace")) > LONGEST_ARGUMENT:
                raise ProgramError(f'The brief is too long for an argument. Set `prompt = "file"` for `{self._name}`.')
            yield prompt

    async def _talk(self, brief: Brief, workbench: Workbench, running: RunningProgram, emit: Emit) -> Outcome:
        """Give the program its prompt, and hear what it tells until it ends."""
        parser = PARSERS[self._program.output](workbench.place)
        giving = asyncio.create_task(_give("" if self._program.prompt == "argument" else _prompt(brief), running))
        try:
            outcome = await self._listen(parser, running, Meter(brief.limits, emit), emit)
        finally:
            giving.cancel()
        return outcome or self._end(await running.wait(), running.errors, parser)

    async def _listen(self, parser: OutputParser, running: RunningProgram, meter: Meter, emit: Emit) -> Outcome | None:
        """How the agent says that it ends, or what ends it; None where its output just ends."""
        read = 0
        async for line in _lines(running.output):
            read += len(line) + 1
            if read > MOST_OUTPUT:
                return Outcome(OutcomeKind.ERROR, f"`{self._name}` wrote more than {MOST_OUTPUT:,} bytes of output.")
            is_long = len(line) > _LONG
            for heard in await asyncio.to_thread(self._told, parser, line) if is_long else self._told(parser, line):
                if outcome := _taken(heard, meter, emit):
                    return self._with_advice(outcome)
        return None

    def _told(self, parser: OutputParser, line: bytes) -> list[Heard]:
        return list(parser.read(line.decode("utf-8", "replace").rstrip("\r")))

    def _end(self, status: int, errors: str, parser: OutputParser) -> Outcome:
        """The outcome of a program that has not told one itself."""
        program = self._program.command[0]
        said = self._masked(errors).strip()[-_LONGEST_QUOTE:] or parser.last_words[-_LONGEST_QUOTE:]
        quote = f" It says: {said}" if said else ""
        if status == 0 and parser.failure:
            return self._with_advice(Outcome(OutcomeKind.ERROR, f"`{program}` failed. It says: {parser.failure}"))
        if status == 0:
            return Outcome(OutcomeKind.DONE, parser.last_words)
        if status == 127 and "not found" in errors:
            return Outcome(OutcomeKind.ERROR, not_found(self._program))
        if status > 128:
            return Outcome(OutcomeKind.ERROR, f"`{program}` was ended by signal {status - 128}.{quote}", retryable=True)
        return self._with_advice(Outcome(OutcomeKind.ERROR, f"`{program}` failed with status {status}.{quote}"))

    def _with_advice(self, outcome: Outcome) -> Outcome:
        """The outcome, with how to log in where that may be what is missing."""
        if outcome.kind is not OutcomeKind.ERROR or outcome.retryable or not self._program.login:
            return outcome
        if _LOGGED_OUT.search(outcome.message) is None:
            return outcome
        return Outcome(outcome.kind, f"{outcome.message.rstrip('. ')}. {self._program.login}")


def _prompt(brief: Brief) -> str:
    return brief.prompt.replace("\0", "\N{REPLACEMENT CHARACTER}")


def absolute_patterns(writes: PathSet, place: Path) -> Iterator[str]:
    """What a write set includes, as absolute patterns with `*`, `**` and `?` alone: what most programs understand.

    A character that some of them read in another way becomes `?`, and very many patterns become `**`. So they may allow
    more than the write set, which is what counts in the end.
    """
    spelled = [_spelled(each) for part in writes.parts for glob in part.include for each in glob.patterns]
    for each in spelled if len(spelled) <= MOST_PATTERNS else ["**"]:
        yield f"{_plain(str(place))}/{each}"


def _spelled(pattern: Pattern) -> str:
    return "".join(_token(token) for token in pattern.tokens)


def _token(token: str | Wildcard | CharClass) -> str:
    if isinstance(token, str):
        return _plain(token)
    return token.value if isinstance(token, Wildcard) else "?"


def _plain(text: str) -> str:
    return _SPECIAL.sub("?", text)


def _taken(heard: Heard, meter: Meter, emit: Emit) -> Outcome | None:
    """Take in what the agent tells; how it ends, where that ends it."""
    match heard:
        case Outcome():
            return heard
        case Turn():
            if over := meter.out_of_turns():
                return over
            meter.begin_turn()
        case Used():
            meter.add(heard)
            return meter.over_budget()
        case _:
            emit(heard)
    return None


async def _lines(output: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of an output without their ends. One that is too long comes in pieces."""
    rest = bytearray()
    count = 0
    while data := await output.read(_READ):
        *lines, last = data.split(b"\n")
        for line in lines:
            yield bytes(rest + line)
            rest.clear()
            count += 1
            if count % _LINES_AT_ONCE == 0:
                await asyncio.sleep(0)  # a program that floods its output must not keep the event loop
        rest += last
        if len(rest) > LONGEST_LINE:
            yield bytes(rest)
            rest.clear()
    if rest:
        yield bytes(rest)


async def _give(prompt: str, running: RunningProgram) -> None:
    """Write the prompt to the program's input, and close that. A program need not read it."""
    with suppress(OSError):
        running.given.write(prompt.encode("utf-8", "replace"))
        await running.given.drain()
    running.given.close()
