"""What a package names as evidence is fetched, hashed, kept and read; what cannot be is refused with its reason."""

import hashlib
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.collecting import LARGEST, MOST_ON_RECORD, told_by
from governance.domain.evidence import EvidenceKind, evidence_digest
from governance.domain.findings import Severity
from governance.domain.fold import fold
from governance.domain.gates import judge
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.matters import matter_of
from governance.domain.meanings import KNOWN
from governance.domain.published import DEFAULT
from governance.domain.reviewing import FindingsRaised, RaisedFinding
from governance.domain.terms import Terms
from governance.domain.upkeep import VersionBackfilled
from governance.domain.values import canonical, iso
from tests.builders import MARY, after, change, package_arn, specification
from tests.unit.governance.evidence.worlds import AUC, EIGHT, QUALITY, SAMPLES, SEVEN, Evident, names, policy
from tests.world import open_findings

SHA = hashlib.sha256(AUC).hexdigest()
A_QUALITY_GATE = {"name": "quality", "kind": "evidence", "evidence": "model-quality", "max_age_days": 30}


@pytest.fixture
def world() -> Evident:
    return Evident()


def test_a_report_that_a_package_names_is_fetched_hashed_kept_and_read(world):
    found = world.named(claimed=SHA)
    assert (found.status, found.sha256, found.size, found.problem) == ("collected", SHA, len(AUC), "")
    assert world.documents.kept[found.stored.key] == AUC
    assert dict(found.values) == {"auc": 0.91, "accuracy": 0.9}
    assert found.dated_at == after(-3600)
    assert world.ledger.events(SEVEN).count("EvidenceCollected") == 1


def test_a_report_is_announced_before_it_is_fetched(world):
    world.register(**names())
    assert world.ledger.events(SEVEN).count("EvidenceRequested") == 1
    assert (world.piece().status, world.documents.calls) == ("requested", [])


def test_a_report_without_a_claimed_hash_is_taken_as_it_is(world):
    assert world.named().sha256 == SHA


def test_told_twice_a_report_is_collected_once(world):
    found = world.named()
    calls = len(world.ledger.calls)
    assert world.collecting.collect(SEVEN, found.effect_id, "again") is None
    assert world.ledger.calls[calls:] == ["open"]
    assert world.ledger.events(SEVEN).count("EvidenceCollected") == 1


def test_of_two_who_collect_at_once_one_puts_it_on_record(world):
    world.documents.put(QUALITY, AUC)
    world.register(**names())
    effect, fetch = world.piece().effect_id, world.documents.fetch

    def meanwhile(uri):
        world.documents.fetch = fetch
        world.collecting.collect(SEVEN, effect, "the other")
        return fetch(uri)

    world.documents.fetch = meanwhile
    assert world.collecting.collect(SEVEN, effect, "the first") is None
    assert world.ledger.events(SEVEN).count("EvidenceCollected") == 1


BAD = [
    # what is wrong -> what the record says of it
    (lambda w: w.documents.documents.clear(), "is not there"),
    (lambda w: w.documents.forbidden.add(QUALITY), "cannot be read by the hub"),
    (lambda w: w.documents.put(QUALITY, bytes(LARGEST + 1)), f"evidence has {LARGEST:,} at most"),
    (lambda w: w.documents.put(QUALITY, bytes(50_000_000)), "has 50,000,000 bytes"),
    (lambda w: w.documents.put(QUALITY, b"{}"), "is not what was named"),
]


@pytest.mark.parametrize(("spoil", "reason"), BAD)
def test_what_cannot_be_taken_is_refused_with_its_reason_and_nothing_is_kept(world, spoil, reason):
    world.documents.put(QUALITY, AUC)
    world.register(**names(sha256=SHA))
    spoil(world)
    world.collect()
    assert world.piece().status == "refused"
    assert reason in world.piece().problem
    assert world.documents.kept == {}
    assert "evidence-refused" in open_findings(world)


def test_a_report_that_names_no_object_of_s3_is_refused(world):
    world.register(**names(uri="https://example.com/report.json"))
    world.collect()
    assert "is not the URI of an S3 object" in world.piece().problem


UNREADABLE = [
    (b"not json at all", "no JSON"),
    (b"", "no JSON"),
    (b"[1, 2]", "no object"),
    (json.dumps({"features": []}).encode(), "no metric of model quality"),
    (json.dumps({"model_package_arn": EIGHT, "binary_classification_metrics": {"auc": 0.99}}).encode(), EIGHT),
]


