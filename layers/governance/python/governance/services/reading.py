"""Read a version's whole record, every row of it, taken apart: for showing, comparing, trying and correcting it."""

from governance.domain.comparing import Record, record_of
from governance.domain.errors import UnknownModelVersion
from governance.domain.identifiers import ModelPackageArn
from governance.domain.people import Pseudonyms
from governance.ports.rows import Rows


def record_in(rows: Rows, version: ModelPackageArn, key: str | None = None) -> Record:
    """A version's rows, taken apart; of one without a record there are none. One read, pages aside.

    Whoever reads many versions says the key of the people's ids, which is else read for each.
    """
    found = {row.sk: row.attributes for row in rows.of(version)}
    return record_of(f"MODEL#{version}", found, Pseudonyms(rows.person_key() if key is None else key))


def known_in(rows: Rows, version: ModelPackageArn) -> Record:
    """A version's rows, taken apart. Raises `UnknownModelVersion` where there are none."""
    record = record_in(rows, version)
    if not record.rows:
        raise UnknownModelVersion(version)
    return record
