"""Plans as large as anybody's, made from a seed: what a thousand tasks over ten thousand files might look like."""

from random import Random

from agent_server.analysis.tree import Tree

_AREAS = ("orders", "search", "billing", "accounts", "reports", "catalog", "mail", "imports", "exports", "admin")
_PARTS = ("store", "view", "form", "model", "client", "worker", "parser", "table", "filter", "cache")
_ENDINGS = (".ts", ".ts", ".tsx", ".py", ".css")
_SENTENCES = (
    "Keep the public names as they are, and add what is missing.",
    "The list is sorted by its date, newest first.",
    "Show an empty state where there is nothing to list.",
    "Call `{name}` for every row, and stop at the first error.",
    "Errors go to the log with the id of the request.",
    "Cover the new branches with tests of their own.",
    "Follow the style of the neighbouring modules.",
    "Read the limits from the settings, never from the environment.",
    "Write down in the docstring what the function raises.",
    "It must answer within a second for a thousand rows.",
    "Do not touch the styles: another page shares them.",
    "`{name}` is what the other pages use for that.",
)


def workspace(files: int) -> Tree:
    """A tree of so many files: areas with packages of modules."""
    return Tree(path_of(number) for number in range(files))


def path_of(number: int) -> str:
    """The path of the file of that number."""
    area, part = _AREAS[number % 10], _PARTS[number // 10 % 10]
    return f"src/{area}/{part}{number // 1000}/{part}_{number}{_ENDINGS[number % 5]}"


def plan_text(tasks: int, files: int, seed: int = 1) -> str:
    """A plan of so many tasks, five lines each and a few sentences of instructions, over `workspace(files)`."""
    random = Random(seed)  # the same plan every time
    head = "---\nverify: make check\nagents: 8\n---\n# Everything at once\n\nAll pages share one layout.\n\n"
    return head + "\n".join(_task(number, files, random) for number in range(tasks))


def _task(number: int, files: int, random: Random) -> str:
    area, part = random.choice(_AREAS), random.choice(_PARTS)
    own, other = path_of(random.randrange(files)), path_of(random.randrange(files))
    lines = [f"## {area}-{part}-{number}: Extend the {part} of the {area}"]
    kind = random.random()
    name = f"{area}_{part}_{random.randrange(40)}"
    words = [random.choice(_SENTENCES).format(name=name) for _ in range(random.randint(3, 5))]
    if kind < 0.08:
        words.insert(0, f"Add what is missing to `{own}`.")
    elif kind < 0.16:
        lines.append(f"- writes: src/{area}/{part}{number % 10}/**/*.test.ts")
    elif kind < 0.18:
        lines.append(f"- writes: `{own}`, `src/navigation.ts`")
    else:
        lines.append(f"- writes: `{own}`, `{own.rpartition('/')[0]}/new_{number}.ts`")
    if random.random() < 0.3:
        lines.append(f"- reads: `{other}`")
    elif random.random() < 0.1 and number:
        lines.append(f"- mirrors: `{other}`")
    if random.random() < 0.04:
        lines.append("- locks: database")
    if random.random() < 0.02:
        lines.append("- reads: `docs/nowhere.md`")
    return "\n".join([*lines, "", " ".join(words), ""])
