"""A model group is made from the command line, by as many people as it takes; and by the same command throughout."""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from governance import bootstrap
from governance.domain.identifiers import Person, person_behind
from governance.settings import Settings
from steward.install import Session
from tests.aws.cloud import Cloud
from tests.aws.officers import DOROTHY
from tests.aws.resources import ARTIFACTS, client, table_items
from tests.aws.standins import Refused, StandIn
from tests.builders import HUB, KATHERINE, MARY, group_arn
from tests.template.translation import TemplateLoader
from tests.unit.cli.commands import Lambda
from tests.unit.cli.conftest import Steward
from tests.unit.cli.test_publishing import WHY, comes, functions, hub, told
from tests.unit.cli.test_use_cases import ASSESSMENT, USE_CASE

__all__ = ["functions", "hub"]

NINA = person_behind(f"arn:aws:sts::{HUB}:assumed-role/steward-ml-engineer/nina")
NAME, STACK = "credit-risk-new", "model-group-credit-risk-new"
GROUP = group_arn(NAME)
ROWS = b"income,age,bad\n0.2,30,0\n1.8,40,1\n"
PROFILE = (
    "title: A quarter first\nstages:\n  production:\n    capture: {percent: 5, to: s3://captured/data-capture/y}\n"
)
WANTED = """\
use_case: credit-risk
group: credit-risk-new
owner: mary.jackson
risk: medium
shared_with:
  accounts: ["111122223333"]
validation_set: {file: rows.csv, target: bad}
deployment_profile: profile.yaml
"""


