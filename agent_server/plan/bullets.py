"""The bullet list under a task's heading: which bullets are fields, and what each of them says.

The rule. A bullet is a field when it begins with a lower-case word and a colon, and a space or the line's end follows
(`- writes: ...`); after the name of a known field the space may be missing. A known name in another dress (`Writes:`,
`**writes:**`) is a misspelt field. So is, while it is being typed, a bullet that holds nothing or only the beginning
of a field's name. The first other bullet ends the fields: with it the instructions begin. A field further down in the
same list is reported, since its author did not mean it as prose.
"""

import re
from dataclasses import dataclass

from agent_server.plan.fields import FIELDS, Shape, did_you_mean
from agent_server.plan.items import split_items, whole_item
from agent_server.plan.markdown import Blocks
from agent_server.plan.model import Field, Item, Problem
from agent_server.plan.text import Span

_KNOWN = "|".join(FIELDS)
_BULLET = re.compile(r"([ \t]*)[-*+](?:[ \t]+|\Z)")
_NAME = re.compile(r"([a-z][a-z-]*):(?:[ \t]+|\Z)")
_TIGHT_NAME = re.compile(rf"({_KNOWN}):")
_DRESSED_NAME = re.compile(rf"([*_`]*(?:{_KNOWN})[*_`]*:[*_`]*)(?:[ \t]+|\Z)", re.IGNORECASE)
_UNFINISHED = re.compile(r"[a-z][a-z-]*\Z")

# A bullet belongs to the one above when it is indented as far as that one's text, which starts two columns in.
_NESTED_INDENT = 2


def read_fields(blocks: Blocks, first: int, last: int, problems: list[Problem]) -> tuple[tuple[Field, ...], int]:
    """The fields that open the lines `first` to `last` (exclusive), and the line at which the fields end."""
    fields: list[Field] = []
    lines = _Lines(blocks, first, last, problems)
    end = first
    while lines.skip_blank():
        bullet = lines.match(_BULLET)
        if bullet is None:
            break
        name = _match_name(lines, bullet.end())
        if name is not None:
            fields.append(_read_field(lines, bullet.end(1), name))
        elif _is_unfinished(lines, bullet.end()):
            lines.number += 1
        else:
            _report_stragglers(lines)
            break
        end = lines.number
    return tuple(fields), end


@dataclass(slots=True)
class _Lines:
    """The lines that are still to be read: from `number` to `last`, exclusive."""

    blocks: Blocks
    number: int
    last: int
    problems: list[Problem]

    def skip_blank(self) -> bool:
        """Go to the next line that is not blank; whether there is one, outside of code."""
        blocks = self.blocks
        while self.number < self.last and blocks.is_blank(self.number):
            self.number += 1
        return self.number < self.last and not blocks.kinds[self.number]

    def match(self, pattern: re.Pattern[str], at: int | None = None) -> re.Match[str] | None:
        """Match `pattern` on this line, from `at` or the line's start."""
        start = self.blocks.starts[self.number] if at is None else at
        return pattern.match(self.blocks.text, start, self.end)

    @property
    def end(self) -> int:
        """Where this line's text ends."""
        return self.blocks.ends[self.number]

    @property
    def is_indented(self) -> bool:
        """Whether this line starts with white space."""
        return self.blocks.text[self.blocks.starts[self.number]] in " \t"


def _match_name(lines: _Lines, at: int) -> re.Match[str] | None:
    name = lines.match(_NAME, at)
    if name is not None or lines.blocks.text.find(":", at, lines.end) < 0:
        return name
    return lines.match(_TIGHT_NAME, at) or lines.match(_DRESSED_NAME, at)


def _read_field(lines: _Lines, start: int, name: re.Match[str]) -> Field:
    """The field whose bullet stands at `start` on this line. Afterwards the lines stand behind it."""
    written, end = name[1], lines.end
    name_span = Span(*name.span(1))
    if written not in FIELDS:
        _report_unknown(written, name_span, lines.problems)
    at = name.end()
    items = _read_value(lines, written, at)
    if at == end:
        # The blanks between the colon and nothing are no value.
        at = end = lines.blocks.text.index(":", name_span.start) + 1
    value = Span(at, end)
    nested_end = _read_nested(lines, written, items)
    return Field(written, name_span, tuple(items), value, Span(start, max(end, nested_end)))


