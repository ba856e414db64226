"""Facts of earlier releases, read as those of this one: a record outlives the code that wrote it.

A fact's text is never rewritten. It is read in two ways: as it was written, which is what its key and its
fingerprint are made of, and as it is understood today, which is what is folded. Between the two stands one pure
function for each schema version that was ever left behind.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from governance.domain.facts import FACTS, AnyFact
from governance.domain.lifecycle import Stage
from governance.domain.values import SCHEMA_VERSION

Shape = dict[str, Any]


def from_1(fact: Shape) -> Shape:
    """Release 0.1.0. What schema 2 added to its facts has a value that means what was not said then."""
    return fact


UPCASTS: Mapping[int, Callable[[Shape], Shape]] = {1: from_1}
"""By the schema version that each function leaves behind: it turns a fact of that version into one of the next."""


def upcast(told: Shape) -> Shape:
    """A fact of any schema version in the present shape, step by step. It keeps saying which version it was told in.

    Raises `ValueError` for a version of which this release knows nothing, such as a later one's.
    """
    written = told.get("schema_version")
    if not isinstance(written, int) or not 1 <= written <= SCHEMA_VERSION:
        raise ValueError(f"no release up to this one writes facts of schema version {written!r}")
    for version in range(written, SCHEMA_VERSION):
        told = UPCASTS[version](dict(told))
    return told


def read_stored(text: str) -> AnyFact:
    """A fact from its stored text, as it is understood today.

    Raises pydantic's `ValidationError` or `ValueError` for one that is damaged.
    """
    return FACTS.validate_python(upcast(json.loads(text)))


def as_written(text: str) -> AnyFact:
    """A fact from its stored text, as it was written: what its key and fingerprint are made of."""
    return FACTS.validate_json(text)


NEW_MEANINGS: Mapping[int, frozenset[str]] = {
    3: frozenset({"FINDING#deployment-unjustified"}),  # its remedy: what nothing justifies is taken back
    4: frozenset(
        {
            *(f"STAGE#{stage} model_risk" for stage in Stage),
            "FINDING#risk-not-classified",
            "FINDING#rejected-without-findings",
        }
    ),
    7: frozenset({"FINDING#artifacts-not-servable"}),
    9: frozenset({*(f"STAGE#{stage} gsi3" for stage in Stage)}),
}
"""By fold version: what it was the first to conclude from facts, as beginnings of `<sort key> <attribute>`.

4: that the risk is the group's word alone; that a rejection needs findings.
7: that prefixes and several containers are deployed.
9: that what failed to come to an endpoint, or is on trial there, stands in the index beside it.
"""


def meant_differently(sk: str, attribute: str, since: int) -> bool:
    """Whether a row may differ because a later fold than `since` understands the same facts differently on purpose."""
    place = f"{sk} {attribute}"
    return any(place.startswith(tuple(meanings)) for version, meanings in NEW_MEANINGS.items() if version > since)
