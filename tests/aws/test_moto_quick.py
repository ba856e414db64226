"""What is answered sooner is what moto answers itself."""

import random
from typing import Any

from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.serialize import JSONSerializer
from moto.core.utils import get_service_model
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from tests.aws import life, moto_quick
from tests.aws.cloud import Cloud
from tests.aws.resources import TABLE, table_items
from tests.template.translation import REGION

NAMES = st.text(min_size=1)
PLAIN = st.one_of(
    st.builds(lambda text: {"S": text}, st.text()),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda texts: {"SS": sorted(texts)}, st.sets(st.text(), min_size=1)),
    st.builds(lambda bits: {"B": bits}, st.binary()),
)
ATTRIBUTES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds(lambda many: {"L": many}, st.lists(inner, max_size=3)),
        st.builds(lambda named: {"M": named}, st.dictionaries(NAMES, inner, max_size=3)),
    ),
)
ITEMS = st.dictionaries(NAMES, ATTRIBUTES, max_size=4)
ORIGINAL = JSONSerializer._serialize_type_map


def answered(item: dict[str, Any]) -> Any:
    """How moto's serializer answers GetItem with an item."""
    operation = get_service_model("dynamodb").operation_model("GetItem")
    return JSONSerializer(operation_model=operation).serialize({"Item": item})["body"]


@given(ITEMS)
def test_an_item_is_written_as_moto_writes_it(item: dict[str, Any]):
    expected = answered(item)
    with moto_quick.quick():
        assert JSONSerializer._serialize_type_map is not ORIGINAL
        assert answered(item) == expected


@given(PLAIN, PLAIN)
def test_attributes_are_the_same_when_moto_says_so(one: dict[str, Any], other: dict[str, Any]):
    expected = DynamoType(one) == DynamoType(other)
    with moto_quick.quick():
        assert (DynamoType(one) == DynamoType(other)) is expected
        assert DynamoType(one) == DynamoType(one)


def test_items_come_in_the_order_in_which_moto_has_them(aws: Cloud):
    for _, step in life.STEPS[:3]:
        step(aws)
        aws.settle()
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE]
    quickly = table.all_items()
    shuffled = random.Random(7).sample(quickly, len(quickly))
    slowly = sorted(shuffled, key=lambda item: (item.hash_key, item.range_key))
    assert len(quickly) > 10
    assert all(one is other for one, other in zip(quickly, slowly, strict=True))
    assert table_items() == [item.to_json()["Attributes"] for item in slowly]


def test_a_service_is_read_once_and_is_for_every_session_what_a_session_reads_itself():
    own = get_session().get_component("data_loader").load_service_model("dynamodb", "service-2")
    with moto_quick.quick():
        one, other = (get_session().get_component("data_loader") for _ in range(2))
        assert one is not other
        assert one.load_service_model("dynamodb", "service-2") is other.load_service_model("dynamodb", "service-2")
        assert one.load_service_model("dynamodb", "service-2") == own
