"""What is promised of copying in pieces, kept in memory and in S3: prefixes, and objects in parts of 5 MiB."""

import hashlib
import json
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest
from botocore.exceptions import ClientError

from governance.adapters.s3_locks import S3Locks
from governance.adapters.s3_papers import S3Papers
from governance.adapters.s3_pieces import S3Pieces
from governance.adapters.s3_vault import S3Vault
from governance.domain.artifacts import CopyOrder, RefusalCode, SourceForm
from governance.domain.copying import MIB, Limits, composite
from governance.domain.copying_costs import cost
from governance.domain.errors import PaperMissing, SealedObjectMissing
from governance.domain.working_papers import Trouble
from governance.services import sealing_in_pieces
from governance.services.sealing_in_pieces import SealingInPieces
from tests.aws.moto_gaps_of_parts import uploads
from tests.aws.resources import ARTIFACTS, KEY, SOURCES, client
from tests.aws.seam import Fault, Seam
from tests.builders import after, container
from tests.fakes import InMemoryVault
from tests.fakes_of_copying import InMemoryPapers, InMemoryPieces, in_pieces

LIMITS = Limits(single=6 * MIB, part=5 * MIB, batch_bytes=11 * MIB, batch_pieces=4)
LATER = after(2_000_000_000)
"""Registered after anything that these tests write: they know no ETags of a prefix's objects."""


@cache
def content(size: int, seed: int = 0) -> bytes:
    """Bytes of which no two MiB are the same."""
    blocks = -(-size // 32)
    return b"".join(hashlib.sha256(b"%d %d" % (seed, number)).digest() for number in range(blocks))[:size]


class Stored:
    """A store, and how objects come to be where they are."""

    run = "seal-1/execution-1"

    def order(self, uri: str, form: SourceForm = SourceForm.OBJECT, **told) -> CopyOrder:
        about = container(source_uri=uri, form=form, **{"source_etag": "", **told})
        return CopyOrder(container=about, registered_at=LATER)

    def prefix(self, files: dict[str, bytes], at: str = "models/m/") -> CopyOrder:
        for name, held in files.items():
            self.put(at + name, held)
        return self.order(f"s3://{SOURCES}/{at}", SourceForm.PREFIX)

    def large(self, size: int = 12 * MIB, seed: int = 0) -> CopyOrder:
        self.put("large/model.tar.gz", content(size, seed))
        return self.order(f"s3://{SOURCES}/large/model.tar.gz")

    def seal(self, *orders: CopyOrder, run: str = run):
        done, refusals = in_pieces(self.sealing, run, orders)
        assert refusals == []
        return done

    def refused(self, *orders: CopyOrder) -> set[RefusalCode]:
        done, refusals = in_pieces(self.sealing, self.run, orders)
        assert done == []
        return {one.code for one in refusals}


class InMemory(Stored):
    """The fakes."""

    def __init__(self) -> None:
        self.vault = InMemoryVault(single=LIMITS.single)
        self.pieces, self.papers = InMemoryPieces(self.vault), InMemoryPapers()
        self.sealing = SealingInPieces(self.pieces, self.papers, LIMITS, lambda: after(86400), "hub-artifacts")

    def put(self, key: str, held: bytes) -> None:
        self.vault.objects[f"s3://{SOURCES}/{key}"] = (hashlib.md5(held).hexdigest(), held)

    def bytes_at(self, key: str) -> bytes:
        return self.vault.sealed[key]

    def stray(self, key: str) -> None:
        self.vault.sealed[key] = b"stray"

    def open_uploads(self) -> int:
        return len(self.pieces.uploads)


class InS3(Stored):
    """The adapters."""

    def __init__(self) -> None:
        self.s3 = client("s3")
        told = (ARTIFACTS, KEY, "GOVERNANCE", timedelta(days=1), lambda: after(60))
        self.vault = S3Vault(self.s3, *told, single=LIMITS.single)
        self.pieces, self.papers = S3Pieces(self.vault), S3Papers(self.s3, ARTIFACTS)
        self.sealing = SealingInPieces(self.pieces, self.papers, LIMITS, self.vault.until, ARTIFACTS)
        self.locks = S3Locks(self.s3)

    def put(self, key: str, held: bytes) -> None:
        self.s3.put_object(Bucket=SOURCES, Key=key, Body=held)

    def bytes_at(self, key: str) -> bytes:
        held: bytes = self.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read()
        return held

    def stray(self, key: str) -> None:
        self.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=b"stray")

    def open_uploads(self) -> int:
        return len(uploads(ARTIFACTS))