def _read_value(lines: _Lines, name: str, at: int) -> list[Item]:
    """The items from `at` to the end of this line. An unknown field has no problems but its name."""
    text, end = lines.blocks.text, lines.end
    kind = FIELDS.get(name)
    if kind is not None and kind.shape is Shape.COMMAND:
        item = whole_item(text, at, end)
        return [item] if item else []
    return split_items(text, at, end, lines.problems if kind else [])


def _read_nested(lines: _Lines, name: str, items: list[Item]) -> int:
    """Add what belongs to this line's field on the lines below it: a nested list, or a value that was wrapped.

    The answer is the offset at which that ends, 0 where there is none. Afterwards the lines stand behind the field.
    """
    blocks, first = lines.blocks, lines.number
    end, after = 0, first + 1
    lines.number = after
    while lines.skip_blank() and lines.is_indented:
        bullet = lines.match(_BULLET)
        deeper = blocks.indent(lines.number) - blocks.indent(first)
        if bullet is not None and deeper >= _NESTED_INDENT:
            items += _read_nested_bullet(lines, name, bullet.end())
        elif bullet is None and deeper > 0 and lines.number == after and _goes_on(blocks, lines.number - 1, items):
            items += _read_value(lines, name, blocks.starts[lines.number])
        else:
            break
        end, after = lines.end, lines.number + 1
        lines.number = after
    lines.number = after
    return end


def _read_nested_bullet(lines: _Lines, name: str, at: int) -> list[Item]:
    field = lines.match(_NAME, at)
    if field is None or field[1] not in FIELDS:
        return _read_value(lines, name, at)
    message = f"`{field[1]}` is indented below `{name}`, so it is no field of the task. Start its line further left."
    lines.problems.append(Problem("bad-value", message, Span(*field.span(1))))
    return []


def _goes_on(blocks: Blocks, number: int, items: list[Item]) -> bool:
    """Whether a value may go on below line `number`: it has none yet, or the line ends with a comma."""
    return not items or blocks.text[blocks.ends[number] - 1] == ","


def _is_unfinished(lines: _Lines, at: int) -> bool:
    """Whether a bullet holds nothing, or just the beginning of a field's name; the latter is a problem."""
    span = Span(at, max(at, lines.end))
    word = span.of(lines.blocks.text)
    if not word:
        return True
    if not (_UNFINISHED.match(word) and any(name.startswith(word) for name in FIELDS)):
        return False
    name = did_you_mean(word, FIELDS)
    suggestion = f"{name}:" if name else None
    meant = f" Did you mean `{suggestion}`?" if suggestion else ""
    lines.problems.append(Problem("unknown-field", f"`{word}` is not a field yet.{meant}", span, suggestion))
    return True


def _report_stragglers(lines: _Lines) -> None:
    """Report the known fields that stand in the same list as this line's bullet, but below it."""
    nested = lines.blocks.indent(lines.number) + _NESTED_INDENT
    lines.number += 1
    while lines.skip_blank():
        if lines.blocks.indent(lines.number) < nested:
            bullet = lines.match(_BULLET)
            if bullet is None:
                return
            found = lines.match(_NAME, bullet.end())
            if found and found[1] in FIELDS:
                message = f"`{found[1]}` stands below instructions, so it is no field. Move it up, under the heading."
                lines.problems.append(Problem("unknown-field", message, Span(*found.span(1))))
        lines.number += 1


def _report_unknown(written: str, span: Span, problems: list[Problem]) -> None:
    name = did_you_mean(written.strip("*_`:"), FIELDS)
    if name:
        suggestion = f"{name}:" if ":" in written else name
        message = f"`{written}` is not a field. Did you mean `{name}`?"
        problems.append(Problem("unknown-field", message, span, suggestion))
        return
    known = ", ".join(f"`{field}`" for field in FIELDS)
    message = f"`{written}` is not a field. The fields are {known}. Instructions start with a line that is no field."
    problems.append(Problem("unknown-field", message, span))
