"""The life of a use case: on record, assessed, advanced by two people, its models attached, sent back, succeeded.

Every act but the registration and the approval of the version is a command, signed when it is given by whoever gives
it: a model owner writes it down, a validator and an officer decide.
"""

import json
from typing import Any

from governance.domain.registry import PackageChange
from governance.domain.values import sha256_of
from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.life import tell
from tests.aws.officers import ANNIE, DOROTHY, ROLES, AtTheirTime
from tests.aws.resources import INTAKE_BUS
from tests.aws.standins import Topic
from tests.builders import ADA, KATHERINE, MARY, after, approved, change, group_arn, package_arn
from tests.template.translation import ROOT
from tests.unit.governance.use_cases.board import answers, describes

__all__ = ["ROLES"]

ID = "credit-risk"
"""As the tags of the group have it."""

TURNS = (
    (0, MARY), (10, DOROTHY), (20, KATHERINE), (30, DOROTHY), (40, MARY), (80, KATHERINE), (90, DOROTHY),
    (100, KATHERINE), (110, MARY), (120, DOROTHY), (130, ANNIE), (140, MARY), (170, KATHERINE),
)  # fmt: skip
"""Who acts from which minute on."""


class Desk(AtTheirTime):
    """STS, which finds that whoever signs at a time is who acts in that part of the life."""

    turns = TURNS


def begun(cloud: Cloud) -> None:
    """A model owner comes, and writes a use case down."""
    topic = Topic()
    cloud.seam.standins = {**cloud.seam.standins, "sts": Desk(cloud), "sns": topic}
    cloud.others.append(topic)
    told = describes(id=ID, owner="mary.jackson", human_oversight="a loan officer may overrule it")
    asked(cloud, 0, "create-use-case", document=told)


def asked(cloud: Cloud, minute: int, command: str, **more: Any) -> None:
    """Somebody gives a command."""
    cloud.clock.moment = after(minute * 60)
    cloud.queue.append(Delivery("Decide", signed(cloud, command, minute + 1, **more)))


def on(cloud: Cloud, minute: int, command: str, **more: Any) -> None:
    """Somebody gives a command about the use case."""
    asked(cloud, minute, command, use_case=ID, **more)


def assess(cloud: Cloud, minute: int, ai_act_class: str) -> None:
    on(cloud, minute, "assess-use-case", document=answers(ai_act_class))


def advance(cloud: Cloud, minute: int, stage: str) -> None:
    on(cloud, minute, "advance-use-case", stage=stage)


def send_back(cloud: Cloud) -> None:
    findings = [{"severity": "high", "text": "nobody said how it is explained", "owner": "mary.jackson"}]
    on(cloud, 130, "reject-use-case", stage="quality-assurance", findings=findings)


def answer(cloud: Cloud) -> None:
    """The finding's id is made of the request that raised it."""
    raised = signed(cloud, "reject-use-case", 131)["payload"]["request_id"]
    on(cloud, 140, "answer-use-case-finding", finding=f"finding-{sha256_of(f'{raised}|0')[:12]}")


def registered(cloud: Cloud) -> None:
    tell(cloud, change(50 * 60), 50 * 60, ADA)


def taken_back(at: float) -> PackageChange:
    """The approval status of the version is set to pending again."""
    fields = {"UpdatedModelPackageFields": ["ModelApprovalStatus"], "arn": package_arn()}
    return change(at, "PendingManualApproval", **fields)


DECISION = json.loads((ROOT / "events/record_decisions-decision-served.json").read_text())


def served(cloud: Cloud) -> None:
    """A version of the group takes part in a decision, and the workload account tells."""
    cloud.clock.moment = after(210 * 60)
    detail = {**DECISION["detail"], "served_at": after(205 * 60).isoformat()}
    cloud.happens({**DECISION, "detail": detail}, INTAKE_BUS)


GROUP, OTHER = group_arn(), group_arn("credit-risk-lgd")
HEARD_OF, UNHEARD_OF = group_arn("credit-risk-ead"), group_arn("credit-risk-ccf")


def stacked(cloud: Cloud, group: str) -> None:
    """The ML engineer deploys a stack that makes a group for the use case."""
    tags = {"aws:cloudformation:stack-name": "model-group-x", "aws:cloudformation:logical-id": "ModelGroup"}
    told = {"steward:line-of-business": "retail", "steward:project": "loans"}
    cloud.registry.tags[group] = {**tags, **told, "steward:use-case-id": ID}


def first_of(cloud: Cloud, group: str, minute: int) -> None:
    """The first version of such a group is registered."""
    stacked(cloud, group)
    arn = package_arn(group.rpartition("/")[2], 1)
    tell(cloud, change(minute * 60, arn=arn, **{"CreationTime": after(minute * 60).isoformat()}), minute * 60, ADA)


def unheard_of(cloud: Cloud) -> None:
    """Nobody hears of another one, and the reconciler comes by."""
    first_of(cloud, UNHEARD_OF, 190)
    cloud.queue.clear()
    cloud.clock.moment = after(200 * 60)
    cloud.queue.append(Delivery("ReconcileRegistry", {"mode": "reconcile", "groups": ["credit-risk-ccf"]}))


STEPS = (
    ("a model owner writes a use case down", begun),
    ("a validator assesses it: high", lambda c: assess(c, 10, "high")),
    ("an officer approves the proof of concept", lambda c: advance(c, 20, "proof-of-concept")),
    ("and so does a validator", lambda c: advance(c, 30, "proof-of-concept")),
    ("the owner attaches a group", lambda c: on(c, 40, "attach-group", group=GROUP)),
    ("a version of it is registered", registered),
    ("and approved in development", lambda c: tell(c, approved(80 * 60, arn=package_arn()), 80 * 60, KATHERINE)),
    ("a validator approves development", lambda c: advance(c, 90, "development")),
    ("and so does an officer", lambda c: advance(c, 100, "development")),
    ("the owner attaches another group", lambda c: on(c, 110, "attach-group", group=OTHER)),
    ("and detaches it", lambda c: on(c, 115, "detach-group", group=OTHER)),
    ("a validator proposes a lower class", lambda c: assess(c, 120, "limited")),
    ("which an officer sends back, and the owner answers", send_back),
    ("a finding is answered", answer),
    ("what it is is written down anew",
     lambda c: asked(c, 150, "change-use-case", document=describes(id=ID, owner="mary.jackson", name="Scores"))),
    ("another use case comes on record", lambda c: asked(c, 155, "create-use-case", document=describes(id="scores"))),
    ("which is to succeed it", lambda c: on(c, 160, "name-successor", successor="scores")),
    ("an officer has the lower class too", lambda c: assess(c, 170, "limited")),
    ("the version is approved no more", lambda c: tell(c, taken_back(175 * 60), 175 * 60, KATHERINE)),
    ("a version of a group that a stack made is registered", lambda c: first_of(c, HEARD_OF, 180)),
    ("one of another is not heard of, and the reconciler comes by", unheard_of),
    ("a version of the first takes part in a decision", served),
)  # fmt: skip