@pytest.fixture(params=["in memory", "S3"])
def stored(request: pytest.FixtureRequest) -> Stored:
    if request.param == "in memory":
        return InMemory()
    request.getfixturevalue("seam")
    return InS3()


FILES = {f"weights-{number:02}.bin": content(1000 + number, number) for number in range(9)} | {"a/config.json": b"{}"}


def test_a_prefix_is_sealed_as_one_artifact_with_a_list_of_what_it_consists_of(stored):
    (sealed,) = stored.seal(stored.prefix(FILES))
    assert sealed.form is SourceForm.PREFIX
    assert sealed.size == sum(map(len, FILES.values()))
    assert sealed.manifest.objects == len(FILES)
    assert sealed.key == f"sealed/trees/{sealed.sha256}/"
    listed = json.loads(stored.bytes_at(sealed.manifest.key))["objects"]
    assert {one["name"]: one["sha256"] for one in listed} == {
        name: hashlib.sha256(held).hexdigest() for name, held in FILES.items()
    }
    assert {name: stored.bytes_at(sealed.key + name) for name in FILES} == FILES
    assert stored.vault.holds(sealed)


def test_what_is_added_to_a_sealed_prefix_is_noticed(stored):
    (sealed,) = stored.seal(stored.prefix(FILES))
    stored.stray(f"{sealed.key}weights-99.bin")
    assert not stored.vault.holds(sealed)


def test_another_list_than_the_one_on_record_is_not_what_was_sealed(stored):
    (sealed,) = stored.seal(stored.prefix(FILES))
    manifest = sealed.manifest.model_copy(update={"sha256": "0" * 64})
    assert not stored.vault.holds(sealed.model_copy(update={"manifest": manifest}))


def test_a_prefix_without_its_slash_means_the_same_and_no_neighbour_of_it(stored):
    stored.put("models/m-other/x.bin", b"another model")
    (with_slash,) = stored.seal(stored.prefix(FILES))
    (without,) = stored.seal(stored.order(f"s3://{SOURCES}/models/m", SourceForm.PREFIX), run="seal-1/again")
    assert with_slash.sha256 == without.sha256


def test_an_object_above_the_threshold_is_copied_in_parts_and_named_by_their_checksums(stored):
    (sealed,) = stored.seal(stored.large(12 * MIB))
    held, step = content(12 * MIB), 5 * MIB
    parts = [hashlib.sha256(held[at : at + step]).hexdigest() for at in range(0, len(held), step)]
    assert (sealed.parts, sealed.sha256, sealed.form) == (3, composite(parts, step).sha256, SourceForm.OBJECT)
    assert sealed.key == f"sealed/parts/{sealed.sha256}-3/model.tar.gz"
    assert stored.bytes_at(sealed.key) == held
    assert stored.vault.holds(sealed)
    assert stored.open_uploads() == 0


def test_a_prefix_may_hold_objects_of_every_size(stored):
    (sealed,) = stored.seal(stored.prefix({**FILES, "big.bin": content(12 * MIB), "empty.txt": b""}))
    assert stored.bytes_at(f"{sealed.key}big.bin") == content(12 * MIB)
    (big,) = [one for one in json.loads(stored.bytes_at(sealed.manifest.key))["objects"] if one["name"] == "big.bin"]
    assert (big["parts"], big["part_size"]) == (3, 5 * MIB)
    assert stored.vault.holds(sealed)


def test_several_artifacts_are_sealed_each_under_its_own_name(stored):
    first, second = stored.seal(stored.large(), stored.prefix(FILES))
    assert (first.form, second.form) == (SourceForm.OBJECT, SourceForm.PREFIX)


def test_the_same_sealed_again_is_found_and_not_copied_again(stored):
    orders = stored.large(), stored.prefix(FILES)
    first = stored.seal(*orders)
    again = stored.seal(*orders, run="seal-2/execution-1")
    assert [one.model_dump(exclude={"locked_until"}) for one in first] == [
        one.model_dump(exclude={"locked_until"}) for one in again
    ]


