"""A dependency that is added, updated or removed changes its manifest, and the lock file that follows the manifest."""

import re
from collections.abc import Iterable, Iterator

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.ecosystems import (
    ECOSYSTEMS,
    MANIFESTS,
    Ecosystem,
    listed_packages,
    locks_above,
    manifest_above,
    package_key,
)
from agent_server.analysis.implied.packages import PackageChange, Step, package_changes
from agent_server.analysis.implied.work import Kind, Work, implied_claim
from agent_server.analysis.words.path_shapes import extension
from agent_server.plan.text import Span

_MOST_NAMED = 3
"""How many packages a reason names."""

_CONFIGURING = frozenset({"cfg", "conf", "ini", "json", "toml", "yaml", "yml"})
"""Endings of files that are called like the tool that they configure."""

_SPEAKS = re.compile(r"\b(?:dependenc|packages?\b|librar|crates?\b|gems?\b|upgrade|version)", re.IGNORECASE)


def _implied(work: Work) -> Iterator[Claim]:
    said: set[str] = set()
    for manifest, changes in _by_manifest(work).items():
        orders = [f"{change.step} `{change.name}`" if change.name else "adding a dependency" for change in changes]
        because = f"{' and '.join(orders[:_MOST_NAMED])} changes the dependencies"
        for path in (manifest, *locks_above(manifest, _ecosystem(manifest), work.tree)):
            said.add(path)
            yield from implied_claim(path, changes[0].span, changes[0].confidence, because, work.tree)
    yield from (claim for claim in _beside_manifests(work) if claim.text not in said)


def _by_manifest(work: Work) -> dict[str, list[PackageChange]]:
    """What really changes, by the manifest that lists it, the surest first."""
    found: dict[str, list[PackageChange]] = {}
    for change, manifest in sorted(_changes(work), key=lambda each: -each[0].confidence):
        if _really_changes(change, manifest, work):
            found.setdefault(manifest, []).append(change)
    return found


def _sources(work: Work) -> Iterable[str]:
    return (manifest for _, manifest in _changes(work))


def _changes(work: Work) -> Iterator[tuple[PackageChange, str]]:
    """The changes of dependencies that the task's words order, each with the manifest that lists it."""
    task = work.task
    for text, span in ((task.title, task.title_span), (task.instructions, task.instructions_span)):
        for found in package_changes(text):
            if _is_part_of_plan(found.name, work):
                continue
            manifest = _manifest(found, work)
            if manifest is not None:
                place = Span(found.span.start + span.start, found.span.end + span.start)
                yield PackageChange(found.step, found.name, place, found.confidence, listed=found.listed), manifest


def _is_part_of_plan(name: str, work: Work) -> bool:
    """Whether it is a task or a part of the program: "add a dependency on `data`", "add the `api` package"."""
    if name in work.around.ids:
        return True
    written = (claim.text for claim in work.claims if extension(claim.text) not in _CONFIGURING)
    segments = {segment.partition(".")[0] for path in written for segment in path.split("/")}
    return name in segments or work.tree.is_directory(name)


def _manifest(change: PackageChange, work: Work) -> str | None:
    """The one manifest that lists the package: the one that is named, else the nearest above the task's files."""
    if change.manifest:
        found = _named_manifest(change.manifest, work)
        if found is not None:
            return found
    near: dict[str, Ecosystem] = {}
    for folder in work.folders() or ("",):
        for name in change.ecosystems:
            manifest = manifest_above(folder, ECOSYSTEMS[name], work.tree)
            if manifest is not None:
                near.setdefault(manifest, ECOSYSTEMS[name])
    claimed = [manifest for manifest in near if any(claim.paths.matches(manifest) for claim in work.claims)]
    used = [manifest for manifest, ecosystem in near.items() if _uses(work, ecosystem)]
    return next((found[0] for found in (claimed, used, list(near)) if len(found) == 1), None)


def _named_manifest(spelled: str, work: Work) -> str | None:
    if spelled in work.tree:
        return spelled
    near = {
        manifest
        for folder in work.folders() or ("",)
        if (manifest := manifest_above(folder, MANIFESTS[spelled.rpartition("/")[2]], work.tree))
    }
    alike = [manifest for manifest in near if manifest == spelled or manifest.endswith(f"/{spelled}")]
    return alike[0] if len(alike) == 1 else None


def _uses(work: Work, ecosystem: Ecosystem) -> bool:
    return any(claim.text.endswith(ecosystem.endings) for claim in work.claims)


def _ecosystem(manifest: str) -> Ecosystem:
    return MANIFESTS[manifest.rpartition("/")[2]]


def _really_changes(change: PackageChange, manifest: str, work: Work) -> bool:
    """Whether what the manifest lists now leaves something to do. A manifest that cannot be read may list anything."""
    if not change.name:
        return True
    text = work.tree.contents.get(manifest)
    listed = None if text is None else listed_packages(manifest, text)
    if listed is None:
        return not change.listed
    # Maven and Gradle spell a package by its group too, and a manifest may keep the two apart.
    is_listed = package_key(change.name.rpartition(":")[2]) in listed
    return not is_listed if change.step is Step.ADD else is_listed or not change.listed


def _beside_manifests(work: Work) -> Iterator[Claim]:
    """The lock file of a manifest that the task itself writes."""
    speaks = _SPEAKS.search(f"{work.task.title}\n{work.task.instructions}") is not None
    for claims, is_new in ((work.created(), True), (work.changed(), False)):
        for path, claim in claims:
            ecosystem = MANIFESTS.get(path.rpartition("/")[2])
            if ecosystem is None or not (is_new or speaks):
                continue
            for lock in locks_above(path, ecosystem, work.tree):
                because = (
                    f"it follows the new `{path}`" if is_new else f"it follows `{path}`, if dependencies change there"
                )
                yield from implied_claim(lock, claim.span, 0.6 if is_new else 0.5, because, work.tree)


KIND = Kind(_implied, _sources)
