"""One run: a fleet lives in the storm, the storm ends, all settles, the reconciler looks, and all is compared."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from chaos import commanding, comparing, keeping, playing, truth, weather
from chaos.comparing import Compared
from chaos.playing import Say
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.subscriber import Subscriber


@dataclass(frozen=True)
class Size:
    """How large a fleet, of how many groups versions can be deployed (that is heavy), which part of events is lost."""

    versions: int = 50
    groups: int = 10
    deployable_groups: int = 1
    lost: float = 0.05


@dataclass
class Result:
    """What came of it."""

    seed: int
    counts: dict[str, int]
    redriven: int
    repaired: int
    compared: list[Compared]
    problems: list[str] = field(default_factory=list)

    @property
    def effects(self) -> Counter[str]:
        """How often each effect came to each end."""
        return sum((one.effects for one in self.compared), Counter())

    @property
    def clean(self) -> bool:
        """Whether every record is the truth, but for named gaps."""
        return not self.problems and not any(one.problems for one in self.compared)


def run(cloud: Mapping[str, Any], seed: int, size: Size, say: Say = lambda _: None) -> Result:
    """Play it. The misbehaviour ends whatever happens."""
    driver = Driver(cloud)
    subscriber = Subscriber(driver)
    fleet = truth.fleet(seed, size.versions, size.groups, size.deployable_groups, _prefix(driver, seed))
    old = [version for version in fleet if version.old]
    say(f"registering {len(old)} versions from before governance")
    with commanding.before_governance(driver, sorted({version.group for version in old})):
        playing.register(driver, old)
    with weather.raging(driver.cloud["endpoint_url"], weather.storm(seed, size.lost)) as harm:
        say(f"registering {len(fleet) - len(old)} more")
        playing.register(driver, [version for version in fleet if not version.old])
        playing.live(driver, fleet, say)
        time.sleep(3)  # late events shall still meet the storm
    arns, groups = [version.arn for version in fleet], sorted({version.group for version in fleet})
    say("the storm is over; waiting until everything has settled")
    redriven = _settle(driver, arns)
    say("reconciling")
    first = playing.reconcile(driver, groups)
    redriven += _settle(driver, arns)
    say("reconciling again: there should be nothing left to add")
    second = playing.reconcile(driver, groups)
    _settle(driver, arns)
    say("comparing")
    world = comparing.read_world(driver, subscriber.listen())
    result = Result(
        seed=seed,
        counts=harm.counts,
        redriven=redriven,
        repaired=sum(bool(one["repaired"]) for one in first["differences"]),
        compared=[comparing.compare(driver, version, harm, world) for version in fleet],
    )
    result.problems += keeping.of_endpoints(driver, fleet)
    result.problems += [
        f"the second reconciliation still repaired {one['code']} of {one['subject']}"
        for one in second["differences"]
        if one["repaired"] and not _never_acknowledged(driver, one)
    ]
    return result


def _prefix(driver: Driver, seed: int) -> str:
    """How the groups' names begin: of the seed alone, unless it has been played in this cloud before.

    Which events are harmed depends on their resources' names, so the same names are harmed in the same way.
    """
    pages = driver.client("sagemaker", "ml-engineer").get_paginator("list_model_package_groups").paginate()
    names = {one["ModelPackageGroupName"] for page in pages for one in page["ModelPackageGroupSummaryList"]}
    played = {name.rpartition("-")[0] for name in names}
    wanted = (f"chaos-{seed}" if turn == 1 else f"chaos-{seed}-turn-{turn}" for turn in count(1))
    return next(one for one in wanted if one not in played)


def _never_acknowledged(driver: Driver, difference: Mapping[str, Any]) -> bool:
    """Whether it is an announcement of a version of which the relay keeps no acknowledgement at all.

    Then the reconciler cannot know that everything was announced and, rightly, has it announced again, under the same
    event ids.
    """
    overdue = difference["code"] == "announcement-overdue"
    return overdue and not driver.item(f"MODEL#{difference['subject']}", "RELAYED")


def _copies(driver: Driver) -> bool:
    """Whether anything is being copied, or waits to be tried again."""
    states, machine = driver.client("stepfunctions", "hub"), driver.outputs["CopyArtifactsMachine"]
    return bool(states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])


def _settle(driver: Driver, arns: list[str], quiet: float = 4.0, longest: float = 240.0) -> int:
    """Wait until no record changes, no pipeline or copy runs and no dead letter is left; how many were handed over."""
    since, until, seen, redriven = time.monotonic(), time.monotonic() + longest, None, 0
    tried: set[str] = set()
    while time.monotonic() - since < quiet and time.monotonic() < until:
        handed = playing.redrive(driver, tried)
        redriven += handed
        now = {arn: driver.items(arn) for arn in arns}
        running = _copies(driver) or any(one["status"] in ("InProgress", "Stopping") for one in driver.executions())
        if handed or running or now != seen:
            since, seen = time.monotonic(), now
        time.sleep(0.5)
    return redriven
