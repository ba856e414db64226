"""Before a first promotion: everything that is needed is there, or is named with what closes the gap."""

import json
from typing import Any

import pytest

from governance.domain.environment import Environment
from governance.domain.lifecycle import Stage
from governance.domain.preflight import Finding, Kind, Report, Verdict
from governance.domain.preflight_needs import needs
from governance.services.preflight import Preflight
from tests.template.translation import DEV, FURTHER, HUB, PROD, TEST, Stack, environment, hub, workload_account
from tests.unit.governance.preflight.around import IMAGE, OF, Accounts, key, places_with_statements

NOT_NEEDED = {
    "Administer", "EncryptedTransportOnly", "ReadAndWriteObjects", "ReadAndWriteObjectsAndMessages",
    "QueuedEventsAreEncrypted", "OnlyTheCopyRoleSeals", "OnlyOneRoleKeepsEvidence", "OnlyTheirRolesLock",
    "OnlyOneRoleHolds", "NobodyUnseals", "OnlyStartDeploymentWritesBundles",
    # What a role does for other reasons than to let a promotion pass:
    "MakeInvokers", "MakeLogs", "LookUpLogs", "MakeAlarms", "MakeApis", "WriteEndpointLogs", "WriteJobLogs",
    "PutEndpointMetrics",
    "WriteItsLog", "LogInToRegistries",
}  # fmt: skip
"""Statements that a promotion does not depend on: refusals, administration, and what fails by itself and visibly."""
LOOKED_AT = {need.place.model_dump_json() for need in needs(OF)}
OF_THE_FUNCTIONS = {
    key(Kind.ROLE, HUB, f"steward-{name}")
    for name in (
        "copy-artifacts",
        "collect-evidence",
        "verify-deployment",
        "validate-deployment",
        "reconcile-registry",
        "pipeline",
    )
}
"""Roles of which a promotion needs some statements; those that it needs are named in the test of the hub's roles."""


def checked(accounts: Accounts, *images: str) -> Report:
    return Preflight(accounts).check(needs(OF, images))


def gaps(accounts: Accounts) -> tuple[Finding, ...]:
    return checked(accounts).gaps


def test_four_accounts_as_the_templates_make_them_are_ready() -> None:
    report = checked(Accounts())
    assert report.gaps == ()
    assert report.is_ready
    assert {one.account for one in report.findings if one.verdict is Verdict.FINE} == {HUB, DEV, TEST, PROD}


EU = Environment(stage=Stage.PRODUCTION, account=FURTHER, pipeline="steward-deploy-production-eu", name="production-eu")


def with_another(*stacks: Stack) -> Report:
    """An installation with another production account, of which just these stacks are there."""
    accounts = Accounts(*stacks)
    return Preflight(accounts).check(needs(OF.model_copy(update={"environments": (*OF.environments, EU)})))


def test_another_account_is_ready_once_all_its_stacks_are_there() -> None:
    spread, account = hub(further=FURTHER), workload_account(account=FURTHER, Stage="production")
    assert with_another(spread, account, environment()).gaps == ()
    missing = {(one.place, one.name) for one in with_another(spread, account).gaps}
    assert {name for _, name in missing} == {
        "steward-deploy-production-eu",
        "steward-pipeline",
        "steward-validate-deployment",
        "steward-reconcile-registry",
        "steward-verify-deployment",
    }
    unnamed = with_another(account, environment()).gaps
    assert unnamed
    assert all("FurtherAccountIds" in one.remedy or "bus" in str(one.place) for one in unnamed)


REQUIRED = [
    (place, number)
    for place, number in places_with_statements(LOOKED_AT - OF_THE_FUNCTIONS)
    if Accounts().statements[place][number].get("Sid") not in NOT_NEEDED
]


def named(place: str, number: int) -> str:
    told = json.loads(place)
    return f"{told['account']}-{told['name'].rsplit(':')[-1]}-{Accounts().statements[place][number].get('Sid', number)}"


@pytest.mark.parametrize(("place", "number"), REQUIRED, ids=[named(*one) for one in REQUIRED])
def test_any_required_statement_that_is_taken_away_is_named_and_what_is_printed_closes_the_gap(
    place: str, number: int
) -> None:
    accounts = Accounts()
    del accounts.statements[place][number]
    found = gaps(accounts)
    told = json.loads(place)
    assert found, "nobody noticed"
    assert {(one.account, one.name) for one in found} == {(told["account"], told["name"])}
    for one in found:
        assert one.add, one.why
        accounts.statements[place].append(one.add)
    assert gaps(accounts) == ()


