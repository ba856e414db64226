"""What is announced of use cases. Read the use case before acting on anything that matters, as with every event."""

from collections.abc import Mapping

from governance.domain.ai_act import AiActClass, Materiality
from governance.domain.envelope import Announced
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.roll_up import Trouble
from governance.domain.use_cases import UseCaseId, UseCaseStage


class UseCaseEvent(Announced):
    """What all of them say: which use case, and where it stands now."""

    use_case_id: UseCaseId
    """The use case it is about."""
    use_case_stage: UseCaseStage
    """The stage that it is in now."""
    use_case_status: ModelStatus
    """The status that it has there."""


class UseCaseCreated(UseCaseEvent):
    """A use case was put on record, as a proof of concept that waits for its approval."""

    owner: str
    """Id of the person who answers for it."""


class UseCaseChanged(UseCaseEvent):
    """Somebody wrote down anew what a use case is. Words for the present stage that were given before do not count."""

    owner: str
    """Id of the person who answers for it."""


class UseCaseAssessed(UseCaseEvent):
    """The questions of the EU AI Act were answered for a use case, and how much depends on it was said."""

    ai_act_class: AiActClass
    """What the answers lead to."""
    materiality: Materiality
    """How much depends on it."""
    grounds: tuple[str, ...] = ()
    """The articles that the class rests on."""


class UseCaseAdvanced(UseCaseEvent):
    """A stage of a use case was approved; the next one is pending, if there is one."""

    approved_stage: UseCaseStage
    """The stage that was approved."""
    approved_by: tuple[str, ...]
    """Ids of the people who approved it."""
    policy: str
    """The policy that it was judged under, as `name@number`."""


class UseCaseRejected(UseCaseEvent):
    """A use case was sent back to the stage before, with what is to be put right."""

    rejected_stage: UseCaseStage
    """The stage that was rejected."""
    rejected_by: str
    """Id of the person who did."""
    findings: tuple[str, ...]
    """Ids of what is to be put right."""


class UseCaseFindingAnswered(UseCaseEvent):
    """Somebody said how a finding on a use case was put right, or why not."""

    finding_id: str
    """Id of the finding."""
    answered_by: str
    """Id of the person who did."""


class ModelGroupAttached(UseCaseEvent):
    """A model group belongs to a use case from now on, and to no other."""

    model_group_arn: ModelGroupArn
    """The group."""


class ModelGroupDetached(UseCaseEvent):
    """A model group belongs to a use case no longer."""

    model_group_arn: ModelGroupArn
    """The group."""


class UseCaseSuccessorNamed(UseCaseEvent):
    """What takes the place of a use case was named, or that nothing does."""

    successor: str
    """Id of the use case that takes its place; empty where none does."""


class UseCaseAdvanceOffered(UseCaseEvent):
    """Every model of a use case is approved in the corresponding stage: somebody may advance it.

    Told once for each time that it comes to a stage, and anew where it was withdrawn in between.
    """

    offered_stage: UseCaseStage
    """The stage of the use case that may be approved."""
    model_stage: Stage
    """The stage in which every model is approved."""
    models: int
    """How many model groups it has."""


class UseCaseAdvanceWithdrawn(UseCaseEvent):
    """What was offered is so no longer, although nobody took it up: a model is not approved any more, or is new."""

    offered_stage: UseCaseStage
    """The stage of the use case that could have been approved."""
    model_stage: Stage
    """The stage in which not every model is approved any more."""
    lacking: int
    """How many model groups are not approved there; 0 where it is not for them."""


class UseCaseAffected(UseCaseEvent):
    """Something befell a model by which a use case stands, or that serves for it."""

    trouble: Trouble
    """`rejected`, `rolled-back`, `quarantined`, `stale-evidence`, `drifting`, `alarmed` or `gone`."""
    model_group_arn: ModelGroupArn
    """The model group."""
    model_package_arn: ModelPackageArn
    """The version that it befell."""
    stage: str
    """The stage of the model that it is of; empty where it is of none."""


class UseCaseTroubleEnded(UseCaseAffected):
    """What befell a model of a use case is so no longer, or another version has taken that one's place."""


class UseCaseRiskChanged(UseCaseEvent):
    """The risk of a use case is another, by its own class or by that of its models: the weakest link counts."""

    risk: AiActClass
    """The risk that it has now."""
    before: AiActClass
    """The risk that it had."""


class UseCaseRetirementBegun(UseCaseEvent):
    """A use case is retired: its models' shares are revoked, and every version of them is retired from now on."""

    retired_by: tuple[str, ...]
    """Ids of the people who want it."""
    successor: str
    """Id of the use case that takes its place; empty where none does."""


class UseCaseRetired(UseCaseEvent):
    """Nothing of a retired use case runs any more, and its record is closed."""

    retired_by: tuple[str, ...]
    """Ids of the people who wanted it."""
    successor: str
    """Id of the use case that takes its place; empty where none does."""
    reason: str
    """Why, in the words of whoever ordered it."""


OF_USE_CASES: Mapping[str, type[UseCaseEvent]] = {
    event.__name__: event
    for event in (
        UseCaseCreated,
        UseCaseChanged,
        UseCaseAssessed,
        UseCaseAdvanced,
        UseCaseRejected,
        UseCaseFindingAnswered,
        ModelGroupAttached,
        ModelGroupDetached,
        UseCaseSuccessorNamed,
        UseCaseAdvanceOffered,
        UseCaseAdvanceWithdrawn,
        UseCaseAffected,
        UseCaseTroubleEnded,
        UseCaseRiskChanged,
        UseCaseRetirementBegun,
        UseCaseRetired,
    )
}
"""Every event about use cases, by its name on the bus."""
