"""What the manifests of Maven and Gradle say of packages that come from elsewhere."""

import re
from collections.abc import Iterator, Mapping

_COORDINATES = re.compile(r"[\"']([a-zA-Z][\w-]*(?:\.[\w-]+)+):([\w.-]+)(?::[^\"'\s]*)?[\"']")
_NAMED_APART = re.compile(r"\bgroup\s*[=:]\s*[\"']([\w.-]+)[\"']\s*,\s*name\s*[=:]\s*[\"']([\w.-]+)[\"']")
# No part may hold its own beginning, so that what is never closed costs linear time.
_DEPENDENCY = re.compile(r"<dependency>((?:(?!<dependency>).)*?)</dependency>", re.DOTALL)
_GROUP = re.compile(r"<groupId>\s*([\w.-]+)\s*</groupId>")
_ARTIFACT = re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")
_OF_OTHERS = re.compile(
    r"<(parent|dependencies|dependencyManagement|build|profiles|reporting)>(?:(?!<\1>).)*?</\1>"
    r"|<!--(?:(?!<!--).)*?-->",
    re.DOTALL,
)


def groups_elsewhere(texts: Mapping[str, str]) -> tuple[str, ...]:
    """The groups of the dependencies that no module of this workspace is, as folders: `com/acme`, sorted."""
    own = {name for path, text in texts.items() for name in _own_artifacts(path, text)}
    found = {group for text in texts.values() for group, artifact in _dependencies(text) if artifact not in own}
    return tuple(sorted(group.replace(".", "/") for group in found))


def _own_artifacts(path: str, text: str) -> Iterator[str]:
    """What others may call the module that a manifest is for: the name of its folder, or what Maven is told."""
    folder = path.rpartition("/")[0].rpartition("/")[2]
    if folder:
        yield folder
    if path.endswith("pom.xml"):
        yield from _ARTIFACT.findall(_OF_OTHERS.sub("", text))


def _dependencies(text: str) -> Iterator[tuple[str, str]]:
    """The group and the artifact of each dependency that a manifest spells out."""
    for found in _DEPENDENCY.finditer(text):
        group, artifact = _GROUP.search(found[1]), _ARTIFACT.search(found[1])
        if group and artifact:
            yield group[1], artifact[1]
    yield from _COORDINATES.findall(text)
    yield from _NAMED_APART.findall(text)
