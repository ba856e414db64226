"""The life of two versions in the hands of reviewers: found wanting, answered, approved, rejected, taken up again.

Every act but the registrations is a command, signed at the moment at which it is given by whoever gives it.
"""

from typing import Any

from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.rows import Table
from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.life import tell
from tests.aws.officers import DOROTHY
from tests.aws.resources import SOURCES, TABLE
from tests.aws.standins import Callers
from tests.builders import ADA, KATHERINE, MARY, after, change, package_arn

SEVEN, EIGHT = package_arn(version=7), package_arn(version=8)
WORSE = {"severity": "high", "text": "worse for the young", "owner": MARY.id}
SLOW = {"severity": "low", "text": "slow"}

WHO = {
    0: ADA, 10: DOROTHY, 20: MARY, 50: KATHERINE, 70: MARY, 80: DOROTHY, 90: MARY, 100: KATHERINE, 110: DOROTHY,
}  # fmt: skip
"""Who acts from which minute on."""


class AtTheirTime(Callers):
    """STS, which finds that whoever signs at a time is who acts in that part of the life."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__("")
        self.cloud = cloud

    def GetCallerIdentity(self) -> dict[str, Any]:  # noqa: N802 - the name is AWS's
        now = self.cloud.clock.moment
        self.arn = [who.arn for minute, who in WHO.items() if after(minute * 60) <= now][-1]
        return super().GetCallerIdentity()


def registered(cloud: Cloud) -> None:
    """A version is registered."""
    cloud.seam.standins = {**cloud.seam.standins, "sts": AtTheirTime(cloud)}
    tell(cloud, change(0), 0, ADA)


def asked(cloud: Cloud, minute: int, command: str, version: str = SEVEN, **more: Any) -> None:
    """Somebody gives a command, which arrives a little later."""
    cloud.clock.moment = after(minute * 60)
    delivery = Delivery("Decide", signed(cloud, command, minute, version=version, **more))
    cloud.clock.wait(5)
    cloud.queue.append(delivery)


def findings_on(version: str) -> list[str]:
    """The ids of what reviewers want put right."""
    return sorted(DynamoDbLedger(Table(TABLE)).open(version).state_of(version).reviews)


def answered(cloud: Cloud, minute: int, **more: Any) -> None:
    """Somebody says something of the finding on version 7."""
    asked(cloud, minute, "answer-finding", finding=findings_on(SEVEN)[0], **more)


def another(cloud: Cloud) -> None:
    """Version 8 is registered."""
    tell(cloud, change(3600, arn=EIGHT, CreationTime=after(3600).isoformat()), 3600, ADA)


def resubmitted(cloud: Cloud) -> None:
    """Version 8 takes the place of version 7."""
    asked(cloud, 70, "resubmit", EIGHT, of=SEVEN, answers=dict.fromkeys(findings_on(SEVEN), "put right"))


def attached(cloud: Cloud) -> None:
    """A document that is not there is attached."""
    asked(cloud, 120, "attach-evidence", EIGHT, kind="model-card", uri=f"s3://{SOURCES}/credit/card.json")


DEV, IN_TEST = {"stage": "development"}, {"stage": "test"}

STEPS = (
    ("a version is registered", registered),
    ("a validator finds it wanting", lambda c: asked(c, 10, "raise-findings", findings=[WORSE], **DEV)),
    ("the owner's approval waits", lambda c: asked(c, 20, "approve", **DEV)),
    ("the finding is given more time", lambda c: answered(c, 30, closes=False, due=after(864_000).isoformat())),
    ("it is answered, and the approval written", lambda c: answered(c, 40)),
    ("the officer rejects it in test", lambda c: asked(c, 50, "reject", findings=[WORSE, SLOW], **IN_TEST)),
    ("another version is registered", another),
    ("which takes the place of the first", resubmitted),
    ("the validator finds it slow", lambda c: asked(c, 80, "raise-findings", EIGHT, findings=[SLOW], **DEV)),
    ("the owner approves it in an emergency", lambda c: asked(c, 90, "break-glass", EIGHT, hours=4, **DEV)),
    ("the officer upholds that", lambda c: asked(c, 100, "review-emergency", EIGHT, upheld=True, **DEV)),
    ("the validator signs it off in test", lambda c: asked(c, 110, "sign-off", EIGHT, **IN_TEST)),
    ("and attaches a document", attached),
)  # fmt: skip
