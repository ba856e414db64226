"""A hub in one process: the template's resources in moto, its rules, its functions, and the seam between them.

What AWS does between our functions is done here: the table's stream goes to the relay, buses to whoever has a rule,
the copy state machine from task to task. Deliveries wait in a queue, so that a test decides what becomes of each.
"""

import copy
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import FakeDeleteMarker, s3_backends

from governance.domain.values import sha256_of
from tests.aws import moto_gaps_of_parts
from tests.aws.functions import Fleet
from tests.aws.moto_gaps import copy_of
from tests.aws.resources import ARTIFACTS, AUDITS, BUNDLES, FAILURES, TABLE, plain, table_items
from tests.aws.seam import ApiCall, Fault, Killed, Seam
from tests.aws.standins import Executions, Repositories, Runtime, Topic
from tests.builders import Clock
from tests.contract.reconciled import CatalogueStandIn, LambdaStandIn, PipelinesStandIn, TrailStandIn
from tests.template.test_events import matches
from tests.template.translation import HUB, REGION, hub

BUCKETS = (ARTIFACTS, BUNDLES, AUDITS)
FUNCTION_OF = {hub().arn(name): name for name in hub().of_type("AWS::Lambda::Function")}
NOTHING = {"source": ["a schedule matches no event"]}
MACHINE = hub().arn("CopyArtifactsMachine")
BREAKS_DOWN = "model-package/credit-risk-pd/10"
"""The version whose copies fail however often the state machine tries."""
BREAKS_IN_PARTS = "model-package/credit-risk-pd/11"
"""The version whose parts fail so, once some were copied."""
EXECUTION = "execution-1"
"""The first execution of every effect. Of most it is the only one."""
IS_STOPPED = "model-package/credit-risk-pd/12"
"""The version whose first execution is stopped once it has a plan."""
SLOW_DOWN = "An error occurred (SlowDown): Please reduce your request rate."
WORKING_PAPERS = "work/"
"""No part of any outcome: written again by every try, removed by a rule."""


RELAY = ("relay", hub().name("RelayChanges"), hub().arn("RelayChanges"))
"""Under which names others ask for the relay."""


class SageMaker(CatalogueStandIn):
    """The registry, in accounts in which no endpoint is."""

    def ListEndpoints(self, **_: Any) -> dict[str, Any]:  # noqa: N802 - the name is AWS's
        return {"Endpoints": []}


@dataclass(frozen=True)
class Delivery:
    """An event on its way to a function, and what is delivered once that has answered."""

    function: str
    event: dict[str, Any]
    then: Callable[[Any], list["Delivery"]] = lambda _: []


