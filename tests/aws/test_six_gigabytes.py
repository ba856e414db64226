"""An artifact of 6 GB is sealed as it would be in AWS, part sizes and all; its bytes are zeros that lie nowhere."""

import hashlib
import json
from typing import Any

import pytest

from tests.aws import moto_gaps
from tests.aws.cloud import Cloud
from tests.aws.life import SEVEN
from tests.aws.resources import SOURCES, table_items
from tests.aws.sparse import SparseObject, digest_of_zeros
from tests.aws.test_crashes_of_copies import container, registered
from tests.builders import BORN

SIZE = 6 * 10**9
MIB = 2**20


@pytest.fixture
def sparse(monkeypatch: pytest.MonkeyPatch) -> SparseObject:
    made, before = SparseObject(SOURCES, "large.tar.gz", SIZE, BORN), moto_gaps.filled

    def filled(client: Any, operation: str, parameters: Any, original: Any) -> Any:
        is_s3 = client.meta.service_model.service_name == "s3"
        if is_s3 and made.handles(parameters):
            return made.answer(operation, parameters)
        return before(client, operation, parameters, original)

    monkeypatch.setattr(moto_gaps, "filled", filled)
    return made


def test_an_artifact_of_6_gb_is_copied_in_parts_and_sealed_under_the_name_of_its_parts(
    aws: Cloud, sparse: SparseObject
):
    registered(aws, 0, SEVEN, container(f"s3://{SOURCES}/large.tar.gz"))
    aws.settle()
    (head,) = [one for one in table_items() if one["pk"] == {"S": f"MODEL#{SEVEN}"} and one["sk"] == {"S": "HEAD"}]
    (artifact,) = json.loads(head["artifacts"]["S"])
    sizes = [last - first + 1 for first, last in sparse.ranges]
    assert sorted(sparse.ranges) == sparse.ranges
    assert [first for first, _ in sparse.ranges] == [sum(sizes[:number]) for number in range(len(sizes))]
    assert sum(sizes) == SIZE
    assert max(sizes) == 512 * MIB, "as the template's default has it"
    expected = hashlib.sha256(b"".join(digest_of_zeros(size) for size in sizes)).hexdigest()
    assert (artifact["sha256"], artifact["parts"], artifact["size"]) == (expected, len(sizes), SIZE)
    assert sparse.copies == {artifact["key"]: SIZE}
    assert set(sparse.locked) == {artifact["key"]}
