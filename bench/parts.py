"""How many times as fast Steward seals an object in parts when several batches are in work at once.

Its own path: the services and adapters that the tasks of the state machine call, on the S3 of a local cloud, in a
bucket like the hub's. Every byte is read, and every part copied and compared; then the object is put together and
locked. Each batch is one part. In one stream, batches are worked on one after the other, as by a state machine whose
maps had one item in work.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measurement import Measurement
from examples.cloud import Cloud
from governance.adapters.s3_papers import S3Papers
from governance.adapters.s3_pieces import S3Pieces
from governance.adapters.s3_vault import S3Vault
from governance.bootstrap import utc_now
from governance.domain.artifacts import Container, CopyOrder, SourceForm
from governance.domain.copying import MIB, Limits
from governance.services.sealing_in_pieces import SealingInPieces
from local_cloud import life
from local_cloud.place import Place

LARGE, PART, AT_ONCE, COPIES = 256 * MIB, 32 * MIB, 8, 5
"""An object, its parts in bytes, how many are worked on at once, and how often it is tried."""
LIMITS = Limits(single=PART, part=PART, batch_bytes=PART, first_bytes=PART)
BUCKET = "steward-bench-parts"


def measured() -> Iterable[Measurement]:
    """The ratio, try by try."""
    with TemporaryDirectory(prefix="steward-bench-") as folder:
        place = Place(Path(folder) / "cloud")
        cloud = Cloud(place.contract, life.up(place))
        try:
            ratios = tuple(times_as_fast(cloud))
        finally:
            life.down(place)
    note = f"{LARGE // PART} parts of 32 MiB, {AT_ONCE} at once, against one after the other; one process serves both"
    yield Measurement("parts", "sealed in parts at once, times as fast as in one stream", "ratio", ratios, note)


def times_as_fast(cloud: Cloud) -> Iterator[float]:
    """One stream, then several at once, of an object that has other bytes each time."""
    s3 = cloud.client("s3", "dev")
    s3.create_bucket(
        Bucket=BUCKET,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name},
    )
    key = str(cloud.client("kms", "dev").create_key()["KeyMetadata"]["Arn"])
    vault = S3Vault(s3, BUCKET, key, "GOVERNANCE", timedelta(days=1), utc_now, single=PART)
    sealing = SealingInPieces(S3Pieces(vault), S3Papers(s3, BUCKET), LIMITS, vault.until, BUCKET)
    for number in range(COPIES):
        yield took(s3, sealing, f"stream-{number}", 1) / took(s3, sealing, f"parts-{number}", AT_ONCE)


def took(s3: Any, sealing: SealingInPieces, name: str, at_once: int) -> float:
    """Seconds from the plan to the sealed object, which is then removed: the local cloud keeps objects in memory."""
    s3.put_object(Bucket=BUCKET, Key=f"sources/{name}", Body=os.urandom(LARGE))
    source = Container(index=0, image="", source_uri=f"s3://{BUCKET}/sources/{name}", form=SourceForm.OBJECT)
    order = CopyOrder(container=source, registered_at=utc_now() + timedelta(minutes=1))
    began = time.perf_counter()
    seal(sealing, f"bench/{name}", order, at_once)
    seconds = time.perf_counter() - began
    for one in s3.list_object_versions(Bucket=BUCKET)["Versions"]:
        s3.delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"], BypassGovernanceRetention=True)
    return seconds


def seal(sealing: SealingInPieces, run: str, order: CopyOrder, at_once: int) -> None:
    """What the state machine has done, with so many batches in work at once."""

    def every(do: Callable[[str, int], int], count: int) -> None:
        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(lambda number: do(run, number), range(count)))

    count = counted(sealing.plan(run, [order], []))
    every(sealing.measure, count)
    large = counted(sealing.name(run))
    every(sealing.copy, count)
    every(sealing.complete, large)
    sealed, refusals = sealing.gather(run)
    if refusals or sealed[0].parts != LARGE // PART:
        raise AssertionError(f"{run} was not sealed in parts: {refusals}")


def counted(outcome: int | list[Any]) -> int:
    """How many there are of what comes next. Raises `AssertionError` for a refusal."""
    if isinstance(outcome, list):
        raise AssertionError(f"refused: {outcome}")
    return outcome
