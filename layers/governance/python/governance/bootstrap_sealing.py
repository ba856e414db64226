"""The part of the attic for sealing: what one copy can do, and what takes many."""

from governance import bootstrap
from governance.adapters.clients import busy_client, client
from governance.adapters.s3_papers import S3Papers
from governance.adapters.s3_pieces import S3Pieces
from governance.adapters.sealing_executions import SealingExecutions
from governance.bootstrap import Clock, utc_now
from governance.bootstrap_images import looking_up_images
from governance.domain.copying import PAPERS_AT_ONCE
from governance.services.claiming_sealings import ClaimingSealings
from governance.services.sealing import Sealing
from governance.services.sealing_in_pieces import SealingInPieces
from governance.services.sealing_tasks import SealingTasks
from governance.settings import Settings

__all__ = ["sealing_tasks"]


def sealing_tasks(settings: Settings | None = None, now: Clock = utc_now) -> SealingTasks:
    """Do the tasks of the state machine, those that one copy can do and those that take many."""
    settings = settings or Settings.from_env()
    return SealingTasks(sealing(settings, now), sealing_in_pieces(settings, now))


def sealing(settings: Settings, now: Clock) -> Sealing:
    """Seal artifacts, and put on record what became of them."""
    kept = bootstrap.ledger(bootstrap.table(settings))
    images = looking_up_images(settings, "copy-artifacts")
    claims = ClaimingSealings(papers_of(settings), SealingExecutions(client("stepfunctions")), now)
    recording = bootstrap.recording(settings, kept, now)
    return Sealing(kept, bootstrap.vault(settings, now), recording, images, claims, now)


def sealing_in_pieces(settings: Settings, now: Clock) -> SealingInPieces:
    """Seal what is too much for one copy."""
    vault = bootstrap.vault(settings, now)
    papers = papers_of(settings)
    return SealingInPieces(S3Pieces(vault), papers, settings.copying, vault.until, settings.artifact_bucket)


def papers_of(settings: Settings) -> S3Papers:
    """The working papers, of which many are read at once."""
    return S3Papers(busy_client("s3", PAPERS_AT_ONCE), settings.artifact_bucket)
