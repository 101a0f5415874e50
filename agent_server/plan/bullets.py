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
from agent_server.plan.markdown.blocks import CODE, Blocks
from agent_server.plan.model import Field, Item, Problem
from agent_server.plan.text import Span
from agent_server.plan.values import shortened

_KNOWN = "|".join(FIELDS)
_MARKER = r"([ \t]*)[-*+]"
_BULLET = re.compile(rf"{_MARKER}(?:[ \t]+|\Z)")
_FIELD = re.compile(rf"{_MARKER}[ \t]+([a-z][a-z-]*):(?:[ \t]+|\Z)")
# A known name without the space, or in the dress of a heading or of emphasis: `writes:a`, `Writes:`, `**writes:**`.
_DRESSED = rf"[*_`]+(?i:{_KNOWN})(?::[*_`]+|[*_`]*(?=:))"
_ODD_FIELD = re.compile(rf"{_MARKER}[ \t]+((?i:{_KNOWN})(?=:)|{_DRESSED}):?[ \t]*")
_UNFINISHED = re.compile(r"[a-z][a-z-]*\Z")

_COMMANDS = frozenset(kind.name for kind in FIELDS.values() if kind.shape is Shape.COMMAND)

# A bullet belongs to the one above when it is indented as far as that one's text, which starts two columns in.
_NESTED_INDENT = 2


def read_fields(blocks: Blocks, first: int, last: int, problems: list[Problem]) -> tuple[tuple[Field, ...], int]:
    """The fields that open the lines `first` to `last` (exclusive), and the line at which the fields end."""
    fields: list[Field] = []
    lines = _Lines(blocks, blocks.text, first, last, problems)
    end = first
    while lines.skip_blank():
        name = lines.match(_FIELD) or lines.match(_ODD_FIELD)
        if name is not None:
            fields.append(_read_field(lines, name))
        elif (bullet := lines.match(_BULLET)) is None:
            break
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
    text: str
    number: int
    last: int
    problems: list[Problem]

    def skip_blank(self) -> bool:
        """Go to the next line that is not blank; whether there is one, outside of code."""
        blocks, number = self.blocks, self.number
        while number < self.last and blocks.is_blank(number):
            number += 1
        self.number = number
        return number < self.last and blocks.kinds[number] != CODE

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match `pattern` on this line, from its start to the end of its text."""
        return pattern.match(self.text, self.blocks.starts[self.number], self.blocks.ends[self.number])

    def is_indented(self) -> bool:
        """Whether this line starts with white space."""
        return self.text[self.blocks.starts[self.number]] in " \t"


def _read_field(lines: _Lines, bullet: re.Match[str]) -> Field:
    """The field that `bullet` starts on this line. Afterwards the lines stand behind it."""
    written = bullet[2]
    name_span = Span(*bullet.span(2))
    if written not in FIELDS:
        _report_unknown(written, name_span, lines.problems)
    at, end = bullet.end(), lines.blocks.ends[lines.number]
    items = _read_value(lines, written, at, end)
    if at == end:
        # The blanks between the colon and nothing are no value.
        at = end = lines.text.index(":", name_span.start) + 1
    value = Span(at, end)
    end = _read_nested(lines, written, items) or end
    return Field(written, name_span, tuple(items), value, Span(bullet.end(1), end))


def _read_value(lines: _Lines, name: str, at: int, end: int) -> list[Item]:
    """The items between two offsets of a line. An unknown field has no problems but its name."""
    if name in _COMMANDS:
        item = whole_item(lines.text, at, end)
        return [item] if item else []
    return split_items(lines.text, at, end, lines.problems if name in FIELDS else [])


def _read_nested(lines: _Lines, name: str, items: list[Item]) -> int:
    """Add what belongs to this line's field on the lines below it: a nested list, or a value that was wrapped.

    The answer is the offset at which that ends, 0 where there is none. Afterwards the lines stand behind the field.
    """
    blocks, first = lines.blocks, lines.number
    end, after = 0, first + 1
    lines.number = after
    while lines.skip_blank() and lines.is_indented():
        number = lines.number
        bullet = lines.match(_BULLET)
        deeper = blocks.indent(number) - blocks.indent(first)
        if bullet is not None and deeper >= _NESTED_INDENT:
            items += _read_nested_bullet(lines, name, bullet.end())
        elif bullet is None and deeper > 0 and number == after and _goes_on(blocks, number - 1, items):
            items += _read_value(lines, name, blocks.starts[number], blocks.ends[number])
        else:
            break
        end, after = blocks.ends[number], number + 1
        lines.number = after
    lines.number = after
    return end


def _read_nested_bullet(lines: _Lines, name: str, at: int) -> list[Item]:
    field = lines.match(_FIELD)
    if field is None or field[2] not in FIELDS:
        return _read_value(lines, name, at, lines.blocks.ends[lines.number])
    message = f"`{field[2]}` is indented below `{name}`, so it is no field of the task. Start its line further left."
    lines.problems.append(Problem("bad-value", message, Span(*field.span(2))))
    return []


def _goes_on(blocks: Blocks, number: int, items: list[Item]) -> bool:
    """Whether a value may go on below line `number`: it has none yet, or the line ends with a comma."""
    return not items or blocks.text[blocks.ends[number] - 1] == ","


def _is_unfinished(lines: _Lines, at: int) -> bool:
    """Whether a bullet holds nothing, or just the beginning of a field's name; the latter is a problem."""
    span = Span(at, max(at, lines.blocks.ends[lines.number]))
    word = span.of(lines.text)
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
            if lines.match(_BULLET) is None:
                return
            field = lines.match(_FIELD)
            if field is not None and field[2] in FIELDS:
                message = f"`{field[2]}` stands below instructions, so it is no field. Move it up, under the heading."
                lines.problems.append(Problem("unknown-field", message, Span(*field.span(2))))
        lines.number += 1


def _report_unknown(written: str, span: Span, problems: list[Problem]) -> None:
    name = did_you_mean(written.strip("*_`:"), FIELDS)
    if name:
        suggestion = f"{name}:" if ":" in written else name
        message = f"`{written}` is not a field. Did you mean `{name}`?"
        problems.append(Problem("unknown-field", message, span, suggestion))
        return
    known = ", ".join(f"`{field}`" for field in FIELDS)
    hint = "If it belongs to the instructions, put a sentence above it."
    message = f"`{shortened(written)}` is not a field. The fields are {known}. {hint}"
    problems.append(Problem("unknown-field", message, span))