def test_taken_away_are_statements_of_every_account_and_kind() -> None:
    told = [json.loads(place) for place, _ in REQUIRED]
    assert {one["account"] for one in told} == {HUB, DEV, TEST, PROD}
    kinds = {Kind.BUCKET_POLICY, Kind.KEY_POLICY, Kind.BUCKETS_KEY_POLICY, Kind.BUS_POLICY, Kind.TRUST, Kind.ROLE}
    assert {one["kind"] for one in told} == {kind.value for kind in kinds}


@pytest.mark.parametrize(
    ("role", "sid", "account"),
    [
        ("pipeline", "EnterTheWorkloadAccounts", TEST),
        ("validate-deployment", "EnterTheWorkloadAccount", TEST),
        ("reconcile-registry", "LookAtEndpoints", PROD),
        ("copy-artifacts", "ReadSourceArtifacts", DEV),
        ("copy-artifacts", "DecryptSourceArtifacts", DEV),
        ("copy-artifacts", "LookUpImages", HUB),
        ("verify-deployment", "LookUpImages", HUB),
        ("collect-evidence", "ReadDocumentsOfOthers", DEV),
        ("collect-evidence", "DecryptDocumentsOfOthers", DEV),
    ],
)
def test_what_the_hubs_own_roles_lack_is_named_and_what_is_printed_closes_the_gap(
    role: str, sid: str, account: str
) -> None:
    accounts = Accounts()
    place = key(Kind.ROLE, HUB, f"steward-{role}")
    held = accounts.statements[place]
    kept = [one for one in held if one.get("Sid") != sid]
    assert len(kept) == len(held) - 1, sorted(str(one.get("Sid")) for one in held)
    accounts.statements[place] = kept
    found = gaps(accounts)
    assert {one.name for one in found} == {f"steward-{role}"}
    assert any(account in json.dumps(one.add) for one in found)
    kept += [one.add for one in found if one.add]
    assert gaps(accounts) == ()


@pytest.mark.parametrize("place", sorted(LOOKED_AT & (set(Accounts().leads_to) | set(Accounts().statements))))
def test_what_is_not_there_at_all_is_a_gap_with_a_way_out(place: str) -> None:
    accounts = Accounts()
    accounts.statements.pop(place, None)
    accounts.leads_to.pop(place, None)
    told = json.loads(place)
    (first, *_) = found = gaps(accounts)
    assert {(one.account, one.name, one.place) for one in found} == {(told["account"], told["name"], told["kind"])}
    assert first.remedy


def test_a_rule_that_leads_elsewhere_is_a_gap() -> None:
    accounts = Accounts()
    accounts.leads_to[key(Kind.RULE, DEV, "steward-forward-registry-events")] = ["arn:aws:events:x:1:event-bus/other"]
    (found,) = gaps(accounts)
    assert OF.intake_bus in found.why
    assert "dev-account.yaml" in found.remedy


def test_a_statement_that_refuses_is_named_as_such_and_no_other_is_offered() -> None:
    accounts = Accounts()
    place = key(Kind.BUCKET_POLICY, HUB, OF.artifact_bucket)
    refusal: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    accounts.statements[place].append(refusal)
    for found in gaps(accounts):
        assert "refuses" in found.why
        assert "overrules" in found.remedy
        assert found.add is None
    assert gaps(accounts)


@pytest.mark.parametrize("place", sorted(LOOKED_AT))
def test_what_cannot_be_read_is_not_checked_and_never_fine(place: str) -> None:
    accounts = Accounts()
    accounts.unreadable[place] = "AccessDenied: no"
    told = json.loads(place)
    report = checked(accounts)
    about = [one for one in report.findings if one.name == told["name"] and one.place == told["kind"]]
    of_account = {one.verdict for one in about if one.account == told["account"]}
    assert of_account == {Verdict.NOT_CHECKED}


def test_an_account_that_lets_nobody_look_is_not_ready() -> None:
    accounts = Accounts()
    of_prod = [place for place in LOOKED_AT if json.loads(place)["account"] == PROD]
    accounts.unreadable = dict.fromkeys(of_prod, "steward-preflight cannot be entered")
    report = checked(accounts)
    assert report.gaps == ()
    assert report.unseen == (PROD,)
    assert not report.is_ready


