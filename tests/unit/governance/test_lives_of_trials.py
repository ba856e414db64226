"""Whatever is decided of a trial and of what serves beside it, and when: the endpoint is as the record says."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from governance.domain.errors import Refused
from governance.domain.trying_out import may_stay, trial_in
from tests.builders import KATHERINE, after, moved
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import EIGHT, NINE, PRODUCTION, SEVEN, ask, sound
from tests.unit.governance.test_fold_properties import FEW
from tests.unit.governance.test_trials import SHADOW, tried

DEEDS = st.sampled_from(
    ["Approved", "Rejected", "hear", "advance", "advance", "fails", "quarantine-8", "quarantine-7", "roll-back"]
)


def does(deliveries: Deliveries, deed: str, at: float) -> None:
    """One thing happens, and is not followed to its end."""
    world = deliveries.world
    world.now.moment = max(world.now.moment, after(at + 1))
    if deed in {"Approved", "Rejected"}:
        world.tell(moved(at, "Production", deed, arn=EIGHT), by=KATHERINE)
    elif deed == "hear":
        deliveries.hear()
    elif deed in {"advance", "fails"}:
        for execution in deliveries.running()[:1]:
            deliveries.advance(execution, fails=deed == "fails")
    else:
        with suppress(Refused):
            told = {"stage": "production"} if deed == "roll-back" else {}
            ask(world, deed.rpartition("-")[0] if not told else deed, at, SEVEN if deed[-1] == "7" else EIGHT, **told)
    deliveries.collect()


@FEW
@given(deeds=st.lists(DEEDS, min_size=1, max_size=7))
def test_the_endpoint_is_as_the_record_says_whatever_happens_to_a_trial(deeds):
    deliveries = tried(SHADOW, NINE, SEVEN)
    world = deliveries.world
    for number, deed in enumerate(deeds):
        does(deliveries, deed, 3000 + 60 * number)
    deliveries.settle()
    serves, tries = deliveries.serves[PRODUCTION], deliveries.tries.get(PRODUCTION)
    trial = trial_in(world.state(EIGHT), PRODUCTION)
    assert (tries == EIGHT) is (trial is not None and trial.status == "deployed"), (serves, tries, trial)
    if trial is not None:
        assert may_stay(world.state(EIGHT), trial)
    serving = world.deployment(PRODUCTION, serves)
    failed = serves == EIGHT and serving.status == "failed"  # in Validate: it was left there, and a finding says so
    assert serving.status == "deployed" or failed or serves == EIGHT, (serves, serving)
    sound(world)