@dataclass
class Cloud:
    """The hub."""

    seam: Seam
    clock: Clock
    fleet: Fleet = field(default_factory=Fleet)
    registry: SageMaker = field(default_factory=lambda: SageMaker())
    pipelines: PipelinesStandIn = field(default_factory=PipelinesStandIn)
    images: Repositories = field(default_factory=lambda: Repositories())
    queue: deque[Delivery] = field(default_factory=deque)
    streamed: set[str] = field(default_factory=set)
    on_buses: list[dict[str, Any]] = field(default_factory=list)
    archives: bool = False
    """Whether the archive listens to the table's stream too: left out of lives that are not about it."""
    archived: set[str] = field(default_factory=set)
    others: list[Any] = field(default_factory=list)
    """Stand-ins that one life alone has: what is in their `kept` belongs to the present and to the outcome."""

    def __post_init__(self) -> None:
        self.registry.now = lambda: self.clock.moment
        self.seam.standins = {
            "sagemaker": self.registry,
            "codepipeline": self.pipelines,
            "sagemaker-runtime": Runtime(),
            "ecr": self.images,
            "sns": Topic(),
            "stepfunctions": Executions({execution_arn(EXECUTION): "ABORTED"}),
            "cloudtrail": TrailStandIn([]),
            "lambda": LambdaStandIn(dict.fromkeys(RELAY, self.relayed)),
        }

    def relayed(self, event: dict[str, Any]) -> dict[str, Any]:
        """The relay is asked by another function. It does what it does, whatever becomes of who asked."""
        self.queue.append(Delivery("RelayChanges", event))
        return {"batchItemFailures": []}

    def happens(self, event: dict[str, Any], bus: str = "") -> None:
        """An event is on a bus: on the default one, or on one of ours. Whoever has a rule for it will get it."""
        for rule in hub().of_type("AWS::Events::Rule").values():
            if (rule.get("EventBusName") or "") == bus and matches(rule.get("EventPattern") or NOTHING, event):
                for target in rule["Targets"]:
                    self.queue.append(
                        machine(event) if target["Arn"] == MACHINE else Delivery(FUNCTION_OF[target["Arn"]], event)
                    )

    def settle(self, deliver: Callable[[Delivery], None] | None = None) -> None:
        """Deliver until nothing is on its way any more."""
        while self.queue:
            (deliver or self.deliver)(self.queue.popleft())

    def deliver(self, delivery: Delivery, fault: Fault | None = None, at: int = 0) -> list[ApiCall]:
        """One delivery, and what follows from it. Raises what the function raises, once what it did is under way."""
        self.seam.taken.clear()
        try:
            with self.seam.watch(fault, at) as calls:
                answer = self.fleet.invoke(delivery.function, copy.deepcopy(delivery.event))
        except Killed:
            self.fleet.kill(delivery.function)
            raise
        finally:
            self.follow()
        if isinstance(answer, dict) and answer.get("batchItemFailures"):
            raise RuntimeError("the relay has failed")
        self.queue.extend(delivery.then(answer))
        return calls

    def follow(self) -> None:
        """What was put on buses goes to who has a rule, what was written to the table goes to the relay."""
        for call in self.seam.taken:
            for entry in call.parameters.get("Entries", []) if call.operation == "PutEvents" else []:
                event = on_the_bus(entry, self.clock)
                self.on_buses.append(event)
                self.happens(event, entry["EventBusName"])
        for detail in self.registry.changed:
            self.happens(registry_event(detail))
        self.registry.changed = []
        for item in table_items(is_meant=is_entry):
            key = item["pk"]["S"] + item["sk"]["S"]
            if key not in self.streamed:
                self.streamed.add(key)
                self.queue.append(Delivery("RelayChanges", stream_event(item)))
        if self.archives:
            self.archive()

    def archive(self) -> None:
        """New facts and entries go to the archive, as one batch."""
        new = {item["pk"]["S"] + item["sk"]["S"]: item for item in table_items(is_meant=is_kept)}
        new = {key: item for key, item in new.items() if key not in self.archived}
        self.archived |= new.keys()
        if new:
            records = [record for item in new.values() for record in stream_event(item)["Records"]]
            self.queue.append(Delivery("ArchiveAudit", {"Records": records}))

    def outcome(self) -> dict[str, Any]:
        """Everything that there is to show for it all: compared between a disturbed life and an undisturbed one."""
        # derived ids: without dashes they are not taken for version ids of S3, which are of chance
        announced = {event["detail"]["event_id"].replace("-", ""): event["detail-type"] for event in self.announced()}
        outcome = {
            "items": [plain(item) for item in table_items()],
            "objects": [one for bucket in BUCKETS for one in stored(bucket)],
            "executions": self.pipelines.executions,
            "jobs": self.pipelines.jobs,
            "announced": announced,
            "others": [one.kept for one in self.others],
            "uploads": sorted(one.key_name for one in moto_gaps_of_parts.uploads(ARTIFACTS).values()),
            "abandoned": sorted(key for key, many in versions(FAILURES) if hasattr(many[-1], "etag")),
        }
        return copy.deepcopy(outcome)

    def announced(self) -> list[dict[str, Any]]:
        """Everything that was put on the governance bus, as often as it was."""
        return [event for event in self.on_buses if event["source"] == "steward"]

    def snapshot(self) -> dict[str, Any]:
        """The present, to come back to."""
        return {
            "table": copy_of(dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE]),
            "objects": {bucket: dict(versions(bucket)) for bucket in (*BUCKETS, FAILURES)},
            "locks": [(one, lock_of(one)) for bucket in BUCKETS for _, kept in versions(bucket) for one in kept],
            "uploads": moto_gaps_of_parts.kept_uploads(ARTIFACTS),
            "pipelines": copy.deepcopy(vars(self.pipelines)),
            "packages": dict(self.registry.packages),
            "tokens": dict(self.registry.tokens),
            "elsewhere": dict(self.registry.elsewhere),
            "others": [copy.deepcopy(one.kept) for one in self.others],
            "mine": (list(self.queue), set(self.streamed), list(self.on_buses), self.clock.moment, set(self.archived)),
        }

    def restore(self, then: dict[str, Any]) -> None:
        """Come back to a present of before."""
        dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE] = copy_of(then["table"])
        for bucket, kept in then["objects"].items():
            keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[bucket].keys
            dict.clear(keys)  # not through moto's own methods, which would dispose of what comes back later
            for key, many in kept.items():
                dict.__setitem__(keys, key, list(many))
        for one, locked in then["locks"]:
            one.lock_mode, one.lock_until, one.lock_legal_status = locked
        moto_gaps_of_parts.restore_uploads(ARTIFACTS, then["uploads"])
        vars(self.pipelines).update(copy.deepcopy(then["pipelines"]))
        self.registry.packages, self.registry.tokens = dict(then["packages"]), dict(then["tokens"])
        self.registry.elsewhere = dict(then["elsewhere"])
        for one, kept in zip(self.others, then["others"], strict=False):
            one.kept = copy.deepcopy(kept)
        queue, streamed, on_buses, moment, archived = then["mine"]
        self.queue, self.streamed, self.on_buses = deque(queue), set(streamed), list(on_buses)
        self.clock.moment, self.archived = moment, set(archived)