def test_an_empty_prefix_is_missing(stored):
    assert stored.refused(stored.order(f"s3://{SOURCES}/nothing/", SourceForm.PREFIX)) == {RefusalCode.MISSING}


@pytest.mark.parametrize(("several", "refused"), [((5, 4), False), ((5, 5), True), ((10,), True)])
def test_so_many_objects_may_all_artifacts_of_a_version_have_together(stored, several, refused, monkeypatch):
    monkeypatch.setattr(sealing_in_pieces, "MOST_OBJECTS", 9)
    orders = [
        stored.prefix({f"{number}.bin": b"%d" % number for number in range(count)}, at=f"models/{which}/")
        for which, count in enumerate(several)
    ]
    if refused:
        assert stored.refused(*orders) == {RefusalCode.PREFIX}
    else:
        assert len(stored.seal(*orders)) == len(several)


def test_an_empty_prefix_beside_another_is_missing(stored):
    nothing = stored.order(f"s3://{SOURCES}/nothing/", SourceForm.PREFIX)
    assert stored.refused(stored.prefix(FILES), nothing) == {RefusalCode.MISSING}


def test_a_name_that_is_no_file_of_its_own_is_refused(stored):
    assert stored.refused(stored.prefix({"../escaped.bin": b"x"})) == {RefusalCode.PREFIX}


def test_an_artifact_that_is_another_than_the_registered_is_refused(stored):
    stored.large()
    order = stored.order(f"s3://{SOURCES}/large/model.tar.gz", source_etag="of-another")
    assert stored.refused(order) == {RefusalCode.CHANGED}


@pytest.mark.parametrize("form", ["object", "prefix"])
def test_a_source_that_changes_between_measuring_and_copying_is_refused_and_leaves_no_upload(stored, form):
    order = stored.large() if form == "object" else stored.prefix(FILES)
    count = stored.sealing.plan(stored.run, [order], [])
    for batch in range(count):
        stored.sealing.measure(stored.run, batch)
    large = stored.sealing.name(stored.run)
    stored.put("large/model.tar.gz", content(12 * MIB, 7))
    stored.put("models/m/weights-03.bin", b"other bytes")
    for batch in range(count):
        stored.sealing.copy(stored.run, batch)
    for number in range(large):
        stored.sealing.complete(stored.run, number)
    done, refusals = stored.sealing.gather(stored.run)
    stored.sealing.give_up(stored.run)
    assert done == []
    assert {one.code for one in refusals} == {RefusalCode.CHANGED}
    assert stored.open_uploads() == 0


@pytest.mark.parametrize("form", ["object", "prefix"])
def test_a_source_that_changes_before_it_is_measured_is_refused(stored, form):
    order = stored.large() if form == "object" else stored.prefix(FILES)
    count = stored.sealing.plan(stored.run, [order], [])
    stored.put("large/model.tar.gz", content(12 * MIB, 7))
    stored.put("models/m/a/config.json", b"other bytes")
    for batch in range(count):
        stored.sealing.measure(stored.run, batch)
    assert {one.code for one in stored.sealing.name(stored.run)} == {RefusalCode.CHANGED}
    assert stored.open_uploads() == 0


def test_a_paper_that_nobody_wrote_is_named(stored):
    with pytest.raises(PaperMissing, match="seal-1/e/trouble"):
        stored.papers.read("seal-1/e/trouble", Trouble)
    stored.papers.write("seal-1/e/trouble", Trouble(cause="one"))
    stored.papers.write("seal-1/e/trouble", Trouble(cause="two"))
    assert stored.papers.read("seal-1/e/trouble", Trouble).cause == "two"


def test_every_object_of_a_prefix_is_locked_and_held_with_its_list(seam):
    stored = InS3()
    (sealed,) = stored.seal(stored.prefix({f"{number:03}.bin": b"%d" % number for number in range(40)}))
    stored.locks.extend(sealed.stored, after(9 * 86400))
    stored.locks.hold(sealed.stored, True)
    for version in stored.s3.list_object_versions(Bucket=ARTIFACTS, Prefix="sealed/")["Versions"]:
        told = stored.s3.head_object(Bucket=ARTIFACTS, Key=version["Key"], VersionId=version["VersionId"])
        assert told["ObjectLockRetainUntilDate"] == after(9 * 86400)
        assert told["ObjectLockLegalHoldStatus"] == "ON"
    within = stored.locks.within(sealed.stored)
    assert len(within) == 40
    assert {(lock.until, lock.held) for lock in stored.locks.look_at(within)} == {(after(9 * 86400), True)}
    stored.locks.hold(sealed.stored, False)
    assert not stored.locks.look(sealed.stored).held


