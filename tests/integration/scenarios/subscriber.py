"""A subscriber in another account: a bus of its own that hears everything Steward announces, and a queue behind it."""

import json
import time
from typing import Any

from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver


class Subscriber:
    """The prod account listens; the hub's operators let the governance bus forward to it."""

    def __init__(self, driver: Driver) -> None:
        self.driver, self.name = driver, unique("subscriber")
        self.began = time.strftime("%Y-%m-%dT%H:%M:%S.999999Z", time.gmtime())
        self.undelivered_before = driver.undelivered()
        self.heard: list[dict[str, Any]] = []
        account, region, hub = driver.accounts["prod"], driver.region, driver.accounts["hub"]
        events, sqs = driver.client("events", "prod"), driver.client("sqs", "prod")
        self.bus = events.create_event_bus(Name=self.name)["EventBusArn"]
        events.put_permission(EventBusName=self.name, StatementId="hub", Principal=hub, Action="events:PutEvents")
        self.queue = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        target = f"arn:aws:sqs:{region}:{account}:{self.name}"
        policy = _policy("sqs:SendMessage", target, {"Service": "events.amazonaws.com"})
        sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": json.dumps(policy)})
        events.put_rule(Name=self.name, EventBusName=self.name, EventPattern=json.dumps({"source": ["steward"]}))
        events.put_targets(Rule=self.name, EventBusName=self.name, Targets=[{"Id": "queue", "Arn": target}])
        self._forward(driver, hub)

    def _forward(self, driver: Driver, hub: str) -> None:
        """What `SubscriberBusArn` makes the hub's template do."""
        iam, events = driver.client("iam", "hub"), driver.client("events", "hub")
        trust = _policy("sts:AssumeRole", None, {"Service": "events.amazonaws.com"})
        role = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        allowed = json.dumps(_policy("events:PutEvents", self.bus))
        iam.put_role_policy(RoleName=self.name, PolicyName="forward", PolicyDocument=allowed)
        bus = driver.outputs["GovernanceBus"]
        events.put_rule(Name=self.name, EventBusName=bus, EventPattern=json.dumps({"source": ["steward"]}))
        target = {"Id": "subscriber", "Arn": self.bus, "RoleArn": role}
        assert events.put_targets(Rule=self.name, EventBusName=bus, Targets=[target])["FailedEntryCount"] == 0

    def listen(self) -> list[dict[str, Any]]:
        """Everything heard so far, oldest first."""
        sqs = self.driver.client("sqs", "prod")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
            self.heard.extend(json.loads(message["Body"]) for message in messages)
            for message in messages:
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self.heard


def _policy(action: str, resource: str | None, principal: dict[str, str] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action}
    statement |= {"Resource": resource} if resource else {}
    statement |= {"Principal": principal} if principal else {}
    return {"Version": "2012-10-17", "Statement": [statement]}
