"""Write sets: the files that each task's agent would write, and how that is known.

- A task that declares `writes` writes exactly that. Other paths that its instructions name do not enlarge the set: the
  declaration is what its agent is held to.
- A task that declares nothing writes the paths that its title and instructions name with a writing verb.
- `- writes: nothing` says that the task changes no file.
- Otherwise the set is unknown, and an unknown set is never taken for an empty one.
"""

from agent_server.analysis.claims import Claim, declared, entries, excepted, globs, named, path_set
from agent_server.analysis.mention_words import Use
from agent_server.analysis.model import WriteSet
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Plan, Task

_WRITES = frozenset({Use.WRITES})


def write_claims(task: Task, plan: Plan, tree: Tree) -> tuple[Claim, ...]:
    """What the plan says that the task writes, claim by claim."""
    return declared("writes", task.writes, tree) if task.writes else named(task, plan, tree, _WRITES)


def write_set(task: Task, claims: tuple[Claim, ...], tree: Tree) -> WriteSet:
    """The files that the task would write, from its claims.

    A task whose every glob is bad is as unknown as one that says nothing.
    """
    says_nothing = bool(task.writes) and not globs(task.writes)
    patterns = (*(claim.text for claim in claims), *excepted(task.writes, tree))
    return WriteSet(path_set(patterns, tree), entries(claims, tree), unknown=not claims and not says_nothing)