def test_a_prefix_of_which_an_object_is_gone_cannot_be_kept(seam):
    stored = InS3()
    (sealed,) = stored.seal(stored.prefix({"a.bin": b"a"}))
    (gone,) = stored.s3.list_object_versions(Bucket=ARTIFACTS, Prefix=sealed.key)["Versions"]
    told = {"Bucket": ARTIFACTS, "Key": gone["Key"], "VersionId": gone["VersionId"]}
    stored.s3.delete_object(**told, BypassGovernanceRetention=True)
    assert not stored.vault.holds(sealed)
    with pytest.raises(SealedObjectMissing, match=r"a\.bin"):
        stored.locks.extend(sealed.stored, after(9 * 86400))


def test_parts_that_were_copied_before_are_not_copied_again(seam: Seam):
    stored = InS3()
    stored.sealing.plan(stored.run, [stored.large()], [])
    for batch in range(2):
        stored.sealing.measure(stored.run, batch)
    stored.sealing.name(stored.run)
    with seam.watch() as first:
        stored.sealing.copy(stored.run, 0)
    with seam.watch() as again:
        stored.sealing.copy(stored.run, 0)
    copies = [sum(call.operation == "UploadPartCopy" for call in calls) for calls in (first, again)]
    assert copies == [2, 0]


def test_an_upload_that_is_open_is_gone_on_with_and_not_opened_again(seam):
    stored = InS3()
    order = stored.large()
    for run in ("seal-1/a", "seal-1/b"):
        count = stored.sealing.plan(run, [order], [])
        for batch in range(count):
            stored.sealing.measure(run, batch)
        stored.sealing.name(run)
    assert stored.open_uploads() == 1


def test_a_copy_with_another_checksum_than_was_measured_is_refused(seam):
    stored = InS3()
    stored.large()
    (piece, *_) = stored.sealing.every_piece([stored.order(f"s3://{SOURCES}/large/model.tar.gz")])
    wrong = piece.model_copy(update={"sha256": "0" * 64})
    upload = stored.pieces.open("sealed/parts/x", composite(["0" * 64], 1), piece.source)
    with pytest.raises(Exception, match="changed while it was being sealed"):
        stored.pieces.copy([wrong], "sealed/parts/x", upload)


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.DENIED])
def test_a_fault_while_parts_are_put_together_is_no_refusal(seam: Seam, fault):
    stored = InS3()
    count = stored.sealing.plan(stored.run, [stored.large()], [])
    for batch in range(count):
        stored.sealing.measure(stored.run, batch)
    stored.sealing.name(stored.run)
    for batch in range(count):
        stored.sealing.copy(stored.run, batch)
    with seam.watch(fault, 5), pytest.raises(ClientError):
        stored.sealing.complete(stored.run, 0)
    assert stored.sealing.complete(stored.run, 0) == 3


@pytest.mark.parametrize("shape", ["an object", "a prefix"])
def test_sealing_in_pieces_costs_just_the_calls_that_are_planned_with(seam: Seam, shape):
    stored = InS3()
    files = {**FILES, "big.bin": content(12 * MIB), "c/other.bin": content(7 * MIB)}
    order = stored.large(17 * MIB) if shape == "an object" else stored.prefix(files)
    with seam.watch() as calls:
        stored.seal(order)
    counted = Counter(call.operation for call in calls)
    sizes = [17 * MIB] if shape == "an object" else [len(files[name]) for name in sorted(files)]
    planned = dict(cost(sizes, shape == "a prefix", LIMITS).calls)
    for before_and_after in ("BatchGetItem", "TransactWriteItems"):
        del planned[before_and_after]
    planned["GetObject"] -= shape == "an object"  # the one copy that was tried before
    assert dict(counted) == planned
