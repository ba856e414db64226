"""The life of a version from before governance: brought on record, adopted, held, released, repaired, a name erased.

Every act but the first two is a command of the officer's, signed at the moment at which it is given.
"""

from datetime import timedelta
from typing import Any

from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.rows import Table
from governance.services.reconciliation import Governed
from tests.aws.cloud import Cloud, Delivery
from tests.aws.life import of_the_source
from tests.aws.resources import TABLE, client
from tests.aws.standins import Callers
from tests.builders import ADA, BORN, KATHERINE, after, approved, described, package_arn
from tests.template.translation import REGION, hub

SEVEN = package_arn(version=7)


def brought_in(cloud: Cloud) -> None:
    """Steward came when the version was there and approved; the reconciler brings it on record."""
    cloud.seam.standins = {**cloud.seam.standins, "sts": Callers(KATHERINE.arn)}
    told = approved(60).model_copy(update={"inference_specification": of_the_source()})
    answer = described(told, ADA, ADA).model_dump(by_alias=True, exclude_none=True)
    cloud.registry.packages[SEVEN] = {**answer, "InferenceSpecification": of_the_source()}
    DynamoDbJournal(Table(TABLE)).note("HUB#steward", "GOVERNED", Governed(since=BORN + timedelta(days=30)))
    cloud.clock.moment = after(40 * 86_400)
    cloud.queue.append(Delivery("ReconcileRegistry", {"mode": "backfill"}))


def decided(cloud: Cloud, minute: int, command: str, **more: Any) -> None:
    """The officer gives a command, which arrives a little later."""
    cloud.clock.moment = after(40 * 86_400 + minute * 60)
    delivery = Delivery("Decide", signed(cloud, command, minute, **more))
    cloud.clock.wait(5)
    cloud.queue.append(delivery)


def signed(cloud: Cloud, command: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """A command with a proof of this moment. What its signature is worth, the stand-in for STS does not ask."""
    asked = {"command": command, "request_id": f"00000000-0000-4000-8000-{number:012d}", "why": "as decided"}
    stamp = cloud.clock.moment.strftime("%Y%m%dT%H%M%SZ")
    scope = f"ASIAOFFICER000%2F{stamp[:8]}%2F{REGION}%2Fsts%2Faws4_request"
    proof = (
        "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={scope}&X-Amz-Date={stamp}&X-Amz-Expires=900"
        f"&X-Amz-SignedHeaders=host%3Bx-steward-digest&X-Amz-Signature={'0f' * 32}"
    )
    return {"payload": {**asked, "function": hub().arn("Decide"), **more}, "proof": proof}


def damaged(cloud: Cloud) -> None:
    """Somebody edits a row by hand, and the officer has it put right."""
    key = {"pk": {"S": f"MODEL#{SEVEN}"}, "sk": {"S": "STAGE#development"}}
    item = client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
    client("dynamodb").put_item(TableName=TABLE, Item={**item, "model_status": {"S": "rejected"}})
    decided(cloud, 40, "repair", version=SEVEN)


STEPS = (
    ("a version from before governance is brought on record", brought_in),
    ("the officer adopts it", lambda c: decided(c, 10, "adopt", version=SEVEN)),
    ("and holds it", lambda c: decided(c, 20, "hold", version=SEVEN)),
    ("and releases it", lambda c: decided(c, 30, "release-hold", version=SEVEN)),
    ("a row is damaged, and repaired", damaged),
    ("its author is forgotten", lambda c: decided(c, 50, "forget-person", name=KATHERINE.id)),
)
