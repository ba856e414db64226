"""What is promised of how far chains were announced, kept in memory and in DynamoDB."""

from itertools import permutations

import pytest

from governance.adapters.dynamodb_acknowledgements import DynamoDbAcknowledgements
from governance.adapters.rows import RelayedRow, Table
from governance.domain.audit import GENESIS, AuditEntry, Deed, Link, deed_entry
from governance.services.relaying import Relaying
from tests.aws.resources import TABLE
from tests.builders import KATHERINE, after
from tests.fakes_of_the_hub import InMemoryAcknowledgements

HUB = "HUB#steward"


@pytest.fixture(params=["memory", "dynamodb"])
def acknowledgements(request):
    if request.param == "memory":
        return InMemoryAcknowledgements()
    request.getfixturevalue("seam")
    return DynamoDbAcknowledgements(Table(TABLE))


def noted(acknowledgements, subject: str = HUB) -> int:
    if isinstance(acknowledgements, InMemoryAcknowledgements):
        return acknowledgements.kept.get(subject, 0)
    row = acknowledgements.table(RelayedRow)
    return next((int(found.sequence) for found in row.query(subject, row.sk == "RELAYED")), 0)


def test_what_follows_on_is_noted(acknowledgements):
    acknowledgements.acknowledge(HUB, 1, 2)
    acknowledgements.acknowledge(HUB, 3, 3)
    assert noted(acknowledgements) == 3


def test_what_leaves_a_gap_is_not_noted(acknowledgements):
    acknowledgements.acknowledge(HUB, 2, 2)
    assert noted(acknowledgements) == 0
    acknowledgements.acknowledge(HUB, 1, 1)
    acknowledgements.acknowledge(HUB, 3, 4)
    assert noted(acknowledgements) == 1


def test_what_is_noted_never_becomes_less(acknowledgements):
    acknowledgements.acknowledge(HUB, 1, 5)
    acknowledgements.acknowledge(HUB, 1, 2)
    assert noted(acknowledgements) == 5


def test_what_overlaps_is_noted_to_its_end(acknowledgements):
    acknowledgements.acknowledge(HUB, 1, 5)
    acknowledgements.acknowledge(HUB, 4, 7)
    assert noted(acknowledgements) == 7


class Silent:
    def announce(self, events) -> None:
        raise AssertionError("deeds announce nothing")


def entry(sequence: int, subject: str = HUB) -> AuditEntry:
    deed = Deed(action="redriven", who=KATHERINE, why="", at=after(1), correlation_id="c")
    return deed_entry(Link(sequence=sequence - 1, hash=GENESIS), subject, deed)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3, 5))))
def test_entries_of_one_batch_are_noted_up_to_the_first_gap_in_whatever_order_they_came(order):
    kept = InMemoryAcknowledgements()
    Relaying(Silent(), kept).acknowledge([entry(sequence) for sequence in order])
    assert kept.kept == {HUB: 3}


def test_each_chain_has_a_number_of_its_own():
    kept = InMemoryAcknowledgements()
    Relaying(Silent(), kept).acknowledge([entry(1), entry(1, "POLICY#default"), entry(2, "POLICY#default")])
    assert kept.kept == {HUB: 1, "POLICY#default": 2}
