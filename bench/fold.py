"""What a long history costs: the fold's time per fact and its growth, and what one more event costs a version.

Two histories: one of changes that decide nothing (metadata, descriptions, training metrics), and one in which every
change is a decision, approved and rejected in turn by known persons.
"""

import time
from collections.abc import Iterable
from typing import Any

from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.rows import Table
from governance.domain.facts import AnyFact
from governance.domain.fold import fold, step
from governance.services.recording import Recording
from tests.aws import capacity, moto_gaps, resources
from tests.aws.seam import Seam
from tests.builders import Clock, after, observed, package_arn

from bench.measurement import Measurement  # isort: skip

SIZES = (10, 100, 1_000, 10_000)
HISTORIES = (1, 10, 100, 1_000)


def noise(number: int) -> AnyFact:
    """A change that decides nothing."""
    if not number:
        return observed(0)
    return observed(
        number * 10, why=f"note {number}", description=f"note {number}", updated=("CustomerMetadataProperties",)
    )


def decision(number: int) -> AnyFact:
    """An approval or a rejection, in turn."""
    return observed(number * 10, ("Rejected" if number % 2 else "Approved") if number else "PendingManualApproval")


KINDS = {"changes that decide nothing": noise, "decisions": decision}


def measured() -> Iterable[Measurement]:
    """Everything."""
    for kind, make in KINDS.items():
        yield from folding(kind, [make(number) for number in range(SIZES[-1])])
    for kind, make in KINDS.items():
        yield from one_more_event(kind, make)


def folding(kind: str, facts: list[AnyFact]) -> Iterable[Measurement]:
    """Microseconds per fact to fold all, and to fold one more."""
    per_fact: dict[int, float] = {}
    for size in SIZES:
        took = min(timed(lambda size=size: fold(facts[:size])) for _ in range(3 if size < 10_000 else 1))
        per_fact[size] = took / size * 1e6
        state = fold(facts[: size - 1])
        steps = tuple(timed(lambda state=state, size=size: step(state, facts[size - 1])) * 1e6 for _ in range(20))
        yield Measurement("fold", f"fold of {size:,} {kind}", "µs per fact", (per_fact[size],))
        yield Measurement("fold", f"one more fact on {size - 1:,} {kind}", "µs", steps)
        yield Measurement("fold", f"head after {size:,} {kind}", "KB", (len(state.model_dump_json()) / 1000,))
    ratio = per_fact[SIZES[-1]] / per_fact[SIZES[0]]
    note = "1 is linear: the same time for each fact"
    yield Measurement("fold", f"growth, 10 to 10,000 {kind}", "ratio per fact", (ratio,), note)


def one_more_event(kind: str, make: Any) -> Iterable[Measurement]:
    """Calls and capacity of an event for versions with a history of so many facts."""
    import pytest

    with pytest.MonkeyPatch.context() as monkeypatch, resources.in_memory():
        seam = Seam()
        seam.install(monkeypatch)
        moto_gaps.make_transactions_quick(monkeypatch)
        resources.make_table()
        recording = Recording(DynamoDbLedger(Table(resources.TABLE)), Clock(after(20_000)))
        for number in range(HISTORIES[-1] + 1):
            before = capacity.present() if number in HISTORIES else {}
            with seam.watch() as calls:
                recording.learn(package_arn(), lambda _page, _now, number=number: [make(number)], "c")
            if number in HISTORIES:
                told = f"one event for a version with {number:,} {kind}"
                yield Measurement("fold", told, "calls", (float(len(calls)),))
                yield Measurement("fold", told, "read units", (float(capacity.read_units(calls, before)),))
                yield Measurement("fold", told, "write units", (float(capacity.write_units(calls)),))


def timed(what: Any) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    what()
    return time.process_time() - began
