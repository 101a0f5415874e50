"""`agent-server check`: what is wrong with plans, for people, programs and code reviews."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from agent_server.analysis.report import exit_status
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity
from agent_server.cli.configuration import user_settings
from agent_server.cli.finding import STDIN, find_plans
from agent_server.cli.main import UsageError
from agent_server.cli.outputs import OUTPUTS, Checked
from agent_server.cli.plans import PlanFile, analysed
from agent_server.cli.rule import no_such_rule
from agent_server.cli.terminal import colours
from agent_server.cli.workspaces import Workspaces
from agent_server.settings import Settings, severity_of
from agent_server.workspace.paths import root_around


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="a plan in any format, or a folder: every plan in it (default: this folder); `-` is standard input",
    )
    parser.add_argument(
        "--output-format", "--format", choices=tuple(OUTPUTS), default="text", help="how to print (default: text)"
    )
    parser.add_argument("--statistics", action="store_true", help="count plans, tasks, conflicts and findings")
    parser.add_argument("--select", action="append", metavar="CODES", help="only these rules, separated by commas")
    parser.add_argument("--ignore", action="append", metavar="CODES", help="not these rules, separated by commas")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors for the exit status")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is wrong with the plans")
    parser.add_argument(
        "--stdin-path", type=Path, metavar="PATH", help="where the plan on standard input belongs in the workspace"
    )
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Check the plans; 0 without errors, 1 with at least one (`--strict`: or a warning), 2 if one cannot be read."""
    output = OUTPUTS[options.output_format]
    if options.statistics and not output.counts:
        raise UsageError(f"`--statistics` is for text and JSON, not for `--output-format {output.name}`.")
    choose = partial(_chosen, _codes(options.select), _codes(options.ignore))
    found = find_plans(options.paths, Workspaces(user_settings(), choose), options.stdin_path)
    for sentence in found.unread:
        print(f"agent-server: {sentence}", file=sys.stderr)
    if found.hint:
        print(found.hint, file=sys.stderr)
    if not found.plans and found.unread:
        return 2
    plans = analysed(found.plans)
    if output.one_workspace:
        _expect_one_workspace(plans, output.name)
    root = plans[0].root if plans else _root_of(options.paths[0])
    for line in output.render(Checked(plans, root, options.statistics, colours.are_wanted(), found.unread)):
        print(line)
    if not plans:
        _say_that_there_are_none(options.paths)
    failed = exit_status([plan.analysis for plan in plans], strict=options.strict) and not options.exit_zero
    return 2 if found.unread else int(failed)


def _codes(given: Sequence[str] | None) -> frozenset[str]:
    """The rules that an option names; raises `UsageError` where there is no such rule."""
    codes = frozenset(code.strip() for each in given or () for code in each.split(",") if code.strip())
    for code in sorted(codes - RULES.keys()):
        raise UsageError(no_such_rule(code, RULES))
    return codes


def _chosen(select: frozenset[str], ignore: frozenset[str], settings: Settings) -> Settings:
    """The settings with the rules turned off that are not wanted; those that are selected are on."""
    severities = dict(settings.analysis.severities)
    for code, rule in RULES.items():
        if code in ignore or (select and code not in select):
            severities[code] = Severity.OFF
        elif code in select and severity_of(settings.analysis, code) is Severity.OFF:
            severities[code] = rule.severity
    return replace(settings, analysis=replace(settings.analysis, severities=severities))


def _expect_one_workspace(plans: Sequence[PlanFile], output: str) -> None:
    other = next((plan for plan in plans if plan.root != plans[0].root), None)
    if other is not None:
        kind = output.upper()
        raise UsageError(
            f"A {kind} report is about one workspace: `{plans[0].path}` is in `{plans[0].root}`, "
            f"`{other.path}` is in `{other.root}`. Check them one after the other."
        )


def _root_of(path: Path) -> Path:
    folder = Path() if path == STDIN else path
    return root_around(folder)


def _say_that_there_are_none(paths: Iterable[Path]) -> None:
    where = ", ".join(f"`{path}`" for path in paths)
    print(f"agent-server: No plans were found in {where}. The setting `plans` says where yours lie.", file=sys.stderr)