def test_a_condition_that_nobody_can_tell_beforehand_is_not_checked() -> None:
    accounts = Accounts()
    place = key(Kind.BUCKET_POLICY, HUB, OF.pipeline_bucket)
    for one in accounts.statements[place]:
        if one["Effect"] == "Allow":
            one["Condition"]["IpAddress"] = {"aws:SourceIp": "10.0.0.0/8"}
    found = [one for one in checked(accounts).findings if one.name == OF.pipeline_bucket]
    assert {one.verdict for one in found} == {Verdict.NOT_CHECKED}
    assert all("condition" in one.why for one in found)


def test_what_is_to_be_added_asks_for_every_source_of_a_request() -> None:
    accounts, place = Accounts(), key(Kind.ROLE, TEST, "steward-invoker")
    accounts.statements[place] = [one for one in accounts.statements[place] if one["Action"] != "events:PutEvents"]
    (gap,) = gaps(accounts)
    assert gap.add is not None
    assert gap.add["Condition"] == {
        "ForAllValues:StringEquals": {"events:source": "steward.invoker"},
        "StringEquals": {"events:detail-type": "DecisionServed"},
    }
    accounts.statements[place].append(gap.add)
    assert gaps(accounts) == ()


def test_an_organisation_that_is_asked_for_has_to_be_the_one_that_is_told() -> None:
    accounts = Accounts()
    place = key(Kind.TRUST, PROD, "steward-deployment")
    accounts.statements[place][0]["Condition"]["StringEquals"] = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}

    def verdicts(organization: str) -> set[Verdict]:
        of = OF.model_copy(update={"organization": organization})
        found = Preflight(accounts).check(needs(of)).findings
        return {one.verdict for one in found if (one.account, one.name, one.place) == (
            PROD, "steward-deployment", Kind.TRUST.value)}  # fmt: skip

    assert verdicts("") == {Verdict.NOT_CHECKED}
    assert verdicts("o-a1b2c3d4e5") == {Verdict.FINE}
    assert verdicts("o-zzzzzzzzzz") == {Verdict.GAP}


def test_an_image_of_a_registry_that_is_none_of_ours_keeps_nobody_from_being_ready() -> None:
    accounts = Accounts()
    image = IMAGE.replace(HUB, "763104351884")
    accounts.unreadable[key(Kind.IMAGE, "763104351884", "credit-risk")] = "cannot be entered"
    report = checked(accounts, image)
    assert report.is_ready
    assert {one.verdict for one in report.findings if one.name == "credit-risk"} == {Verdict.NOT_CHECKED}


def test_images_are_not_checked_until_one_is_named() -> None:
    found = [one for one in checked(Accounts()).findings if one.place == Kind.IMAGE.value]
    assert {one.verdict for one in found} == {Verdict.NOT_CHECKED}
    accounts = Accounts()
    place = key(Kind.IMAGE, HUB, "credit-risk")
    accounts.statements[place] = []
    report = checked(accounts, IMAGE)
    assert {one.name for one in report.gaps} == {"credit-risk"}
    assert len(report.gaps) == 2, "one for each stage"
    accounts.statements[place] = [one.add for one in report.gaps if one.add]
    assert checked(accounts, IMAGE).is_ready


def test_the_hub_is_let_into_the_repository_of_another_account_to_look() -> None:
    accounts = Accounts()
    place = key(Kind.IMAGE, DEV, "credit-risk")
    accounts.statements[place] = []
    image = IMAGE.replace(HUB, DEV)
    report = checked(accounts, image)
    looking = [one for one in report.gaps if one.what == "the hub looks images up"]
    assert len(looking) == 2, "once for the seal and once for the gate"
    assert all(one.add and one.add["Action"] == ["ecr:BatchGetImage"] for one in looking)
    accounts.statements[place] = [one.add for one in report.gaps if one.add]
    assert checked(accounts, image).is_ready


def test_the_ml_engineer_may_look_at_every_role_of_the_hub_that_is_looked_at() -> None:
    (policy,) = [
        one for name, one in hub().of_type("AWS::IAM::ManagedPolicy").items() if name == "MlEngineerPreflightPolicy"
    ]
    (may,) = [one for one in policy["PolicyDocument"]["Statement"] if one.get("Sid") == "LookAtRoles"]
    of_the_hub = [one for one in map(json.loads, LOOKED_AT) if one["account"] == HUB and one["kind"] == Kind.ROLE.value]
    assert {one["name"] for one in of_the_hub} == {arn.rpartition("/")[2] for arn in may["Resource"]}
