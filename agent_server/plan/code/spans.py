"""Code in backticks within sentences, as far as it is a whole statement or command."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agent_server.plan.code.fences import fenced, may_hold_code
from agent_server.plan.code.model import CodeSpan, Role
from agent_server.plan.markdown.blocks import CODE_SPAN
from agent_server.plan.text import Span

STATEMENT = re.compile(
    r"""
      from [ \t]+ [\w.]+ [ \t]+ import [ \t]+ [\w(*]
    | import [ \t]+ (?:(?:static|type) [ \t]+)?
      (?: [\w.$*]+ (?:[ \t]+ as [ \t]+ \w+)? [ \t]* (?:;|,|\Z) | [\w$*{][^`]* [ \t] from [ \t]* ["'] | \(?["'] )
    | export [ \t]+ (?:type [ \t]+)? (?:\*|\{[^}]*\}) [^`]* [ \t] from [ \t]* ["']
    | (?:(?:const|let|var) [ \t]+ [^=`]+ = [ \t]*)? (?:await [ \t]+)? (?:require|import)\( [ \t]* ["']
    | (?:pub(?:\(\w+\))? [ \t]+)? use [ \t]+ (?:crate|super|self|\w+) :: [\w:{}*,\ \t]+ ;? \Z
    | (?:pub [ \t]+)? mod [ \t]+ \w+;
    """,
    re.VERBOSE,
)
"""How a statement begins that imports something."""

COMMAND = re.compile(
    r"""
    (?:\$\ )? (?:[A-Z_]+=\S+\ )* (?:sudo\ )?
    (?: git\ (?:add|mv|rm|commit|checkout|restore|apply) | touch | mkdir | cp | mv | rm | tee | sed | echo | cat | npm
      | npx | pnpm | yarn | bunx? | deno | uvx? | pip3? | pipx | poetry | pdm | python3? | pytest | node | ts-node | tsx
      | vitest | jest | go | cargo | rustup | make | just | alembic | rails | bundle | rake | composer | php | artisan
      | dotnet | mvn | gradle | \./gradlew | \./mvnw | docker | terraform | prisma | sqlx | diesel | flutter | dart
      | swift | mix | ruby | bash | sh | \./[\w./-]+ )
    \ [^`]+ \Z
    """,
    re.VERBOSE,
)
"""What a command of everyone's tools looks like, with what it is told."""

_MOST = 400


@lru_cache(maxsize=8192)
def code_spans(text: str) -> tuple[CodeSpan, ...]:
    """The statements and commands in backticks in a Markdown text; what stands in blocks is left out."""
    return tuple(_spans(text)) if "`" in text else ()


def _spans(text: str) -> Iterator[CodeSpan]:
    inside = _blocks(text) if may_hold_code(text) else []
    at = 0
    for match in CODE_SPAN.finditer(text):
        while at < len(inside) and inside[at].end <= match.start():
            at += 1
        if at < len(inside) and inside[at].start <= match.start():
            continue
        code, start = match[2].strip(), match.start(2) + len(match[2]) - len(match[2].lstrip())
        if len(code) > _MOST:
            continue
        role = Role.EXAMPLE if STATEMENT.match(code) else Role.COMMAND if COMMAND.match(code) else None
        if role is not None:
            yield CodeSpan(code, Span(start, start + len(code)), role)


def _blocks(text: str) -> list[Span]:
    lines, found = fenced(text)
    starts = [*lines.starts, len(text) + 1]
    return [Span(starts[block.opening], starts[block.end]) for block in found]
