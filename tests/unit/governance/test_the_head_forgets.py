"""The state holds what decides, and no more for a long history than for a short one."""

from governance.domain.fold import fold_all
from governance.domain.lifecycle import Stage
from tests.builders import KATHERINE, approved, change, package_arn, rejected, specification
from tests.world import World

ARN = package_arn()


def decided(world: World, times: int) -> None:
    """Approved and rejected in turn, so that each approval is judged, signed off and taken back."""
    for number in range(times):
        at = 60 + number * 120
        world.now.wait(240)
        world.tell(approved(at))
        world.tell(rejected(at + 60))


def size(world: World) -> int:
    return len(world.state().model_dump_json())


def test_a_head_is_as_large_after_a_hundred_decisions_as_after_ten():
    short, long = World(), World()
    for world, times in ((short, 5), (long, 50)):
        world.register()
        decided(world, times)
    assert long.state().stage(Stage.DEVELOPMENT).rounds == 50
    assert size(long) <= size(short) * 1.02


def test_what_the_head_has_forgotten_stays_on_record():
    world = World()
    world.register()
    decided(world, 20)
    folded = fold_all(world.ledger.facts(ARN))
    assert len(folded.past.sign_offs) + len(folded.state.sign_offs) == 20
    assert folded.state == world.state()


def test_a_change_of_the_specification_makes_void_only_what_was_signed_off_last():
    world = World()
    world.register()
    decided(world, 120)
    world.tell(approved(20_000))
    other = specification(url="s3://dev-bucket/other.tar.gz")
    changed = change(
        20_060, "Approved", UpdatedModelPackageFields=["InferenceSpecification"], InferenceSpecification=other
    )
    world.tell(changed, by=KATHERINE)
    folded = fold_all(world.ledger.facts(ARN))
    assert [signed.void for signed in folded.state.sign_offs] == [True]
    assert not any(signed.void for signed in folded.past.sign_offs)
