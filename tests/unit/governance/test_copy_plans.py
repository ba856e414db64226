"""What is planned for artifacts of any size stays within every quota, with room to spare.

Quotas: S3 user guide "Multipart upload limits"; Step Functions guide "Service quotas" (256 KiB of payload); Lambda
guide "Lambda quotas" (15 minutes). That maps of many have executions, and histories, of their own is held against the
state machine in `tests/template`.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.artifacts import (
    Container,
    CopyOrder,
    FurtherSource,
    SealedArtifact,
    SealingPlan,
    SourceForm,
    orders_of,
)
from governance.domain.checksums import SourceCheck
from governance.domain.copying import (
    GIB,
    LARGEST_OBJECT,
    MIB,
    MOST_BATCHES,
    MOST_LARGE,
    MOST_OBJECTS,
    SIDE_BY_SIDE,
    Limits,
    Source,
    batches,
    part_size,
    pieces,
)
from governance.domain.copying_costs import Cost, cost
from governance.domain.images import SealedImage
from tests.aws.machine import DEFINITION as MACHINE
from tests.builders import BORN, HUB, package_arn
from tests.template.translation import hub

PARTS, SMALLEST, LARGEST, COPY = 10_000, 5 * MIB, 5 * GIB, 5 * GIB
PAYLOAD, SECONDS = 256 * 1024, 900
TB = 10**12
LOCKS_A_SECOND = 200
"""Objects that one function locks in a second, 32 side by side, with a whole CPU: planned with, not measured."""

SHAPES = {
    "one object of 6 GB": ([6 * 10**9], False),
    "one object of 5 TB": ([5 * TB], False),
    "one object of 50 TB": ([50 * TB], False),
    "the largest object that S3 holds": ([LARGEST_OBJECT], False),
    "a prefix of 100,000 files": ([25 * MIB] * 100_000, True),
    "a prefix of 100,000 files of 5 GB": ([5 * 10**8] * 99_000 + [5 * 10**9] * 1_000, True),
    "a prefix of 200 shards of 20 GB": ([20 * 10**9] * 200, True),
    "a prefix of 1,000 objects of 40 GB": ([40 * 10**9] * MOST_LARGE, True),
    "as many batches as there may be": ([168 * 10**9] * MOST_LARGE, True),
    "as much of everything as there may be": ([163 * 10**9] * MOST_LARGE + [25 * MIB] * 99_000, True),
}
TIMEOUT = json.loads(re.sub(r": \$\{\w+\}", ": 1", MACHINE.read_text()))["TimeoutSeconds"]


@cache
def plan(shape: str) -> Cost:
    return cost(*SHAPES[shape], Limits())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_is_within_every_quota(shape: str):
    planned = plan(shape)
    assert planned.objects <= MOST_OBJECTS
    assert planned.large <= MOST_LARGE
    assert planned.batches <= MOST_BATCHES
    numbers = [list(range(planned.batches)), list(range(planned.large))]
    assert len(json.dumps(numbers)) < PAYLOAD / 2, "what the state machine hands on"
    assert 2 * len(json.dumps([10**4] * planned.batches)) < PAYLOAD, "what its maps answer"
    assert planned.longest_batch < SECONDS / 2
    assert planned.longest_task < SECONDS * 3 / 4, "planned, named and gathered"
    assert planned.longest_completion < SECONDS / 2
    assert planned.whole < TIMEOUT / 2, "how long an execution may take"


LONGEST_URI, VARIABLES = 1024, 100
"""Characters of a URI, and how many variables of as many characters a container has (SageMaker API:
ModelPackageContainerDefinition)."""


def largest_version() -> tuple[Container, ...]:
    """As many containers as a version may have, with everything that each may name (SageMaker API: 15, 5 and 1)."""

    def uri(*names: object) -> str:
        return f"s3://{'b' * 63}/{'/'.join(map(str, names))}/".ljust(LONGEST_URI, "k")

    told = {f"OPTION_{number}": "secret" * 170 for number in range(VARIABLES)}
    named = (*range(5), "AdditionalS3DataSource")
    return tuple(
        Container(
            index=index,
            image=f"{HUB}.dkr.ecr.eu-west-1.amazonaws.com/".ljust(255, "i"),
            image_digest=f"sha256:{'0' * 64}",
            source_uri=uri(index),
            source_etag="0" * 40,
            form=SourceForm.OBJECT,
            environment=told,
            additional_sources=len(named),
            further=tuple(
                FurtherSource(channel=f"{name}".ljust(63, "c"), uri=uri(index, name), etag="0" * 40, form="prefix")
                for name in named
            ),
            hostname="h" * 63,
        )
        for index in range(15)
    )


def planned_for(containers: tuple[Container, ...]) -> SealingPlan:
    images = [SealedImage(index=one.index, image=one.pinned_image, digest=one.image_digest) for one in containers]
    orders = [order for one in containers for order in orders_of(one, BORN)]
    return SealingPlan(orders=tuple(orders), images=tuple(images))


def state_of(artifacts: list[Any], plan: SealingPlan) -> int:
    """Bytes of what a state of the machine hands on: what it was told of, and what it was planned."""
    event = {"detail": {"model_package_arn": package_arn(), "effect_id": "e" * 64, "correlation_id": "c" * 64}}
    told = {**event, "plan": {**event["detail"], **plan.handed_on, "artifacts": artifacts}}
    return len(json.dumps(told, ensure_ascii=False).encode())


def test_what_is_planned_of_the_largest_version_is_handed_on_whatever_becomes_of_it():
    plan = planned_for(largest_version())
    orders = plan.handed_on["artifacts"]
    assert len(orders) == 15 * 7
    assert state_of(orders, plan) < PAYLOAD * 2 / 3
    assert state_of([{"left": one} for one in orders], plan) < PAYLOAD * 2 / 3
    sealed = [in_the_hub(order).model_dump(mode="json") for order in plan.orders]
    assert state_of([{"sealed": one} for one in sealed], plan) < PAYLOAD


def in_the_hub(order: CopyOrder) -> SealedArtifact:
    """An artifact as a copy answers it, under a key of the vault's."""
    told = {"index": order.container.index, "channel": order.channel, "source_uri": order.container.source_uri}
    told |= {"source_etag": order.container.source_etag, "bucket": "b" * 63, "version_id": "v" * 32, "size": 10**12}
    checked = SourceCheck(algorithm="SHA256", value="s" * 44)
    key = f"sealed/{'0' * 64}/model.tar.gz"
    return SealedArtifact(**told, key=key, sha256="0" * 64, locked_until=BORN, source_check=checked)


