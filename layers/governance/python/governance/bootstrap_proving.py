"""The part of the attic for proving that sealed objects are kept: the command's, no function needs it."""

from governance import bootstrap
from governance.adapters.clients import client
from governance.adapters.rows import Table
from governance.adapters.s3_locks import S3Locks
from governance.bootstrap import Clock, utc_now
from governance.services.verification_of_sealed import SealedVerification
from governance.settings import Settings


def sealed_verification(settings: Settings, now: Clock = utc_now, name: str = "") -> SealedVerification:
    """Compare sealed objects with the record, in the governance table or in the one named."""
    rows = bootstrap.rows_of(Table(name or settings.governance_table))
    return SealedVerification(rows, bootstrap.vault(settings, now), S3Locks(client("s3")), now)
