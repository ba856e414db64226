"""The way a version goes from stage to stage: as its approvals were given, and as things are set up where none says.

Whether there is a pre-production, and which environments a stage has, is configuration. What an approval leads to is
settled when it is judged and when its deployments are requested: as facts, which no later configuration changes.
"""

from collections.abc import Iterator

from governance.domain.environment import OWN, Landscape
from governance.domain.lifecycle import FOLLOWING, PRECEDING, Stage
from governance.domain.model_version import ModelVersion


def line_of_business(state: ModelVersion) -> str:
    """Whose versions the group's are. What a package says of itself decides nothing: who registers it writes that."""
    return state.group.line_of_business if state.group else ""


def rests_on(state: ModelVersion, stage: Stage) -> Stage | None:
    """The stage whose approval, as it was given, deploys a version to a stage; None where none would."""
    test, before = state.stage(Stage.TEST).verdict, state.stage(Stage.PRE_PRODUCTION).verdict
    prepared = bool(test and test.opens is Stage.PRE_PRODUCTION) or bool(before and before.opens is Stage.PRODUCTION)
    if stage is Stage.PRE_PRODUCTION:
        return Stage.TEST if prepared else None
    return Stage.PRE_PRODUCTION if stage is Stage.PRODUCTION and prepared else PRECEDING.get(stage)


def preceding(state: ModelVersion, stage: Stage, landscape: Landscape) -> Stage | None:
    """The stage that has to be approved before a stage is: the one that its deployment there rests on, if there is one.

    Else the one that let it in; and where nothing was approved yet, the one that will.
    """
    there = list(state.latest_in(stage).values())
    if there:
        return max(there, key=lambda one: one.requested_at).basis
    if stage is not Stage.PRODUCTION:
        return PRECEDING.get(stage)
    test, before = state.stage(Stage.TEST).verdict, state.stage(Stage.PRE_PRODUCTION).verdict
    if (test and test.passed) or (before and before.passed and before.opens):
        return rests_on(state, stage)
    return landscape.preceding(stage, line_of_business(state))


def opened(state: ModelVersion, stage: Stage, landscape: Landscape) -> Stage | None:
    """The stage that an approval lets a version into, where that is not the usual one: a verdict keeps it."""
    following = landscape.following(stage, line_of_business(state))
    return following if following is not FOLLOWING.get(stage) else None


def places(state: ModelVersion, stage: Stage, cause: str, landscape: Landscape) -> tuple[str, ...]:
    """The environments that an approval deploys what is sealed to.

    Settled with the first: one that is set up later is reached by approving once more, so that no version goes
    anywhere by itself.
    """
    for one in state.deployments.values():
        if (one.stage, one.cause, one.sealing) == (stage, cause, state.sealing.effect_id):
            return one.goes_to or OWN
    return landscape.of(stage, line_of_business(state))


def before_it(state: ModelVersion, stage: Stage, landscape: Landscape) -> Iterator[Stage]:
    """The stages before a stage, the nearest first."""
    before = preceding(state, stage, landscape)
    while before:
        yield before
        before = preceding(state, before, landscape)
