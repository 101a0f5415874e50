"""What a path of Rust's modules means behind files that pass modules on.

With `pub use ferry_core as core;` in the crate `ferry`, `ferry::core::fare` is `ferry_core::fare`; with
`pub use ferry_core::*;`, so is `ferry::fare`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

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
        if source is None or existing is None:
            break
        found = _entered(found, source)
        further = _further(found, names, existing, source.at(found.inside), files, resolve)
        if further is None:
            break
        via.append(existing)
        found = further
    return found, tuple(via)


def _entered(found: Resolution, source: Source) -> Resolution:
    """What a path means that may lead into a module with a body: of what is left of it, as much as is one."""
    inside, name = found.inside, found.name
    bodies = {path for path, _ in source.within}
    while name:
        first, _, rest = name.partition("::")
        deeper = f"{inside}::{first}" if inside else first
        if deeper not in bodies:
            break
        inside, name = deeper, rest
    return replace(found, inside=inside, name=name)


def _further(  # noqa: PLR0913, PLR0917  # where the path leads, and what tells where it goes on
    found: Resolution, names: bool, file: str, source: Source, files: Files, resolve: Resolve
) -> Resolution | None:
    """Where a module passes on what is left of a path; None where it passes on nothing of it.

    It is surely there only if it comes from nowhere else: another `use`, for another system, may give the same name.
    """
    first, joint, rest = found.name.partition("::")
    if not first or not (joint or names):
        return None
    leads = [f"{module}{joint}{rest}" for name, module in source.leads_to if name == first]
    if leads:
        further = resolve(leads[0], file)
        passed_on = further if further.files and file not in further.files[:1] else None
    else:
        leads = [f"{module}::{found.name}" for module in source.passes_on]
        meant = [resolve(module, file) for module in leads]
        known = (one for one in meant if one.files and one.files[0] in files and len(one.name) < len(found.name))
        passed_on = next(known, None)
        leads = [module for module, one in zip(leads, meant, strict=True) if one is passed_on or not one.files]
    return replace(passed_on, ours=passed_on.ours and len(leads) == 1) if passed_on else None
