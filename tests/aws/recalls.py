"""The life of three versions of which two are taken back: one in test on the owner's order, one by a quarantine.

Version 7 serves in test. Version 8 takes its place and is rolled back; version 9 comes, is quarantined while version
8 is being deployed again and cancelled, and released by another officer.
"""

from typing import Any

from tests.aws.cloud import Cloud, Delivery
from tests.aws.decisions import signed
from tests.aws.life import EIGHT, EIGHTH, NINE, NINTH, SEVEN, envelope, job, tell, turned
from tests.aws.officers import ANNIE
from tests.aws.resources import INTAKE_BUS
from tests.aws.standins import Callers
from tests.builders import ADA, KATHERINE, MARY, after, approved, change
from tests.template.translation import REGION, TEST

WHO = {0: ADA, 20: MARY, 40: KATHERINE, 60: ANNIE}
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


def begun(cloud: Cloud) -> None:
    """A version is registered."""
    cloud.seam.standins = {**cloud.seam.standins, "sts": AtTheirTime(cloud)}
    tell(cloud, change(0), 0, ADA)


def asked(cloud: Cloud, minute: int, command: str, version: str, **more: Any) -> None:
    """Somebody gives a command, which arrives a little later."""
    cloud.clock.moment = after(minute * 60)
    delivery = Delivery("Decide", signed(cloud, command, minute, version=version, **more))
    cloud.clock.wait(5)
    cloud.queue.append(delivery)


def registered(cloud: Cloud, at: float, arn: str, born: dict[str, Any]) -> None:
    """Another version of the same bytes is registered."""
    tell(cloud, change(at, arn=arn, **born), at, ADA)


def alarm(cloud: Cloud, at: float) -> None:
    """The account tells of an alarm on the endpoint of test."""
    name = "steward-credit-risk-pd-test-5xx"
    detail = {"alarmName": name, "state": {"value": "ALARM", "reason": "7 is more than 1"}, "configuration": {}}
    told = envelope("CloudWatch Alarm State Change", detail, "aws.cloudwatch", at, TEST)
    cloud.clock.moment = after(at + 1)
    cloud.happens({**told, "resources": [f"arn:aws:cloudwatch:{REGION}:{TEST}:alarm:{name}"]}, INTAKE_BUS)


STEPS = (
    ("version 7 is registered", begun),
    ("and approved", lambda c: tell(c, approved(60), 60)),
    ("its pipeline asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 120)),
    ("and succeeds", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 180)),
    ("version 8 is registered", lambda c: registered(c, 840, EIGHT, EIGHTH)),
    ("and approved", lambda c: tell(c, approved(900, arn=EIGHT, **EIGHTH), 900)),
    ("it may be deployed", lambda c: job(c, "VerifyDeployment", EIGHT, "test", 960)),
    ("it takes the place of version 7", lambda c: turned(c, EIGHT, "test", "SUCCEEDED", 1020)),
    ("the owner rolls it back", lambda c: asked(c, 20, "roll-back", EIGHT, stage="test")),
    ("version 7 may return", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 1260)),
    ("it serves again", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 1320)),
    ("version 9 is registered", lambda c: registered(c, 1500, NINE, NINTH)),
    ("and approved", lambda c: tell(c, approved(1560, arn=NINE, **NINTH), 1560)),
    ("it may be deployed", lambda c: job(c, "VerifyDeployment", NINE, "test", 1620)),
    ("it takes the place of version 7 too", lambda c: turned(c, NINE, "test", "SUCCEEDED", 1680)),
    ("an alarm on its endpoint goes on", lambda c: alarm(c, 1710)),
    ("version 8 is approved again, and being deployed", lambda c: tell(c, approved(1740, arn=EIGHT, **EIGHTH), 1740)),
    ("an officer quarantines version 9", lambda c: asked(c, 40, "quarantine", NINE)),
    ("and version 8, whose pipeline is to stop", lambda c: asked(c, 42, "quarantine", EIGHT)),
    ("it stops", lambda c: turned(c, EIGHT, "test", "STOPPED", 2580)),
    ("version 7 may return once more", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 2640)),
    ("it serves for good", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 2700)),
    ("another officer releases version 9", lambda c: asked(c, 60, "release", NINE)),
)