def test_what_containers_are_told_is_in_no_history_of_an_execution():
    plan = planned_for(largest_version())
    assert "secret" not in json.dumps(plan.handed_on)
    assert "OPTION" not in json.dumps(plan.handed_on)


def test_an_order_that_is_handed_on_is_the_order_that_was_planned():
    plan = planned_for(largest_version())
    assert tuple(CopyOrder.model_validate(one) for one in plan.handed_on["artifacts"]) == plan.orders
    sources = [(one.container.index, one.channel, one.container.source_uri) for one in plan.orders]
    assert sources[:2] == [(0, "", sources[0][2]), (0, "0".ljust(63, "c"), sources[1][2])]


def test_as_many_batches_as_there_may_be_are_tried_out():
    assert max(plan(shape).batches for shape in SHAPES) > MOST_BATCHES * 0.99


def test_papers_and_uploads_outlive_the_execution_that_needs_them():
    """With two days for whoever takes over to be told, and to go on."""
    rules = hub().of_type("AWS::S3::Bucket")["ArtifactBucket"]["LifecycleConfiguration"]["Rules"]
    (papers,) = [int(one["ExpirationInDays"]) for one in rules if one.get("Prefix") == "work/"]
    uploads = [one["AbortIncompleteMultipartUpload"] for one in rules if "AbortIncompleteMultipartUpload" in one]
    days = min(papers, *(int(one["DaysAfterInitiation"]) for one in uploads))
    assert days * 86_400 >= TIMEOUT + 2 * 86_400


@pytest.mark.parametrize("size", [6 * 10**9, 5 * TB, 50 * TB, LARGEST_OBJECT])
def test_an_object_has_parts_that_s3_takes(size: int):
    step = part_size(size, Limits())
    assert SMALLEST <= step <= LARGEST
    assert -(-size // step) <= PARTS


@pytest.mark.parametrize(
    ("size", "parts"), [(6 * 10**9, 12), (5 * TB, 9314), (50 * TB, 9999), (LARGEST_OBJECT, 10_000)]
)
def test_so_many_parts_has_an_object(size: int, parts: int):
    assert cost([size], False, Limits()).parts == parts


def test_what_one_copy_can_do_is_not_taken_apart():
    assert cost([COPY], True, Limits()).parts == 0
    assert cost([COPY + 1], True, Limits()).parts == 11


def test_every_object_of_the_largest_version_is_locked_again_in_one_call():
    assert MOST_OBJECTS / LOCKS_A_SECOND < SECONDS * 2 / 3


def source(size: int, number: int = 0) -> Source:
    return Source(artifact=0, name=f"{number}", bucket="b", key="k", version_id="", etag="e", size=size)


SIZES = st.lists(st.integers(0, 300 * MIB), min_size=1, max_size=8)
LIMITS = st.builds(
    Limits,
    single=st.integers(1, 200 * MIB),
    part=st.integers(5 * MIB, 100 * MIB),
    batch_bytes=st.integers(1, 500 * MIB),
    first_bytes=st.integers(1, 500 * MIB),
    batch_pieces=st.integers(1, 40),
)


@given(SIZES, LIMITS)
def test_pieces_cover_every_byte_once_and_batches_every_piece(sizes, limits):
    every = [one for number, size in enumerate(sizes) for one in pieces(source(size, number), limits)]
    for number, size in enumerate(sizes):
        mine = [one for one in every if one.source.name == str(number)]
        assert (mine[0].first, mine[-1].last) == (0, size - 1)
        assert all(two.first == one.last + 1 for one, two in pairwise(mine))
        assert [one.part for one in mine] == ([0] if size <= limits.single else list(range(1, len(mine) + 1)))
    grouped = list(batches(iter(every), limits))
    assert [one for batch in grouped for one in batch] == every
    assert all(grouped)
    assert all(len(batch) <= limits.batch_pieces for batch in grouped)
    assert all(len(batch) == 1 or sum(one.size for one in batch) <= limits.batch_bytes for batch in grouped)


@pytest.mark.parametrize(
    ("shape", "seconds"),
    [("one object of 6 GB", 15), ("one object of 5 TB", 400), ("a prefix of 200 shards of 20 GB", 400)],
)
def test_what_can_be_worked_on_side_by_side_is(shape: str, seconds: int):
    """No batch takes much longer than its share of the whole, among as many as there are at once."""
    planned = plan(shape)
    assert planned.longest_batch <= seconds
    assert planned.batches >= min(SIDE_BY_SIDE, planned.parts)


def test_batches_are_made_as_pieces_come():
    def endless() -> Iterator[Source]:
        number = 0
        while True:
            yield source(1, number)
            number += 1

    first = next(batches((piece for one in endless() for piece in pieces(one, Limits())), Limits()))
    assert len(first) == Limits().batch_pieces
