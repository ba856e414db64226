"""Archive what was recorded, as it happens: each new entry and fact of the table's stream, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from governance.domain.archive import Kept
from governance.domain.values import in_utc
from governance.ports.archive import Archive


@dataclass(frozen=True, slots=True)
class Archiving:
    """Keep copies of the record out of reach of whoever can write the table."""

    archive: Archive
    now: Callable[[], datetime]

    def keep(self, record: Kept) -> bool:
        """File one item under today and return whether it is new there.

        Told again on the same day it is found there; told again on another day it is archived once more, in the same
        bytes, which harms nobody. Raises `ArchiveDiffers` if today has it in other bytes.
        """
        return self.archive.keep(record.key(in_utc(self.now()).date()), record.text.encode())
