"""What is promised of locks and legal holds, kept in memory and in S3."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from governance.adapters.s3_locks import S3Locks
from governance.domain.artifacts import ObjectVersion
from governance.domain.errors import SealedObjectMissing
from governance.domain.keeping import Lock
from tests import fakes
from tests.aws.resources import ARTIFACTS, client
from tests.aws.seam import Fault, Seam
from tests.builders import after

A_DAY = timedelta(days=1)
KEY = f"sealed/{'b' * 64}/model.tar.gz"
MISSING = ObjectVersion(bucket=ARTIFACTS, key="sealed/gone", version_id="00000000-0000-4000-8000-000000000000")


class InMemory:
    """The fake, and how an object comes to be where it is."""

    def __init__(self) -> None:
        self.locks = fakes.InMemoryLocks()

    def sealed(self) -> ObjectVersion:
        stored = ObjectVersion(bucket=ARTIFACTS, key=KEY, version_id="v1")
        self.locks.kept[stored] = Lock(until=None)
        return stored


class InS3:
    """The adapter, and how an object comes to be where it is."""

    def __init__(self) -> None:
        self.s3 = client("s3")
        self.locks = S3Locks(self.s3)

    def sealed(self) -> ObjectVersion:
        version = self.s3.put_object(Bucket=ARTIFACTS, Key=KEY, Body=b"weights")["VersionId"]
        return ObjectVersion(bucket=ARTIFACTS, key=KEY, version_id=version)


@pytest.fixture(params=("in memory", "S3"))
def stored(request: pytest.FixtureRequest):
    if request.param == "in memory":
        return InMemory()
    request.getfixturevalue("seam")
    return InS3()


def test_an_object_that_was_never_locked_is_neither_locked_nor_held(stored):
    assert stored.locks.look(stored.sealed()) == Lock(until=None, mode="", held=False)


def test_an_object_is_locked_until_the_day_that_is_asked(stored):
    sealed = stored.sealed()
    stored.locks.extend(sealed, after(86400))
    assert stored.locks.look(sealed) == Lock(until=after(86400), mode="GOVERNANCE")


@pytest.mark.parametrize("days", [(1, 9), (9, 1), (9, 9, 1, 5)])
def test_whatever_the_order_an_object_is_locked_until_the_latest_day(stored, days):
    sealed = stored.sealed()
    for day in days:
        stored.locks.extend(sealed, after(0) + day * A_DAY)
    assert stored.locks.look(sealed).until == after(0) + 9 * A_DAY


def test_an_object_that_is_locked_in_compliance_mode_stays_so(stored):
    sealed = stored.sealed()
    if isinstance(stored, InS3):
        stored.s3.put_object_retention(
            **sealed_as(sealed), Retention={"Mode": "COMPLIANCE", "RetainUntilDate": after(86400)}
        )
    else:
        stored.locks.kept[sealed] = Lock(until=after(86400), mode="COMPLIANCE")
    stored.locks.extend(sealed, after(2 * 86400))
    assert stored.locks.look(sealed) == Lock(until=after(2 * 86400), mode="COMPLIANCE")


def test_an_object_is_held_and_released_beside_its_lock(stored):
    sealed = stored.sealed()
    stored.locks.extend(sealed, after(86400))
    for held in (True, True, False, False, True):
        stored.locks.hold(sealed, held)
        assert stored.locks.look(sealed) == Lock(until=after(86400), mode="GOVERNANCE", held=held)


def test_an_object_that_is_gone_is_named(stored):
    stored.sealed()
    acts = (
        lambda: stored.locks.extend(MISSING, after(1)),
        lambda: stored.locks.hold(MISSING, True),
        lambda: stored.locks.look(MISSING),
    )
    for act in acts:
        with pytest.raises(SealedObjectMissing, match="sealed/gone"):
            act()


def sealed_as(stored: ObjectVersion) -> dict[str, str]:
    return {"Bucket": stored.bucket, "Key": stored.key, "VersionId": stored.version_id}


def test_a_held_version_cannot_be_deleted_until_it_is_released(seam: Seam):
    in_s3 = InS3()
    sealed = in_s3.sealed()
    in_s3.locks.hold(sealed, True)
    with pytest.raises(ClientError, match="AccessDenied"):
        in_s3.s3.delete_object(**sealed_as(sealed))
    in_s3.locks.hold(sealed, False)
    in_s3.s3.delete_object(**sealed_as(sealed))


def test_whoever_was_overtaken_by_a_longer_lock_leaves_it(seam: Seam):
    in_s3 = InS3()
    sealed = in_s3.sealed()
    in_s3.locks.extend(sealed, after(86400))
    seam.meanwhile = lambda: in_s3.locks.extend(sealed, after(9 * 86400))
    with seam.watch(Fault.OVERTAKEN, 2):
        in_s3.locks.extend(sealed, after(5 * 86400))
    assert in_s3.locks.look(sealed).until == after(9 * 86400)


def test_a_right_that_is_missing_is_no_answer(seam: Seam):
    in_s3 = InS3()
    sealed = in_s3.sealed()
    for at in (1, 2):
        with seam.watch(Fault.DENIED, at), pytest.raises(ClientError, match="AccessDenied"):
            in_s3.locks.extend(sealed, after(86400))
