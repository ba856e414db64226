"""The part of the attic for proving that sealed objects are kept: the command's, no function needs it."""

from governance import bootstrap
from governance.adapters.clients import busy_client
from governance.adapters.rows import Table
from governance.adapters.s3_locks import AT_ONCE, S3Locks
from governance.bootstrap import Clock, utc_now
from governance.services.verification_of_sealed import SAMPLE, SealedVerification
from governance.settings import Settings


def sealed_verification(
    settings: Settings, now: Clock = utc_now, name: str = "", every: bool = False
) -> SealedVerification:
    """Compare sealed objects with the record, in the governance table or in the one named; of prefixes a sample."""
    most = None if every else SAMPLE
    rows = bootstrap.rows_of(Table(name or settings.governance_table))
    return SealedVerification(rows, bootstrap.vault(settings, now), S3Locks(busy_client("s3", AT_ONCE)), now, most)