class CloudFormation(StandIn):
    """CloudFormation of model groups, for the ML engineer alone; and the hub's own stack, for everybody to see.

    Of an update it takes the template's default for whatever it is not told, as AWS does.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.real = cloud, client("cloudformation").describe_stacks(StackName="steward")["Stacks"][0]
        self.stacks: dict[str, dict[str, str]] = {}
        self.sets: dict[str, dict[str, Any]] = {}
        self.fails = ""

    def check(self) -> None:
        if self.cloud.seam.standins["sts"].arn != NINA.arn:
            raise Refused("AccessDenied", "User: x is not authorized to perform: cloudformation:X on resource: y")

    def DescribeStacks(self, StackName: str) -> dict[str, Any]:  # noqa: N802, N803
        if StackName == "steward":
            roles = {"OwnerRoles": "steward-model-owner", "ValidatorRoles": "steward-validator"}
            named = [{"ParameterKey": key, "ParameterValue": value} for key, value in roles.items()]
            return {"Stacks": [{**self.real, "Parameters": [*self.real["Parameters"], *named]}]}
        self.check()
        if StackName not in self.stacks:
            raise Refused("ValidationError", f"Stack with id {StackName} does not exist")
        known = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.stacks[StackName].items()]
        told = {"StackStatus": self.fails or "UPDATE_COMPLETE", "StackStatusReason": "as the test has it"}
        return {"Stacks": [{"StackName": StackName, **told, "Parameters": known}]}

    def DescribeStackEvents(self, StackName: str) -> dict[str, Any]:  # noqa: N802, N803
        return {"StackEvents": []}

    def CreateChangeSet(self, StackName: str, ChangeSetType: str, **asked: Any) -> dict[str, Any]:  # noqa: N802, N803
        self.check()
        assert (ChangeSetType == "UPDATE") == (StackName in self.stacks)
        before = self.stacks.get(StackName, {})
        given = {one["ParameterKey"]: one.get("ParameterValue") for one in asked.get("Parameters", [])}
        kept = {one["ParameterKey"] for one in asked.get("Parameters", []) if one.get("UsePreviousValue")}
        template = yaml.load(asked["TemplateBody"], Loader=TemplateLoader)
        defaults = {key: str(one.get("Default", "")) for key, one in template.get("Parameters", {}).items()}
        if unknown := (given.keys() - defaults.keys()) | (kept - before.keys()):
            raise Refused("ValidationError", f"Parameters: {sorted(unknown)} do not exist")
        given = {**defaults, **given, **{key: before[key] for key in kept}}
        made = f"arn:change-set-{len(self.sets)}"
        self.sets[made] = {"stack": StackName, "kind": ChangeSetType, "given": given}
        return {"Id": made}

    def DescribeChangeSet(self, ChangeSetName: str, StackName: str) -> dict[str, Any]:  # noqa: N802, N803
        given = self.sets[ChangeSetName]["given"]
        if self.stacks.get(StackName) == given:
            return {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
        kind = {"LogicalResourceId": "ModelGroup", "ResourceType": "AWS::SageMaker::ModelPackageGroup"}
        action = {"CREATE": "Add", "UPDATE": "Modify", "IMPORT": "Import"}[self.sets[ChangeSetName]["kind"]]
        return {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": {**kind, "Action": action}}]}

    def DeleteChangeSet(self, ChangeSetName: str, StackName: str) -> dict[str, Any]:  # noqa: N802, N803
        del self.sets[ChangeSetName]
        return {}

    def ExecuteChangeSet(self, ChangeSetName: str, StackName: str) -> dict[str, Any]:  # noqa: N802, N803
        given = self.sets.pop(ChangeSetName)["given"]
        self.stacks[StackName] = given
        mine = {"aws:cloudformation:stack-name": StackName, "aws:cloudformation:logical-id": "ModelGroup"}
        said = {"steward:use-case-id": given.get("UseCaseId"), "steward:line-of-business": given.get("LineOfBusiness")}
        said |= {"steward:project": given.get("Project")}
        kept = self.cloud.registry.tags.get(GROUP, {})
        self.cloud.registry.tags[GROUP] = {**kept, **mine, **{key: value for key, value in said.items() if value}}
        return {}


class OfTheHub(Lambda):
    """Decides for who has a role, and reconciles for the ML engineer."""

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        engineer = self.cloud.seam.standins["sts"].arn == NINA.arn
        if FunctionName == "reconcile" and engineer:
            (group,) = json.loads(Payload)["groups"]
            cloud = self.cloud
            tags = cloud.registry.tags[group_arn(group)]
            told = Settings(governance_table="steward-governance")
            grouping = bootstrap.grouping(told, self.now)
            grouping.taking_in.take_in(group_arn(group), tags, grouping.groups.get(group_arn(group)), "reconcile")
            answer = {"done": True, "differences": [], "counts": {}}
            return {"Payload": io.BytesIO(json.dumps(answer).encode())}
        if engineer or FunctionName == "reconcile":
            words = f"User: x is not authorized to perform: lambda:InvokeFunction on resource: {FunctionName}"
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": words}}, "Invoke")
        return super().invoke(FunctionName, Payload)


@pytest.fixture
def formation(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    """The ML engineer's tools, beside the others'."""
    made, asked = CloudFormation(hub), OfTheHub(hub)
    hub.seam.standins = {**hub.seam.standins, "cloudformation": made}
    real = Session.client
    monkeypatch.setattr("governance.adapters.cloudformation_stacks.time.sleep", lambda _seconds: None)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: asked.now().replace(tzinfo=None))
    monkeypatch.setattr(
        Session, "client", lambda self, name, **more: asked if name == "lambda" else real(self, name, **more)
    )
    tags = dict(hub.registry.tags)
    yield made
    hub.registry.tags = tags
    hub.seam.standins = {name: one for name, one in hub.seam.standins.items() if name != "cloudformation"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_bytes(ROWS)
    (tmp_path / "profile.yaml").write_text(PROFILE)
    (tmp_path / "onboarding.yaml").write_text(WANTED)
    return tmp_path / "onboarding.yaml"


def approved(steward: Steward, hub: Cloud) -> None:
    """The example's use case, whose proof of concept two people approved."""
    comes(hub, MARY)
    told(steward, "use-case", "create", USE_CASE, *WHY)
    for who in (DOROTHY, KATHERINE):
        comes(hub, who)
        told(steward, "use-case", "assess", "credit-risk", ASSESSMENT, *WHY)
        steward("use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)


def steps(steward: Steward, hub: Cloud, who: Person, file: Path, *more: str, code: int = 0) -> dict[str, str]:
    """How far each step is after somebody ran the command."""
    comes(hub, who)
    document = told(steward, "onboard", str(file), *WHY, *more, code=code)
    return {one["name"]: one["state"] for one in document["steps"]}


STEPS = ("use case", "stack", "use case's group", "deployment profile", "validation set")


def as_states(*states: str) -> dict[str, str]:
    return dict(zip(STEPS, states, strict=True))


def test_everything_that_is_wrong_is_said_at_once_with_line_and_field(steward: Steward, file: Path):
    wrong = WANTED.replace("group: credit-risk-new", "group: -new").replace('"111122223333"', '"1111"')
    file.write_text(wrong.replace("medium", "middling").replace("owner:", "ownr:"))
    refused: Any = told(steward, "onboard", str(file), *WHY, code=3)
    for words in (
        "line 2: group: “-new” is no name",
        "line 3: ownr: there is no such field; did you mean owner?",
        "line 4: risk: “middling”",
        "line 6: shared_with.accounts[0]: “1111”",
        "owner: it is missing",
    ):
        assert words in refused["error"]["message"], words


def test_a_group_is_made_by_the_people_whose_steps_they_are_with_one_command(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    approved(steward, hub)
    assert steps(steward, hub, KATHERINE, file, code=6) == as_states("done", *["waits"] * 4), "no stack is hers"
    assert steps(steward, hub, NINA, file, code=6) == as_states("done", "done", "done", "waits", "waits")
    assert steps(steward, hub, KATHERINE, file, code=6) == as_states("done", "done", "done", "done", "waits")
    assert steps(steward, hub, MARY, file) == as_states(*["done"] * 5)
    bound = hub.registry.tags[GROUP]
    pinned = hashlib.sha256(ROWS).hexdigest()
    assert bound["steward:validation-set-sha256"] == pinned
    key = f"validation/{NAME}/{pinned}.csv"
    assert client("s3").get_object(Bucket=ARTIFACTS, Key=key)["Body"].read() == ROWS
    before = table_items()
    steps(steward, hub, NINA, file)
    assert formation.stacks[STACK]["ValidationSetSha256"] == pinned, "what is bound stays bound"
    assert steps(steward, hub, NINA, file) == as_states(*["done"] * 5)
    assert table_items() == before, "done once"


def test_what_the_file_cannot_say_stays_as_the_stack_was_told(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    """Or the policy of the group would lose what it denies."""
    approved(steward, hub)
    steps(steward, hub, NINA, file, code=6)
    hardened = {"DecidingRoleArns": f"arn:aws:iam::{HUB}:role/officer", "DecisionsAtRegistration": "refuse"}
    formation.stacks[STACK] |= {**hardened, "FromAnotherTemplate": "x"}
    file.write_text(WANTED.replace("medium", "high"))
    steps(steward, hub, NINA, file, code=6)
    made = formation.stacks[STACK]
    assert {key: made.get(key) for key in (*hardened, "Risk")} == {**hardened, "Risk": "high"}
    assert "FromAnotherTemplate" not in made


def test_whoever_is_waited_for_is_named_with_what_they_run(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    approved(steward, hub)
    comes(hub, NINA)
    result = steward("onboard", str(file), *WHY)
    assert result.exit_code == 6
    for words in ("Waits for an officer; the model owner or a validator", "steward profile set credit-risk-new"):
        assert words in result.stdout, words


def test_an_interrupted_stack_is_waited_for_and_a_broken_one_is_said(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    approved(steward, hub)
    formation.stacks[STACK], formation.fails = {}, "ROLLBACK_COMPLETE"
    comes(hub, NINA)
    refused: Any = told(steward, "onboard", str(file), *WHY, code=3)
    assert "ROLLBACK_COMPLETE (as the test has it): delete it" in refused["error"]["message"]


def test_a_dry_run_plans_everything_and_does_nothing(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    approved(steward, hub)
    before = table_items()
    found = steps(steward, hub, NINA, file, "--dry-run")
    assert found == as_states("done", *["to-do"] * 4)
    assert (table_items(), formation.stacks, formation.sets) == (before, {}, {})
    assert GROUP not in hub.registry.tags


def test_a_group_that_was_made_otherwise_is_adopted_as_it_is(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    approved(steward, hub)
    hub.registry.tags[GROUP] = {"steward:use-case-id": "credit-risk"}
    comes(hub, NINA)
    document: Any = told(steward, "onboard", str(file), *WHY, code=6)
    assert "adopted the group that was there" in document["steps"][1]["detail"]
    assert formation.stacks[STACK]["Description"] == "As it was made.", "it cannot be changed"


def test_a_group_of_another_use_case_is_left_alone(steward: Steward, hub: Cloud, formation: CloudFormation, file: Path):
    approved(steward, hub)
    hub.registry.tags[GROUP] = {"steward:use-case-id": "churn"}
    comes(hub, NINA)
    refused: Any = told(steward, "onboard", str(file), *WHY, code=3)
    assert "is there and of churn" in refused["error"]["message"]
    assert formation.stacks == {}


def test_what_another_stack_made_is_changed_there(steward: Steward, hub: Cloud, formation: CloudFormation, file: Path):
    approved(steward, hub)
    mine = {"aws:cloudformation:stack-name": "SC-1-pp-2", "aws:cloudformation:logical-id": "ModelGroup"}
    hub.registry.tags[GROUP] = {"steward:use-case-id": "credit-risk", **mine}
    comes(hub, NINA)
    document: Any = told(steward, "onboard", str(file), *WHY, code=6)
    assert document["steps"][1]["detail"] == "SC-1-pp-2 made it; change it there"
    assert formation.stacks == {}


def test_a_use_case_that_may_have_none_is_refused_with_what_to_do(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path
):
    comes(hub, NINA)
    assert "on record" in told(steward, "onboard", str(file), *WHY, code=4)["error"]["message"]
    comes(hub, MARY)
    told(steward, "use-case", "create", USE_CASE, *WHY)
    comes(hub, NINA)
    refused: Any = told(steward, "onboard", str(file), *WHY, code=3)
    assert "steward use-case advance credit-risk" in refused["error"]["remedy"]
    assert formation.stacks == {}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (("validation_set: {file: rows.csv, target: bad}", "validation_set: {file: rows.csv, target: x}"), "no column"),
        (("{file: rows.csv,", "{file: gone.csv,"), "which is not there"),
        (("risk: medium", "risk: medium\nline_of_business: insurance"), "line_of_business: credit-risk says"),
        (("{file: rows.csv, target: bad}", f"{{uri: s3://other/validation/x, sha256: {'a' * 64}, target: bad}}"),
         "does not lie in"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    steward: Steward, hub: Cloud, formation: CloudFormation, file: Path, changed: tuple[str, str], words: str
):
    approved(steward, hub)
    file.write_text(WANTED.replace(*changed))
    comes(hub, NINA)
    result = steward("onboard", str(file), *WHY)
    assert (result.exit_code in {2, 3}, words in result.stderr) == (True, True), result.stderr
    assert formation.stacks == {}