def is_entry(sort_key: str) -> bool:
    """Whether an audit entry lies under a sort key: the relay announces those (docs/audit-chain.md)."""
    return sort_key.startswith("AUDIT#")


def is_kept(sort_key: str) -> bool:
    """Whether the archive keeps an item: facts and audit entries (docs/audit-chain.md)."""
    return is_entry(sort_key) or sort_key.startswith("FACT#")


def versions(bucket: str) -> Iterator[tuple[str, list[Any]]]:
    """The versions of every object of a bucket."""
    for key, kept in s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[bucket].keys.lists():
        yield key, list(kept)


def lock_of(one: Any) -> tuple[Any, Any, Any]:
    """How a version of an object is locked and held; a delete marker is not."""
    if isinstance(one, FakeDeleteMarker):
        return None, None, None
    return one.lock_mode, one.lock_until, one.lock_legal_status


def stored(bucket: str) -> Iterator[str]:
    """Each object: how many versions it has, what is in it, how it is locked and held. Ids of versions are random.

    The archive's objects, and the lists of prefixes, hold such ids themselves: they are told by their text, not by its
    hash.
    """
    for key, kept in versions(bucket):
        if key.startswith(WORKING_PAPERS):
            continue
        in_words = bucket == AUDITS or key.startswith("sealed/manifests/")
        told = [(one.value.decode() if in_words else one.etag, *lock_of(one)) for one in kept]
        yield f"{bucket}/{key} {len(kept)} {told}"


def registry_event(detail: dict[str, Any]) -> dict[str, Any]:
    """What the registry tells of an update that was made through it."""
    at = detail["LastModifiedTime"]
    about = {"source": "aws.sagemaker", "account": HUB, "time": at, "region": REGION, "resources": []}
    number = f"00000000-0000-4000-8000-{sha256_of(detail['ModelPackageArn'] + at)[:12]}"
    kind = "SageMaker Model Package State Change"
    return {"version": "0", "id": number, "detail-type": kind, **about, "detail": detail}


