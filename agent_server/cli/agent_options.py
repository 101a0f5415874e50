"""The options with which a command says who plays the agents and what holds them, over the user's settings."""

import argparse
from dataclasses import replace
from pathlib import Path

from agent_server.cli.configuration import settings_for_runs
from agent_server.execution.sandboxes.isolation import Isolation, Network
from agent_server.settings import Settings

_AS_SETTINGS_SAY = "auto"


def add_agent_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `settings_of` reads."""
    agents = parser.add_argument_group("agents")
    agents.add_argument(
        "--agent",
        metavar="NAME",
        help="who plays the agents, where the plan does not say: `anthropic`, `replay`, or a program (see `doctor`)",
    )
    agents.add_argument("--transcripts", type=Path, metavar="FOLDER", help="the folder of transcripts for `replay`")
    agents.add_argument("--speed", type=speed, metavar="N", help="recorded seconds per second for `replay`")
    agents.add_argument(
        "--isolation",
        choices=(_AS_SETTINGS_SAY, *Isolation),
        default=_AS_SETTINGS_SAY,
        help="how agents are kept apart",
    )
    agents.add_argument(
        "--network",
        choices=tuple(Network),
        help="who reaches the network: everybody, the agents' programs alone, or nobody",
    )


def settings_of(options: argparse.Namespace, root: Path) -> Settings:
    """The settings for what runs in the workspace at `root`, with what the options say."""
    settings = settings_for_runs(root)
    given = {
        "agent": options.agent,
        "transcripts": options.transcripts,
        "speed": options.speed,
        "isolation": None if options.isolation == _AS_SETTINGS_SAY else options.isolation,
        "network": options.network,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(settings, execution=replace(settings.execution, **chosen))


def options_given(options: argparse.Namespace) -> tuple[str, ...]:
    """The options that were given, as words of a command line: a retry wants them again."""
    words: list[str] = []
    for name in ("agent", "transcripts", "speed", "network"):
        if (value := getattr(options, name)) is not None:
            words += (f"--{name}", f"{value:g}" if isinstance(value, float) else str(value))
    if options.isolation != _AS_SETTINGS_SAY:
        words += ("--isolation", options.isolation)
    return tuple(words)


def speed(text: str) -> float:
    """The value of `--speed`: recorded seconds per second."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"it takes a number above 0, not {text}")
    return value
