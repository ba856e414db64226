"""Records of every release there ever was, read by this one: what they meant is what they mean."""

import json
from pathlib import Path
from typing import Any

import pytest

from governance.domain.approvals import learned
from governance.domain.comparing import record_of
from governance.domain.facts import VerdictGiven
from governance.domain.fold import FOLD_VERSION, fold, fold_all
from governance.domain.people import Names, Pseudonyms
from governance.domain.policy_document import PolicyDocument
from governance.domain.projection import fact_key, projections
from governance.domain.published import DEFAULT
from governance.domain.record import stage_records
from governance.domain.upcasting import UPCASTS, as_written, meant_differently, read_stored
from governance.domain.values import SCHEMA_VERSION
from governance.domain.what_if import NOT_AS_JUDGED, Turn, Word, tried_then
from governance.services.trying_policies import in_order
from tests.builders import PERSON_KEY

GOLDEN = Path(__file__).parents[2] / "golden"
LIVES = sorted(GOLDEN.glob("*/*.json"))


def read(path: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """The fold that made a record, and its rows by sort key."""
    told = json.loads(path.read_text())
    return told["fold_version"], {
        row["sk"]["S"]: {name: plain(one) for name, one in row.items()} for row in told["rows"]
    }


def plain(value: dict[str, Any]) -> Any:
    kind, told = next(iter(value.items()))
    return int(told) if kind == "N" else told


def stored(rows: dict[str, dict[str, Any]]) -> list[str]:
    return [row["content"] for sk, row in rows.items() if sk.startswith("FACT#")]


@pytest.fixture(params=LIVES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def golden(request):
    return read(request.param)


def test_every_release_left_lives_behind():
    assert {"0.1.0"} <= {path.parent.name for path in LIVES}
    kinds = {json.loads(text)["kind"] for path in GOLDEN.glob("0.1.0/*.json") for text in stored(read(path)[1])}
    assert len(kinds) == 18


def test_a_step_leads_from_every_earlier_schema_to_the_next():
    assert set(UPCASTS) == set(range(1, SCHEMA_VERSION))


def test_every_fact_still_has_the_key_and_the_fingerprint_that_it_had(golden):
    _, rows = golden
    for sk, row in rows.items():
        if sk.startswith("FACT#"):
            fact = as_written(row["content"])
            assert (f"FACT#{fact_key(fact)}", fact.fingerprint) == (sk, row["fingerprint"])


def test_every_fact_is_understood_whatever_release_wrote_it(golden):
    _, rows = golden
    facts = [read_stored(text) for text in stored(rows)]
    assert [fact.kind for fact in facts] == [json.loads(text)["kind"] for text in stored(rows)]
    assert fold(facts) == fold(facts[::-1])


def test_the_same_facts_give_the_stage_records_that_they_gave(golden):
    _, rows = golden
    given = stage_records(fold(read_stored(text) for text in stored(rows)))
    kept = {sk.removeprefix("STAGE#"): row for sk, row in rows.items() if sk.startswith("STAGE#")}
    assert set(given) == set(kept)
    for stage, record in given.items():
        assert {name: kept[stage][name] for name in record} == record


def test_the_same_facts_give_the_findings_deployments_and_effects_that_they_gave(golden):
    fold_version, rows = golden
    before = json.loads(rows["HEAD"]["state"])
    folded = fold_all(read_stored(text) for text in stored(rows))
    given = projections(folded.state, Names(), folded.past)
    found = {sk: row for sk, row in given.items() if sk.startswith(("FINDING#", "DEPLOYMENT#", "EFFECT#", "SIGNOFF#"))}
    for sk, row in found.items():
        if not (sk in rows and all(told == rows[sk].get(name) for name, told in row.items() if name != "void")):
            assert meant_differently(sk, "", fold_version), (sk, row, rows.get(sk))
    assert {f"FINDING#{key}" for key in before["findings"]} <= set(found)
    assert {f"DEPLOYMENT#{key}" for key in before["deployments"]} <= set(found)


def test_a_later_fold_says_in_what_it_differs():
    assert {path.parent.name for path in LIVES}
    assert not any(meant_differently("FINDING#anything", "", version) for version in (FOLD_VERSION,))


def test_decisions_of_every_release_can_be_tried_by_another_policy(golden):
    _, rows = golden
    pk = f"MODEL#{json.loads(stored(rows)[0])['model']['arn']}"
    told = {sk: {name: one for name, one in row.items() if name not in {"pk", "sk"}} for sk, row in rows.items()}
    facts = in_order(record_of(pk, told, Pseudonyms(PERSON_KEY)))
    assert len(facts) == len(stored(rows))
    checked = ("not-by-the-author", "preceding-stage-approved", "deployed-and-validated")
    gates = [{"kind": "check", "name": name, "mode": "advise" if "deployed" in name else "enforce"} for name in checked]
    same = PolicyDocument.model_validate({"name": "then", "title": "As it was", "gates": gates})
    for state, fact in learned(facts):
        if isinstance(fact, VerdictGiven):
            again = tried_then(same, state, fact, None)
            assert again.turn is Turn.SAME or again.why == NOT_AS_JUDGED, "what this release reads otherwise"
            by_roles = tried_then(DEFAULT.document, state, fact, None)
            assert by_roles.would is not Word.PASSES, "nobody recorded any"
