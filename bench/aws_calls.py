"""AWS calls per kind of event, counted at the botocore client while two versions live their lives in moto.

The life is the one that the tests play (`tests/aws/life.py`), so that every function does everything it can.
"""

from collections import defaultdict
from collections.abc import Iterable

from bench.measurement import Measurement
from bench.quiet import quiet
from tests.aws import life
from tests.aws.cloud import Cloud, Delivery
from tests.aws.conftest import hub_in_memory
from tests.aws.seam import ApiCall


def measured() -> Iterable[Measurement]:
    """Each kind of event with the number of calls it took, delivery by delivery."""
    counts: dict[str, list[int]] = defaultdict(list)
    seen: dict[str, set[str]] = defaultdict(set)

    def counted(kind: str, calls: list[ApiCall]) -> None:
        counts[kind].append(len(calls))
        seen[kind].add(", ".join(call.operation for call in calls))

    with hub_in_memory() as cloud, quiet():
        for _, happens in life.STEPS:
            happens(cloud)
            cloud.settle(lambda delivery: counted(kind_of(delivery), cloud.deliver(delivery)))
        for delivery in again(cloud):
            counted(f"{kind_of(delivery)}, told again", cloud.deliver(delivery))
    for kind, numbers in sorted(counts.items()):
        yield Measurement("aws_calls", kind, "calls", tuple(map(float, numbers)), note=shortest(seen[kind]))


def again(cloud: Cloud) -> list[Delivery]:
    """The registration's event once more."""
    _, happens = life.STEPS[0]
    happens(cloud)
    told, cloud.queue = list(cloud.queue), type(cloud.queue)()
    return told


def kind_of(delivery: Delivery) -> str:
    """The function, and what it was told."""
    event = delivery.event
    if "Records" in event:
        return f"{delivery.function}: audit entry"
    if "CodePipeline.job" in event:
        return f"{delivery.function}: pipeline job"
    return f"{delivery.function}: {event.get('detail-type') or event['task']}"


def shortest(calls: set[str]) -> str:
    """The operations behind the smallest and the largest count."""
    ordered = sorted(calls, key=lambda told: (told.count(","), told))
    return ordered[0] if len(ordered) == 1 else f"from {ordered[0] or 'none'} to {ordered[-1]}"
