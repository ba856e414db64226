"""The life of a use case whose model serves in test, and which two people retire: until nothing of it is left.

Version 7 serves in test when the use case is retired; version 8 waits for its approval, and version 9 was retired by
its owner before.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.aws.cloud import Cloud
from tests.aws.life import EIGHT, EIGHTH, NINE, NINTH, SEVEN, job, tell, turned
from tests.aws.officers import DOROTHY, ROLES, AtTheirTime
from tests.aws.standins import Answer, Refused, StandIn, Topic
from tests.aws.use_cases import GROUP, ID, advance, asked, on
from tests.builders import ADA, HUB, KATHERINE, MARY, approved, change
from tests.template.translation import REGION
from tests.unit.governance.use_cases.board import answers, describes

__all__ = ["ROLES"]

SHARE = f"arn:aws:ram:{REGION}:{HUB}:resource-share/0f3a51c2"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "RegisterAndDescribeVersions", "Effect": "Allow", "Action": "sagemaker:CreateModelPackage"},
        {"Sid": "OnlyTheseDecidePastDevelopment", "Effect": "Deny", "Action": "sagemaker:UpdateModelPackage"},
    ],
}
"""As much of `stacks/model-group.yaml` as matters here."""

TURNS = (
    (0, MARY), (3, DOROTHY), (5, KATHERINE), (7, MARY), (47, KATHERINE), (80, MARY), (90, KATHERINE),
)  # fmt: skip
"""Who acts from which minute on."""


class Desk(AtTheirTime):
    """STS, which finds that whoever signs at a time is who acts in that part of the life."""

    turns = TURNS


class Sharing(StandIn):
    """What lets other accounts use the group: RAM, and the group's resource policy in the registry."""

    def __init__(self, registry: StandIn) -> None:
        self.registry = registry
        self.kept: dict[str, Any] = {"policy": json.dumps(POLICY), "shares": [SHARE]}

    def answer(self, operation: str, parameters: Any) -> Answer:
        """The registry answers what is not about sharing."""
        mine = "ResourceShare" in operation or "GroupPolicy" in operation
        return super().answer(operation, parameters) if mine else self.registry.answer(operation, parameters)

    def GetResourceShareAssociations(self, resourceArn: str, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        told = [{"resourceShareArn": one, "status": "ASSOCIATED"} for one in self.kept["shares"]]
        return {"resourceShareAssociations": told if resourceArn == GROUP else []}

    def DisassociateResourceShare(self, resourceShareArn: str, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        self.kept["shares"] = [one for one in self.kept["shares"] if one != resourceShareArn]
        return {"resourceShareAssociations": []}

    def GetModelPackageGroupPolicy(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        if not self.kept["policy"]:
            raise Refused("ValidationException", f"Cannot find resource policy for: {GROUP}")
        return {"ResourcePolicy": self.kept["policy"]}

    def PutModelPackageGroupPolicy(self, ResourcePolicy: str, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        self.kept["policy"] = ResourcePolicy
        return {"ModelPackageGroupArn": GROUP}


def begun(cloud: Cloud) -> None:
    """A model owner writes a use case down."""
    sharing, topic = Sharing(cloud.registry), Topic()
    cloud.others += [sharing, topic]
    own = {"sts": Desk(cloud), "ram": sharing, "sagemaker": sharing, "sns": topic}
    cloud.seam.standins = {**cloud.seam.standins, **own}
    told = describes(id=ID, owner="mary.jackson")
    asked(cloud, 0, "create-use-case", document=told)


def registered(cloud: Cloud, at: float, arn: str, born: dict[str, Any]) -> None:
    tell(cloud, change(at, arn=arn, **born), at, ADA)


def signed_before(cloud: Cloud, step: Callable[[], None]) -> None:
    """A command arrives a little later than it was signed."""
    step()
    cloud.clock.wait(5)


STEPS = (
    ("a model owner writes a use case down", begun),
    ("a validator assesses it", lambda c: on(c, 3, "assess-use-case", document=answers("minimal"))),
    ("an officer approves the proof of concept", lambda c: advance(c, 5, "proof-of-concept")),
    ("the owner attaches a group", lambda c: on(c, 7, "attach-group", group=GROUP)),
    ("version 7 is registered", lambda c: tell(c, change(600), 600, ADA)),
    ("version 8 is registered", lambda c: registered(c, 840, EIGHT, EIGHTH)),
    ("version 9 is registered", lambda c: registered(c, 1500, NINE, NINTH)),
    ("its owner retires it", lambda c: signed_before(c, lambda: asked(c, 30, "retire", version=NINE))),
    ("version 7 is approved", lambda c: tell(c, approved(48 * 60), 48 * 60, KATHERINE)),
    ("it may be deployed", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 49 * 60)),
    ("it serves", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 50 * 60)),
    ("the owner wants the use case retired", lambda c: signed_before(c, lambda: on(c, 80, "retire-use-case"))),
    ("and so does an officer", lambda c: signed_before(c, lambda: on(c, 90, "retire-use-case"))),
    ("what serves may be removed", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 93 * 60)),
    ("it is removed", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 95 * 60)),
)
