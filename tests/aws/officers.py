"""The life of a policy: published, given to a group, loosened by two officers; a role delegated and taken back.

In the end the policy of use cases is loosened, and a use case judged by it.

Every act but the registration is a command, signed at the moment at which it is given by whoever gives it.
"""

from typing import Any

from governance.adapters.policy_files import shipped_policies
from governance.domain.identifiers import Person, person_behind
from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.life import tell
from tests.aws.standins import Callers
from tests.builders import ADA, HUB, KATHERINE, after, change, group_arn
from tests.unit.governance.use_cases.board import ID, describes
from tests.unit.governance.use_cases.policies_made import as_written

ANNIE = person_behind(f"arn:aws:sts::{HUB}:assumed-role/steward-second-officer/annie.easley")
DOROTHY = person_behind(f"arn:aws:sts::{HUB}:assumed-role/steward-validator/dorothy.vaughan")

ROLES = {
    "OWNER_ROLES": "steward-model-owner",
    "VALIDATOR_ROLES": "steward-validator",
    "OFFICER_ROLES": "steward-officer,steward-second-officer",
}
"""Who holds which role in this life."""

STRICT = shipped_policies()["sr-26-2"].content()
LOOSE = {**STRICT, "gates": [one for one in STRICT["gates"] if one["kind"] != "metric"]}


class AtTheirTime(Callers):
    """STS, which finds that whoever signs at a time is who acts in that part of the life."""

    turns: tuple[tuple[int, Person], ...] = ()

    def __init__(self, cloud: Cloud) -> None:
        super().__init__("")
        self.cloud = cloud

    def GetCallerIdentity(self) -> dict[str, Any]:  # noqa: N802 - the name is AWS's
        now = self.cloud.clock.moment
        turns = self.turns or tuple(WHO.items())
        self.arn = [who.arn for minute, who in turns if after(minute * 60) <= now][-1]
        return super().GetCallerIdentity()


WHO = {-60: KATHERINE, 40: ANNIE, 60: KATHERINE, 70: ANNIE, 80: DOROTHY, 100: KATHERINE, 110: ANNIE, 120: DOROTHY}
"""Who acts from which minute on."""


def begun(cloud: Cloud) -> None:
    """The first officer comes, and publishes a policy before any version is there."""
    cloud.seam.standins = {**cloud.seam.standins, "sts": AtTheirTime(cloud)}
    publish(cloud, -30, STRICT)


def asked(cloud: Cloud, minute: int, command: str, **more: Any) -> None:
    """Somebody gives a command."""
    cloud.clock.moment = after(minute * 60)
    cloud.queue.append(Delivery("Decide", signed(cloud, command, minute, **more)))


def publish(cloud: Cloud, minute: int, document: dict[str, Any]) -> None:
    asked(cloud, minute, "publish-policy", document=document)


def assign(cloud: Cloud, minute: int, policy: str) -> None:
    asked(cloud, minute, "assign-policy", policy=policy, group=group_arn())


CANARY = {
    "title": "A canary",
    "stages": {"production": {"instances": {"count": 4}, "rollout": {"kind": "canary", "percent": 25}}},
}


def profile(cloud: Cloud) -> None:
    asked(cloud, 75, "set-deployment-profile", document=CANARY, group=group_arn())


FEWER = as_written(people_by_class={"high": 1, "limited": 1, "minimal": 1})


def reject(cloud: Cloud) -> None:
    findings = [{"severity": "high", "text": "nobody said what it is for"}]
    asked(cloud, 120, "reject-use-case", use_case=ID, stage="proof-of-concept", findings=findings)


DELEGATED = {"group": group_arn(), "role": "validator", "to": "mary.jackson"}

STEPS = (
    ("an officer publishes a policy", begun),
    ("and puts a group under it", lambda c: assign(c, -20, "sr-26-2")),
    ("the group's first version is registered", lambda c: tell(c, change(0), 0, ADA)),
    ("the officer proposes one that asks less", lambda c: publish(c, 30, LOOSE)),
    ("which another officer confirms", lambda c: publish(c, 40, LOOSE)),
    ("an officer proposes to put the group under the built-in one", lambda c: assign(c, 60, "default")),
    ("which another officer confirms", lambda c: assign(c, 70, "default")),
    ("and sets how its versions are deployed", profile),
    ("a validator delegates", lambda c: asked(c, 80, "delegate", **DELEGATED, until=after(86_400).isoformat())),
    ("and takes it back", lambda c: asked(c, 90, "end-delegation", **DELEGATED)),
    ("an officer proposes that fewer people decide on use cases", lambda c: publish(c, 100, FEWER)),
    ("and writes one down", lambda c: asked(c, 105, "create-use-case", document=describes(owner="mary.jackson"))),
    ("another officer confirms what was proposed", lambda c: publish(c, 110, FEWER)),
    ("a validator sends the use case back", reject),
)
