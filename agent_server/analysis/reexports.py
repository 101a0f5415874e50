"""What a path of Rust's modules means behind files that pass modules on.

With `pub use ferry_core as core;` in the crate `ferry`, `ferry::core::fare` is `ferry_core::fare`; with
`pub use ferry_core::*;`, so is `ferry::fare`.
"""

from collections.abc import Callable, Iterator, Mapping

from agent_server.languages import Files, Resolution, Source, read_source

Resolve = Callable[[str, str], Resolution]
"""What a module means to an importer."""

_DEEPEST = 8


def followed(
    found: Resolution, names: bool, files: Files, texts: Mapping[str, str], resolve: Resolve
) -> tuple[Resolution, tuple[str, ...]]:
    """What `found` means once each file that it leads to has passed it on, and those files.

    `names`: names are taken from the module, so that all that is left of its path are modules.
    """
    via: list[str] = []
    while len(via) < _DEEPEST:
        existing = next((file for file in found.files if file in files), None)
        source = read_source(existing, texts[existing]) if existing in texts and existing is not None else None
        further = _further(found, names, existing, source, files, resolve) if source and existing else None
        if further is None or existing is None:
            break
        via.append(existing)
        found = further
    return found, tuple(via)


def _further(  # noqa: PLR0913, PLR0917  # where the path leads, and what tells where it goes on
    found: Resolution, names: bool, file: str, source: Source, files: Files, resolve: Resolve
) -> Resolution | None:
    """Where a file passes on what is left of a path; None where it passes on nothing of it."""
    first, joint, rest = found.name.partition("::")
    if not first or not (joint or names):
        return None
    meant = next((module for name, module in source.leads_to if name == first), None)
    if meant is not None:
        further = resolve(f"{meant}{joint}{rest}", file)
        return further if further.files and file not in further.files[:1] else None
    for further in _passed_on(found.name, file, source, resolve):
        if further.files and further.files[0] in files and len(further.name) < len(found.name):
            return further
    return None


def _passed_on(name: str, file: str, source: Source, resolve: Resolve) -> Iterator[Resolution]:
    return (resolve(f"{module}::{name}", file) for module in source.passes_on)
