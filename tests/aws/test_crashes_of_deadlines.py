"""Whatever befalls who notes what went by, at the next run everything is noted, and once.

Two versions have evidence that expires, and one of them an emergency approval and a finding that nobody answers.
"""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from governance import bootstrap
from governance.domain.findings import Severity
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import PublishedPolicy
from governance.domain.reviewing import FindingsRaised, GlassBroken, RaisedFinding
from governance.services.remembering import Remembering
from governance.settings import Settings
from tests.aws.cloud import Cloud, Delivery
from tests.aws.functions import environment_of
from tests.aws.life import EIGHT, EIGHTH, SEVEN, tell
from tests.aws.rehearsal import Rehearsal
from tests.aws.resources import SOURCES, client
from tests.aws.seam import Fault
from tests.aws.test_at_once import assert_eight_are_one
from tests.aws.test_crashes import FAULTS, RETRY_AFTER, assert_same, disturbed_once, points, timeless
from tests.builders import ADA, after, change, group_arn

EXPIRE = "ExpireEvidence"
A_DAY = 86_400
REPORT = b'{"binary_classification_metrics": {"auc": {"value": 0.91}}}'
GATE = {"name": "quality", "kind": "evidence", "evidence": "model-quality", "max_age_days": 30}
GATES = [GATE, {"name": "not-by-the-author", "kind": "check"}]
OURS = PublishedPolicy(
    version=99, document=PolicyDocument.model_validate({"name": "default", "title": "ours", "gates": GATES})
)


def born(cloud: Cloud) -> float:
    """Seconds after which the report is to be looked at: it is as old as the bucket says, whatever our clock does."""
    dated = client("s3").head_object(Bucket=SOURCES, Key="quality.json")["LastModified"]
    return float((dated - after(0)).total_seconds())


def registered(cloud: Cloud) -> None:
    """Two versions name a report, in a group whose policy lets that age for 30 days."""
    client("s3").put_object(Bucket=SOURCES, Key="quality.json", Body=REPORT)
    source = {"S3Uri": f"s3://{SOURCES}/quality.json", "ContentDigest": f"sha256:{hashlib.sha256(REPORT).hexdigest()}"}
    named = {"ModelMetrics": {"ModelQuality": {"Statistics": source}}}
    with environment_of("SyncModelGroup"):
        memory = Remembering(bootstrap.grouping(Settings.from_env()).groups)
        memory.keep(group_arn(), lambda known: (known or ModelGroup(arn=group_arn())).under(OURS))
    tell(cloud, change(0, **named), 0, ADA)
    tell(cloud, change(840, arn=EIGHT, **EIGHTH, **named), 840, ADA)


def reviewed(cloud: Cloud) -> None:
    """Somebody wants something put right, and the author approves in an emergency, which is never written anywhere."""
    cloud.clock.moment = after(900)
    with environment_of("RecordMetrics"):
        settings = Settings.from_env()
        record = bootstrap.recording(settings, bootstrap.ledger(bootstrap.table(settings)), cloud.clock)
        told = {"effective_at": after(900), "recorded_at": after(900), "stage": Stage.DEVELOPMENT, "person": ADA}
        finding = RaisedFinding(severity=Severity.HIGH, text="explain the drift", due=after(4 * 3600))
        until = {"until": after(4 * 3600), "review_by": after(5 * 3600)}

        def said(page: Any, _: Any) -> list[Any]:
            about = {**told, "model": page.state.model, "why": "an outage"}
            raised = FindingsRaised.model_validate({**about, "findings": (finding,)})
            return [raised, GlassBroken.model_validate({**about, **until, "roles": ("officer",)})]

        record.learn(SEVEN, said, "review")
    cloud.follow()


def looked(cloud: Cloud, at: float) -> None:
    """The schedule comes round."""
    cloud.clock.moment = max(after(at), cloud.clock.moment + timedelta(seconds=1))
    cloud.queue.append(Delivery(EXPIRE, {}))


STEPS = (
    ("two versions have evidence", registered),
    ("one is under review", reviewed),
    ("nothing is due", lambda c: looked(c, 3600)),
    ("nobody answered", lambda c: looked(c, 6 * 3600)),
    ("the evidence will expire", lambda c: looked(c, born(c) + 17 * A_DAY)),
    ("the evidence has expired", lambda c: looked(c, born(c) + 31 * A_DAY)),
    ("nothing is due any more", lambda c: looked(c, born(c) + 99 * A_DAY)),
)


def of(outcome: dict[str, Any], *about: str) -> list[str]:
    """The items in which all of this stands."""
    return [one for one in outcome["items"] if all(text in one for text in about)]


def test_everything_is_noted_once(lived: Rehearsal):
    quiet, unanswered, expiring, expired, last = lived.outcomes[2:]
    assert of(quiet, '"FACT#', "deadline-passed") == []
    assert len(of(unanswered, '"FACT#', "deadline-passed")) == 3
    for code in ("review-overdue", "emergency-overdue"):
        assert len(of(unanswered, '"FINDING#', code, '"open"')) == 1, code
    assert len(of(expiring, '"FINDING#', "evidence-expiring", '"open"')) == 2
    assert len(of(expired, '"FINDING#', "evidence-expired", '"open"')) == 2
    assert len(of(expired, '"FINDING#', "evidence-expiring", '"closed"')) == 2
    assert list(expired["announced"].values()).count("EvidenceExpired") == 2
    assert_same(last, expired, "nothing was due any more")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_by_the_next_run(lived: Rehearsal, fault: Fault):
    met = 0
    for scene in lived.of(EXPIRE):
        expected = timeless(lived.outcomes[scene.step])
        for at in points(scene, fault):
            if str(scene.calls[at - 1]) == "dynamodb:Query" and at < len(scene.calls) - 14 and at % 5:
                continue  # shards are alike: some of them will do
            met += 1
            found = timeless(disturbed_once(lived, scene, fault, at, RETRY_AFTER))
            assert_same(found, expected, f"{scene}, {fault} call {at}, {scene.calls[at - 1]}")
    assert met or fault is Fault.RETRIED, "never tried"


def test_eight_runs_at_once_have_the_effect_of_one(lived: Rehearsal):
    assert_eight_are_one(lived, EXPIRE)


def test_it_costs_a_query_for_each_shard_and_two_calls_for_each_version_on_which_something_is_due(lived: Rehearsal):
    assert [len(scene.calls) for scene in lived.of(EXPIRE)] == [16, 16 + 2, 16 + 4, 16 + 4, 16]
