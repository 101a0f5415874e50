"""Which files import a file: found by the words of their imports, then told by what each import means there."""

from collections.abc import Iterable, Iterator

from agent_server.languages import Resolution, language_of
from agent_server.workspace.index.modules import is_folder_itself, manifest_words, path_words
from agent_server.workspace.index.store import Store
from agent_server.workspace.index.surroundings import Surroundings

_Import = tuple[str, str]  # the importer's path, and the module as it spells it


def importers(path: str, store: Store, around: Surroundings) -> tuple[str, ...]:
    """The files that import `path`, sorted."""
    words = path_words(path)
    folder = package_folder(path, store)
    found: set[str] = set()
    for importer, module in (
        *_spelling(words, store),
        *_going_up(path, store),
        *_renamed(path, folder, store, around),
    ):
        if importer not in found and importer in around.tree and importer != path:
            found |= {importer} if means(around.resolve(module, importer), path, folder, around) else set()
    return tuple(sorted(found))


def means(resolution: Resolution, path: str, folder: str | None, around: Surroundings) -> bool:
    """Whether a module that has this meaning is the file `path`, or the package `folder` that it is a part of."""
    for file in resolution.files:
        if file.endswith("/"):
            at = file.strip("./")
            if around.tree.is_directory(at):
                return at == folder
        elif file in around.tree:
            return file == path
    return False


def package_folder(path: str, store: Store) -> str | None:
    """The folder that is imported as a whole with `path` in it, as Go's packages are; None where files are modules."""
    rows = store.rows("SELECT package FROM file WHERE path = ?", (path,))
    return path.rpartition("/")[0] if any(package for (package,) in rows) else None


def _spelling(words: Iterable[str], store: Store) -> Iterator[_Import]:
    """The imports that have one of these words among their last ones."""
    for word in words:
        yield from store.rows(
            "SELECT file.path, module.text FROM module_word JOIN module ON module.id = module_word.module "
            "JOIN import ON import.module = module.id JOIN file ON file.id = import.file WHERE module_word.word = ?",
            (word,),
        )


def _going_up(path: str, store: Store) -> Iterator[_Import]:
    """The imports of files further down that only say how far up they go."""
    folder, _, name = path.rpartition("/")
    top = folder if is_folder_itself(path) else f"{folder}/{name.partition('.')[0]}".lstrip("/")
    yield from store.rows(
        "SELECT file.path, module.text FROM file JOIN import ON import.file = file.id "
        "JOIN module ON module.id = import.module WHERE module.goes_up AND file.path >= ? AND file.path < ?",
        (f"{top}/", f"{top}0") if top else ("", "\U0010ffff"),  # "0" follows "/" in ASCII
    )


def _renamed(path: str, folder: str | None, store: Store, around: Surroundings) -> Iterator[_Import]:
    """The imports by a name that only a manifest above the file can give it: each name is tried in one importer."""
    if language_of(path) is None:
        return
    for name in sorted(manifest_words(around.manifests_above(path)).difference(path_words(path))):
        for number, module, importer in store.rows(_NAMED, (name,)):
            if means(around.resolve(module, importer), path, folder, around):
                yield from store.rows(_IMPORTERS, (number,))


_NAMED = """
SELECT module.id, module.text, min(file.path) FROM module_word JOIN module ON module.id = module_word.module
JOIN import ON import.module = module.id JOIN file ON file.id = import.file
WHERE module_word.word = ? AND NOT module.goes_up AND module.text NOT LIKE '.%' GROUP BY module.id
"""

_IMPORTERS = """
SELECT file.path, module.text FROM import JOIN module ON module.id = import.module JOIN file ON file.id = import.file
WHERE import.module = ?
"""