@pytest.mark.parametrize(("content", "reason"), UNREADABLE)
def test_what_cannot_be_read_as_what_it_is_to_be_is_kept_and_does_not_count(world, content, reason):
    found = world.named(content)
    assert (found.status, found.counts, dict(found.values)) == ("collected", False, {})
    assert reason in found.problem
    assert "evidence-unreadable" in open_findings(world)


NO_NUMBERS = [("NaN", "NaN"), ("Infinity", "Infinity"), ('"0.91"', "0.91"), ("null", "nothing"), ("true", "true")]


@pytest.mark.parametrize(("written", "kept"), NO_NUMBERS)
def test_a_metric_that_is_no_number_is_kept_as_what_stood_there(world, written, kept):
    content = b'{"binary_classification_metrics": {"auc": {"value": %s}, "f1": {"value": 0.8}}}' % written.encode()
    assert dict(world.named(content).values) == {"auc": kept, "f1": 0.8}


def test_a_document_whose_store_says_that_it_is_of_another_version_does_not_count(world):
    world.documents.put(QUALITY, AUC, about=EIGHT)
    world.register(**names())
    world.collect()
    assert EIGHT in world.piece().problem


def test_a_document_that_says_it_is_of_this_version_counts(world):
    told = {"model_package_arn": SEVEN, **json.loads(AUC)}
    assert world.named(json.dumps(told).encode()).counts


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.json")))
def test_every_report_that_can_be_read_can_go_on_record(world, sample):
    families = {"clarify": "Bias", "monitor": "ModelDataQuality", "model": "ModelQuality", "evaluation": "ModelQuality"}
    kind = "Explainability" if "explain" in sample else families[sample.split("-")[0]]
    found = world.named((SAMPLES / sample).read_bytes(), family=kind, report="Report")
    assert found.counts and found.values


def test_of_a_long_report_the_metrics_that_the_policy_asks_for_come_first_then_those_with_a_meaning(world):
    asked = {"name": "zeal", "kind": "metric", "metric": "zeal", "measured_by": "model-quality", "at_least": 0.5}
    world.under(policy(asked, metrics={"zeal": {"better": "higher"}}))
    many = {f"a{number:03d}": {"value": number} for number in range(200)}
    told = {"binary_classification_metrics": {**many, "auc": {"value": 0.9}, "zeal": {"value": 0.7}}}
    found = world.named(json.dumps(told).encode())
    assert list(found.values)[:3] == ["zeal", "auc", "a000"]
    assert (len(found.values), found.left_out) == (MOST_ON_RECORD, 202 - MOST_ON_RECORD)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.sets(st.sampled_from([*KNOWN, *(f"m{number}" for number in range(100))]), min_size=1))
def test_whatever_a_report_holds_the_record_stays_small_and_forgets_nothing_silently(metrics):
    world = Evident()
    found = world.named(json.dumps({"regression_metrics": {name: {"value": 1} for name in metrics}}).encode())
    assert len(found.values) <= MOST_ON_RECORD
    assert len(found.values) + found.left_out == len(metrics)
    known = [name for name in metrics if name in KNOWN]
    assert set(known[:MOST_ON_RECORD]) <= set(found.values) or len(known) > MOST_ON_RECORD


