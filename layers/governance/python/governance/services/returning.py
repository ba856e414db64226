"""To which version a rollback returns: of those that served in the environment, the latest that may run there still."""

from collections.abc import Sequence

from governance.domain.deployment import Deployment
from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.recalling import WayBack
from governance.domain.rejecting import stands_rejected
from governance.ports.ledger import Ledger


def others_of(ledger: Ledger, group: ModelGroup | None, place: str, version: ModelPackageArn) -> list[ModelVersion]:
    """The other versions that served in an environment, the latest first: as many as the group remembers."""
    known = group.servings(place) if group else ()
    versions = dict.fromkeys(one.version for one in known if one.version != version)
    return [ledger.open(other).state_of(other) for other in versions]


def served_last(state: ModelVersion, place: str) -> Deployment | None:
    """The deployment by which a version served in an environment last, or None where it never did."""
    here = [one for one in state.deployments.values() if one.place == place and not one.is_trial]
    served = [one for one in here if one.has_served]
    return max(served, key=lambda one: (one.requested_at, one.id), default=None)


def is_good(state: ModelVersion, place: str) -> bool:
    """Whether a version may return: it served there, may run there, and nobody has rejected it there since."""
    served = served_last(state, place)
    return served is not None and state.may_run(served) and not stands_rejected(state, served)


def way_back(ledger: Ledger, group: ModelGroup | None, place: str, version: ModelPackageArn) -> WayBack:
    """What would serve in an environment in the place of a version, as things stand."""
    others = others_of(ledger, group, place, version)
    good = next((one for one in others if is_good(one, place)), None)
    if good is not None:
        return WayBack(version=good.model.arn)
    return WayBack(why_none=why_none(others, (), place))


def why_none(others: Sequence[ModelVersion], asked: Sequence[tuple[ModelVersion, Deployment]], place: str) -> str:
    """Why no version returns."""
    tried = {other.model.arn: back.reason for other, back in asked}
    reasons = [
        f"{one.model.arn} could not: {tried[one.model.arn]}"
        if one.model.arn in tried
        else f"{one.model.arn} may not run there any more"
        for one in others
    ]
    return "; ".join(reasons) or f"no earlier version is known to have served in {place}"
