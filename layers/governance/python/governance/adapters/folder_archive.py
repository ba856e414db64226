"""A downloaded archive: files in a folder, named as the objects are."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from governance.domain.errors import ArchiveDiffers
from governance.ports.archive import Read, Stored


class FolderArchive:
    """`ports.Archive` on a folder. Nothing in it is locked, so a verification of it says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, key: str, content: bytes) -> bool:
        """A file that must not be there yet."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError as there:
            if path.read_bytes() != content:
                raise ArchiveDiffers(key) from there
            return False
        return True

    def objects(self, prefix: str) -> Iterator[Stored]:
        """Every file, by the bytes of its key; one directory's names are held at a time."""
        folder, _, _ = prefix.rpartition("/")
        start = self.folder / folder
        for path in in_order(start) if start.is_dir() else ():
            key = path.relative_to(self.folder).as_posix()
            if key.startswith(prefix):
                yield Stored(key=key)

    def read(self, objects: Iterable[Stored]) -> Iterator[Read]:
        """File by file."""
        for stored in objects:
            yield Read(stored=stored, content=(self.folder / stored.key).read_bytes())


def in_order(folder: Path) -> Iterator[Path]:
    """The files below a folder in the order of their keys, in which a directory stands as its name and a slash."""
    for path in sorted(folder.iterdir(), key=lambda one: (one.name + "/" * one.is_dir()).encode()):
        if path.is_dir():
            yield from in_order(path)
        else:
            yield path