WORDS = st.sampled_from(
    [*"abc", "model_package_arn", "features", "dataset", "explanations", "kernel_shap", "global_shap_values", "value",
     "binary_classification_metrics", "pre_training_bias_metrics", "facets", "metrics", "auc", "\ud800", ""]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
TREES = st.recursive(LEAVES, lambda within: st.lists(within, max_size=3) | st.dictionaries(WORDS, within, max_size=4))
CONTENTS = st.binary(max_size=40) | TREES.map(lambda told: json.dumps(told).encode()) | st.just(b"[" * 100_000)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(CONTENTS, st.sampled_from(EvidenceKind))
def test_whatever_a_document_holds_it_can_be_told_and_written_down(content, kind):
    told = told_by(content, kind, SEVEN, DEFAULT.document)
    assert canonical(told.model_dump(mode="json")).encode()
    assert len(told.problem) <= 300


def test_evidence_expires_when_the_strictest_gate_that_is_still_to_pass_says_so(world):
    later = {**A_QUALITY_GATE, "stages": ["production"], "max_age_days": 20}
    earlier = {**A_QUALITY_GATE, "stages": ["development", "test"], "max_age_days": 40}
    of_the_metric = {"name": "auc", "kind": "metric", "metric": "auc", "measured_by": "model-quality", "at_least": 0.5}
    world.under(policy(earlier, later, {**of_the_metric, "max_age_days": 25}))
    found = world.named()
    assert found.expires_at == found.dated_at + timedelta(days=20)


def test_evidence_that_no_gate_looks_at_does_not_expire(world):
    world.under(policy({**A_QUALITY_GATE, "risks": ["low"]}, {**A_QUALITY_GATE, "name": "b", "evidence": "lineage"}))
    assert world.named().expires_at is None


def test_evidence_has_the_kind_that_its_report_is_of(world):
    source = {"S3Uri": QUALITY, "ContentType": "application/json"}
    world.register(
        ModelMetrics={
            "Bias": dict.fromkeys(("Report", "PreTrainingReport", "PostTrainingReport"), source),
            "Explainability": {"Report": source},
            "ModelDataQuality": {"Statistics": source},
        },
        DriftCheckBaselines={"ModelQuality": {"Constraints": source}, "Bias": {"ConfigFile": source}},
    )
    kinds = {piece.kind for piece in world.state(SEVEN).pieces}
    assert kinds == {
        EvidenceKind.BIAS,
        EvidenceKind.PRE_TRAINING_BIAS,
        EvidenceKind.POST_TRAINING_BIAS,
        EvidenceKind.EXPLAINABILITY,
        EvidenceKind.DATA_QUALITY,
        EvidenceKind.MONITORING_PLAN,
    }


@pytest.mark.parametrize("metrics", [{"ModelQuality": None}, {"ModelQuality": {"Statistics": None}}, {"Odd": {"a": 1}}])
def test_metrics_of_a_shape_that_nobody_knows_name_no_evidence(world, metrics):
    world.register(ModelMetrics=metrics)
    assert world.state(SEVEN).pieces == ()


CARD = '{"model_overview": {"model_creator": "ada"}, "intended_uses": {"purpose_of_model": "credit"}}'


def with_card(content: str) -> dict:
    return {"ModelCard": {"ModelCardContent": content, "ModelCardStatus": "Draft"}}


def test_the_model_card_in_a_package_is_evidence(world):
    world.register(**with_card(CARD))
    world.collect()
    found = world.piece()
    assert (found.kind, found.status, found.sha256) == ("model-card", "collected", found.claimed)
    assert world.documents.kept[found.stored.key].decode() == CARD


def test_a_newer_model_card_takes_the_place_of_the_one_before(world):
    world.register(**with_card(CARD))
    world.collect()
    world.tell(change(60, UpdatedModelPackageFields=["ModelCard"], **with_card("{}")))
    world.collect()
    assert (world.piece().sha256, world.piece().counts) == (hashlib.sha256(b"{}").hexdigest(), True)


def test_a_model_card_that_was_changed_meanwhile_is_not_the_one_that_was_named(world):
    world.register(**with_card(CARD))
    package = world.registry.packages[SEVEN]
    newer = package.model_card.model_copy(update={"model_card_content": "{}"})
    world.registry.packages[SEVEN] = package.model_copy(update={"model_card": newer})
    world.collect()
    assert "is not what was named" in world.piece().problem


def test_a_model_card_whose_package_is_gone_is_refused(world):
    world.register(**with_card(CARD))
    world.registry.packages.clear()
    world.collect()
    assert "no such package" in world.piece().problem


def test_what_was_named_for_an_earlier_specification_is_not_collected_any_more(world):
    world.register(**names())
    effect = world.piece().effect_id
    other = specification("s3://dev-bucket/other.tar.gz")
    world.tell(
        change(60, InferenceSpecification=other, UpdatedModelPackageFields=["InferenceSpecification"], **names())
    )
    assert world.collecting.collect(SEVEN, effect, "late") is None
    assert world.piece().effect_id != effect
    assert world.documents.calls == []


@pytest.mark.parametrize(("written", "counts"), [(-3600, False), (59, False), (60, True), (90, True)])
def test_what_a_package_names_counts_after_a_change_only_if_it_was_written_since(world, written, counts):
    world.named(dated_at=after(-3600))
    assert world.piece().counts
    other = {"InferenceSpecification": specification("s3://dev-bucket/other.tar.gz")}
    world.documents.put(QUALITY, AUC, after(written))
    world.tell(change(60, UpdatedModelPackageFields=["InferenceSpecification"], **other, **names()))
    world.collect()
    assert world.piece().counts is counts
    assert ("evidence-unreadable" in open_findings(world)) is not counts
    said = f"it was written before {iso(after(60))}, when what the version runs was changed"
    assert world.piece().problem == ("" if counts else said)


def test_of_a_version_from_before_governance_nothing_is_collected(world):
    world.register(**names())
    model, at = world.state(SEVEN).model, after(5)
    fact = VersionBackfilled(model=model, effective_at=at, recorded_at=at)
    world.recording.learn(SEVEN, lambda *_: [fact], "backfill")
    assert world.collect() is None
    assert world.documents.calls == []


def test_evidence_that_comes_makes_void_what_was_signed_without_it(world):
    world.register(**names())
    before = evidence_digest(world.state(SEVEN).pieces, world.state(SEVEN).specification)
    world.documents.put(QUALITY, AUC)
    world.collect()
    assert evidence_digest(world.state(SEVEN).pieces, world.state(SEVEN).specification) != before


def test_a_rejection_stands_whatever_evidence_comes_before_it_is_written(world):
    world.register(**names())
    world.documents.put(QUALITY, AUC)
    model, at = world.state(SEVEN).model, after(5)
    told = RaisedFinding(severity=Severity.HIGH, text="too weak")
    about = {"stage": Stage.DEVELOPMENT, "person": MARY, "why": "too weak", "rejects": True, "findings": (told,)}
    fact = FindingsRaised.model_validate({"model": model, "effective_at": at, "recorded_at": at, **about})
    world.recording.learn(SEVEN, lambda *_: [fact], "a rejection")
    world.now.moment = after(6)
    world.collect()
    assert world.piece().status == "collected"
    wish = world.state(SEVEN).stage(Stage.DEVELOPMENT).wish
    assert wish is not None and wish.wanted is ModelStatus.REJECTED


def test_a_record_with_evidence_is_what_its_facts_give(world):
    world.named(claimed=SHA)
    state = world.state(SEVEN)
    assert fold(world.ledger.facts(SEVEN)).model_dump_json() == state.model_dump_json()


def test_two_claims_for_one_address_are_two_pieces_and_each_has_one_outcome(world):
    world.documents.put(QUALITY, AUC)
    source = {"S3Uri": QUALITY, "ContentType": "application/json"}
    reports = {
        "Statistics": {**source, "ContentDigest": f"sha256:{SHA}"},
        "Constraints": {**source, "ContentDigest": f"sha256:{'0' * 64}"},
    }
    world.register(ModelMetrics={"ModelQuality": reports})
    world.collect()
    assert sorted(piece.status for piece in world.state(SEVEN).pieces) == ["collected", "refused"]


def test_evidence_of_one_version_is_none_of_another(world):
    world.named()
    arn = world.register(8)
    assert world.state(arn).pieces == ()
    assert arn == package_arn(version=8)


def test_bytes_that_another_version_had_before_are_told_to_whoever_decides(world):
    world.documents.keep(AUC, "s3://elsewhere/quality.json", EIGHT)
    said = world.named().seen_before
    assert said == f"the same bytes speak for {EIGHT} since {iso(after(60))}"
    (check,) = verdict_of(world, world.piece())
    assert check.found.endswith(f"; {said}")


@pytest.mark.parametrize(("written", "is_told"), [(59, False), (60, False), (61, True)])
def test_bytes_that_were_kept_before_they_say_they_were_written_were_written_anew(world, written, is_told):
    world.documents.keep(AUC, QUALITY, SEVEN)
    said = world.named(dated_at=after(written)).seen_before
    assert said == (f"the same bytes were kept at {iso(after(60))} already" if is_told else "")
    assert ("evidence-seen-before" in open_findings(world)) is is_told


def verdict_of(world, piece):
    """What a gate on the kind of a piece answers."""
    gates = policy({"name": "quality", "kind": "evidence", "evidence": piece.kind}).document
    matter = matter_of(world.state(SEVEN), Stage.DEVELOPMENT, MARY, after(100), Terms())
    return [one.check for one in judge(gates, matter)]
