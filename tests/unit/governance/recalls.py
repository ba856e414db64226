"""A world in which people take back what runs: orders are given, delivered to everybody, and pipelines go on."""

from typing import Any

from pydantic import TypeAdapter

from governance.domain.audit import breaks
from governance.domain.fold import fold
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.orders import AnyOrder
from governance.ports.identity import Caller
from governance.services.recalling import Recalling
from tests.builders import HUB, KATHERINE, after, approved, moved, package_arn
from tests.unit.governance.deliveries import Deliveries
from tests.world import World

SEVEN, EIGHT, NINE = (package_arn(version=number) for number in (7, 8, 9))
SHAPE: TypeAdapter[Any] = TypeAdapter(AnyOrder)
TEST, PRODUCTION = Stage.TEST, Stage.PRODUCTION


def person(name: str, role: str = "officer") -> Person:
    return Person(id=name, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-{role}/{name}")


OSKAR, OLGA = person("oskar"), person("olga")


def ask(
    world: World, command: str, at: float, version: str = EIGHT, who: Person = OSKAR, request: str = "", **more: Any
) -> dict[str, Any]:
    """Somebody asks, and is answered a moment later."""
    world.now.moment = max(world.now.moment, after(at + 0.4))
    told = {"command": command, "function": "arn:decide", "request_id": request or f"request-{int(at):08d}"}
    order = SHAPE.validate_python({**told, "version": version, "why": "it discriminates", **more})
    return Recalling(world.ledger, world.recording).carry_out(order, Caller(person=who, at=after(at)))


def born(*versions: str, **told: Any) -> Deliveries:
    """Registered and sealed versions."""
    world = World(**told)
    deliveries = Deliveries(world)
    for arn in versions:
        world.register(int(arn.rsplit("/", 1)[1]))
    deliveries.settle()
    return deliveries


def to_test(deliveries: Deliveries, arn: str, at: float) -> None:
    """A version is approved in development, deployed to test and measured there, and everybody has heard of it."""
    world = deliveries.world
    world.now.moment = after(at + 1)
    world.tell(approved(at, arn=arn))
    deliveries.settle()


def set_out(deliveries: Deliveries, arn: str, at: float, actions: int) -> str:
    """A version is approved in development, and its pipeline has done so many actions of the execution returned."""
    world = deliveries.world
    world.now.moment = after(at + 1)
    world.tell(approved(at, arn=arn))
    deliveries.hear()
    [execution] = deliveries.running()
    for _ in range(actions):
        deliveries.advance(execution)
    return execution


def to_production(deliveries: Deliveries, arn: str, at: float) -> None:
    """And it is approved in test, and deployed to production."""
    world = deliveries.world
    to_test(deliveries, arn, at)
    world.now.moment = after(at + 51)
    world.tell(moved(at + 50, "Test", "Approved", arn=arn), by=KATHERINE)
    deliveries.settle()


def serving(*versions: str, **told: Any) -> Deliveries:
    """Versions that served in test and production, one after the other."""
    deliveries = born(*versions, **told)
    for number, arn in enumerate(versions):
        to_production(deliveries, arn, 100 * (number + 1))
    assert deliveries.serves == {TEST: versions[-1], PRODUCTION: versions[-1]}
    return deliveries


def approved_anew() -> Deliveries:
    """Version 8 serves in production, though somebody asked for its return; its approval came in between."""
    deliveries = serving(SEVEN, EIGHT)
    world = deliveries.world
    ask(world, "roll-back", 1000, stage="production")
    world.now.moment = after(1101)
    world.tell(moved(1100, "Test", "Approved", arn=EIGHT), by=KATHERINE)
    deliveries.settle()
    assert deliveries.serves[PRODUCTION] == EIGHT
    return deliveries


def rollbacks(world: World, arn: str = EIGHT) -> list[tuple[str, str, str]]:
    return [(str(one.stage), one.how, one.outcome) for one in world.state(arn).rollbacks]


def announced(world: World, name: str, arn: str = EIGHT) -> list[dict[str, Any]]:
    entries = world.ledger.entries[arn]
    return [one["detail"] for entry in entries for one in entry.content["events"] if one["detail_type"] == name]


def sound(world: World) -> None:
    """Every record is what its facts give, and its chain is whole."""
    for arn in world.ledger.states:
        assert world.state(arn) == fold(world.ledger.facts(arn))
        assert breaks(world.ledger.entries[arn]) == []
