"""A new migration changes the journal that lists all of them, or the schema that all of them make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.work import Kind, Work, implied_claim


@dataclass(frozen=True, slots=True)
class _Follower:
    """A file that follows the migrations that `migration` matches; `path` may use the groups of that pattern."""

    migration: re.Pattern[str]
    path: str
    because: str


_FOLLOWERS = (
    _Follower(re.compile(r"(?P<at>.*/)[^/]+\.sql"), "{at}meta/_journal.json", "the journal lists every migration"),
    _Follower(re.compile(r"(?P<at>.*/)[^/]+\.sql"), "{at}atlas.sum", "it holds a checksum of every migration"),
    _Follower(re.compile(r"(?P<at>.*/)?migrations/[^/]+/migration\.sql"), "{at}schema.prisma", "migrations follow it"),
    _Follower(re.compile(r"(?P<at>.*/)?migrations/[^/]+/(?:up|down)\.sql"), "{at}src/schema.rs", "migrations make it"),
    _Follower(re.compile(r"(?P<at>.*/)?db/migrate/[^/]+\.rb"), "{at}db/schema.rb", "it is what all migrations make"),
    _Follower(
        re.compile(r"(?P<at>.*/)?db/migrate/[^/]+\.rb"), "{at}db/structure.sql", "it is what all migrations make"
    ),
    _Follower(
        re.compile(r"(?P<at>.*/)?priv/repo/migrations/[^/]+\.exs"),
        "{at}priv/repo/structure.sql",
        "it is what all migrations make",
    ),
)
"""Drizzle, Atlas, Prisma, Diesel, Rails and Ecto, as their documentation lays projects out."""


def _implied(work: Work) -> Iterator[Claim]:
    for path, claim in work.created():
        for each in _FOLLOWERS:
            match = each.migration.fullmatch(path)
            follower = each.path.format(at=match["at"] or "") if match else ""
            if follower in work.tree:
                because = f"`{path}` is a new migration, and {each.because}"
                yield from implied_claim(follower, claim.span, 0.85, because, work.tree)


KIND = Kind(_implied)