def on_the_bus(entry: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """An entry of PutEvents as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "5c9b7a36-0000-4000-8000-000000000001",
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": HUB,
        "time": clock.moment.isoformat(),
        "region": REGION,
        "resources": entry.get("Resources", []),
        "detail": json.loads(entry["Detail"]),
    }


def stream_event(item: dict[str, Any]) -> dict[str, Any]:
    """A new item as the table's stream hands it to Lambda."""
    told = {"Keys": {"pk": item["pk"], "sk": item["sk"]}, "NewImage": item, "SequenceNumber": "4421584500000000017450"}
    record = {
        "eventID": (item.get("hash") or item["fingerprint"])["S"],
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": told,
    }
    return {"Records": [{**record, "eventSourceARN": hub().arn("GovernanceTable") + "/stream/2026"}]}


def machine(event: dict[str, Any], execution: str = EXECUTION) -> Delivery:
    """The copy state machine, from task to task (statemachines/copy_artifacts.asl.json)."""
    told = {"task": "plan", "event": event, "execution": execution, "execution_arn": execution_arn(execution)}
    return Delivery("CopyArtifacts", told, partial(planned, {**event["detail"], "execution": execution}))


def execution_arn(name: str) -> str:
    """The ARN of an execution of the machine."""
    return f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}"


def planned(about: dict[str, Any], plan: dict[str, Any]) -> list[Delivery]:
    """Copy each artifact, if there is any. What a state fails at for good, its catch has put on the record."""
    if about["execution"] == EXECUTION and about["model_package_arn"].endswith(IS_STOPPED):
        return []
    if plan["proceed"] and about["model_package_arn"].endswith(BREAKS_DOWN):
        return [task(about, "fail", error={"Error": "ClientError", "Cause": SLOW_DOWN})]
    told = {**about, "images": plan.get("images")}
    return copying(told, tuple(plan["artifacts"]), ()) if plan["proceed"] else []


def copying(about: dict[str, Any], left: tuple[Any, ...], results: tuple[Any, ...]) -> list[Delivery]:
    """The next copy, or the end of the sealing after the last one."""
    if not left:

        def sealed(answer: dict[str, Any]) -> list[Delivery]:
            told = {"results": list(results)}
            return [task(about, "pieces", partial(measuring, about), **told)] if answer["left"] else []

        return [task(about, "seal", sealed, images=about["images"], results=list(results))]

    def copied(result: dict[str, Any]) -> list[Delivery]:
        return copying(about, left[1:], (*results, result))

    return [task(about, "copy", copied, artifact=left[0])]


def measuring(about: dict[str, Any], pieces: dict[str, Any]) -> list[Delivery]:
    """Measure each batch, then name."""

    def named(names: dict[str, Any]) -> list[Delivery]:
        return placing(about, pieces, names) if names["proceed"] else []

    def then() -> list[Delivery]:
        return [task(about, "name", named)]

    return each(about, "measure", "batch", pieces["batches"], then) if pieces["proceed"] else []


def placing(about: dict[str, Any], pieces: dict[str, Any], names: dict[str, Any]) -> list[Delivery]:
    """Place each batch, complete each upload, gather; or break down after the first batch, and say so."""

    def gather() -> list[Delivery]:
        return [task(about, "gather", images=about["images"])]

    def complete() -> list[Delivery]:
        if about["model_package_arn"].endswith(BREAKS_IN_PARTS):
            error = {"Error": "States.ExceedToleratedFailureThreshold", "Cause": "too many failed"}
            noting = {"Error": "ClientError", "Cause": SLOW_DOWN}
            return [task(about, "note", lambda _: [task(about, "fail", error=error)], error=noting)]
        return each(about, "complete", "upload", names["uploads"], gather)

    return each(about, "place", "batch", pieces["batches"], complete)


def each(
    about: dict[str, Any], word: str, named: str, numbers: list[int], then: Callable[[], list[Delivery]]
) -> list[Delivery]:
    """A map: one task after the other here, for what one leaves the next never needs."""
    if not numbers:
        return then()
    return [task(about, word, lambda _: each(about, word, named, numbers[1:], then), **{named: numbers[0]})]


def task(
    about: dict[str, Any], word: str, then: Callable[[Any], list[Delivery]] = lambda _: [], **told: Any
) -> Delivery:
    """One task of the machine, and what follows it."""
    common = {name: about[name] for name in ("model_package_arn", "effect_id", "correlation_id")}
    return Delivery("CopyArtifacts", {"task": word, **common, "execution": about["execution"], **told}, then)
