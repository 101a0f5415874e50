"""The bullet list under a task's heading: which bullets are fields, and what each of them says.

The rule. A bullet is a field when it begins with a lower-case word and a colon, and a space or the line's end follows
(`- writes: ...`); after the name of a known field the space may be missing. A known name in another dress (`Writes:`,
`**writes:**`) is a misspelt field, too. So is, while it is being typed, a bullet that holds nothing or only the
beginning of a field's name. The first other bullet ends the fields: with it the instructions begin.
"""

import re
from dataclasses import dataclass, field

from agent_server.plan.fields import FIELDS, Shape, did_you_mean
from agent_server.plan.markdown import Blocks, LineKind, without_comments
from agent_server.plan.model import Field, Item, Problem
from agent_server.plan.text import Span
from agent_server.plan.values import split_items, whole_item

_BULLET = re.compile(r"([ \t]*)[-*+](?:[ \t]+|\Z)")
_NAME = re.compile(r"([a-z][a-z-]*):(?![^ \t])")
_TIGHT_NAME = re.compile(rf"({'|'.join(FIELDS)}):")
_DRESSED_NAME = re.compile(rf"[*_`]*({'|'.join(FIELDS)})[*_`]*:[*_`]*(?![^ \t])", re.IGNORECASE)
_UNFINISHED = re.compile(r"[a-z][a-z-]*\Z")
_NESTED_INDENT = 2


@dataclass(slots=True)
class _Bullet:
    """A field while its lines are being read."""

    name: str
    name_span: Span
    value_span: Span
    start: int
    end: int
    items: list[Item] = field(default_factory=list)
    expects_more: bool = False

    def build(self) -> Field:
        return Field(self.name, self.name_span, tuple(self.items), self.value_span, Span(self.start, self.end))


def read_fields(blocks: Blocks, first: int, last: int, problems: list[Problem]) -> tuple[tuple[Field, ...], int]:
    """The fields that open the lines `first` to `last` (exclusive), and the line at which the fields end."""
    bullets: list[_Bullet] = []
    current: _Bullet | None = None
    end = first
    base = 0
    for number in range(first, last):
        kind = blocks.kinds[number]
        line = blocks.lines[number]
        if kind == LineKind.CODE:
            break
        if kind == LineKind.COMMENT or not line.strip():
            if current:
                current.expects_more = False
            continue
        visible = without_comments(line)
        match = _BULLET.match(visible)
        indent = len(visible[: len(visible) - len(visible.lstrip(" \t"))].expandtabs(4))
        start = blocks.starts[number]
        if match and (current is None or indent < base + _NESTED_INDENT):
            bullet = _read_bullet(visible, match, start, problems)
            if bullet is None:
                break
            base = indent
            current = bullet if bullet.name else None
            if current:
                bullets.append(current)
        elif current and match:
            _read_value(current, visible, match.end(), start, problems)
        elif current and current.expects_more and indent > base:
            _read_value(current, visible, 0, start, problems)
        else:
            break
        if current:
            current.end = start + len(line.rstrip(" \t"))
        end = number + 1
    return tuple(bullet.build() for bullet in bullets), end


def _read_bullet(visible: str, match: re.Match[str], start: int, problems: list[Problem]) -> _Bullet | None:
    """The field that a bullet starts, one without a name for an unfinished bullet, or None for prose."""
    at = match.end()
    name = _NAME.match(visible, at) or _TIGHT_NAME.match(visible, at) or _DRESSED_NAME.match(visible, at)
    if not name:
        return _read_unfinished(visible, at, start, problems)
    written = name[1] if name.re is not _DRESSED_NAME else name[0]
    name_span = Span(start + at, start + at + len(written))
    if written not in FIELDS:
        _report_unknown(written, name_span, problems)
    value = visible[name.end() :]
    bare = value.strip(" \t")
    value_start = start + name.end() + (len(value) - len(value.lstrip(" \t")) if bare else 0)
    bullet = _Bullet(
        written,
        name_span,
        Span(value_start, value_start + len(bare)),
        start + match.end(1),
        0,
        expects_more=True,
    )
    if bare:
        _read_value(bullet, visible, name.end(), start, problems)
    return bullet


def _read_value(bullet: _Bullet, visible: str, at: int, start: int, problems: list[Problem]) -> None:
    kind = FIELDS.get(bullet.name)
    value = visible[at:]
    if kind and kind.shape is Shape.COMMAND:
        item = whole_item(value, start + at)
        bullet.items += [item] if item else []
        bullet.expects_more = item is None
        return
    items, found = split_items(value, start + at)
    bullet.items += items
    problems += found if kind else []
    bullet.expects_more = not items or value.rstrip().endswith(",")


def _read_unfinished(visible: str, at: int, start: int, problems: list[Problem]) -> _Bullet | None:
    word = visible[at:].strip(" \t")
    if word and not (_UNFINISHED.match(word) and any(name.startswith(word) for name in FIELDS)):
        return None
    span = Span(start + at, start + at + len(word))
    if word:
        name = did_you_mean(word, FIELDS)
        suggestion = f"{name}:" if name else None
        meant = f" Did you mean `{suggestion}`?" if suggestion else ""
        problems.append(Problem("unknown-field", f"`{word}` is not a field yet.{meant}", span, suggestion))
    return _Bullet("", span, span, span.start, span.end)


def _report_unknown(written: str, span: Span, problems: list[Problem]) -> None:
    bare = written.strip("*_`:").lower()
    suggestion = did_you_mean(bare, FIELDS)
    if suggestion:
        after = ":" if ":" in written else ""
        message = f"`{written}` is not a field. Did you mean `{suggestion}`?"
        problems.append(Problem("unknown-field", message, span, suggestion + after))
        return
    known = ", ".join(f"`{name}`" for name in FIELDS)
    message = f"`{written}` is not a field. The fields are {known}. Prose belongs below a blank line and a paragraph."
    problems.append(Problem("unknown-field", message, span))
