"""`agent-server convert`: a plan of another format in our own, in the author's words."""

import argparse
import sys
from pathlib import Path

from agent_server.analysis.conversion import converted
from agent_server.cli.configuration import user_settings
from agent_server.cli.main import UsageError
from agent_server.cli.plans import read_plan
from agent_server.workspace.whole_files import create_file, replace_file


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plan", type=Path, metavar="PLAN", help="a plan in any format, or a folder that holds one")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it there (default: print it)")
    parser.add_argument("--force", action="store_true", help="replace the file where it exists")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Convert the plan; always 0 where it can be read. What could not be kept is said on standard error."""
    plan = read_plan(options.plan, user_settings())
    made = converted(plan.analysis)
    for sentence in made.lost:
        print(f"agent-server: {sentence}", file=sys.stderr)
    if options.output is None:
        sys.stdout.write(made.text)
    else:
        _write(options.output, made.text, force=options.force)
    return 0


def _write(path: Path, text: str, *, force: bool) -> None:
    """Write a new file or, with `force`, replace one. What is no file, such as a pipe, is only written to."""
    content = text.encode("utf-8")
    try:
        if not force:
            create_file(path, content)
        elif path.is_file():
            replace_file(path, content)
        elif path.exists():
            path.write_bytes(content)
        else:
            create_file(path.resolve(), content)  # a link may lead there
    except FileExistsError:
        raise UsageError(f"`{path}` exists. `--force` replaces it.") from None
    except OSError as error:
        raise UsageError(f"`{path}` could not be written: {error.strerror}.") from None
